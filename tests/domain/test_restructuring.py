"""A new agreement: what is unpaid of a draw is planned anew, under new terms, from a day on."""

from dataclasses import replace
from typing import Any

from ledger.domain.quote import settle_quote
from ledger.domain.rejections import Code, Rejection
from ledger.domain.state import Restructuring
from ledger.domain.terms import Allocation, Delinquency, Row
from tests.domain.dsl import (
    bounced,
    charged,
    day,
    drawn,
    given,
    opened,
    paid,
    penalised,
    prepaid,
    recorded,
    restructured,
    settled,
    waived,
)

#: 1,200.00 over four months at 1 % a month: 300.00 of principal each, interest 12, 9, 6 and 3.
LOAN = drawn(1200_00, over=4, method="equal_principal", annual_rate="0.12")
ANEW: dict[str, Any] = {"method": "equal_principal", "annual_rate": "0.06"}


def test_an_extension_leaves_alone_what_has_fallen_due() -> None:
    """900.00 over six months; half of February's 9.00 is asked for with the first of them."""
    story = given(opened(), LOAN, paid(100_00, on="2026-02-01"))
    story.when(restructured(on="2026-02-15", over=6, first_due="2026-03-15", **ANEW))
    books = story.as_of("2026-02-15").shows(
        overdue=212_00,
        dues=[312_00, 150_00 + 4_50 + 4_50, 153_75, 153_00, 152_25, 151_50, 150_75],
        balances=[900_00, 750_00, 600_00, 450_00, 300_00, 150_00, 0],
    )
    assert books.draw().restructurings == (
        Restructuring(day("2026-02-15"), "N-2026-02-15", 900_00, 0, 0),
    )


def test_a_re_age_takes_in_what_is_overdue_with_its_charges() -> None:
    story = given(opened(), LOAN, penalised(5_00, on="2026-02-10"))
    story.as_of("2026-02-15").shows(overdue=312_00, days_past_due=14)
    again = restructured(
        on="2026-02-15", over=2, first_due="2026-03-15", covers="all_unpaid", **ANEW
    )
    books = story.when(again).as_of("2026-02-15")
    # 12.00 of January and 4.50 of February, 5.00 of late fee, and the new plan of 1,200.00.
    books.shows(
        overdue=0, days_past_due=0, status="current", rows=[0, 600_00 + 6_00 + 21_50, 603_00]
    )
    assert books.draw().restructurings[-1].overdue == 312_00


def test_what_is_not_earned_is_given_up_whatever_early_repayment_costs() -> None:
    """Half of February's 12.00 is earned; the rest would be paid twice with the new plan."""
    flat = drawn(
        1200_00,
        over=4,
        method="flat",
        annual_rate="0.12",
        unearned_charges="owed",
        payoff_interest_until="period_end",
    )
    story = given(opened(), flat, paid(312_00, on="2026-02-01"))
    assert settle_quote(story.state_on, "D-1", day("2026-02-15")).to_pay == 900_00 + 36_00
    story.when(restructured(on="2026-02-15", over=2, first_due="2026-03-15"))
    story.as_of("2026-02-15").shows(rows=[0, 456_00, 450_00])


def test_unpaid_interest_may_become_principal() -> None:
    again = restructured(
        on="2026-02-15",
        over=2,
        first_due="2026-03-15",
        covers="all_unpaid",
        unpaid_interest="capitalised",
    )
    books = given(opened(), LOAN, again).as_of("2026-02-15")
    books.shows(rows=[0, 608_25, 608_25], balances=[1200_00, 608_25, 0], outstanding=1216_50)
    assert [step.amount for step in books.trace if step.kind == "capitalised"] == [16_50]


def test_the_new_terms_are_the_contract_from_then_on() -> None:
    """Grace and the order of payments are those of the new agreement, not of the old one."""
    again = restructured(
        on="2026-02-15",
        over=2,
        first_due="2026-03-15",
        covers="all_unpaid",
        delinquency=Delinquency(grace_days=5),
        allocation=Allocation(past_due=("principal", "interest", "fee", "penalty")),
    )
    story = given(opened(), LOAN, again)
    story.as_of("2026-03-20").shows(status="within_grace", days_late=5)
    story.when(paid(600_00, on="2026-03-20"))
    assert story.as_of("2026-03-20").split("2026-03-20") == {"principal": 600_00}


