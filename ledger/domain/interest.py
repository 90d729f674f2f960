"""What time costs: the rate of a span of days under the terms of a draw.

Rates come out as exact shares of what is owed; how the interest is rounded is not decided here.
"""

from datetime import date, timedelta
from fractions import Fraction

from ledger.domain.calendar import (
    UNITS_PER_YEAR,
    due_dates,
    months_prorated,
    regular_start,
    year_fraction,
)
from ledger.domain.money import to_rate
from ledger.domain.terms import Terms

Span = tuple[date, date]

ONE_DAY = timedelta(days=1)


def is_charged(terms: Terms) -> bool:
    """Whether time costs anything at all."""
    rates = (terms.annual_rate, terms.daily_rate or "0", *(terms.period_rates or ()))
    return terms.interest_basis.accrual != "none" and any(map(to_rate, rates))


def is_simple(terms: Terms) -> bool:
    """Whether interest is owed day by day."""
    return terms.interest_basis.accrual == "daily_simple"


def accrues(terms: Terms) -> bool:
    """Whether the interest follows the principal really outstanding."""
    recalculates = terms.prepayment is not None or terms.round_each_segment is not None
    return is_simple(terms) or recalculates


def rates_of_periods(terms: Terms, spans: list[Span]) -> list[Fraction]:
    """What each period costs, as a share of what is owed in it."""
    accrual = terms.interest_basis.accrual
    if accrual == "none":
        return [Fraction(0)] * len(spans)
    if terms.period_rates is not None:
        return [to_rate(rate) for rate in terms.period_rates]
    if accrual == "period":
        return [nominal_rate(terms)] * len(spans)
    return [rate_between(terms, *span, due_on=span[1]) for span in spans]


def rate_between(terms: Terms, start: date, end: date, due_on: date) -> Fraction:
    """What the days after `start` up to `end` cost, within the period that is due on `due_on`.

    For every accrual that counts days; under `period` a part of a period has no price.
    """
    basis = terms.interest_basis
    if basis.accrual == "daily_simple":
        return daily_rate(terms) * (end - start).days
    yearly = to_rate(terms.annual_rate)
    if basis.accrual == "month_prorated":
        anchor = terms.anchor_day or due_dates(terms)[0].day
        return yearly * months_prorated(start, end, due_on, anchor) / 12
    assert basis.day_count is not None
    return yearly * year_fraction(basis.day_count, start, end)


def price_of_days(
    terms: Terms, since: date, until: date, due_on: date | None, free_until: date | None = None
) -> Fraction:
    """What the days after `since` up to `until` cost, within the period due on `due_on`.

    Of simple interest those in a window cost the rate of the window, and those of a grace nothing.
    """
    if not is_simple(terms):
        return rate_between(terms, since, until, due_on or until)
    if free_until is not None:
        since = max(since, min(free_until, until))
    standard = daily_rate(terms)
    rate = standard * (until - since).days
    for window in terms.rate_windows or ():
        first = max(since + ONE_DAY, window.from_on)
        days = (min(until, window.to_on) - first).days + 1
        other = to_rate(window.annual_rate) / to_rate(window.days_per_year)
        rate += max(0, days) * (other - standard)
    return rate


def nominal_rate(terms: Terms) -> Fraction:
    """The rate of a year over the periods of a year, whatever the length of the period at hand."""
    yearly, per_year = to_rate(terms.annual_rate), UNITS_PER_YEAR[terms.period.unit]
    return Fraction(yearly.numerator * terms.period.every, yearly.denominator * per_year)


def daily_rate(terms: Terms) -> Fraction:
    """The rate of one day: as agreed, else the rate of a year over its days."""
    if terms.daily_rate is not None:
        return to_rate(terms.daily_rate)
    return to_rate(terms.annual_rate) / to_rate(terms.days_per_year or "365")


def broken_days(terms: Terms, drawn_on: date) -> Span | None:
    """The days before the first regular period, where their interest is spread."""
    start = regular_start(terms) if terms.broken_period == "spread" else drawn_on
    return (drawn_on, start) if drawn_on < start else None
