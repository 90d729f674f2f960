"""Several draws repaid by one schedule, and due dates that were moved.  Figures are by hand."""

from typing import Any

import pytest

from ledger.domain.events import DrawMade
from ledger.domain.terms import Allocation, Period, Row
from tests.domain.dsl import (
    Story,
    day,
    drawn,
    given,
    joining,
    moved,
    opened,
    paid,
    penalised,
    recorded,
)


def line(amount: int = 900_00, **terms: Any) -> DrawMade:
    """A draw that others may join, each spread over what is still to come."""
    return drawn(amount, over=3, **({"draw_spread": "each_draw_level"} | terms))


def with_second(first: DrawMade, amount: int, on: str) -> Story:
    """The first draw and one that joins it."""
    return given(opened(), first, joining(amount, on=on, draw="D-2", joins=first))


# --- several draws -------------------------------------------------------------------------------


def test_each_later_draw_is_spread_over_what_falls_due_after_its_day() -> None:
    story = with_second(line(), 100_01, "2026-02-10")
    story.as_of("2026-02-09").shows(dues=[300_00, 300_00, 300_00])
    # 100.01 / 2 is 50.005, to the even cent 50.00; the last installment takes the rest.
    books = story.as_of("2026-02-10").shows(
        dues=[300_00, 350_00, 350_01], balances=[600_00, 350_01, 0], overdue=300_00
    )
    assert (books.draw().amount, books.draw().joined) == (1000_01, ("D-2",))
    assert [draw.draw_id for draw in books.state.draws] == ["D-1"]


def test_nothing_is_added_to_what_falls_due_on_the_day_of_a_later_draw() -> None:
    with_second(line(), 100_00, "2026-02-01").as_of("2026-02-01").shows(
        dues=[300_00, 350_00, 350_00], balances=[600_00, 350_00, 0]
    )


def test_the_schedule_may_be_that_of_the_sum() -> None:
    story = with_second(line(draw_spread="sum_then_level"), 300_00, "2026-02-01")
    story.as_of("2026-01-31").shows(dues=[300_00] * 3)
    story.as_of("2026-02-01").shows(dues=[400_00] * 3, balances=[800_00, 400_00, 0])


@pytest.mark.parametrize(
    ("spread", "dues", "balances"),
    [
        # A tenth of 200.00 is due at once, after the installment of that day; 180.00 is spread.
        (
            "each_draw_level",
            [100_00, 300_00, 20_00, 390_00, 390_00],
            [900_00, 600_00, 780_00, 390_00, 0],
        ),
        # What 1200.00 leave after down payments of 120.00 are three times 360.00.
        (
            "sum_then_level",
            [100_00, 20_00, 360_00, 360_00, 360_00],
            [900_00, 1080_00, 720_00, 360_00, 0],
        ),
    ],
)
def test_each_draw_has_its_down_payment(spread: str, dues: list[int], balances: list[int]) -> None:
    first = line(1000_00, draw_spread=spread, down_payment_percent="10")
    books = with_second(first, 200_00, "2026-02-01").as_of("2026-02-01")
    books.shows(dues=dues, balances=balances)
    numbers = [row.number for row in books.draw().installments]
    assert numbers == [1, 2, 3, 4, 5]


def test_money_and_charges_of_a_joined_draw_go_to_the_schedule_it_joined() -> None:
    story = with_second(line(), 100_00, "2026-02-10")
    story.when(paid(300_00, on="2026-02-12", toward="D-2"))
    story.when(penalised(5_00, on="2026-02-20", draw="D-2"))
    books = story.as_of("2026-02-20").shows(draw="D-2", rows=[0, 355_00, 350_00])
    assert books.split("2026-02-12") == {"principal": 300_00}


def test_credit_pays_a_draw_that_joins_on_the_day_it_is_made() -> None:
    early = Allocation(in_advance=("penalty", "fee", "interest", "principal"))
    first = line(allocation=early)
    story = given(opened(), first, paid(950_00, on="2026-01-05"))
    story.as_of("2026-01-05").shows(outstanding=0, credit=50_00)
    story.when(joining(90_00, on="2026-01-10", draw="D-2", joins=first))
    books = story.as_of("2026-01-10").shows(rows=[0, 10_00, 30_00], credit=0)
    assert books.split("2026-01-05") == {"principal": 950_00}


