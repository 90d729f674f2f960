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
from ledger.domain.schedule import contradictions
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
    refused = next(_refusals(account, proposal), None)
    if refused is not None:
        return refused
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
            return _unknown_draw(account, proposal.draw_id) or (proposal,)
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
    """What speaks against any proposal, in order of precedence."""
    yield from sorted(out_of_bounds(proposal), key=lambda refused: refused.code.precedence)
    if isinstance(proposal, AccountOpened):
        return
    if account.opened is None:
        yield Rejection(
            Code.ACCOUNT_UNKNOWN,
            "the account is not open: record account.opened for it first, or check its id",
            "account",
        )
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


def _draw(account: Account, draw: DrawMade, state_on: StateOn) -> Decision:
    if draw.amount == 0:
        return _not_positive("a draw")
    for field, sentence in contradictions(draw.terms, draw.amount, draw.effective_on):
        return Rejection(Code.TERMS_CONTRADICTORY, sentence, f"terms.{field}")
    if len(account.draws) >= limits.DRAWS_PER_ACCOUNT_MAX:
        return Rejection(
            Code.STREAM_FULL, f"an account has at most {limits.DRAWS_PER_ACCOUNT_MAX} draws"
        )
    if account.credit_limit is not None:
        # A back-dated draw must fit on its own day and also beside all that came after it.
        days = {draw.effective_on, *(move.on for move in account.moves[-1:])}
        used = max(state_on(max(day, draw.effective_on)).outstanding[3] for day in days)
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
    return (draw,)


def _reversal(account: Account, reversal: PaymentReversed) -> Decision:
    payment = account.payments.get(reversal.payment_id)
    if payment is None:
        return Rejection(
            Code.PAYMENT_UNKNOWN,
            f"payment {reversal.payment_id} is not recorded in this account",
            "payment_id",
        )
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
    if reversal.amount is not None and not 0 < reversal.amount <= counting:
        decimals = _decimals(account)
        return Rejection(
            Code.REVERSAL_EXCEEDS_PAYMENTS,
            f"{to_text(reversal.amount, decimals)} was to be taken back,"
            f" {to_text(counting, decimals)} of payment {payment.payment_id} still counts",
            "amount",
        )
    return (reversal,)


def _taken_back(account: Account, wish: MoneyTakenBack) -> Decision:
    if wish.amount == 0:
        return _not_positive("money taken back")
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
    if charge.amount == 0:
        return _not_positive("a charge")
    refused = _unknown_draw(account, charge.draw_id)
    if refused is not None:
        return refused
    draw = account.draws[charge.draw_id]
    if min(charge.effective_on, charge.due_on or charge.effective_on) < draw.effective_on:
        return Rejection(
            Code.DATE_BEFORE_DRAW,
            f"the charge is dated before draw {draw.draw_id} was made on {draw.effective_on}",
            "effective_on",
        )
    return _unknown_installment(draw, charge.installment) or (charge,)


def _waiver(account: Account, waiver: DuesWaived, state_on: StateOn) -> Decision:
    if waiver.amount == 0:
        return _not_positive("a waiver")
    refused = _unknown_draw(account, waiver.draw_id)
    if refused is not None:
        return refused
    state = state_on(waiver.effective_on).draw(waiver.draw_id)
    if state is None:
        return Rejection(
            Code.DATE_BEFORE_DRAW,
            f"draw {waiver.draw_id} was not yet made on {waiver.effective_on}",
            "effective_on",
        )
    component = COMPONENTS.index(waiver.component)
    rows = [row for row in state.installments if waiver.installment in (None, row.number)]
    if not rows:
        return _unknown_installment(account.draws[waiver.draw_id], waiver.installment) or ()
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
    owed = sum(state_on(closing.effective_on).outstanding)
    if owed:
        return Rejection(
            Code.DEBT_OUTSTANDING,
            f"{to_text(owed, _decimals(account))} is still owed on {closing.effective_on};"
            " settle or waive it before closing the account",
        )
    return (closing,)


def _unknown_draw(account: Account, draw_id: str | None) -> Rejection | None:
    if draw_id is None or draw_id in account.draws:
        return None
    return Rejection(
        Code.DRAW_UNKNOWN, f"draw {draw_id} is not recorded in this account", "draw_id"
    )


def _unknown_installment(draw: DrawMade, number: int | None) -> Rejection | None:
    count = len(draw.terms.rows) or draw.terms.term_count
    if number is None or 1 <= number <= count:
        return None
    return Rejection(
        Code.INSTALLMENT_UNKNOWN,
        f"installment {number} was named; draw {draw.draw_id} has 1 to {count}",
        "installment",
    )


def _not_positive(what: str) -> Rejection:
    return Rejection(Code.AMOUNT_INVALID, f"{what} of zero says nothing; give an amount", "amount")


def _decimals(account: Account) -> int:
    assert account.opened is not None
    return decimals_of(account.opened.currency)
