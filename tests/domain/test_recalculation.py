"""Interest on the principal really outstanding, worked out by hand and against the plain plan.

36.5 % by actual days over 365 is a tenth of a percent a day.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.recalculation import Movement, Recalculated, Row, recalculated
from ledger.domain.schedule import contradictions, plan
from ledger.domain.terms import InterestBasis, Terms

DRAWN_ON = date(2024, 3, 1)
AMOUNT = 1000_00
TERMS = Terms(
    "equal_installment",
    due_dates=(date(2024, 3, 11), date(2024, 3, 21), date(2024, 3, 31)),
    annual_rate="0.365",
    interest_basis=InterestBasis("daily", "act/365"),
    level_formula="first_period_rate",
    prepayment="reduce_installment",
    round_each_segment=True,
)
MONTHLY = Terms(
    "equal_installment",
    3,
    date(2024, 2, 1),
    annual_rate="0.12",
    interest_basis=InterestBasis("month_prorated"),
    level_formula="period_rates",
)


def after(*payments: tuple[int, int], as_of: int, terms: Terms = TERMS) -> Recalculated:
    movements = [Movement(date(2024, 3, day), amount) for day, amount in payments]
    return recalculated(terms, [Movement(DRAWN_ON, AMOUNT)], movements, date(2024, 3, as_of))


def parts(found: Recalculated) -> list[tuple[int, int]]:
    return [(row.interest, row.principal) for row in found.rows]


def test_without_events_it_is_the_plan() -> None:
    """1000 × 0.01 / (1 - 1.01^-3) = 340.02."""
    assert parts(after(as_of=1)) == [(10_00, 330_02), (6_70, 333_32), (3_37, 336_66)]


def test_principal_paid_early_lowers_its_period_and_the_level_amount() -> None:
    """Five days on 1000 and five on 600; the two installments left are solved for 600 at 1 %."""
    found = after((6, 400_00), as_of=6)
    assert parts(found) == [(8_00, 400_00), (6_00, 298_51), (3_01, 301_49)]
    first = found.rows[0]
    assert (first.paid_in_advance, first.outstanding, first.settled_on) == (400_00, 8_00, None)
    assert found.payoff == (600_00, 5_00)


def test_or_it_keeps_the_level_amount_and_ends_the_loan_earlier() -> None:
    shorter = replace(TERMS, prepayment="reduce_term")
    assert parts(after((6, 700_00), as_of=6, terms=shorter)) == [(6_50, 700_00), (3_00, 300_00)]


def test_principal_overdue_goes_on_bearing_interest_until_it_is_paid() -> None:
    """Until the 16th all of 1000 bears interest, from then on what is planned: 669.98."""
    found = after(as_of=16)
    assert parts(found)[1] == (5_00 + 3_35, 331_67)
    assert found.payoff == (1000_00, 15_00)
    late = after((13, 340_02), as_of=16)
    assert parts(late)[1][0] == 2_00 + 5_36
    assert (late.rows[0].paid_late, late.rows[0].settled_on) == (340_02, date(2024, 3, 13))


def test_what_is_left_on_a_due_date_is_principal_of_that_installment() -> None:
    found = after((11, 400_00), as_of=11)
    assert parts(found)[0] == (10_00, 390_00)
    assert (found.rows[0].paid_in_advance, found.rows[1].balance) == (0, 306_52)


def test_what_no_row_can_take_is_overpaid() -> None:
    """Nothing was paid in time, so every day cost a tenth of a percent of all of it."""
    found = after((31, 2000_00), as_of=31)
    assert [row.interest for row in found.rows] == [10_00, 10_00, 10_00]
    assert (found.overpaid, found.payoff) == (970_00, (0, 0))


def test_a_later_draw_is_solved_into_the_installments_left() -> None:
    """Half of January's 31 days: 15/31 of a percent on 100, 16/31 on 200."""
    draws = [Movement(date(2024, 1, 1), 100_00), Movement(date(2024, 1, 16), 100_00)]
    found = recalculated(MONTHLY, draws)
    assert found.rows[0].interest == 48 + 1_03 + 1
    # 201.516 at the end of January = L + L / 1.01 + L / 1.01²
    assert found.level == 67_84
    assert sum(row.principal for row in found.rows) == 200_00


@given(st.integers(1, 10**8), st.sampled_from((TERMS, MONTHLY)), st.integers(0, 8))
def test_paid_as_planned_it_is_always_the_plan(amount: int, terms: Terms, earlier: int) -> None:
    drawn_on = date(2024, 1, 1) if terms is MONTHLY else DRAWN_ON
    drawn_on -= timedelta(days=earlier)
    rows = plan(terms, amount, drawn_on)
    assert recalculated(terms, [Movement(drawn_on, amount)]).rows == tuple(
        Row(row.number, row.due_on, row.interest, row.principal, left)
        for row, left in zip(
            rows, (sum(x.principal for x in rows[n:]) for n in range(1, len(rows) + 1)), strict=True
        )
    )


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 500_00)), max_size=5).map(sorted),
    st.integers(1, 30),
    st.sampled_from(("reduce_installment", "reduce_term")),
)
def test_no_money_is_lost_and_the_principal_sums_to_the_draw(
    payments: list[tuple[int, int]],
    as_of: int,
    prepayment: Literal["reduce_installment", "reduce_term"],
) -> None:
    movements = [Movement(DRAWN_ON + timedelta(days=day), amount) for day, amount in payments]
    terms = replace(TERMS, prepayment=prepayment)
    day = DRAWN_ON + timedelta(days=as_of)
    found = recalculated(terms, [Movement(DRAWN_ON, AMOUNT)], movements, day)
    assert sum(row.principal for row in found.rows) == AMOUNT
    counted = sum(payment.amount for payment in movements if payment.on <= day)
    taken = sum(row.interest_paid + row.principal_paid for row in found.rows)
    assert taken + found.overpaid == counted
    for row in found.rows:
        assert min(row.interest, row.principal, row.balance, row.outstanding) >= 0


@pytest.mark.parametrize(
    ("terms", "field", "sentence"),
    [
        (TERMS, "prepayment", "not offered yet for draws in the books"),
        (replace(TERMS, method="flat"), "prepayment", "offered with equal installments"),
        (
            replace(TERMS, interest_basis=InterestBasis()),
            "prepayment",
            "needs an accrual that counts days",
        ),
    ],
)
def test_terms_that_cannot_be_followed_are_named(terms: Terms, field: str, sentence: str) -> None:
    found = list(contradictions(terms, AMOUNT, DRAWN_ON))
    assert [text for name, text in found if name == field and sentence in text], found
