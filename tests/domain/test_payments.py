"""How money is spread: past due before due, oldest first, and the rest waits as credit."""

from dataclasses import replace
from typing import Literal

import pytest

from ledger.domain.allocation import Line, shares
from ledger.domain.rejections import Code
from ledger.domain.terms import Allocation
from tests.domain.dsl import charged, day, drawn, given, opened, paid, penalised

EARLY = Allocation(in_advance=("penalty", "fee", "interest", "principal"))
Sequence = Literal[
    "installment", "status_then_installment", "status_component_then_installment"
]  # fmt: skip
LOAN = (opened(), drawn(900_00, over=3))


def test_a_payment_on_the_due_date_settles_the_installment() -> None:
    books = given(*LOAN, paid(300_00, on="2026-02-01")).as_of("2026-02-01")
    books.shows(rows=[0, 300_00, 300_00], settled=["2026-02-01", None, None], credit=0)
    books.shows(status="current", next_due="2026-03-01", overdue=0)


def test_the_oldest_installment_is_paid_first() -> None:
    books = given(*LOAN, paid(400_00, on="2026-03-15")).as_of("2026-03-15")
    books.shows(rows=[0, 200_00, 300_00], overdue=200_00, overdue_since="2026-03-01")


def test_in_an_installment_penalty_and_fee_come_before_interest_and_principal() -> None:
    loan = drawn(1200_00, over=1, method="equal_installment", annual_rate="0.12")
    story = given(
        opened(),
        loan,
        penalised(5_00, on="2026-02-10", installment=1),
        charged(3_00, on="2026-02-11", installment=1),
        paid(100_00, on="2026-02-15"),
    )
    split = story.as_of("2026-02-15").split("2026-02-15")
    assert split == {"penalty": 5_00, "fee": 3_00, "interest": 12_00, "principal": 80_00}


def test_credit_pays_a_later_due_on_its_day() -> None:
    story = given(*LOAN, paid(500_00, on="2026-01-20"))
    story.as_of("2026-01-31").shows(credit=500_00, rows=[300_00] * 3, changes="2026-02-01")
    story.as_of("2026-02-01").shows(credit=200_00, rows=[0, 300_00, 300_00])
    story.as_of("2026-03-01").shows(credit=0, rows=[0, 100_00, 300_00], overdue=0)
    story.as_of("2026-03-02").shows(overdue=100_00, days_late=1)
    first = story.as_of("2026-03-02").draw().installments[0]
    assert (first.paid_in_advance, first.paid_late) == (0, 0), "credit pays on the due date itself"


def test_money_in_advance_pays_at_once_where_the_terms_say_so() -> None:
    story = given(opened(), drawn(900_00, over=3, allocation=EARLY), paid(500_00, on="2026-01-20"))
    books = story.as_of("2026-01-20").shows(credit=0, rows=[0, 100_00, 300_00])
    assert books.draw().installments[0].paid_in_advance == 300_00


def test_a_payment_before_any_draw_waits_for_the_first_due() -> None:
    story = given(opened(), paid(100_00, on="2026-01-01"), drawn(300_00, on="2026-01-05"))
    story.as_of("2026-01-31").shows(credit=100_00, outstanding=300_00)
    story.as_of("2026-02-01").shows(credit=0, outstanding=200_00)


def test_credit_is_used_oldest_payment_first() -> None:
    story = given(*LOAN, paid(200_00, on="2026-01-10"), paid(200_00, on="2026-01-20"))
    books = story.as_of("2026-02-01").shows(credit=100_00)
    assert books.split("2026-01-10") == {"principal": 200_00}
    assert books.split("2026-01-20") == {"principal": 100_00, "credit": 100_00}


def test_credit_pays_a_charge_on_a_due_installment_at_once() -> None:
    story = given(*LOAN, paid(320_00, on="2026-02-01"), penalised(5_00, on="2026-02-05", due=None))
    story.as_of("2026-02-05").shows(credit=20_00, rows=[0, 305_00, 300_00])
    late = given(
        *LOAN, paid(320_00, on="2026-02-01"), penalised(5_00, on="2026-02-05", installment=1)
    )
    late.as_of("2026-02-05").shows(credit=15_00, rows=[0, 300_00, 300_00])
    assert late.as_of("2026-02-05").draw().installments[0].paid_late == 5_00


def test_a_payment_for_one_draw_leaves_the_other_alone() -> None:
    other = drawn(100_00, draw="D-2", on="2026-01-02", first_due_on=day("2026-01-20"))
    story = given(opened(), drawn(300_00), other, paid(300_00, on="2026-02-10", toward="D-1"))
    story.as_of("2026-02-10").shows(outstanding=0, status="settled")
    story.as_of("2026-02-10").shows(draw="D-2", outstanding=100_00, days_late=21)


