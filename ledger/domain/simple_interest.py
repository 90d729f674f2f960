"""Simple interest by the day: what was owed on which day, given what was paid.

Every day costs the same share of the principal outstanding on it.  The interest is kept exact and
rounded only when it is paid or quoted; there is never interest on interest.  The functions take
dated movements and know nothing of events, so any fold can call them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple

from ledger.domain.interest import daily_rate
from ledger.domain.money import rounded, to_rate
from ledger.domain.terms import Terms


class Movement(NamedTuple):
    """Money that came in or went back, or a penalty charged; in the order of being counted."""

    on: date
    kind: Literal["payment", "refund", "penalty"]
    amount: int


class Day(NamedTuple):
    """The loan at the end of a day.  A balance below zero is money owed to the customer.

    `new_interest` is what accrued since the day before it in the list.  `settlement` is what would
    close the loan on the day.
    """

    on: date
    new_interest: Fraction
    payment: int
    penalty_paid: int
    interest_paid: int
    principal_paid: int
    penalty_balance: int
    interest_balance: Fraction
    principal_balance: int
    settlement: int


@dataclass(slots=True)
class _Owed:
    """What is owed at one moment, and what the payments of one day went to."""

    principal: int
    penalty: int = 0
    interest: Fraction = Fraction(0)
    #: All interest that ever accrued, which a cap may end.
    accrued: Fraction = Fraction(0)


@dataclass(slots=True)
class _Paid:
    penalty: int = 0
    interest: int = 0
    principal: int = 0


def days_of(
    terms: Terms,
    amount: int,
    drawn_on: date,
    movements: Iterable[Movement],
    days: Iterable[date],
    as_of: date,
) -> tuple[Day, ...]:
    """The loan on each of `days` and on every day with a movement, up to `as_of`."""
    counted = sorted((x for x in movements if x.on <= as_of), key=lambda movement: movement.on)
    asked = sorted({*(day for day in days if day <= as_of), *(x.on for x in counted)})
    # The grace ends with its last day: until then nothing has been earned for certain.
    grace_ends = drawn_on + timedelta(days=terms.settlement_grace_days or 0)
    within_grace = terms.settlement_grace_days is not None and as_of <= grace_ends
    is_free = within_grace or _closes_by(grace_ends, amount, counted)
    return tuple(_days(terms, amount, drawn_on, counted, asked, grace_ends if is_free else None))


def _days(
    terms: Terms,
    amount: int,
    drawn_on: date,
    movements: list[Movement],
    days: list[date],
    free_until: date | None,
) -> Iterator[Day]:
    owed, before = _Owed(amount), drawn_on
    for day in days:
        new = Fraction(0)
        if free_until is None or day > free_until:
            new = _accrued(terms, amount, owed, before, day)
        owed.interest += new
        owed.accrued += new
        paid = _Paid()
        for movement in movements:
            if movement.on == day:
                _take(terms, owed, paid, movement)
        yield Day(
            day, new, paid.penalty + paid.interest + paid.principal,
            paid.penalty, paid.interest, paid.principal,
            owed.penalty, owed.interest, owed.principal,
            owed.penalty + _payable(terms, owed) + owed.principal,
        )  # fmt: skip
        before = day


def _closes_by(day: date, amount: int, movements: list[Movement]) -> bool:
    """Whether the payments up to `day` close the draw if it costs nothing but penalties."""
    left = amount
    for movement in movements:
        if movement.on > day:
            break
        left += -movement.amount if movement.kind == "payment" else movement.amount
        if left <= 0:
            return True
    return False


def _accrued(terms: Terms, amount: int, owed: _Owed, start: date, end: date) -> Fraction:
    """The interest of the days after `start` up to `end`, no more than the cap has left."""
    accrued = max(0, owed.principal) * _rate(terms, start, end)
    cap = terms.interest_total_cap_percent
    if cap is None:
        return accrued
    return min(accrued, amount * to_rate(cap) / 100 - owed.accrued)


def _rate(terms: Terms, start: date, end: date) -> Fraction:
    """What the days after `start` up to `end` cost, those in a window at the rate of the window."""
    standard = daily_rate(terms)
    rate = standard * (end - start).days
    for window in terms.rate_windows or ():
        first = max(start + timedelta(days=1), window.from_on)
        days = (min(end, window.to_on) - first).days + 1
        other = to_rate(window.annual_rate) / to_rate(window.days_per_year)
        rate += max(0, days) * (other - standard)
    return rate


def _payable(terms: Terms, owed: _Owed) -> int:
    return rounded(owed.interest, terms.interest_rounding or terms.money_rounding)


def _take(terms: Terms, owed: _Owed, paid: _Paid, movement: Movement) -> None:
    """Count one movement.  Whatever no component takes is held for the customer as principal."""
    if movement.kind == "penalty":
        owed.penalty += movement.amount
        return
    left = movement.amount
    if movement.kind == "refund":
        left = -left
    else:
        for component in terms.allocation.past_due:
            if component == "penalty":
                part = min(left, owed.penalty)
                owed.penalty -= part
                paid.penalty += part
            elif component == "interest":
                payable = _payable(terms, owed)
                part = min(left, payable)
                # Paid in full, the fraction of a minor unit that rounding left is dropped.
                owed.interest = owed.interest - part if part < payable else Fraction(0)
                paid.interest += part
            elif component == "principal":
                part = min(left, max(0, owed.principal))
                owed.principal -= part
                paid.principal += part
            else:
                part = 0
            left -= part
    owed.principal -= left
    paid.principal += left
