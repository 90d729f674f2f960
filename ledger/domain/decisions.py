"""Which facts may be recorded: a proposal becomes events, or a rejection from the catalogue.

A decision looks at the account as recorded so far and changes nothing.  Nothing to do is the empty
tuple, so a repeated wish is harmless by shape.  Whether a proposal is a retry of a fact already
recorded is known by its key, before any decision (`ledger.books`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from ledger.domain import limits
from ledger.domain.account import Account
from ledger.domain.bounds import out_of_bounds
from ledger.domain.events import (
    AccountClosed,
    AccountEvent,
    AccountFrozen,
    AccountLimitChanged,
    AccountOpened,
    AccountTierChanged,
    AccountUnfrozen,
    DrawMade,
    DuesWaived,
    FeeCharged,
    PaymentReceived,
    PaymentReversed,
    PenaltyCharged,
)
from ledger.domain.money import Amount, decimals_of, to_text
from ledger.domain.rejections import Code, Rejection
from ledger.domain.schedule import contradictions, plan
from ledger.domain.state import AccountState
from ledger.domain.terms import COMPONENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTakenBack:
    """A source took money back without saying of which payment.

    It becomes reversals of the latest payments, the latest first, until the amount is reached.
    """

    effective_on: date
    reversal_id: str
    amount: Amount
    reason: str = ""


Proposal = AccountEvent | MoneyTakenBack
Decision = tuple[AccountEvent, ...] | Rejection

#: The state of the account at the end of a date, with all that is recorded.
StateOn = Callable[[date], AccountState]


def decide(account: Account, proposal: Proposal, state_on: StateOn) -> Decision:
    """What recording `proposal` would append, or why it is refused."""
    refusals = list(_refusals(account, proposal))
    if refusals:
        return min(refusals, key=lambda refused: refused.code.precedence)
    match proposal:
        case DrawMade():
            return _draw(account, proposal, state_on)
        case PaymentReversed():
            return _reversal(account, proposal)
        case MoneyTakenBack():
            return _taken_back(account, proposal)
        case PenaltyCharged() | FeeCharged():
            return _charge(account, proposal)
        case DuesWaived():
            return _waiver(account, proposal, state_on)
        case PaymentReceived():
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
    if account.closed_on is not None and not isinstance(proposal, PaymentReversed | MoneyTakenBack):
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
        _unknown_draw(account, payment.draw_id)
        or _before_draw(account.draws[payment.draw_id], payment.effective_on)
        or (payment,)
    )


def _draw(account: Account, draw: DrawMade, state_on: StateOn) -> Decision:
    for field, sentence in contradictions(draw.terms, draw.amount, draw.effective_on):
        return Rejection(Code.TERMS_CONTRADICTORY, sentence, f"terms.{field}")
    if account.credit_limit is not None:
        # A back-dated draw must fit on its own day and also beside every draw that came after it.
        drawn_on = (other.effective_on for other in account.draws.values())
        days = {draw.effective_on, *(day for day in drawn_on if day > draw.effective_on)}
        used = max(state_on(day).outstanding[3] for day in days)
        if used + draw.amount > account.credit_limit:
            decimals = _decimals(account)
            return Rejection(
                Code.LIMIT_EXCEEDED,
                f"a draw of {to_text(draw.amount, decimals)} was asked for;"
                f" {to_text(used, decimals)} of the limit"
                f" {to_text(account.credit_limit, decimals)} is in use,"
                f" {to_text(max(0, account.credit_limit - used), decimals)} is free",
                "amount",
            )
    if len(account.draws) >= limits.DRAWS_PER_ACCOUNT_MAX:
        return Rejection(
            Code.STREAM_FULL, f"an account has at most {limits.DRAWS_PER_ACCOUNT_MAX} draws"
        )
    return (draw,)


def _reversal(account: Account, reversal: PaymentReversed) -> Decision:
    payment = account.payments.get(reversal.payment_id)
    if payment is None:
        return payment_unknown(reversal.payment_id)
    counting = account.counting_amount(payment.payment_id)
    if counting == 0 and payment.payment_id in account.reversed_amounts:
        return Rejection(
            Code.PAYMENT_ALREADY_REVERSED,
            f"payment {payment.payment_id} is already reversed altogether",
            "payment_id",
        )
    if reversal.effective_on < payment.effective_on:
        return Rejection(
            Code.REVERSAL_BEFORE_PAYMENT,
            f"the reversal counts from {reversal.effective_on}, the payment only from"
            f" {payment.effective_on}; date the reversal on that day or later",
            "effective_on",
        )
    if reversal.amount is not None and reversal.amount > counting:
        decimals = _decimals(account)
        return Rejection(
            Code.REVERSAL_EXCEEDS_PAYMENTS,
            f"{to_text(reversal.amount, decimals)} was to be taken back,"
            f" {to_text(counting, decimals)} of payment {payment.payment_id} still counts",
            "amount",
        )
    return (reversal,)


def _taken_back(account: Account, wish: MoneyTakenBack) -> Decision:
    reversals: list[AccountEvent] = []
    left = wish.amount
    by_date = sorted(account.payments.values(), key=lambda payment: payment.effective_on)
    for payment in reversed(by_date):
        part = min(left, account.counting_amount(payment.payment_id))
        if part and payment.effective_on <= wish.effective_on:
            left -= part
            reversals.append(
                PaymentReversed(
                    effective_on=wish.effective_on,
                    reversal_id=wish.reversal_id,
                    payment_id=payment.payment_id,
                    amount=part,
                    reason=wish.reason,
                )
            )
        if left == 0:
            return tuple(reversals)
    decimals = _decimals(account)
    return Rejection(
        Code.REVERSAL_EXCEEDS_PAYMENTS,
        f"{to_text(wish.amount, decimals)} was to be taken back on {wish.effective_on}, only"
        f" {to_text(wish.amount - left, decimals)} of the payments until then still counts",
        "amount",
    )


def _charge(account: Account, charge: PenaltyCharged | FeeCharged) -> Decision:
    refused = _unknown_draw(account, charge.draw_id)
    if refused is not None:
        return refused
    draw = account.draws[charge.draw_id]
    count = len(plan(draw.terms, draw.amount, draw.effective_on))
    return (
        _unknown_installment(draw, charge.installment, count)
        or _before_draw(draw, min(charge.effective_on, charge.due_on or charge.effective_on))
        or (charge,)
    )


def _waiver(account: Account, waiver: DuesWaived, state_on: StateOn) -> Decision:
    refused = _unknown_draw(account, waiver.draw_id)
    if refused is not None:
        return refused
    draw = account.draws[waiver.draw_id]
    # A charge after the last planned installment has made one more: the state has them all.
    state = state_on(max(waiver.effective_on, draw.effective_on)).draw(draw.draw_id)
    assert state is not None
    refused = _unknown_installment(
        draw, waiver.installment, len(state.installments)
    ) or _before_draw(draw, waiver.effective_on)
    if refused is not None:
        return refused
    component = COMPONENTS.index(waiver.component)
    rows = [row for row in state.installments if waiver.installment in (None, row.number)]
    owed = sum(row.owed[component] - row.paid[component] - row.waived[component] for row in rows)
    if waiver.amount > owed:
        decimals = _decimals(account)
        return Rejection(
            Code.WAIVER_EXCEEDS_DEBT,
            f"{to_text(waiver.amount, decimals)} of {waiver.component} was to be waived,"
            f" {to_text(owed, decimals)} of it is owed on {waiver.effective_on}",
            "amount",
        )
    return (waiver,)


def _closing(account: Account, closing: AccountClosed, state_on: StateOn) -> Decision:
    # A back-dated closing may leave no debt behind on its own day nor after the last movement.
    last = max((move.on for move in account.moves), default=closing.effective_on)
    days = sorted({closing.effective_on, max(last, closing.effective_on)})
    for day in days:
        owed = sum(state_on(day).outstanding)
        if owed:
            return Rejection(
                Code.DEBT_OUTSTANDING,
                f"{to_text(owed, _decimals(account))} is still owed on {day};"
                " settle or waive it before closing the account",
            )
    return (closing,)


def account_unknown() -> Rejection:
    """The refusal of any fact about an account that is not open yet."""
    return Rejection(
        Code.ACCOUNT_UNKNOWN,
        "the account is not open: record account.opened for it first, or check its id",
        "account",
    )


def payment_unknown(payment_id: str) -> Rejection:
    """The refusal of a reversal of a payment that nobody recorded."""
    return Rejection(
        Code.PAYMENT_UNKNOWN,
        f"payment {payment_id} is not recorded in this account",
        "payment_id",
    )


def _unknown_draw(account: Account, draw_id: str | None) -> Rejection | None:
    if draw_id is None or draw_id in account.draws:
        return None
    return Rejection(
        Code.DRAW_UNKNOWN, f"draw {draw_id} is not recorded in this account", "draw_id"
    )


def _unknown_installment(draw: DrawMade, number: int | None, count: int) -> Rejection | None:
    if number is None or 1 <= number <= count:
        return None
    return Rejection(
        Code.INSTALLMENT_UNKNOWN,
        f"installment {number} was named; draw {draw.draw_id} has 1 to {count}",
        "installment",
    )


def _before_draw(draw: DrawMade, on: date) -> Rejection | None:
    if on >= draw.effective_on:
        return None
    return Rejection(
        Code.DATE_BEFORE_DRAW,
        f"the fact is dated {on}, before draw {draw.draw_id} was made on {draw.effective_on}",
        "effective_on",
    )


def _decimals(account: Account) -> int:
    assert account.opened is not None
    return decimals_of(account.opened.currency)
