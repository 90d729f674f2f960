"""Which facts may be recorded: a proposal becomes events, or a rejection from the catalogue.

A decision looks at the account as recorded so far and changes nothing.  Nothing to do is the empty
tuple, so a repeated wish is harmless by shape.  Whether a proposal is a retry of a fact already
recorded is known by its key, before any decision (`ledger.books`).
"""

from collections.abc import Iterator
from typing import assert_never

from ledger.domain.account import Account
from ledger.domain.bounds import out_of_bounds
from ledger.domain.draw_decisions import draw_made, due_date_moved, paused
from ledger.domain.events import (
    AccountClosed,
    AccountEvent,
    AccountFrozen,
    AccountLimitChanged,
    AccountOpened,
    AccountTierChanged,
    AccountUnfrozen,
    ChargeReversed,
    DelinquencyPaused,
    DrawMade,
    DrawRestructured,
    DueDateMoved,
    DuesWaived,
    FeeCharged,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
    PenaltyCharged,
    WaiverReversed,
)
from ledger.domain.money import to_text
from ledger.domain.outcome_decisions import draw_cancelled, draw_refunded, written_off
from ledger.domain.outcome_events import (
    CancellationReversed,
    DrawCancelled,
    DrawRefunded,
    DrawWrittenOff,
    WriteOffReversed,
)
from ledger.domain.refusals import (
    Decision,
    StateOn,
    account_unknown,
    before_draw,
    cancelled,
    charge_unknown,
    decimals_in,
    unknown_draw,
    unknown_installment,
)
from ledger.domain.rejections import Code, Rejection
from ledger.domain.replan_decisions import early_repayment, restructured
from ledger.domain.reversal_decisions import (
    MoneyTakenBack,
    charge_reversed,
    ending_reversed,
    money_taken_back,
    payment_reversed,
    waiver_reversed,
)
from ledger.domain.spreading import shared_rows
from ledger.domain.state import DrawState
from ledger.domain.terms import COMPONENTS

Proposal = AccountEvent | MoneyTakenBack

#: What may still be said of an account that is closed.
REVERSALS = (
    PaymentReversed, MoneyTakenBack, WaiverReversed, ChargeReversed, WriteOffReversed,
    CancellationReversed,
)  # fmt: skip


def decide(account: Account, proposal: Proposal, state_on: StateOn) -> Decision:
    """What recording `proposal` would append, or why it is refused."""
    refusals = list(_refusals(account, proposal))
    if refusals:
        return min(refusals, key=lambda refused: refused.code.precedence)
    match proposal:
        case DrawMade():
            return draw_made(account, proposal, state_on)
        case DrawRestructured():
            return restructured(account, proposal, state_on)
        case DueDateMoved():
            return due_date_moved(account, proposal, state_on)
        case DelinquencyPaused():
            return paused(account, proposal)
        case DrawWrittenOff():
            return written_off(account, proposal, state_on)
        case DrawCancelled():
            return draw_cancelled(account, proposal)
        case DrawRefunded():
            return draw_refunded(account, proposal)
        case PaymentReversed():
            return payment_reversed(account, proposal)
        case MoneyTakenBack():
            return money_taken_back(account, proposal)
        case PenaltyCharged() | FeeCharged():
            return _charge(account, proposal, state_on)
        case ChargeReversed():
            return charge_reversed(account, proposal)
        case DuesWaived():
            return _waiver(account, proposal, state_on)
        case WaiverReversed():
            return waiver_reversed(account, proposal)
        case WriteOffReversed() | CancellationReversed():
            return ending_reversed(account, proposal)
        case PaymentRefunded():
            return _refund(account, proposal, state_on)
        case PaymentReceived():
            if proposal.intent != "due":
                return early_repayment(account, proposal, state_on)
            return _payment(account, proposal)
        case AccountClosed():
            return _closing(account, proposal, state_on)
        case AccountFrozen():
            return () if account.is_frozen else (proposal,)
        case AccountUnfrozen():
            return (proposal,) if account.is_frozen else ()
        case AccountOpened() | AccountLimitChanged() | AccountTierChanged():
            return (proposal,)
        case _:
            assert_never(proposal)


def _refusals(account: Account, proposal: Proposal) -> Iterator[Rejection]:
    """What speaks against any proposal before its own kind is looked at."""
    yield from out_of_bounds(proposal)
    if not isinstance(proposal, PaymentReceived) and getattr(proposal, "amount", None) == 0:
        yield Rejection(
            Code.AMOUNT_INVALID, "an amount of zero says nothing here; give an amount", "amount"
        )
    if isinstance(proposal, AccountOpened):
        return
    if account.opened is None:
        yield account_unknown()
        return
    is_reversal = isinstance(proposal, REVERSALS)
    if account.closed_on is not None and not is_reversal:
        yield Rejection(
            Code.ACCOUNT_CLOSED,
            f"the account was closed on {account.closed_on}; only reversals may follow",
        )
    if account.is_frozen and isinstance(proposal, DrawMade):
        yield Rejection(Code.ACCOUNT_FROZEN, "the account is frozen; record account.unfrozen first")
    if proposal.effective_on < account.opened.effective_on:
        yield Rejection(
            Code.DATE_BEFORE_ACCOUNT,
            f"effective_on {proposal.effective_on} is before the account was opened"
            f" on {account.opened.effective_on}",
            "effective_on",
        )


