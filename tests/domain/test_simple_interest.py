"""Simple interest by the day, each figure worked out by hand: 1000.00 at a tenth of a percent."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.schedule import contradictions, level_installment, plan
from ledger.domain.simple_interest import Day, Movement, days_of
from ledger.domain.terms import InterestBasis, RateWindow, Terms

DRAWN_ON = date(2024, 3, 1)
AMOUNT = 1000_00
TERMS = Terms(
    "equal_installment",
    due_dates=(date(2024, 3, 11), date(2024, 3, 21)),
    daily_rate="0.001",
    interest_basis=InterestBasis("daily_simple"),
    interest_rounding="down",
    installment_rounding="up",
)


def day(number: int) -> date:
    return date(2024, 3, number)


def on(number: int, *movements: Movement, **changes: Any) -> Day:
    """The loan on that day of March."""
    terms = replace(TERMS, **changes)
    return days_of(terms, AMOUNT, DRAWN_ON, movements, [day(number)], day(number))[-1]


def paid(number: int, amount: int) -> Movement:
    return Movement(day(number), "payment", amount)


def test_the_level_amount_solves_the_days_of_each_period() -> None:
    """1000 × 1.01² / 2.01 = 507.512..., rounded up; ten days cost one percent."""
    assert level_installment(TERMS, AMOUNT, DRAWN_ON) == 507_52
    rows = plan(TERMS, AMOUNT, DRAWN_ON)
    assert [(row.interest, row.principal) for row in rows] == [(10_00, 497_52), (5_02, 502_48)]


def test_a_payment_settles_penalties_then_interest_then_principal() -> None:
    penalty = Movement(day(11), "penalty", 20_00)
    found = on(11, penalty, paid(11, 600_00))
    assert found[2:6] == (600_00, 20_00, 10_00, 570_00)
    assert (found.principal_balance, found.settlement) == (430_00, 430_00)
    later = on(21, penalty, paid(11, 600_00))
    assert [later.new_interest, later.settlement] == [4_30, 434_30]


def test_the_fraction_below_a_cent_is_dropped_only_when_interest_is_paid_in_full() -> None:
    """430.55 for a day is 0.43055: 0.43 pays all of it, 0.42 leaves 0.01055."""
    first = (paid(11, 579_45),)
    assert on(12, *first).interest_balance == Fraction("43.055")
    assert on(12, *first, paid(12, 43)).interest_balance == 0
    assert on(12, *first, paid(12, 42)).interest_balance == Fraction("1.055")


def test_money_paid_too_much_bears_nothing_and_can_go_back() -> None:
    over = paid(11, 1020_00)
    assert [on(11, over).principal_balance, on(31, over).new_interest] == [-10_00, 0]
    refunded = on(31, over, Movement(day(20), "refund", 10_00))
    assert (refunded.principal_balance, refunded.settlement) == (0, 0)


def test_all_interest_together_stays_below_the_cap() -> None:
    assert on(31, interest_total_cap_percent="2").interest_balance == 20_00
    assert on(31, interest_total_cap_percent="3.5").interest_balance == 30_00


def test_a_window_of_another_rate_holds_on_both_its_days() -> None:
    """Ten days, the fifth and the sixth of March at 0.0365 / 365 = a hundredth of a percent."""
    window = RateWindow(day(5), day(6), "0.0365")
    assert on(11, rate_windows=(window,)).interest_balance == 8_00 + 20


@pytest.mark.parametrize(("closed_on", "settlement"), [(4, 0), (5, 4_00)])
def test_closing_within_the_grace_costs_no_interest(closed_on: int, settlement: int) -> None:
    assert on(closed_on, paid(closed_on, AMOUNT), settlement_grace_days=3).settlement == settlement


@given(st.integers(0, 60), st.integers(1, AMOUNT), st.integers(0, 60))
def test_paying_the_settlement_closes_the_loan(first: int, amount: int, later: int) -> None:
    """Whatever was paid before, on whichever day."""
    movements = [Movement(DRAWN_ON + timedelta(days=first), "payment", amount)]
    last = DRAWN_ON + timedelta(days=first + later)
    quoted = days_of(TERMS, AMOUNT, DRAWN_ON, movements, [last], last)[-1]
    movements.append(Movement(last, "payment", max(0, quoted.settlement)))
    closed = days_of(TERMS, AMOUNT, DRAWN_ON, movements, [last], last)[-1]
    assert closed.settlement == min(0, quoted.settlement)
    assert closed.interest_balance == 0


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({}, "interest_basis", "daily_simple is not offered yet for draws in the books"),
        ({"method": "equal_principal"}, "method", "goes with level installments"),
        ({"annual_rate": "0.2"}, "daily_rate", "write one of them"),
        ({"daily_rate": "1.1"}, "daily_rate", "at most 1"),
        ({"days_per_year": "300"}, "days_per_year", "found 300"),
        ({"settlement_grace_days": -1}, "settlement_grace_days", "found -1"),
        ({"interest_total_cap_percent": "x"}, "interest_total_cap_percent", "found 'x'"),
        (
            {"rate_windows": (RateWindow(day(6), day(5), "0.1"),)},
            "rate_windows",
            "ends on or after",
        ),
        (
            {"rate_windows": (RateWindow(day(1), day(5), "0.1"), RateWindow(day(5), day(9), "0"))},
            "rate_windows",
            "without overlap",
        ),
        ({"interest_basis": InterestBasis()}, "interest_rounding", "is for accrual daily_simple"),
    ],
)
def test_terms_that_cannot_be_followed_are_named(
    change: dict[str, Any], field: str, sentence: str
) -> None:
    found = list(contradictions(replace(TERMS, **change), AMOUNT, DRAWN_ON))
    assert [text for name, text in found if name == field and sentence in text], found
