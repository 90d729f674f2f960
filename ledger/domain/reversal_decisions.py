"""Decisions about facts that were a mistake: payments, charges, waivers, write-offs, cancellations.

All of them are alike: what is taken back was recorded, counts still, and counts from the day of the
reversal or from an earlier one.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger.domain.account import Account
from ledger.domain.events import (
    AccountEvent,
    ChargeReversed,
    DuesWaived,
    FeeCharged,
    PaymentReceived,
    PaymentReversed,
    PenaltyCharged,
    WaiverReversed,
)
from ledger.domain.money import Amount, to_text
from ledger.domain.outcome_events import (
    CancellationReversed,
    DrawCancelled,
    DrawWrittenOff,
    WriteOffReversed,
)
from ledger.domain.refusals import (
    Decision,
    charge_unknown,
    decimals_in,
    ending_unknown,
    payment_unknown,
    waiver_unknown,
)
from ledger.domain.rejections import Code, Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTakenBack:
    """A source took money back without saying of which payment.

    It becomes reversals of the latest payments, the latest first, until the amount is reached.
    """

    effective_on: date
    reversal_id: str
    amount: Amount
    reason: str = ""


_Reversed = (
    PaymentReceived | PenaltyCharged | FeeCharged | DuesWaived | DrawWrittenOff | DrawCancelled
)
_Reversal = (
    PaymentReversed | ChargeReversed | WaiverReversed | WriteOffReversed | CancellationReversed
)


class _Kind(NamedTuple):
    """What facts of a kind are called, and the codes of their refusals."""

    noun: str
    field: str
    already: Code
    before: Code


_PAYMENT = _Kind(
    "payment", "payment_id", Code.PAYMENT_ALREADY_REVERSED, Code.REVERSAL_BEFORE_PAYMENT
)
_CHARGE = _Kind("charge", "charge_id", Code.CHARGE_ALREADY_REVERSED, Code.REVERSAL_BEFORE_CHARGE)
_WAIVER = _Kind("waiver", "waiver_id", Code.WAIVER_ALREADY_REVERSED, Code.REVERSAL_BEFORE_WAIVER)
_WRITE_OFF = _Kind(
    "write-off", "draw_id", Code.WRITE_OFF_ALREADY_REVERSED, Code.REVERSAL_BEFORE_WRITE_OFF
)
_CANCELLATION = _Kind(
    "cancellation", "draw_id", Code.CANCELLATION_ALREADY_REVERSED, Code.REVERSAL_BEFORE_CANCELLATION
)


def payment_reversed(account: Account, reversal: PaymentReversed) -> Decision:
    """No more is taken back than still counts, and not before it came."""
    payment = account.payments.get(reversal.payment_id)
    if payment is None:
        return payment_unknown(reversal.payment_id)
    name, counting = f"payment {payment.payment_id}", account.counting_amount(payment.payment_id)
    # A payment of nothing may be taken back once: it may be the wish to settle that was wrong.
    is_gone = counting == 0 and payment.payment_id in account.reversed_amounts
    gone = f"{name} is already reversed altogether"
    return (
        _beyond_recall(_PAYMENT, gone, payment, reversal, is_gone=is_gone)
        or _too_much(account, reversal, name, counting, Code.REVERSAL_EXCEEDS_PAYMENTS)
        or (reversal,)
    )


def money_taken_back(account: Account, wish: MoneyTakenBack) -> Decision:
    """Reversals of the latest payments, the latest first, until the amount is reached."""
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
    decimals = decimals_in(account)
    return Rejection(
        Code.REVERSAL_EXCEEDS_PAYMENTS,
        f"{to_text(wish.amount, decimals)} was to be taken back on {wish.effective_on}, only"
        f" {to_text(wish.amount - left, decimals)} of the payments until then still counts",
        "amount",
    )


def charge_reversed(account: Account, reversal: ChargeReversed) -> Decision:
    """No more is taken back than still counts, and not before it was charged."""
    charge = account.charges.get(reversal.charge_key)
    if charge is None:
        return charge_unknown(reversal.component, reversal.charge_id)
    name, counting = f"{reversal.component} {charge.charge_id}", account.counting_charge(charge.key)
    gone = f"{name} is already reversed altogether"
    return (
        _beyond_recall(_CHARGE, gone, charge, reversal, is_gone=counting == 0)
        or _too_much(account, reversal, name, counting, Code.REVERSAL_EXCEEDS_CHARGE)
        or (reversal,)
    )


def waiver_reversed(account: Account, reversal: WaiverReversed) -> Decision:
    """A waiver is taken back once, and altogether."""
    waiver = account.waivers.get(reversal.waiver_id)
    if waiver is None:
        return waiver_unknown(reversal.waiver_id)
    gone = f"waiver {waiver.waiver_id} is already reversed"
    is_gone = waiver.waiver_id in account.reversed_waivers
    return _beyond_recall(_WAIVER, gone, waiver, reversal, is_gone=is_gone) or (reversal,)


def ending_reversed(
    account: Account, reversal: WriteOffReversed | CancellationReversed
) -> Decision:
    """A write-off or a cancellation is taken back once, and altogether."""
    ending = account.endings.get(reversal.ending_key)
    if ending is None:
        return ending_unknown(reversal)
    kind = _WRITE_OFF if isinstance(reversal, WriteOffReversed) else _CANCELLATION
    gone = f"the {kind.noun} of draw {ending.draw_id} is already reversed"
    is_gone = ending.key in account.reversed_endings
    return _beyond_recall(kind, gone, ending, reversal, is_gone=is_gone) or (reversal,)


def _beyond_recall(
    kind: _Kind, gone: str, fact: _Reversed, reversal: _Reversal, *, is_gone: bool
) -> Rejection | None:
    """The refusal to take back what counts no more, or before it counted."""
    if is_gone:
        return Rejection(kind.already, gone, kind.field)
    if reversal.effective_on >= fact.effective_on:
        return None
    return Rejection(
        kind.before,
        f"the reversal counts from {reversal.effective_on}, the {kind.noun} only from"
        f" {fact.effective_on}; date the reversal on that day or later",
        "effective_on",
    )


def _too_much(
    account: Account,
    reversal: PaymentReversed | ChargeReversed,
    name: str,
    counting: int,
    code: Code,
) -> Rejection | None:
    """The refusal to take back more than still counts."""
    if reversal.amount is None or reversal.amount <= counting:
        return None
    decimals = decimals_in(account)
    return Rejection(
        code,
        f"{to_text(reversal.amount, decimals)} was to be taken back,"
        f" {to_text(counting, decimals)} of {name} still counts",
        "amount",
    )