def test_a_back_dated_draw_takes_its_place_in_time() -> None:
    first = line()
    second = joining(60_00, on="2026-02-10", draw="D-2", joins=first)
    third = joining(30_00, on="2026-01-10", draw="D-3", joins=first)
    story = given(opened(), first, second, recorded("2026-02-20", third))
    story.as_of("2026-02-20").shows(dues=[310_00, 340_00, 340_00])
    story.as_of("2026-02-20", known="2026-02-19").shows(dues=[300_00, 330_00, 330_00])


# --- due dates moved -----------------------------------------------------------------------------


def test_later_due_dates_follow_at_the_normal_distance() -> None:
    story = given(opened(), line(), moved("2026-03-01", "2026-03-31", on="2026-02-10"))
    story.as_of("2026-02-09").shows(due_dates=["2026-02-01", "2026-03-01", "2026-04-01"])
    books = story.as_of("2026-02-10").shows(
        due_dates=["2026-02-01", "2026-03-31", "2026-04-30"], dues=[300_00] * 3, overdue=300_00
    )
    rows = books.draw().installments
    assert [row.moved_from for row in rows] == [None, day("2026-03-01"), day("2026-04-01")]


def test_weeks_follow_by_weeks_and_rows_by_their_own_distance() -> None:
    weekly = line(period=Period(1, "week"))
    given(opened(), weekly, moved("2026-02-08", "2026-02-10", on="2026-01-10")).as_of(
        "2026-01-10"
    ).shows(due_dates=["2026-02-01", "2026-02-10", "2026-02-17"])
    rows = (Row(day("2026-02-01"), 1_00), Row(day("2026-02-09"), 1_00), Row(day("2026-02-12"), 1))
    agreed = drawn(2_01, over=0, method="explicit", first_due_on=None, rows=rows)
    given(opened(), agreed, moved("2026-02-09", "2026-02-20", on="2026-01-10")).as_of(
        "2026-01-10"
    ).shows(due_dates=["2026-02-01", "2026-02-20", "2026-02-23"])


def test_what_is_moved_is_no_longer_overdue() -> None:
    story = given(opened(), line())
    story.as_of("2026-02-10").shows(days_late=9, overdue=300_00)
    story.when(moved("2026-02-01", "2026-03-01", on="2026-02-10"))
    story.as_of("2026-02-09").shows(days_late=8, overdue=300_00)
    story.as_of("2026-02-10").shows(days_late=0, overdue=0, status="current", next_due="2026-03-01")
    story.as_of("2026-03-02").shows(days_late=1, overdue=300_00)


def test_money_that_came_before_waits_as_credit_for_the_new_day() -> None:
    story = given(opened(), line(), paid(100_00, on="2026-02-01"))
    story.when(moved("2026-02-01", "2026-03-01", on="2026-02-10"))
    story.as_of("2026-02-10").shows(rows=[300_00] * 3, credit=100_00)
    story.as_of("2026-03-01").shows(rows=[200_00, 300_00, 300_00], credit=0)


def test_a_charge_lies_in_the_period_as_it_was_moved() -> None:
    after_the_end = penalised(10_00, on="2026-01-05", due="2026-04-15")
    story = given(opened(), line(), after_the_end)
    story.as_of("2026-01-05").shows(dues=[300_00, 300_00, 300_00, 10_00])
    story.when(moved("2026-04-01", "2026-05-01", on="2026-01-06"))
    story.as_of("2026-01-06").shows(dues=[300_00, 300_00, 310_00])


def test_a_due_date_is_moved_twice() -> None:
    story = given(opened(), line(), moved("2026-02-01", "2026-02-10", on="2026-01-05"))
    story.when(moved("2026-02-10", "2026-02-01", on="2026-01-06"))
    books = story.as_of("2026-01-06")
    books.shows(due_dates=["2026-02-01", "2026-03-01", "2026-04-01"])
    assert [row.moved_from for row in books.draw().installments] == [None] * 3


def test_moving_to_the_same_day_is_nothing_to_do() -> None:
    given(opened(), line()).when(moved("2026-02-01", "2026-02-01", on="2026-01-05")).then()


def test_a_later_draw_is_spread_over_the_due_dates_as_moved() -> None:
    story = with_second(line(), 100_00, "2026-03-10")
    story.as_of("2026-03-10").shows(dues=[300_00, 300_00, 400_00])
    story.when(moved("2026-03-01", "2026-03-20", on="2026-03-10"))
    story.as_of("2026-03-10").shows(
        dues=[300_00, 350_00, 350_00], due_dates=["2026-02-01", "2026-03-20", "2026-04-20"]
    )
