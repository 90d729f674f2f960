"""The annual rate shown to the borrower: the rate at which what is lent equals what is repaid.

Each convention is one equation, solved here in decimals to far more digits than anyone shows:

    appendix_j         Regulation Z (12 CFR 1026), appendix J: unit periods, a part of one simple
    effective          directive 2008/48/EC, annex I, and every XIRR: compound over years
    nominal            the balance is carried from flow to flow with simple interest for the gap

Money that is lent is negative, money that is repaid positive, as seen by the lender.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from ledger.domain.calendar import accrual_dates
from ledger.domain.interest import rates_of_periods
from ledger.domain.schedule import plan
from ledger.domain.schedule_fees import rows_at_once
from ledger.domain.terms import InterestBasis, Terms

#: Digits of the work and of the result: rates are shown with a handful of them.
DIGITS = 34
CLOSE_ENOUGH = Decimal("1e-20")
#: A hundred million percent a unit: whoever pays more than that is not paid by a rate.
RATE_SOLVED_MAX = Decimal(10) ** 6
#: Nobody can lose more than everything.
RATE_SOLVED_MIN = Decimal("-0.999999")


class NoAnnualRate(ValueError):
    """Flows that no rate makes equal."""


class Flow(NamedTuple):
    """An amount after `time` units (years or unit periods) and the part of one unit more."""

    amount: Fraction
    time: Fraction
    part: Fraction = Fraction(0)


class ShownRates(NamedTuple):
    """Both ways in which the rate of a draw is shown, as fractions: 0.156 is 15.6 %.

    None where there is none to show: a flat price for a single day compounds beyond all figures.
    """

    nominal: Decimal | None
    effective: Decimal | None


def appendix_j(flows: Sequence[Flow], unit_periods_per_year: Fraction) -> Decimal:
    """The annual percentage rate of Regulation Z, as a fraction."""

    def worth(rate: Decimal) -> Decimal:
        return sum(
            (
                _decimal(flow.amount)
                / ((1 + _decimal(flow.part) * rate) * (1 + rate) ** _decimal(flow.time))
                for flow in flows
            ),
            Decimal(0),
        )

    return _solved(worth) * _decimal(unit_periods_per_year)


def effective(flows: Sequence[Flow]) -> Decimal:
    """The yearly rate that compounds: `time` is in years."""
    return appendix_j(flows, Fraction(1))


def nominal(flows: Sequence[tuple[Fraction, Fraction]]) -> Decimal:
    """The yearly rate without compounding inside a gap: flows as (amount, years since the last)."""

    def worth(rate: Decimal) -> Decimal:
        discount, total = Decimal(1), Decimal(0)
        for amount, years in flows:
            discount /= 1 + _decimal(years) * rate
            total += _decimal(amount) * discount
        return total

    return _solved(worth)


def shown_rates(terms: Terms, amount: int, drawn_on: date) -> ShownRates:
    """The rates of a draw that is paid as planned.

    Fees of the contract count like interest.  The nominal rate measures time as the terms do, so
    without fees it is the rate agreed on, unless interest was deferred; the effective one takes
    days over 365.
    """
    rows = plan(terms, amount, drawn_on)
    dues = [Fraction(row.fee + row.interest + row.principal) for row in rows]
    lent = Fraction(-amount)
    days = [Fraction((row.due_on - drawn_on).days, 365) for row in rows]
    gaps = _years_of_periods(terms, drawn_on, len(rows))
    return ShownRates(
        _if_any(lambda: nominal([(lent, Fraction(0)), *zip(dues, gaps, strict=True)])),
        _if_any(lambda: effective([Flow(lent, Fraction(0)), *map(Flow, dues, days)])),
    )


def _if_any(solved: Callable[[], Decimal]) -> Decimal | None:
    """The rate, or None where the flows have none."""
    try:
        return solved()
    except NoAnnualRate:
        return None


def _years_of_periods(terms: Terms, drawn_on: date, count: int) -> list[Fraction]:
    """How long the terms take each period to be: what it would cost at a rate of 1 a year."""
    yearly = replace(terms, annual_rate="1", daily_rate=None, period_rates=None)
    if terms.rows or terms.daily_rate is not None:
        yearly = replace(yearly, interest_basis=InterestBasis("daily", "act/365"))
    elif terms.interest_basis.accrual == "none":
        yearly = replace(yearly, interest_basis=InterestBasis("period"))
    at_once = [Fraction(0)] * rows_at_once(terms)
    spans = list(pairwise([drawn_on, *accrual_dates(terms)]))
    return at_once + rates_of_periods(yearly, spans[: count - len(at_once)])


def _solved(worth: Callable[[Decimal], Decimal]) -> Decimal:
    """The rate at which `worth` is nothing: bracketed, then narrowed by the Illinois method.

    Raises `NoAnnualRate`.
    """
    with localcontext(prec=DIGITS):
        low, high = _bracket(worth)
        at_low, at_high = worth(low), worth(high)
        side = 0
        while high - low > CLOSE_ENOUGH and at_low != at_high:
            middle = (low * at_high - high * at_low) / (at_high - at_low)
            if not low < middle < high:
                break
            at_middle = worth(middle)
            if at_middle == 0:
                return middle
            if (at_middle > 0) == (at_low > 0):
                low, at_low = middle, at_middle
                at_high = at_high / 2 if side == -1 else at_high
                side = -1
            else:
                high, at_high = middle, at_middle
                at_low = at_low / 2 if side == 1 else at_low
                side = 1
        return low if abs(at_low) < abs(at_high) else high


def _bracket(worth: Callable[[Decimal], Decimal]) -> tuple[Decimal, Decimal]:
    """Two rates between which the worth of the flows changes its sign."""
    at_zero = worth(Decimal(0))
    if at_zero == 0:
        return Decimal(0), Decimal(0)
    if at_zero < 0:
        if worth(RATE_SOLVED_MIN) < 0:
            raise NoAnnualRate("nothing is repaid of what is lent, so there is no annual rate")
        return RATE_SOLVED_MIN, Decimal(0)
    high = Decimal(1)
    while worth(high) > 0:
        high *= 4
        if high > RATE_SOLVED_MAX:
            raise NoAnnualRate(
                f"up to {RATE_SOLVED_MAX * 100} % there is no annual rate: either nothing is lent"
                " before it is repaid, or the price is far beyond any rate"
            )
    return Decimal(0), high


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
