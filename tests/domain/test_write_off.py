"""Debt that is written off: out of the books, still claimed, and recovered apart."""

from datetime import date

from hypothesis import assume, settings
from hypothesis import given as forall

from app.explanation import explain
from ledger.domain.rejections import Code, Rejection
from ledger.domain.state import AccountState, Accruing
from ledger.replay import replay
from tests.domain.dsl import (
    Story,
    day,
    drawn,
    given,
    opened,
    paid,
    penalised,
    recorded,
    voided,
    waived,
)
from tests.domain.endings import written_off
from tests.domain.test_laws import ASKED, DATES, histories

LOAN = (opened(limit=1200_00), drawn(900_00, over=3))
GIVEN_UP = (*LOAN, penalised(5_00, on="2026-02-10"), written_off(on="2026-06-01"))


def test_all_that_is_owed_leaves_the_books_and_is_overdue_no_more() -> None:
    story = given(*GIVEN_UP)
    story.as_of("2026-05-31").shows(status="overdue", overdue=905_00, outstanding=905_00)
    story.as_of("2026-06-01").shows(
        status="written_off", overdue=0, outstanding=0, written_off=905_00, days_late=0,
        statuses=["written_off"] * 3, changes=None,
    )  # fmt: skip


def test_money_that_comes_later_is_a_recovery_kept_apart() -> None:
    story = given(*GIVEN_UP, paid(310_00, on="2026-07-01"))
    books = story.as_of("2026-07-01").shows(written_off=595_00, outstanding=0, credit=0)
    assert books.split("2026-07-01") == {"recovered": 310_00}
    # The order is that of what is past due: the penalty lies on the second installment.
    assert [row.recovered for row in books.draw().installments] == [
        (0, 0, 0, 300_00), (5_00, 0, 0, 5_00), (0, 0, 0, 0),
    ]  # fmt: skip
    assert [row.paid for row in books.draw().installments] == [(0, 0, 0, 0)] * 3


def test_a_debt_recovered_altogether_is_settled_and_the_rest_is_credit() -> None:
    story = given(*GIVEN_UP, paid(1000_00, on="2026-07-01"))
    books = story.as_of("2026-07-01").shows(status="settled", written_off=0, credit=95_00)
    assert books.split("2026-07-01") == {"recovered": 905_00, "credit": 95_00}


def test_credit_that_is_held_recovers_at_once() -> None:
    story = given(opened(), drawn(900_00, over=3), paid(350_00, on="2026-02-01"))
    story.when(written_off(on="2026-02-15"))
    books = story.as_of("2026-02-15").shows(written_off=550_00, credit=0)
    assert books.split("2026-02-01") == {"principal": 300_00, "recovered": 50_00}


def test_a_part_that_is_written_off_leaves_the_rest_overdue() -> None:
    story = given(*LOAN, written_off(on="2026-05-01", principal=400_00))
    story.as_of("2026-05-01").shows(
        status="overdue", outstanding=500_00, overdue=500_00, written_off=400_00,
        statuses=["written_off", "overdue", "overdue"], overdue_since="2026-03-01",
    )  # fmt: skip
    story.when(paid(600_00, on="2026-05-02"))
    books = story.as_of("2026-05-02").shows(status="written_off", written_off=300_00)
    assert books.split("2026-05-02") == {"principal": 500_00, "recovered": 100_00}


def test_debt_in_the_books_is_served_before_what_was_written_off() -> None:
    other = drawn(200_00, over=2, draw="D-2", on="2026-06-10", first_due_on=day("2026-07-10"))
    story = given(*GIVEN_UP, other, paid(150_00, on="2026-07-10"))
    books = (
        story.as_of("2026-07-10").shows(draw="D-2", outstanding=100_00).shows(written_off=855_00)
    )
    assert books.split("2026-07-10") == {"principal": 100_00, "recovered": 50_00}


def test_a_payment_for_another_draw_recovers_with_what_it_leaves_over() -> None:
    other = drawn(200_00, over=2, draw="D-2", on="2026-06-10", first_due_on=day("2026-07-10"))
    story = given(*GIVEN_UP, other, paid(150_00, on="2026-07-10", toward="D-2"))
    books = story.as_of("2026-07-10").shows(written_off=855_00, credit=0)
    assert books.split("2026-07-10") == {"principal": 100_00, "recovered": 50_00}


