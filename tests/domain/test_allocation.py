"""Money in advance: to the next installment, the last one, or all of them evenly."""

import pytest

from ledger.domain.allocation import Line, shares
from ledger.domain.terms import Allocation
from tests.domain.dsl import charged, day, drawn, given, opened, paid, penalised, recorded
from tests.domain.endings import written_off

EVENLY = Allocation(
    sequence="status_then_installment",
    in_advance=("penalty", "fee", "principal", "interest"),
    in_advance_target="all_evenly",
)


@pytest.mark.parametrize(
    ("money", "left"),
    [
        # 100.00 / 3 is 33.33 to the cent; the last one takes the cent that is left.
        (100_00, [66_67, 66_67, 66_66]),
        (1, [100_00, 100_00, 99_99]),
        # A share of two thirds of a cent is a cent: the last one gets none.
        (2, [99_99, 99_99, 100_00]),
        (299_99, [0, 0, 1]),
        (300_00, [0, 0, 0]),
    ],
)
def test_money_in_advance_is_shared_evenly(money: int, left: list[int]) -> None:
    loan = drawn(300_00, over=3, allocation=EVENLY)
    given(opened(), loan, paid(money, on="2026-01-05")).as_of("2026-01-05").shows(rows=left)


def test_what_one_installment_cannot_take_is_shared_anew() -> None:
    loan = drawn(300_00, over=3, allocation=EVENLY)
    first = paid(80_00, on="2026-01-05", ahead="next_installment")
    story = given(opened(), loan, first, paid(120_00, on="2026-01-06"))
    # 40.00 each; the first takes 20.00, and the 20.00 it leaves are shared by the two others.
    story.as_of("2026-01-06").shows(rows=[0, 50_00, 50_00])


def test_components_are_shared_one_after_the_other() -> None:
    loan = drawn(300_00, over=3, allocation=EVENLY)
    charges = charged(9_00, on="2026-01-02", installment=2), penalised(3_00, on="2026-01-02")
    books = given(opened(), loan, *charges, paid(15_00, on="2026-01-05")).as_of("2026-01-05")
    books.shows(rows=[99_00, 99_00, 99_00])
    assert books.split("2026-01-05") == {"penalty": 3_00, "fee": 9_00, "principal": 3_00}


def test_what_is_due_comes_before_what_is_shared() -> None:
    loan = drawn(300_00, over=3, allocation=EVENLY)
    given(opened(), loan, paid(150_00, on="2026-02-01")).as_of("2026-02-01").shows(
        rows=[0, 75_00, 75_00]
    )


def test_a_payment_says_itself_where_it_goes_in_advance() -> None:
    loan = drawn(300_00, over=3, allocation=EVENLY)
    payment = paid(110_00, on="2026-01-05", source="goodwill", ahead="last_installment")
    given(opened(), loan, payment).as_of("2026-01-05").shows(rows=[100_00, 90_00, 0])


def test_settled_lines_between_open_ones_are_passed_over() -> None:
    lines = [Line("D-1", n, day("2026-01-01"), day(f"2026-0{n}-01"), (0, 0, 0, 5)) for n in (2, 3)]
    lines[0].pay(3, 5, day("2026-01-02"))
    for share in shares(lines, 7, day("2026-03-01"), Allocation()):
        share.line.pay(share.component, share.amount, day("2026-03-01"))
    assert [line.open_total for line in lines] == [0, 0]


OLD = Allocation(principal_first_after_days=90)


def test_money_for_old_debt_pays_principal_before_anything_else() -> None:
    """900.00 over three months at 12 %: on 2 May the oldest installment is 90 days late."""
    loan = drawn(900_00, over=3, method="equal_principal", annual_rate="0.12", allocation=OLD)
    loan_and_penalty = (opened(), loan, penalised(5_00, on="2026-02-05", installment=1))
    story = given(*loan_and_penalty, paid(320_00, on="2026-05-02"))
    split = story.as_of("2026-05-02").split("2026-05-02")
    assert split == {"penalty": 5_00, "interest": 15_00, "principal": 300_00}
    story = given(*loan_and_penalty, paid(610_00, on="2026-05-03"))
    books = story.as_of("2026-05-03").shows(rows=[14_00, 6_00, 293_00])
    assert books.split("2026-05-03") == {"principal": 610_00}


def test_the_switch_is_thrown_by_the_day_of_each_payment() -> None:
    loan = drawn(900_00, over=3, method="equal_principal", annual_rate="0.12", allocation=OLD)
    # The first payment leaves 1 March as the oldest due date, 90 days before 30 May.
    story = given(opened(), loan, paid(309_00, on="2026-05-02"), paid(7_00, on="2026-05-30"))
    assert story.as_of("2026-05-30").split("2026-05-30") == {"interest": 6_00, "principal": 1_00}
    story = given(opened(), loan, paid(309_00, on="2026-05-02"), paid(7_00, on="2026-05-31"))
    assert story.as_of("2026-05-31").split("2026-05-31") == {"principal": 7_00}


def test_a_back_dated_payment_is_spread_by_the_day_on_which_it_counts() -> None:
    loan = drawn(900_00, over=3, method="equal_principal", annual_rate="0.12", allocation=OLD)
    story = given(opened(), loan).when(recorded("2026-06-01", paid(10_00, on="2026-02-05")))
    assert story.as_of("2026-06-01").split("2026-02-05") == {"interest": 9_00, "principal": 1_00}


def test_old_debt_that_was_written_off_is_recovered_principal_first() -> None:
    loan = drawn(900_00, over=3, method="equal_principal", annual_rate="0.12", allocation=OLD)
    story = given(opened(), loan, written_off(on="2026-06-01"), paid(905_00, on="2026-07-01"))
    rows = story.as_of("2026-07-01").draw().installments
    assert [row.recovered for row in rows] == [
        (0, 0, 5_00, 300_00), (0, 0, 0, 300_00), (0, 0, 0, 300_00),
    ]  # fmt: skip


def test_money_in_advance_keeps_its_order_when_the_debt_is_old() -> None:
    allocation = Allocation(
        in_advance=("penalty", "fee", "interest", "principal"), principal_first_after_days=0
    )
    loan = drawn(
        900_00, over=3, method="equal_principal", annual_rate="0.12", allocation=allocation
    )
    story = given(opened(), loan, paid(320_00, on="2026-02-02"))
    assert [row.paid for row in story.as_of("2026-02-02").draw().installments] == [
        (0, 0, 9_00, 300_00), (0, 0, 6_00, 5_00), (0, 0, 0, 0),
    ]  # fmt: skip