def _payment(account: Account, payment: PaymentReceived) -> Decision:
    if payment.draw_id is None:
        return (payment,)
    return (
        unknown_draw(account, payment.draw_id)
        or before_draw(account.draws[payment.draw_id], payment.effective_on)
        or (payment,)
    )


def _refund(account: Account, refund: PaymentRefunded, state_on: StateOn) -> Decision:
    refused = unknown_draw(account, refund.draw_id)
    if refused is not None:
        return refused
    if refund.draw_id is not None:
        refused = before_draw(account.draws[refund.draw_id], refund.effective_on)
    elif all(refund.effective_on < draw.effective_on for draw in account.draws.values()):
        return Rejection(
            Code.DRAW_UNKNOWN,
            f"nothing was drawn by {refund.effective_on}; money that came by mistake is taken back"
            " by payment.reversed",
            "effective_on",
        )
    if refused is not None:
        return refused
    held = state_on(refund.effective_on).credit_balance
    if refund.amount > held:
        decimals = decimals_in(account)
        return Rejection(
            Code.REFUND_EXCEEDS_CREDIT,
            f"{to_text(refund.amount, decimals)} was to be given back on {refund.effective_on},"
            f" only {to_text(held, decimals)} is held as credit then",
            "amount",
        )
    return (refund,)


def _charge(account: Account, charge: PenaltyCharged | FeeCharged, state_on: StateOn) -> Decision:
    refused = unknown_draw(account, charge.draw_id)
    if refused is not None:
        return refused
    draw = account.draws[account.schedule_of(charge.draw_id)]
    count = len(shared_rows([draw, *account.joined.get(draw.draw_id, ())], ()))
    if draw.draw_id in account.restructured and charge.effective_on >= draw.effective_on:
        rows = state_on(charge.effective_on).draw(draw.draw_id)
        count = len(rows.installments) if rows else count
    return (
        unknown_installment(draw, charge.installment, count)
        or before_draw(
            account.draws[charge.draw_id],
            min(charge.effective_on, charge.due_on or charge.effective_on),
        )
        or cancelled(account, charge.draw_id)
        or (charge,)
    )


def _waiver(account: Account, waiver: DuesWaived, state_on: StateOn) -> Decision:
    refused = unknown_draw(account, waiver.draw_id)
    if refused is not None:
        return refused
    draw = account.draws[account.schedule_of(waiver.draw_id)]
    # A charge after the last planned installment has made one more: the state has them all.
    state = state_on(max(waiver.effective_on, draw.effective_on))
    schedule = state.draw(draw.draw_id)
    assert schedule is not None
    refused = unknown_installment(
        draw, waiver.installment, len(schedule.installments)
    ) or before_draw(account.draws[waiver.draw_id], waiver.effective_on)
    if refused is not None:
        return refused
    if waiver.charge_id is None:
        place, most = waiver.installment, None
    else:
        key = f"{waiver.component}:{waiver.charge_id}"
        charge = account.charges.get(key)
        place = state.installment_of_charge.get(key)
        if charge is None or place is None or not schedule.holds(charge.draw_id):
            where = f"on draw {draw.draw_id} on {waiver.effective_on}"
            return charge_unknown(waiver.component, waiver.charge_id, where)
        most = account.counting_charge(key)
    return _beyond_debt(account, waiver, schedule, place, most) or (waiver,)


def _beyond_debt(
    account: Account, waiver: DuesWaived, schedule: DrawState, place: int | None, most: int | None
) -> Rejection | None:
    """The refusal to waive more than is owed at that place, or more than the charge named."""
    component = COMPONENTS.index(waiver.component)
    rows = [row for row in schedule.installments if place in (None, row.number)]
    owed = sum(row.open(component) for row in rows)
    owed = owed if most is None else min(owed, most)
    if waiver.amount <= owed:
        return None
    decimals = decimals_in(account)
    return Rejection(
        Code.WAIVER_EXCEEDS_DEBT,
        f"{to_text(waiver.amount, decimals)} of {waiver.component} was to be waived,"
        f" {to_text(owed, decimals)} of it is owed on {waiver.effective_on}",
        "amount",
    )


def _closing(account: Account, closing: AccountClosed, state_on: StateOn) -> Decision:
    # A back-dated closing may leave no debt behind on its own day nor after the last movement.
    last = max((move.on for move in account.moves), default=closing.effective_on)
    days = sorted({closing.effective_on, max(last, closing.effective_on)})
    for day in days:
        owed = sum(state_on(day).outstanding)
        if owed:
            return Rejection(
                Code.DEBT_OUTSTANDING,
                f"{to_text(owed, decimals_in(account))} is still owed on {day};"
                " settle or waive it before closing the account",
            )
    return (closing,)
