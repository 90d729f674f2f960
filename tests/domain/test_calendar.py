"""Due dates return to their day, and years have the length that the convention says."""

from datetime import date
from fractions import Fraction

import pytest

from ledger.domain.calendar import (
    YEARS_BY_DAY_COUNT,
    add_months,
    due_dates,
    months_prorated,
    year_fraction,
    years_of_directive,
)
from ledger.domain.terms import DayCount, Period, Row, Terms


def test_a_short_month_takes_its_last_day_and_the_next_returns_to_the_anchor() -> None:
    terms = Terms("interest_free", term_count=5, first_due_on=date(2022, 11, 30), anchor_day=31)
    assert due_dates(terms) == (
        date(2022, 11, 30),
        date(2022, 12, 31),
        date(2023, 1, 31),
        date(2023, 2, 28),
        date(2023, 3, 31),
    )


def test_without_an_anchor_the_dates_keep_the_day_of_the_first() -> None:
    terms = Terms("interest_free", term_count=3, first_due_on=date(2023, 12, 30))
    assert due_dates(terms) == (date(2023, 12, 30), date(2024, 1, 30), date(2024, 2, 29))


@pytest.mark.parametrize(
    ("period", "second", "third"),
    [
        (Period(3, "month"), date(2024, 4, 15), date(2024, 7, 15)),
        (Period(2, "week"), date(2024, 1, 29), date(2024, 2, 12)),
        (Period(15, "day"), date(2024, 1, 30), date(2024, 2, 14)),
    ],
)
def test_periods_are_months_weeks_or_days(period: Period, second: date, third: date) -> None:
    terms = Terms("interest_free", term_count=3, first_due_on=date(2024, 1, 15), period=period)
    assert due_dates(terms) == (date(2024, 1, 15), second, third)


def test_dates_agreed_go_before_dates_counted() -> None:
    agreed = (date(2024, 2, 1), date(2024, 3, 8))
    first = date(2024, 2, 1)
    assert due_dates(Terms("interest_free", 2, first, agreed)) == agreed
    rows = tuple(Row(day) for day in agreed)
    assert due_dates(Terms("explicit", rows=rows)) == agreed


def test_months_carry_into_years() -> None:
    assert add_months(date(2023, 11, 30), 3, 30) == date(2024, 2, 29)
    assert add_months(date(2024, 1, 31), -2, 31) == date(2023, 11, 30)
    assert add_months(date(2023, 12, 1), 12, 1) == date(2024, 12, 1)


LEAP_FEBRUARY = date(2020, 1, 28), date(2020, 2, 29)
TO_A_31ST = date(2019, 6, 16), date(2019, 7, 31)
OVER_NEW_YEAR = date(2023, 12, 12), date(2024, 1, 12)


@pytest.mark.parametrize(
    ("day_count", "span", "years"),
    [
        ("act/364", LEAP_FEBRUARY, Fraction(32, 364)),
        ("act/365", LEAP_FEBRUARY, Fraction(32, 365)),
        ("act/360", LEAP_FEBRUARY, Fraction(32, 360)),
        ("act/act", LEAP_FEBRUARY, Fraction(32, 366)),
        ("act/act", OVER_NEW_YEAR, Fraction(20, 365) + Fraction(11, 366)),
        ("act/act", (date(2019, 7, 1), date(2022, 7, 1)), Fraction(3)),
        ("30/360", LEAP_FEBRUARY, Fraction(31, 360)),
        ("30/360", TO_A_31ST, Fraction(45, 360)),
        ("30e/360", TO_A_31ST, Fraction(44, 360)),
        ("30/360", (date(2019, 6, 30), date(2019, 7, 31)), Fraction(30, 360)),
        ("30e/360", (date(2017, 12, 31), date(2019, 12, 31)), Fraction(2)),
    ],
)
def test_the_length_of_a_span_in_years(
    day_count: DayCount, span: tuple[date, date], years: Fraction
) -> None:
    assert year_fraction(day_count, *span) == years


@pytest.mark.parametrize("day_count", YEARS_BY_DAY_COUNT)
def test_no_time_is_no_part_of_a_year(day_count: DayCount) -> None:
    assert year_fraction(day_count, date(2024, 2, 29), date(2024, 2, 29)) == 0


@pytest.mark.parametrize(
    ("unit", "span", "years"),
    [
        # Counted back from the end: twice a year to 31 August 2023, then 92 days from 31 May on.
        ("year", (date(2023, 5, 31), date(2025, 8, 31)), 2 + Fraction(92, 365)),
        # 27 months to 31 May 2023, whose own month is no further back.
        ("month", (date(2023, 5, 31), date(2025, 8, 31)), Fraction(27, 12)),
        # One month to 29 February 2024, then 9 days of the leap year that ends there.
        ("month", (date(2024, 2, 20), date(2024, 3, 29)), Fraction(1, 12) + Fraction(9, 366)),
        ("week", (date(2024, 3, 1), date(2024, 3, 17)), Fraction(2, 52) + Fraction(2, 366)),
        ("week", (date(2024, 3, 3), date(2024, 3, 3)), Fraction(0)),
    ],
)
def test_the_directive_counts_whole_units_back_from_the_later_date(
    unit: str, span: tuple[date, date], years: Fraction
) -> None:
    assert years_of_directive(unit, *span) == years


def test_parts_of_a_month_are_shares_of_the_days_of_that_month() -> None:
    """Months that end on the 20th: the one to 20 February and the one to 20 April have 31 days."""
    due_on = date(2024, 4, 20)
    assert months_prorated(date(2024, 2, 20), date(2024, 3, 20), due_on, 20) == 1
    assert months_prorated(date(2024, 2, 20), date(2024, 4, 10), due_on, 20) == 1 + Fraction(21, 31)
    assert months_prorated(date(2024, 2, 11), date(2024, 2, 20), due_on, 20) == Fraction(9, 31)
