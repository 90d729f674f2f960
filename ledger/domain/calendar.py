"""Days and years: which days installments fall due on, and how long a span is in years.

Everything here is exact: a length in years is a `Fraction`, so no cent hangs on binary rounding.
"""

from calendar import isleap, monthrange
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from ledger.domain.limits import INSTALLMENTS_MAX, TERM_YEARS_MAX
from ledger.domain.terms import DayCount, Delinquency, Terms

#: Periods of one unit in a year, where every period costs the same: rate / periods a year.
UNITS_PER_YEAR = {"month": 12, "week": 52, "day": 365}

#: No month is shorter, so up to this day of the month nobody needs to ask.
DAYS_OF_EVERY_MONTH = 28


def add_months(day: date, months: int, anchor_day: int) -> date:
    """The day `months` later, on `anchor_day`; a month too short takes its last day.

    Going from the first due date each time, and not from the one before, lets the dates return to
    the anchor after a short month: 31 January, 28 February, 31 March.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if anchor_day > DAYS_OF_EVERY_MONTH:
        anchor_day = min(anchor_day, monthrange(year, month + 1)[1])
    return date(year, month + 1, anchor_day)


def due_dates(terms: Terms) -> tuple[date, ...]:
    """The regular due dates: those agreed (in rows or outright), else counted from the first one.

    A down payment is not among them: it falls due on the day of the draw.
    """
    if terms.rows:
        return tuple(row.due_on for row in terms.rows)
    if terms.due_dates or terms.first_due_on is None:
        return terms.due_dates
    first, every = terms.first_due_on, terms.period.every
    later = range(1, terms.term_count or _most_periods(terms))
    if terms.period.unit == "month":
        anchor = terms.anchor_day or first.day
        return first, *[add_months(first, every * nth, anchor) for nth in later]
    days = every * (7 if terms.period.unit == "week" else 1)
    return first, *[first + timedelta(days=days * nth) for nth in later]


def payment_and_accrual_dates(terms: Terms) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """The days on which installments really fall due, the due dates as business days; and those on
    which the periods of interest end.
    """
    if terms.business_days is None:
        payments = accruals = due_dates(terms)
    else:
        payments = accruals = terms.business_days.due_dates
        if terms.business_days.period_adjustment != "adjusted":
            accruals = due_dates(terms)
    return payments, accruals


def accrual_dates(terms: Terms) -> tuple[date, ...]:
    """The days on which the periods of interest end."""
    return payment_and_accrual_dates(terms)[1]


def _most_periods(terms: Terms) -> int:
    """As many as a draw may have: where the amount is agreed, the number of them follows."""
    years = TERM_YEARS_MAX * UNITS_PER_YEAR[terms.period.unit]
    return min(INSTALLMENTS_MAX, years // max(1, terms.period.every))


def regular_start(terms: Terms) -> date:
    """The day one period before the first due date: where the first period regularly begins."""
    first, every = due_dates(terms)[0], terms.period.every
    if terms.period.unit == "month":
        return add_months(first, -every, terms.anchor_day or first.day)
    return first - timedelta(days=every * (7 if terms.period.unit == "week" else 1))


def months_prorated(start: date, end: date, due_on: date, anchor_day: int) -> Fraction:
    """Months from `start` to `end`: whole ones, and parts as the share of their actual days.

    The months are those that end on `due_on`, counted back to before `start`.
    """
    months, month_end, nth = Fraction(0), due_on, 0
    while start < month_end:
        nth += 1
        month_start = add_months(due_on, -nth, anchor_day)
        days = (min(end, month_end) - max(start, month_start)).days
        months += Fraction(max(0, days), (month_end - month_start).days)
        month_end = month_start
    return months


def days_late_of(due_on: date, as_of: date, delinquency: Delinquency) -> int:
    """Days from a due date by the terms' `day_one`; 0 when it has not passed."""
    first_day = 1 if delinquency.day_one == "due_date" else 0
    return max(0, (as_of - due_on).days + first_day)


# --- day counts --------------------------------------------------------------------------------


def _actual(days_per_year: int) -> Callable[[date, date], Fraction]:
    def years(start: date, end: date) -> Fraction:
        return Fraction((end - start).days, days_per_year)

    return years


def _actual_actual(start: date, end: date) -> Fraction:
    """Days in leap years over 366 and the others over 365: the distance of two points in time."""

    def point(day: date) -> Fraction:
        return day.year + Fraction(day.timetuple().tm_yday - 1, 366 if isleap(day.year) else 365)

    return point(end) - point(start)


def _thirty_360(start: date, end: date) -> Fraction:
    """Months of 30 days; the end's 31st counts as 30th only if the start is the 30th or 31st."""
    first = min(start.day, 30)
    last = min(end.day, 30) if first == 30 else end.day
    return _years_of_360_days(start, end, first, last)


def _thirty_e_360(start: date, end: date) -> Fraction:
    """Months of 30 days; every 31st counts as 30th."""
    return _years_of_360_days(start, end, min(start.day, 30), min(end.day, 30))


def _years_of_360_days(start: date, end: date, first: int, last: int) -> Fraction:
    months = (end.year - start.year) * 12 + end.month - start.month
    return Fraction(months * 30 + last - first, 360)


#: Letters are those of the 2006 ISDA Definitions, section 4.16.
YEARS_BY_DAY_COUNT: dict[DayCount, Callable[[date, date], Fraction]] = {
    "act/act": _actual_actual,  # (b) Actual/Actual (ISDA)
    "act/365": _actual(365),  # (d) Actual/365 (Fixed): 365 also in leap years
    "act/360": _actual(360),  # (e)
    "30/360": _thirty_360,  # (f) Bond Basis
    "30e/360": _thirty_e_360,  # (g) Eurobond Basis
    "act/364": _actual(364),  # not of ISDA: 52 whole weeks, used by weekly lenders
}


def year_fraction(day_count: DayCount, start: date, end: date) -> Fraction:
    """Length of the span from `start` (included) to `end` (excluded) in years, by a convention."""
    return YEARS_BY_DAY_COUNT[day_count](start, end)


def years_of_directive(unit: str, start: date, end: date) -> Fraction:
    """Years between two flows as directive 2008/48/EC, annex I (remark c), measures them.

    Whole units (`year`, `month` or `week`) are counted back from the later date.  The days that
    are left over are taken over the length of the twelve months that end where they end.
    """
    per_year = {"year": 1, "month": 12, "week": 52}[unit]

    def back(units: int) -> date:
        if unit == "week":
            return end - timedelta(days=7 * units)
        return add_months(end, -units * 12 // per_year, end.day)

    whole = 0
    while back(whole + 1) >= start:
        whole += 1
    rest_end = back(whole)
    year_before = add_months(rest_end, -12, rest_end.day)
    return Fraction(whole, per_year) + Fraction(
        (rest_end - start).days, (rest_end - year_before).days
    )
