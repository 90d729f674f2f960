"""Write-offs and cancellations that were a mistake: the books are as if they had never been."""

from dataclasses import replace
from datetime import date

from hypothesis import assume
from hypothesis import given as forall

from app.explanation import explain
from ledger.assessing import assessed
from ledger.codec import decode, encode
from ledger.domain.rejections import Code, Rejection
from ledger.domain.state import AccountState
from ledger.domain.terms import LateFee
from ledger.replay import outcome_of, replay
from tests.domain.dsl import (
    Story,
    closed,
    day,
    drawn,
    given,
    joining,
    opened,
    paid,
    recorded,
    refunded,
    waived,
)
from tests.domain.endings import (
    cancellation_undone,
    cancelled,
    write_off_undone,
    written_off,
)
from tests.domain.pages import journal, page
from tests.domain.test_laws import ASKED, DATES, histories

LOAN = (opened(), drawn(900_00, over=3))
GIVEN_UP = (*LOAN, written_off(on="2026-03-15"))
ANNULLED = (*LOAN, paid(300_00, on="2026-02-01"), cancelled(on="2026-02-10"))


# --- write-offs ----------------------------------------------------------------------------------


def test_the_debt_is_back_and_overdue_since_its_due_dates() -> None:
    """15 March: 600.00 are overdue, the first 300.00 since 1 February, 42 days."""
    story = given(*GIVEN_UP).when(recorded("2026-04-10", write_off_undone("2026-03-15")))
    story.as_of("2026-03-15").shows(
        status="overdue", overdue=600_00, days_past_due=42, outstanding=900_00, written_off=0
    )
    # What the books knew before they learnt of the mistake is what they said then.
    story.as_of("2026-03-15", known="2026-04-09").shows(status="written_off", written_off=900_00)


def test_a_reversal_may_count_from_a_later_day_only() -> None:
    story = given(*GIVEN_UP, write_off_undone("2026-03-15", since="2026-04-10"))
    story.as_of("2026-04-09").shows(status="written_off", outstanding=0, changes="2026-04-10")
    story.as_of("2026-04-10").shows(status="overdue", overdue=900_00, risk="special_mention")


def test_what_came_in_meanwhile_was_a_payment_and_no_recovery() -> None:
    story = given(*GIVEN_UP, paid(310_00, on="2026-03-20"), write_off_undone("2026-03-15"))
    books = story.as_of("2026-03-20").shows(rows=[0, 290_00, 300_00], written_off=0, credit=0)
    assert books.split("2026-03-20") == {"principal": 310_00}


def test_the_journal_never_had_the_expense_nor_the_recovery() -> None:
    story = given(*GIVEN_UP, paid(310_00, on="2026-03-20"))
    story.when(recorded("2026-04-10", write_off_undone("2026-03-15")))
    assert journal(story, "2026-04-10", since="2026-03-02") == page("""
        2026-03-20 payment P-2026-03-20
          assets:cash                              310.00
          assets:receivable:principal    D-1/1    -300.00
          assets:receivable:principal    D-1/2     -10.00
    """)
    assert "income:recovery" in journal(story, "2026-04-10", known="2026-04-09")


def test_a_draw_is_written_off_again_under_an_id_of_its_own() -> None:
    story = given(*GIVEN_UP, write_off_undone("2026-03-15"))
    again = replace(written_off(on="2026-06-01", principal=500_00), write_off_id="V-2")
    assert (again.key, GIVEN_UP[-1].key) == ("write_off:D-1:V-2", "write_off:D-1")
    story.when(again).then(again)
    story.as_of("2026-06-01").shows(written_off=500_00, outstanding=400_00)
    third = replace(again, write_off_id="V-3", effective_on=day("2026-06-02"))
    story.when(third).then(Code.DRAW_ALREADY_WRITTEN_OFF)
    story.when(write_off_undone("2026-06-02", own_id="V-2")).when(third).then(third)


def test_of_draws_that_share_a_schedule_the_one_that_the_write_off_named_is_named() -> None:
    line = drawn(900_00, over=3, draw_spread="each_draw_level")
    second = joining(100_00, on="2026-02-10", draw="D-2", joins=line)
    story = given(opened(), line, second, written_off(on="2026-03-15", draw="D-2"))
    story.when(write_off_undone("2026-03-15")).then(Code.WRITE_OFF_UNKNOWN)
    story.when(write_off_undone("2026-03-15", draw="D-2"))
    story.as_of("2026-03-15").shows(outstanding=1000_00, written_off=0)


def test_an_account_that_was_closed_over_a_mistake_owes_again() -> None:
    story = given(*GIVEN_UP, closed("2026-03-16"), write_off_undone("2026-03-15"))
    story.as_of("2026-03-16").shows(outstanding=900_00)


