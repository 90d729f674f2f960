"""What a decision answers, and the refusals that several decisions share."""

from datetime import date
from typing import Protocol

from ledger.domain.account import Account
from ledger.domain.events import AccountEvent, DrawMade
from ledger.domain.money import decimals_of
from ledger.domain.outcome_events import CancellationReversed, WriteOffReversed
from ledger.domain.rejections import Code, Rejection
from ledger.domain.state import AccountState

Decision = tuple[AccountEvent, ...] | Rejection


class StateOn(Protocol):
    """The state of the account at the end of a date, with all that is recorded.

    With facts that are only `supposed`, it is what the state would be if they came last.
    """

    def __call__(self, as_of: date, /, *supposed: AccountEvent) -> AccountState: ...


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


def waiver_unknown(waiver_id: str) -> Rejection:
    """The refusal of a reversal of a waiver that nobody recorded."""
    return Rejection(
        Code.WAIVER_UNKNOWN, f"waiver {waiver_id} is not recorded in this account", "waiver_id"
    )


def ending_unknown(reversal: WriteOffReversed | CancellationReversed) -> Rejection:
    """The refusal of a reversal of a write-off, or a cancellation, that nobody recorded."""
    draw_id = reversal.draw_id
    if isinstance(reversal, WriteOffReversed):
        code, done, own_id = Code.WRITE_OFF_UNKNOWN, "written off", reversal.write_off_id
    else:
        code, done, own_id = Code.CANCELLATION_UNKNOWN, "cancelled", reversal.cancellation_id
    named = "" if own_id is None else f" under the id {own_id}"
    return Rejection(code, f"draw {draw_id} was not {done}{named} in this account", "draw_id")


def charge_unknown(component: str, charge_id: str, where: str = "in this account") -> Rejection:
    """The refusal to waive a charge that nobody recorded there."""
    return Rejection(
        Code.CHARGE_UNKNOWN, f"{component} {charge_id:.60} is not recorded {where}", "charge_id"
    )


def unknown_draw(account: Account, draw_id: str | None) -> Rejection | None:
    """The refusal of a fact about a draw that nobody recorded."""
    if draw_id is None or draw_id in account.draws:
        return None
    return Rejection(
        Code.DRAW_UNKNOWN, f"draw {draw_id} is not recorded in this account", "draw_id"
    )


def cancelled(account: Account, draw_id: str) -> Rejection | None:
    """The refusal of a fact about a draw that was cancelled."""
    cancellation = account.cancellation_of(account.schedule_of(draw_id))
    if cancellation is None:
        return None
    return Rejection(
        Code.DRAW_CANCELLED,
        f"draw {draw_id} was cancelled as of {cancellation.effective_on}; only payments may still"
        " name it, and they are credit",
        "draw_id",
    )


def unknown_installment(draw: DrawMade, number: int | None, count: int) -> Rejection | None:
    """The refusal of a fact about an installment that the draw does not have."""
    if number is None or 1 <= number <= count:
        return None
    return Rejection(
        Code.INSTALLMENT_UNKNOWN,
        f"installment {number} was named; draw {draw.draw_id} has 1 to {count}",
        "installment",
    )


def before_draw(draw: DrawMade, on: date) -> Rejection | None:
    """The refusal of a fact about a draw that is dated before it."""
    if on >= draw.effective_on:
        return None
    return Rejection(
        Code.DATE_BEFORE_DRAW,
        f"the fact is dated {on}, before draw {draw.draw_id} was made on {draw.effective_on}",
        "effective_on",
    )


def decimals_in(account: Account) -> int:
    """Digits after the point in the currency of an open account."""
    assert account.opened is not None
    return decimals_of(account.opened.currency)