def test_a_payment_for_no_draw_goes_to_the_oldest_due_of_all() -> None:
    other = drawn(100_00, draw="D-2", on="2026-01-02", first_due_on=day("2026-01-20"))
    story = given(opened(), drawn(300_00), other, paid(150_00, on="2026-02-10"))
    story.as_of("2026-02-10").shows(draw="D-2", outstanding=0)
    story.as_of("2026-02-10").shows(draw="D-1", outstanding=250_00)


def test_what_is_left_over_pays_an_older_due_on_the_day_it_came() -> None:
    other = drawn(100_00, draw="D-2", on="2026-01-02", first_due_on=day("2026-01-20"))
    story = given(opened(), drawn(300_00), other, paid(400_00, on="2026-02-10", toward="D-1"))
    books = story.as_of("2026-02-10").shows(draw="D-2", settled=["2026-02-10"], credit=0)
    assert books.draw("D-2").installments[0].paid_late == 100_00


def test_credit_pays_what_fell_due_before_the_next_payment_comes() -> None:
    story = given(*LOAN, paid(100_00, on="2026-01-10"), paid(300_00, on="2026-02-10"))
    books = story.as_of("2026-02-10").shows(credit=100_00, rows=[0, 300_00, 300_00])
    assert books.split("2026-01-10") == {"principal": 100_00}
    assert books.draw().installments[0].paid_late == 200_00


def test_what_a_payment_for_one_draw_leaves_over_is_credit_for_all() -> None:
    other = drawn(100_00, draw="D-2", on="2026-01-02", first_due_on=day("2026-03-20"))
    story = given(opened(), drawn(300_00), other, paid(350_00, on="2026-02-10", toward="D-1"))
    story.as_of("2026-03-19").shows(credit=50_00)
    story.as_of("2026-03-20").shows(draw="D-2", outstanding=50_00, credit=0)


def test_a_payment_cannot_be_for_a_draw_that_was_not_yet_made() -> None:
    story = given(opened(), drawn(300_00, on="2026-01-10"))
    story.when(paid(10_00, on="2026-01-09", toward="D-1")).then(Code.DATE_BEFORE_DRAW)
    story.when(paid(10_00, on="2026-01-10", toward="D-1")).as_of("2026-01-10").shows(credit=10_00)


def test_a_payment_of_zero_is_kept_and_moves_nothing() -> None:
    story = given(*LOAN).when(paid(0, on="2026-02-01")).then(paid(0, on="2026-02-01"))
    assert story.as_of("2026-02-01").shows(outstanding=900_00).split("2026-02-01") == {}


def test_the_principal_balance_after_each_payment() -> None:
    story = given(*LOAN, paid(300_00, on="2026-02-01"), paid(300_00, on="2026-03-01"))
    payments = story.as_of("2026-04-01").state.payments
    assert [payment.principal_balance for payment in payments] == [600_00, 300_00]


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("installment", [(1, 0), (1, 3), (2, 0), (2, 3)]),
        ("status_then_installment", [(1, 0), (1, 3), (2, 0), (2, 3)]),
        ("status_component_then_installment", [(1, 0), (2, 0), (1, 3), (2, 3)]),
    ],
)
def test_the_order_of_buckets(sequence: Sequence, expected: list[tuple[int, int]]) -> None:
    lines = [
        Line("D-1", number, day("2026-01-01"), day(f"2026-0{number}-20"), (5, 0, 0, 100))
        for number in (1, 2)
    ]
    allocation = replace(Allocation(), sequence=sequence)
    taken = []
    for line, component, amount in shares(lines, 1000, day("2026-03-01"), allocation):
        line.pay(component, amount, day("2026-03-01"))
        taken.append((line.number, component))
    assert taken == expected


def test_money_in_advance_may_begin_with_the_last_installment() -> None:
    allocation = replace(
        EARLY, sequence="status_then_installment", in_advance_target="last_installment"
    )
    story = given(opened(), drawn(900_00, over=3, allocation=allocation))
    story.when(paid(400_00, on="2026-01-10"))
    story.as_of("2026-01-10").shows(rows=[300_00, 200_00, 0])


def test_charges_not_yet_due_may_wait_in_advance() -> None:
    allocation = replace(
        Allocation(),
        in_advance=("penalty_due", "fee_due", "principal", "interest", "penalty", "fee"),
    )
    story = given(
        opened(),
        drawn(300_00, allocation=allocation),
        charged(10_00, on="2026-01-05", due="2026-01-05"),
        charged(7_00, on="2026-01-06", due="2026-01-31"),
        paid(100_00, on="2026-01-20"),
        paid(50_00, on="2026-01-21"),
    )
    books = story.as_of("2026-01-21")
    assert books.split("2026-01-20") == {"fee": 10_00, "principal": 90_00}
    assert books.split("2026-01-21") == {"principal": 50_00}, "the fee that is due is paid"
