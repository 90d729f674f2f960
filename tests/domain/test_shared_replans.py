"""Repaying early, and agreeing anew, where several draws are repaid by one schedule.

900.00 of D-1 over three months and 100.00 of D-2 over the last two of them, unless a test says
otherwise: 300.00, 350.00 and 350.00 fall due.
"""

from typing import Any

import pytest

from app.explanation import explain
from ledger.domain.quote import settle_quote
from ledger.domain.rejections import Code, Rejection
from ledger.domain.terms import Delinquency
from tests.domain.dsl import (
    Story,
    bounced,
    day,
    drawn,
    given,
    joining,
    moved,
    opened,
    paid,
    penalised,
    prepaid,
    recorded,
    restructured,
    settled,
)
from tests.domain.endings import goods_back
from tests.domain.pages import journal, page

LINE = drawn(900_00, over=3, draw_spread="each_draw_level")
SECOND = joining(100_00, on="2026-02-10", draw="D-2", joins=LINE)
FIRST = paid(300_00, on="2026-02-01")


def both(*facts: Any, **terms: Any) -> Story:
    """The two draws, with the first installment paid."""
    line = drawn(900_00, over=3, **({"draw_spread": "each_draw_level"} | terms))
    second = joining(100_00, on="2026-02-10", draw="D-2", joins=line)
    return given(opened(), line, FIRST, second, *facts)


# --- settling ------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["D-1", "D-2"])
def test_whichever_draw_is_named_all_that_share_the_schedule_are_settled(named: str) -> None:
    story = both(penalised(5_00, on="2026-02-12", draw="D-2"))
    quote = settle_quote(story.state_on, named, day("2026-02-15"))
    assert (quote.draw_id, quote.joined) == ("D-1", ("D-2",))
    assert quote.amounts == (5_00, 0, 0, 600_00 + 100_00)
    assert (quote.unearned, quote.to_pay) == (0, 705_00)
    story.when(settled(705_00, on="2026-02-15", draw=named))
    story.as_of("2026-02-15").shows(status="settled", rows=[0, 0, 0], credit=0)


def test_before_a_draw_was_made_it_is_not_part_of_the_price() -> None:
    story = both()
    assert settle_quote(story.state_on, "D-1", day("2026-02-09")).to_pay == 600_00
    assert settle_quote(story.state_on, "D-1", day("2026-02-10")).to_pay == 700_00


def test_too_little_money_for_all_of_them_is_refused() -> None:
    story = both().when(settled(699_99, on="2026-02-15", draw="D-2")).then(Code.SETTLEMENT_TOO_LOW)
    assert isinstance(story.answer, Rejection)
    assert "takes 700.00; 699.99 was paid" in story.answer.message


def test_a_settlement_taken_back_was_never_there() -> None:
    story = both(settled(700_00, on="2026-02-15"), bounced("2026-02-15", since="2026-03-05"))
    story.as_of("2026-03-04").shows(status="settled")
    story.as_of("2026-03-05").shows(rows=[0, 350_00, 350_00], overdue=350_00, days_past_due=4)


# --- prepaying -----------------------------------------------------------------------------------


def test_a_lower_plan_spreads_what_is_left_of_all_draws_evenly() -> None:
    """700.00 - 200.01 = 499.99 over two months is 250.00 and, what is left, 249.99."""
    story = both(prepaid(200_01, on="2026-02-15", draw="D-2"))
    books = story.as_of("2026-02-15").shows(rows=[0, 250_00, 249_99], credit=0)
    # Repaid early is principal of the next installment, where it stands as paid in advance.
    assert [row.owed[3] for row in books.draw().installments] == [300_00, 450_01, 249_99]
    books.shows(balances=[600_00, 249_99, 0])


def test_a_shorter_plan_strikes_the_last_installments() -> None:
    story = both(prepaid(400_00, on="2026-02-15", to="shorten"))
    story.as_of("2026-02-15").shows(
        rows=[0, 300_00], due_dates=["2026-02-01", "2026-03-01"], next_due="2026-03-01"
    )


def test_what_is_overdue_comes_first_and_only_the_rest_is_prepaid() -> None:
    story = given(opened(), LINE, SECOND, prepaid(500_00, on="2026-02-15"))
    books = story.as_of("2026-02-15").shows(rows=[0, 250_00, 250_00], overdue=0)
    assert [row.repaid_early for row in books.draw().installments] == [0, 200_00, 0]


def test_the_schedule_of_the_sum_is_lowered_as_one() -> None:
    """1,000.00 in three are 333.33, 333.33 and 333.34; 33.33 of the first was still to pay."""
    story = both(draw_spread="sum_then_level")
    story.as_of("2026-02-10").shows(rows=[33_33, 333_33, 333_34])
    story.when(prepaid(133_33, on="2026-02-15"))
    story.as_of("2026-02-15").shows(rows=[0, 283_34, 283_33])


def test_the_down_payment_of_a_later_draw_has_fallen_due_and_stays() -> None:
    """90.00 and 10.00 at once; 810.00 in three and 90.00 in two: 270.00, 315.00 and 315.00."""
    story = both(down_payment_percent="10")
    story.as_of("2026-02-10").shows(rows=[0, 60_00, 10_00, 315_00, 315_00])
    story.when(prepaid(70_00 + 30_00, on="2026-02-15"))
    story.as_of("2026-02-15").shows(rows=[0, 0, 0, 300_00, 300_00])


def test_due_dates_that_were_moved_stay_moved() -> None:
    story = both(moved("2026-03-01", "2026-03-20", on="2026-02-12"))
    story.when(prepaid(100_00, on="2026-02-15"))
    story.as_of("2026-02-15").shows(
        rows=[0, 300_00, 300_00], due_dates=["2026-02-01", "2026-03-20", "2026-04-20"]
    )


