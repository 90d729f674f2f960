"""Penalties, fees and waivers: where they lie, and what they do to what is owed."""

from dataclasses import replace

import pytest

from ledger.domain.rejections import Code
from ledger.domain.terms import Allocation
from tests.domain.dsl import (
    charged,
    drawn,
    given,
    opened,
    paid,
    penalised,
    recorded,
    reinstated,
    waived,
)

LOAN = (opened(), drawn(900_00, over=3))


@pytest.mark.parametrize(
    ("due", "dues"),
    [
        ("2026-01-01", [310_00, 300_00, 300_00]),
        ("2026-02-01", [310_00, 300_00, 300_00]),
        ("2026-02-02", [300_00, 310_00, 300_00]),
        ("2026-04-01", [300_00, 300_00, 310_00]),
        ("2026-04-02", [300_00, 300_00, 300_00, 10_00]),
    ],
)
def test_a_charge_lies_in_the_period_that_contains_its_due_date(due: str, dues: list[int]) -> None:
    story = given(*LOAN, charged(10_00, on="2026-01-01", due=due))
    story.as_of("2026-01-01").shows(dues=dues)


def test_a_charge_names_its_installment() -> None:
    story = given(*LOAN, penalised(10_00, on="2026-03-20", installment=1))
    story.as_of("2026-03-20").shows(dues=[310_00, 300_00, 300_00])


def test_a_down_payment_has_no_period_and_takes_no_charge() -> None:
    story = given(
        opened(), drawn(900_00, over=3, down_payment_percent="25"), charged(9_00, on="2026-01-01")
    )
    story.as_of("2026-01-01").shows(dues=[225_00, 234_00, 225_00, 225_00])


def test_charges_after_the_end_share_one_extra_installment() -> None:
    story = given(*LOAN, charged(1_00, on="2026-05-01"), penalised(2_00, on="2026-06-01"))
    books = story.as_of("2026-06-01").shows(dues=[300_00, 300_00, 300_00, 3_00])
    books.shows(due_dates=["2026-02-01", "2026-03-01", "2026-04-01", "2026-06-01"])


def test_a_charge_counts_from_its_day() -> None:
    story = given(*LOAN, recorded("2026-01-05", penalised(10_00, on="2026-02-10", installment=1)))
    story.as_of("2026-02-09").shows(overdue=300_00, changes="2026-02-10")
    story.as_of("2026-02-10").shows(overdue=310_00)


def test_a_charge_opens_a_settled_installment_again() -> None:
    story = given(*LOAN, paid(300_00, on="2026-02-01"))
    story.as_of("2026-02-20").shows(settled=["2026-02-01", None, None], overdue=0)
    story.when(penalised(10_00, on="2026-02-20", installment=1))
    story.as_of("2026-02-20").shows(settled=[None, None, None], overdue=10_00, days_late=19)


def test_charges_known_upfront_lie_there_before_any_payment() -> None:
    facts = (paid(300_00, on="2026-01-10"), charged(10_00, on="2026-01-20"))
    early = Allocation(in_advance=("penalty", "fee", "interest", "principal"))
    upfront = given(opened(), drawn(300_00, charges_known="upfront", allocation=early), *facts)
    in_order = given(opened(), drawn(300_00, allocation=early), *facts)
    for story in (upfront, in_order):
        story.as_of("2026-01-20").shows(outstanding=10_00)
    assert upfront.as_of("2026-01-20").split("2026-01-10") == {"fee": 10_00, "principal": 290_00}
    assert in_order.as_of("2026-01-20").split("2026-01-10") == {"principal": 300_00}


def test_a_waiver_takes_off_the_debt() -> None:
    story = given(*LOAN, penalised(10_00, on="2026-02-10", installment=1))
    story.when(waived(10_00, on="2026-02-12"))
    story.as_of("2026-02-11").shows(overdue=310_00)
    books = story.as_of("2026-02-12").shows(overdue=300_00)
    assert books.draw().installments[0].waived == (10_00, 0, 0, 0)


def test_a_waiver_of_principal_may_settle_an_installment() -> None:
    story = given(*LOAN, waived(300_00, on="2026-02-05", of="principal", installment=1))
    story.as_of("2026-02-05").shows(settled=["2026-02-05", None, None], status="current")


def test_a_waiver_without_installment_begins_with_the_oldest() -> None:
    story = given(*LOAN, waived(400_00, on="2026-01-10", of="principal"))
    story.as_of("2026-01-10").shows(rows=[0, 200_00, 300_00])


def test_a_waiver_never_takes_more_than_a_back_dated_payment_left() -> None:
    story = given(*LOAN, waived(300_00, on="2026-02-05", of="principal", installment=1))
    story.when(recorded("2026-02-06", paid(250_00, on="2026-02-01")))
    books = story.as_of("2026-02-06").shows(rows=[0, 300_00, 300_00], credit=0)
    assert books.draw().installments[0].waived == (0, 0, 0, 50_00)


def test_more_than_is_owed_cannot_be_waived() -> None:
    story = given(*LOAN, penalised(10_00, on="2026-02-10", installment=1))
    story.when(waived(10_01, on="2026-02-10")).then(Code.WAIVER_EXCEEDS_DEBT)
    story.when(waived(10_00, on="2026-02-09")).then(Code.WAIVER_EXCEEDS_DEBT)
    story.when(waived(10_00, on="2026-02-10", installment=2)).then(Code.WAIVER_EXCEEDS_DEBT)


def test_the_extra_installment_can_be_named_by_a_waiver() -> None:
    story = given(*LOAN, charged(5_00, on="2026-04-10"))
    story.when(waived(5_00, on="2026-04-11", of="fee", installment=4))
    story.as_of("2026-04-11").shows(rows=[300_00, 300_00, 300_00, 0])


def test_a_charge_is_waived_where_it_lies() -> None:
    first, second = charged(5_00, on="2026-01-05", installment=2), charged(5_00, on="2026-03-05")
    story = given(
        *LOAN, first, second, waived(5_00, on="2026-03-05", of="fee", charge="F-2026-03-05")
    )
    books = story.as_of("2026-03-05").shows(rows=[300_00, 305_00, 300_00])
    assert books.draw().installments[2].waived == (0, 5_00, 0, 0)


def test_a_penalty_and_a_fee_may_have_the_same_id() -> None:
    fee = replace(charged(5_00, on="2026-01-05"), charge_id="C-2026-01-05")
    story = given(*LOAN, penalised(3_00, on="2026-01-05"), fee)
    story.when(waived(3_00, on="2026-01-06", charge="C-2026-01-05"))
    story.as_of("2026-01-06").shows(rows=[305_00, 300_00, 300_00])


def test_a_waiver_reversed_brings_the_debt_back() -> None:
    waiver = waived(5_00, on="2026-02-10")
    story = given(*LOAN, penalised(5_00, on="2026-02-05", installment=1), waiver)
    story.as_of("2026-02-12").shows(overdue=300_00)
    story.when(recorded("2026-02-20", reinstated("2026-02-10", since="2026-02-15")))
    story.as_of("2026-02-14").shows(overdue=300_00, changes="2026-02-15")
    story.as_of("2026-02-15").shows(overdue=305_00)
    story.as_of("2026-02-15", known="2026-02-19").shows(overdue=300_00)