def test_penalties_that_were_not_charged_meanwhile_are_called_for_again() -> None:
    """The fee of February was written off; in March nothing was owed, and no fee incurred."""
    fee = LateFee(amount=5_00, dated="first_overdue_day")
    story = given(opened(), drawn(900_00, over=3, late_fee=fee), written_off(on="2026-02-15"))
    story.assessed("2026-03-10").as_of("2026-03-10").shows(written_off=905_00)
    story.when(recorded("2026-03-10", write_off_undone("2026-02-15")))
    called = assessed(story.facts, day("2026-03-10")).events
    assert [(one.effective_on, getattr(one, "amount", 0)) for one in called] == [
        (day("2026-03-02"), 5_00)
    ]


# --- cancellations -------------------------------------------------------------------------------


def test_a_cancelled_draw_stands_again_and_its_money_has_paid_it() -> None:
    story = given(*ANNULLED)
    story.as_of("2026-02-10").shows(status="cancelled", outstanding=0, credit=300_00)
    story.when(recorded("2026-03-05", cancellation_undone("2026-02-10")))
    story.as_of("2026-02-10").shows(status="current", rows=[0, 300_00, 300_00], credit=0)
    story.as_of("2026-03-05").shows(status="overdue", overdue=300_00, days_past_due=4)
    story.as_of("2026-03-05", known="2026-03-04").shows(status="cancelled", credit=300_00)


def test_credit_that_was_given_back_meanwhile_was_lent() -> None:
    """200.00 went out on 20 February; the 300.00 are no credit any more, so 200.00 are owed."""
    story = given(*ANNULLED, refunded(200_00, on="2026-02-20"), cancellation_undone("2026-02-10"))
    story.as_of("2026-02-20").shows(rows=[0, 500_00, 300_00], credit=0)


def test_a_draw_is_cancelled_again_and_meanwhile_takes_what_draws_take() -> None:
    story = given(*ANNULLED).when(waived(1_00, on="2026-02-11", of="principal"))
    story.then(Code.WAIVER_EXCEEDS_DEBT)
    story.when(cancellation_undone("2026-02-10")).when(written_off(on="2026-02-12"))
    assert not isinstance(story.answer, Rejection)
    story.when(replace(cancelled(on="2026-02-20"), cancellation_id="N-2"))
    story.as_of("2026-02-20").shows(status="cancelled", written_off=0, credit=300_00)
    story.when(cancellation_undone("2026-02-20", own_id="N-2"))
    story.as_of("2026-02-20").shows(status="written_off", written_off=600_00)


# --- how it is told ------------------------------------------------------------------------------


def test_the_explanation_says_that_it_was_reversed() -> None:
    story = given(*GIVEN_UP, replace(write_off_undone("2026-03-15"), reason="another account"))
    story.when(cancelled(on="2026-03-16")).when(cancellation_undone("2026-03-16"))
    told = explain("A-1", story.facts, day("2026-03-20"))
    assert [one.sentence for one in told.happenings][2:] == [
        "draw D-1 written off: nothing, for it was reversed",
        "reversal VR-2026-03-15: the write-off of draw D-1 is as if it had never been"
        " (another account)",
        "draw D-1 cancelled: nothing, for it was reversed",
        "reversal NR-2026-03-16: the cancellation of draw D-1 is as if it had never been",
    ]


def test_what_was_stored_before_there_were_ids_reads_as_it_did() -> None:
    old = b'{"draw_id":"D-1","reason":""}'
    assert encode(decode("draw.written_off", day("2026-03-15"), old)) == old
    assert decode("draw.cancelled", day("2026-03-15"), old).key == "cancellation:D-1"


# --- laws ----------------------------------------------------------------------------------------


def timeless(state: AccountState) -> AccountState:
    """The state without facts to come."""
    return replace(state, changes_on=None)


def undone(story: Story, on: str) -> None:
    """What was recorded last, a write-off or a cancellation, is reversed from its own day."""
    ending = story.facts[-1].event
    assume(ending.TOPIC in ("draw.written_off", "draw.cancelled"))
    own_id = {"own_id": "last"}
    if ending.TOPIC == "draw.written_off":
        story.when(write_off_undone(on, **own_id))
    else:
        story.when(cancellation_undone(on, **own_id))
    assert not isinstance(story.answer, Rejection), story.answer


@forall(histories(), DATES, ASKED)
def test_an_ending_reversed_from_its_own_day_never_was(story: Story, on: str, as_of: date) -> None:
    before = outcome_of(story.facts, as_of)
    story.when(replace(written_off(on=on), write_off_id="last"))
    if isinstance(story.answer, Rejection):
        story.when(replace(cancelled(on=on), cancellation_id="last"))
    assume(not isinstance(story.answer, Rejection))
    undone(story, on)
    after = outcome_of(story.facts, as_of)
    assert timeless(after.state) == timeless(before.state)
    assert after.journal == before.journal


@forall(histories(), DATES, DATES, ASKED)
def test_before_the_day_of_its_reversal_an_ending_stands(
    story: Story, one: str, other: str, as_of: date
) -> None:
    on, since = sorted((one, other))
    story.when(replace(written_off(on=on), write_off_id="last"))
    assume(not isinstance(story.answer, Rejection) and as_of < day(since))
    before = replay(story.facts, as_of)
    story.when(write_off_undone(on, since=since, own_id="last"))
    assert timeless(replay(story.facts, as_of)) == timeless(before)