def test_after_a_refund_the_rest_is_planned_anew() -> None:
    """The merchant takes D-2 back: 350.00 and 250.00 are left, then 150.00 fewer, evenly."""
    story = both(goods_back(on="2026-02-12", draw="D-2"))
    story.as_of("2026-02-12").shows(rows=[0, 350_00, 250_00])
    story.when(prepaid(150_00, on="2026-02-15"))
    story.as_of("2026-02-15").shows(rows=[0, 225_00, 225_00])


# --- agreeing anew -------------------------------------------------------------------------------


def test_a_new_agreement_takes_in_what_is_unpaid_of_all_draws() -> None:
    story = given(opened(), LINE, SECOND)
    anew = restructured(
        on="2026-02-15", over=4, first_due="2026-03-15", draw="D-2", covers="all_unpaid",
        method="equal_principal", annual_rate="0.12", delinquency=Delinquency(grace_days=3),
    )  # fmt: skip
    books = story.when(anew).as_of("2026-02-15")
    # 1,000.00 over four months at 1 % a month; nothing of the old lines had been paid.
    books.shows(
        dues=[0, 260_00, 257_50, 255_00, 252_50], balances=[900_00, 750_00, 500_00, 250_00, 0]
    )
    books.shows(status="current", overdue=0)
    [done] = books.draw().restructurings
    assert (done.principal, done.overdue) == (1000_00, 300_00)
    assert books.draw("D-2").terms.delinquency.grace_days == 3


def test_an_extension_leaves_alone_what_has_fallen_due_and_can_be_prepaid() -> None:
    story = given(opened(), LINE, SECOND)
    story.when(restructured(on="2026-02-15", over=4, first_due="2026-03-15"))
    story.as_of("2026-02-15").shows(rows=[300_00, 175_00, 175_00, 175_00, 175_00])
    story.when(prepaid(300_00 + 100_00, on="2026-02-20", draw="D-2"))
    story.as_of("2026-02-20").shows(rows=[0, 150_00, 150_00, 150_00, 150_00])
    story.when(penalised(5_00, on="2026-02-21", installment=5, draw="D-2"))
    story.as_of("2026-02-21").shows(rows=[0, 150_00, 150_00, 150_00, 155_00])


# --- what is refused -----------------------------------------------------------------------------


def test_a_plan_is_not_changed_as_of_a_day_before_a_draw_was_put_on_it() -> None:
    for wish, code in (
        (settled(900_00, on="2026-02-09"), Code.INTENT_REFUSED),
        (prepaid(1_00, on="2026-02-09"), Code.INTENT_REFUSED),
        (restructured(on="2026-02-09", over=2, first_due="2026-03-09"), Code.RESTRUCTURE_REFUSED),
    ):
        story = both().when(recorded("2026-02-20", wish)).then(code)
        assert isinstance(story.answer, Rejection)
        assert story.answer.message == (
            "draw D-2 is repaid by the same schedule and was made on 2026-02-10; date this on that"
            " day or later"
        )


def test_a_plan_that_was_changed_takes_no_other_draw() -> None:
    story = both(prepaid(100_00, on="2026-02-15", draw="D-2"))
    story.when(joining(5_00, on="2026-02-20", draw="D-3", joins=LINE)).then(
        Code.TERMS_CONTRADICTORY
    )
    story = both(restructured(on="2026-02-15", over=2, first_due="2026-03-15", draw="D-2"))
    story.when(joining(5_00, on="2026-02-20", draw="D-3", joins=LINE)).then(
        Code.TERMS_CONTRADICTORY
    )
    story.when(moved("2026-03-15", "2026-03-20", on="2026-02-21")).then(Code.DUE_DATE_REFUSED)


def test_a_prepayment_that_bounced_stands_in_the_way_of_no_draw() -> None:
    """From 5 March on it was never there; before that, the plan had been changed by it."""
    story = both(prepaid(200_00, on="2026-02-15"), bounced("2026-02-15", since="2026-03-05"))
    third = joining(50_00, on="2026-03-05", draw="D-3", joins=LINE)
    early = joining(50_00, on="2026-03-04", draw="D-3", joins=LINE)
    story.when(early).then(Code.TERMS_CONTRADICTORY)
    story.when(third).then(third)
    story.as_of("2026-03-04").shows(rows=[0, 250_00, 250_00])
    story.as_of("2026-03-05").shows(rows=[0, 350_00, 400_00])


# --- how it is told and posted -------------------------------------------------------------------


def test_the_change_is_told_line_by_line() -> None:
    story = both(prepaid(200_00, on="2026-02-15", draw="D-2"))
    explained = explain("A-1", story.facts, day("2026-02-15"), draw_id="D-2")
    assert explained.happenings[-1].sentence == (
        "payment P-2026-02-15 of 200.00 to prepay and have lower installments: 200.00 principal of"
        " installment 2 of D-1; planned anew: installment 2 of D-1 +100.00 principal,"
        " installment 3 of D-1 -100.00 principal"
    )
    [draw] = explained.draws
    assert draw.course is not None
    assert [(line.number, line.principal, line.how) for line in draw.course.lines] == [
        (2, 250_00, "no interest; principal 250.00 of the 500.00 left"),
        (3, 250_00, "no interest; principal 250.00: all that is left"),
    ]


def test_a_prepayment_posts_what_it_moves_between_installments() -> None:
    story = both(prepaid(200_00, on="2026-02-15", draw="D-2"))
    assert journal(story, "2026-02-15", since="2026-02-15") == page("""
        2026-02-15 payment P-2026-02-15
          assets:cash                              200.00
          assets:receivable:principal    D-1/2    -100.00
          assets:receivable:principal    D-1/3    -100.00
    """)