def test_rows_agreed_outright_repay_just_what_is_planned_anew() -> None:
    rows = (Row(day("2026-03-15"), 600_00, 1_00), Row(day("2026-04-15"), 600_00))
    again = restructured(
        on="2026-01-16", over=0, first_due="2026-03-15", method="explicit", rows=rows
    )
    given(opened(), LOAN, again).as_of("2026-01-16").shows(dues=[601_00 + 5_81, 600_00])
    grown = replace(again, unpaid_interest="capitalised")
    story = given(opened(), LOAN).when(grown).then(Code.TERMS_CONTRADICTORY)
    assert isinstance(story.answer, Rejection)
    assert story.answer.message == (
        "the principal of all rows is what is planned anew, 1205.81; found 1200.00"
    )


def test_facts_learnt_later_change_what_was_planned_anew() -> None:
    """The January payment bounced: the new plan repays it too, in its last row if it has rows."""
    rows = (Row(day("2026-03-15"), 500_00), Row(day("2026-04-15"), 400_00))
    again = restructured(
        on="2026-02-01",
        over=0,
        first_due="2026-03-15",
        covers="all_unpaid",
        method="explicit",
        rows=rows,
    )
    story = given(opened(), LOAN, paid(312_00, on="2026-02-01"), again)
    story.as_of("2026-02-01").shows(rows=[0, 500_00, 400_00])
    story.when(recorded("2026-02-20", bounced("2026-02-01", since="2026-02-01")))
    story.as_of("2026-02-01").shows(rows=[0, 500_00 + 12_00, 700_00])


def test_nothing_is_planned_anew_when_everything_turns_out_to_be_paid() -> None:
    again = restructured(on="2026-02-15", over=2, first_due="2026-03-15", covers="all_unpaid")
    story = given(opened(), LOAN, again)
    story.when(recorded("2026-03-01", replace(settled(1200_00, on="2026-01-01"), payment_id="P-9")))
    books = story.as_of("2026-02-15").shows(status="settled", outstanding=0)
    assert books.draw().restructurings == ()


def test_what_was_paid_in_advance_is_closed_by_the_day() -> None:
    ahead = Allocation(in_advance=("penalty", "fee", "interest", "principal"))
    story = given(opened(), replace(LOAN, terms=replace(LOAN.terms, allocation=ahead)))
    story.when(paid(320_00, on="2026-01-10"))
    story.when(restructured(on="2026-01-20", over=2, first_due="2026-02-20"))
    story.as_of("2026-01-20").shows(
        due_dates=["2026-01-20", "2026-01-20", "2026-02-20", "2026-03-20"],
        dues=[312_00, 8_00, 450_00, 450_00],
    )


def test_a_charge_is_waived_where_it_lies_now() -> None:
    again = restructured(on="2026-02-15", over=2, first_due="2026-03-15", covers="all_unpaid")
    story = given(opened(), LOAN, charged(5_00, on="2026-02-10"), again)
    story.when(waived(5_00, on="2026-02-20", of="fee", charge="F-2026-02-10"))
    assert not isinstance(story.answer, Rejection)
    story.as_of("2026-02-20").shows(rows=[0, 616_50, 600_00])
    story.when(penalised(1_00, on="2026-03-20", installment=3))
    story.as_of("2026-03-20").shows(rows=[0, 616_50, 601_00])


def test_a_new_plan_can_be_prepaid_settled_and_planned_anew() -> None:
    story = given(opened(), LOAN, paid(312_00, on="2026-02-01"))
    story.when(restructured(on="2026-02-01", over=3, first_due="2026-03-01", **ANEW))
    story.as_of("2026-02-01").shows(rows=[0, 304_50, 303_00, 301_50])
    story.when(prepaid(450_00, on="2026-02-15", to="shorten"))
    # 900.00 for half of February and 450.00 for the other half, at half a percent: 2.25 + 1.125.
    story.as_of("2026-02-15").shows(rows=[0, 300_00 + 3_38, 150_00 + 75])
    assert settle_quote(story.state_on, "D-1", day("2026-03-01")).to_pay == 453_38
    story.when(restructured(on="2026-03-05", over=1, first_due="2026-04-05", covers="all_unpaid"))
    assert [one.principal for one in story.as_of("2026-03-05").draw().restructurings] == [
        900_00, 450_00
    ]  # fmt: skip
    # 3.38 of February, and 4 of 31 days of March at 150.00: 0.75 x 4 / 31 = 0.10.
    story.as_of("2026-03-05").shows(rows=[0, 0, 453_48])