def test_a_recovery_that_is_reversed_is_claimed_again() -> None:
    story = given(*GIVEN_UP, paid(310_00, on="2026-07-01"), voided("2026-07-01"))
    story.as_of("2026-07-01").shows(written_off=905_00, status="written_off")


def test_a_payment_from_before_found_later_makes_the_write_off_smaller() -> None:
    story = given(*GIVEN_UP).when(recorded("2026-08-01", paid(300_00, on="2026-02-01")))
    story.as_of("2026-06-01").shows(written_off=605_00, status="written_off")
    story.as_of("2026-06-01", known="2026-07-01").shows(written_off=905_00)


def test_a_named_amount_that_was_paid_after_all_is_cut_to_what_is_open() -> None:
    story = given(*LOAN, written_off(on="2026-06-01", principal=900_00))
    story.when(recorded("2026-08-01", paid(600_00, on="2026-02-01")))
    story.as_of("2026-06-01").shows(written_off=300_00, outstanding=0)


def test_what_was_written_off_still_takes_up_the_limit() -> None:
    more = drawn(300_01, draw="D-2", on="2026-06-10", first_due_on=day("2026-07-10"))
    given(*GIVEN_UP).when(more).then(Code.LIMIT_EXCEEDED)
    given(*GIVEN_UP, paid(10_00, on="2026-06-05")).when(more).then(more)


def test_nothing_is_left_to_waive_of_what_was_written_off() -> None:
    given(*GIVEN_UP).when(waived(1, on="2026-06-02")).then(Code.WAIVER_EXCEEDS_DEBT)


def test_the_refusals_say_what_was_asked_and_found() -> None:
    def message(story: Story) -> str:
        assert isinstance(story.answer, Rejection)
        return story.answer.message

    assert message(given(*LOAN).when(written_off(on="2026-06-01", principal=900_01))) == (
        "900.01 of principal was to be written off, 900.00 of it is owed on 2026-06-01"
    )
    assert message(given(*GIVEN_UP).when(written_off(on="2026-07-01", fee=1))) == (
        "draw D-1 was written off on 2026-06-01; what is owed since then can be waived, and a"
        " write-off that was a mistake be reversed"
    )


def test_it_is_told_in_the_explanation() -> None:
    story = given(*GIVEN_UP, paid(310_00, on="2026-07-01"))
    told = explain("A-1", story.facts, day("2026-07-01"))
    assert [one.sentence for one in told.happenings][3:] == [
        "draw D-1 written off: 5.00 penalty + 900.00 principal",
        "payment P-2026-07-01 of 310.00: 300.00 principal of installment 1 (recovered),"
        " 5.00 penalty + 5.00 principal of installment 2 (recovered)",
    ]
    assert [one.outstanding for one in told.happenings] == [0, 900_00, 905_00, 0, 0]
    [draw] = told.draws
    assert [row.why for row in draw.standings] == [
        "settled on 2026-07-01",
        "of 305.00 written off 10.00 came in",
        "of 300.00 written off 0.00 came in",
    ]
    assert draw.overdue == (
        "nothing is late on 2026-07-01: the draw is written off, 0 days past due",
    )


@settings(deadline=None)
@forall(histories(), DATES)
def test_a_write_off_moves_debt_and_no_money(story: Story, on: str) -> None:
    before = replay(story.facts, day(on))
    assume(not isinstance(story.when(written_off(on=on)).answer, Rejection))
    after = replay(story.facts, day(on))
    draw = after.draw("D-1")
    assert draw is not None
    assert sum(draw.outstanding) == 0
    used = before.credit_balance - after.credit_balance
    assert used >= 0
    # Interest that accrues is claimed up to the day, and not for days to come.
    is_fixed = not isinstance(draw.accrual, Accruing)
    assert _claimed(before) - _claimed(after) >= used
    assert not is_fixed or _claimed(before) - _claimed(after) == used


def _claimed(state: AccountState) -> int:
    return sum(state.outstanding) + sum(state.written_off)


@settings(deadline=None)
@forall(histories(), ASKED)
def test_no_credit_is_held_beside_a_claim(story: Story, as_of: date) -> None:
    state = replay(story.facts, as_of)
    assert not (state.credit_balance and sum(state.written_off))
