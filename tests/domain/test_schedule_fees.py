"""Fees that the contract plans: on the rows, in the annual rate, and told in the explanation."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import pyxirr
from hypothesis import given as forall
from hypothesis import strategies as st

from app.explanation import explain
from ledger.annual_rate import shown_rates
from ledger.domain.schedule import contradictions, plan
from ledger.domain.terms import Method, ScheduleFee, Terms
from tests.domain.dsl import Story, day, drawn, given, moved, opened, paid

ORIGINATION = ScheduleFee("up_front", percent="2", kind="origination")
SERVICE = ScheduleFee("per_installment", amount=5_00, kind="service")
INSURANCE = ScheduleFee(
    "per_installment", percent="0.5", base="outstanding_principal", kind="insurance"
)


def loan(*fees: ScheduleFee, **terms: str) -> Story:
    """900.00 over three months without interest, at some fees."""
    return given(opened(), drawn(900_00, over=3, fees=fees, **terms))


def fees_of(story: Story) -> list[int]:
    """The fee of each row as planned."""
    return [row.owed[1] for row in story.as_of("2026-01-01").draw().installments]


def test_a_fee_of_every_installment_comes_on_top() -> None:
    story = loan(SERVICE)
    story.as_of("2026-01-01").shows(dues=[305_00] * 3, balances=[600_00, 300_00, 0])
    assert fees_of(story) == [5_00] * 3


def test_a_fee_up_front_is_due_on_the_day_of_the_draw() -> None:
    story = loan(ORIGINATION)
    story.as_of("2026-01-01").shows(
        dues=[18_00, 300_00, 300_00, 300_00], balances=[900_00, 600_00, 300_00, 0],
        due_dates=["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"],
    )  # fmt: skip
    story.when(paid(18_00, on="2026-01-01")).as_of("2026-02-01").shows(rows=[0, *[300_00] * 3])


def test_a_fee_up_front_stands_on_the_row_of_the_down_payment() -> None:
    story = loan(ORIGINATION, down_payment_percent="10")
    story.as_of("2026-01-01").shows(dues=[108_00, 270_00, 270_00, 270_00])
    assert fees_of(story) == [18_00, 0, 0, 0]


def test_a_fee_may_follow_the_principal_that_is_left() -> None:
    assert fees_of(loan(INSURANCE)) == [4_50, 3_00, 1_50]
    assert fees_of(loan(INSURANCE, down_payment_percent="10")) == [0, 4_05, 2_70, 1_35]


def test_several_fees_of_a_row_are_one_amount_rounded_once() -> None:
    third = ScheduleFee("per_installment", percent="0.0005")  # 0.45 cents.
    assert fees_of(loan(third)) == [0, 0, 0]
    assert fees_of(loan(third, third)) == [1, 1, 1]


def test_a_fee_of_the_draw_is_the_same_every_time() -> None:
    assert fees_of(loan(ScheduleFee("per_installment", percent="1"))) == [9_00] * 3


def test_fees_are_paid_before_interest_and_principal_like_any_fee() -> None:
    story = loan(SERVICE).when(paid(100_00, on="2026-02-01"))
    assert story.as_of("2026-02-01").split("2026-02-01") == {"fee": 5_00, "principal": 95_00}


def test_fees_stay_on_their_rows_when_a_due_date_moves() -> None:
    story = loan(ORIGINATION, SERVICE).when(moved("2026-03-01", "2026-03-10", on="2026-01-10"))
    story.as_of("2026-01-10").shows(
        dues=[18_00, 305_00, 305_00, 305_00],
        due_dates=["2026-01-01", "2026-02-01", "2026-03-10", "2026-04-10"],
    )


def test_the_explanation_names_every_fee_and_the_rate_with_them() -> None:
    story = loan(ORIGINATION, SERVICE, INSURANCE)
    [told] = explain("A-1", story.facts, day("2026-01-01")).draws
    assert told.plan.sentences[1:4] == (
        "fee origination: 2 % of 900.00 = 18.00, due at once",
        "fee service: 5.00, with every installment",
        "fee insurance: 0.5 % of the principal left before it, with every installment",
    )
    assert told.plan.sentences[-1].startswith("annual rate paid as planned: ")
    assert [(line.fee, line.how) for line in told.plan.lines] == [
        (18_00, "due at once"),
        (9_50, "no interest; principal 300.00 - 0.00 = 300.00"),
        (8_00, "no interest; principal 300.00 - 0.00 = 300.00"),
        (6_50, "no interest; principal 300.00: all that is left"),
    ]


def test_one_fee_over_a_year_is_its_rate() -> None:
    """1000.00 lent, 1000.00 and a fee of 5 % back after 365 days."""
    fee = ScheduleFee("per_installment", percent="5")
    terms = Terms("interest_free", 1, date(2025, 1, 1), fees=(fee,))
    rates = shown_rates(terms, 1000_00, date(2024, 1, 2))
    assert rates.effective == pytest.approx(Decimal("0.05"))


FEES = st.lists(st.sampled_from((ORIGINATION, SERVICE, INSURANCE)), max_size=3).map(tuple)


@forall(FEES, st.integers(1, 24), st.sampled_from(("0", "0.06", "0.24")))
def test_the_annual_rate_counts_every_fee(
    fees: tuple[ScheduleFee, ...], count: int, rate: str
) -> None:
    method: Method = "equal_installment" if rate != "0" else "interest_free"
    plain = Terms(method, count, date(2024, 2, 1), annual_rate=rate)
    terms, drawn_on = replace(plain, fees=fees), date(2024, 1, 1)
    assert list(contradictions(terms, 10_000_00, drawn_on)) == []
    rows = plan(terms, 10_000_00, drawn_on)
    amounts = [-10_000_00.0, *(float(row.fee + row.interest + row.principal) for row in rows)]
    days = [drawn_on, *(row.due_on for row in rows)]
    shown = shown_rates(terms, 10_000_00, drawn_on)
    assert shown.effective is not None
    assert float(shown.effective) == pytest.approx(pyxirr.xirr(days, amounts), abs=1e-6)
    without = shown_rates(plain, 10_000_00, drawn_on)
    assert without.nominal is not None
    assert shown.nominal is not None
    assert (shown.nominal > without.nominal) == bool(fees)


@forall(FEES, st.integers(1, 24), st.integers(1, 10**8))
def test_fees_change_nothing_but_fees(
    fees: tuple[ScheduleFee, ...], count: int, amount: int
) -> None:
    first, drawn_on = date(2024, 2, 1), date(2024, 2, 1) - timedelta(days=31)
    plain = Terms("equal_installment", count, first, annual_rate="0.18")
    rows = plan(replace(plain, fees=fees), amount, drawn_on)
    regular = [row for row in rows if row.due_on > drawn_on]
    expected = plan(plain, amount, drawn_on)
    assert [(row.due_on, row.interest, row.principal) for row in regular] == [
        (row.due_on, row.interest, row.principal) for row in expected
    ]
    assert sum(row.principal for row in rows) == amount
    assert all(row.fee >= 0 for row in rows)
