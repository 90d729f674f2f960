"""When an installment is late, when it is overdue, and when that changes by time alone."""

from datetime import timedelta

import pytest

from ledger.domain.statement import bucket_of, installment_buckets, risk_class_of
from ledger.domain.terms import BUCKETS_BY_MONTH, Bucket, Delinquency
from tests.domain.dsl import day, drawn, given, opened, paid, paused
from tests.domain.endings import written_off

LOAN = (opened(), drawn(900_00, over=3))


def test_the_due_date_itself_is_not_late() -> None:
    story = given(*LOAN)
    story.as_of("2026-01-31").shows(status="current", statuses=["upcoming"] * 3)
    story.as_of("2026-02-01").shows(
        status="current",
        statuses=["due", "upcoming", "upcoming"],
        days_late=0,
        next_due="2026-02-01",
    )
    story.as_of("2026-02-02").shows(
        status="overdue", statuses=["overdue", "upcoming", "upcoming"], days_late=1, overdue=300_00
    )


def test_days_count_from_the_oldest_unpaid_due_date() -> None:
    story = given(*LOAN, paid(300_00, on="2026-03-10"))
    story.as_of("2026-03-09").shows(days_late=36, days_past_due=36, overdue=600_00, bucket="M2")
    story.as_of("2026-03-10").shows(
        days_late=9, days_past_due=9, overdue=300_00, bucket="M1", overdue_since="2026-03-01"
    )


def test_a_part_payment_does_not_stop_the_days() -> None:
    given(*LOAN, paid(299_99, on="2026-02-10")).as_of("2026-02-20").shows(overdue=1, days_late=19)


def test_within_grace_it_is_late_but_not_overdue() -> None:
    story = given(opened(), drawn(300_00, delinquency=Delinquency(grace_days=3)))
    story.as_of("2026-02-04").shows(
        status="within_grace", days_late=3, days_past_due=0, late=300_00, overdue=0, bucket=None,
        late_since="2026-02-01", overdue_since=None, statuses=["late"],
    )  # fmt: skip
    story.as_of("2026-02-05").shows(status="overdue", days_late=4, days_past_due=4, overdue=300_00)


def test_grace_is_for_each_installment() -> None:
    story = given(opened(), drawn(900_00, over=3, delinquency=Delinquency(grace_days=5)))
    story.as_of("2026-03-03").shows(
        statuses=["overdue", "late", "upcoming"], overdue=300_00, late=600_00, days_past_due=30
    )


def test_up_to_the_tolerance_it_is_late_but_not_overdue() -> None:
    loan = (opened(), drawn(300_00, delinquency=Delinquency(tolerance=1_00)))
    given(*loan, paid(299_00, on="2026-02-01")).as_of("2026-02-10").shows(
        status="below_tolerance", days_late=9, days_past_due=0, late=1_00, overdue=0
    )
    given(*loan, paid(298_99, on="2026-02-01")).as_of("2026-02-10").shows(
        status="overdue", days_past_due=9, overdue=1_01
    )


def test_overdue_days_skip_an_older_installment_below_the_tolerance() -> None:
    loan = drawn(900_00, over=3, delinquency=Delinquency(tolerance=1_00))
    books = given(opened(), loan, paid(299_50, on="2026-02-01")).as_of("2026-03-05")
    books.shows(days_late=32, days_past_due=4, late=300_50, overdue=300_00)


def test_the_first_day_may_be_the_due_date_itself() -> None:
    story = given(opened(), drawn(300_00, delinquency=Delinquency(day_one="due_date")))
    story.as_of("2026-01-31").shows(days_late=0, status="current")
    story.as_of("2026-02-01").shows(days_late=1, days_past_due=1, status="overdue", overdue=300_00)
    story.when(paid(300_00, on="2026-02-01"))
    story.as_of("2026-02-01").shows(days_late=0, status="settled")


@pytest.mark.parametrize(
    ("days", "name"),
    [(1, "M1"), (30, "M1"), (31, "M2"), (90, "M3"), (180, "M6"), (181, "M7+"), (9999, "M7+")],
)
def test_buckets_by_month(days: int, name: str) -> None:
    assert bucket_of(days, BUCKETS_BY_MONTH) == name


@pytest.mark.parametrize(
    ("days", "tier"),
    [
        (0, "normal"), (1, "special_mention"), (90, "special_mention"), (91, "substandard"),
        (270, "substandard"), (271, "doubtful"), (360, "doubtful"), (361, "loss"), (9999, "loss"),
    ],
)  # fmt: skip
def test_five_tiers_of_risk_by_days_past_due(days: int, tier: str) -> None:
    assert risk_class_of(days, Delinquency()) == tier


def test_the_tier_is_that_of_the_day() -> None:
    story = given(opened(), drawn(300_00))
    for on, tier in (
        ("2026-02-01", "normal"), ("2026-02-02", "special_mention"),
        ("2026-05-02", "special_mention"), ("2026-05-03", "substandard"),
        ("2026-10-30", "doubtful"), ("2027-01-28", "loss"),
    ):  # fmt: skip
        story.as_of(on).shows(risk=tier)


def test_a_lender_has_a_table_of_tiers_of_its_own() -> None:
    tiers = (Bucket("watch", 1, 29), Bucket("bad", 30))
    story = given(opened(), drawn(300_00, delinquency=Delinquency(risk_classes=tiers)))
    story.as_of("2026-03-02").shows(days_past_due=29, risk="watch")
    story.as_of("2026-03-03").shows(days_past_due=30, risk="bad")


def test_a_tier_counts_all_days_once_the_grace_is_over() -> None:
    story = given(opened(), drawn(300_00, delinquency=Delinquency(grace_days=95)))
    story.as_of("2026-05-07").shows(days_late=95, status="within_grace", risk="normal")
    story.as_of("2026-05-08").shows(days_past_due=96, delinquent_days=1, risk="substandard")


def test_what_is_written_off_is_a_loss_until_it_came_in() -> None:
    story = given(opened(), drawn(300_00), written_off(on="2026-02-10"))
    story.as_of("2026-02-10").shows(risk="loss")
    story.when(paid(300_00, on="2026-02-11")).as_of("2026-02-11").shows(risk="normal")


def test_grace_shifts_the_bucket_and_not_the_days() -> None:
    story = given(opened(), drawn(300_00, delinquency=Delinquency(grace_days=5)))
    story.as_of("2026-03-08").shows(days_past_due=35, delinquent_days=30, bucket="M1")
    books = story.as_of("2026-03-09")
    books.shows(days_past_due=36, delinquent_days=31, bucket="M2")
    assert books.draw().delinquent_since == day("2026-02-06")
    # Installments are sorted by their own days, whatever the grace.
    assert installment_buckets(story.as_of("2026-03-08").draw()) == {"M2": 300_00}


def test_installments_are_sorted_only_once_the_draw_is_overdue() -> None:
    story = given(opened(), drawn(900_00, over=3, delinquency=Delinquency(grace_days=5)))
    assert installment_buckets(story.as_of("2026-02-06").draw()) == {}
    # On 3 March the second one is two days late, and within its own grace.
    assert installment_buckets(story.as_of("2026-03-03").draw()) == {"M1": 600_00}


def test_days_of_a_pause_do_not_age_but_run_on() -> None:
    story = given(*LOAN, paused("2026-02-11", "2026-02-21"))
    story.as_of("2026-02-11").shows(days_late=10, delinquent_days=10)
    story.as_of("2026-02-21").shows(days_late=20, days_past_due=20, delinquent_days=10)
    story.as_of("2026-03-13").shows(days_late=40, delinquent_days=30, bucket="M1")
    story.as_of("2026-03-14").shows(days_late=41, delinquent_days=31, bucket="M2")


def test_a_pause_from_before_the_due_date_keeps_it_from_being_overdue() -> None:
    story = given(*LOAN, paused("2026-01-27", "2026-02-06"))
    for on in ("2026-02-02", "2026-02-06", "2026-02-11"):
        story.as_of(on).shows(status="paused", days_past_due=0, overdue=0, late=300_00, bucket=None)
    story.as_of("2026-02-11").shows(days_late=10, changes="2026-02-12")
    story.as_of("2026-02-12").shows(status="overdue", days_past_due=11, delinquent_days=1)


def test_a_pause_spares_the_draw_it_names() -> None:
    second = drawn(50_00, draw="D-2")
    books = given(*LOAN, second, paused("2026-01-27", "2026-02-06", draw="D-2")).as_of("2026-02-05")
    books.shows(status="overdue", overdue=300_00)
    books.shows(draw="D-2", status="paused", overdue=0)


def test_days_outside_every_bucket_have_no_name() -> None:
    assert bucket_of(5, (Bucket("early", 1, 3), Bucket("later", 10))) is None


def test_time_alone_changes_the_state() -> None:
    story = given(*LOAN)
    story.as_of("2026-01-10").shows(changes="2026-02-01")
    story.as_of("2026-02-01").shows(changes="2026-02-02")
    story.as_of("2026-02-20").shows(changes="2026-02-21")


def test_a_settled_account_changes_no_more() -> None:
    story = given(*LOAN, paid(900_00, on="2026-01-10"))
    story.as_of("2026-01-10").shows(changes="2026-02-01", credit=900_00)
    story.as_of("2026-04-01").shows(changes=None, status="settled", credit=0)


def test_a_known_fact_of_a_later_day_is_a_change() -> None:
    given(*LOAN, paid(5_00, on="2026-01-20")).as_of("2026-01-10").shows(changes="2026-01-20")


def test_two_draws_are_overdue_each_for_itself() -> None:
    second = drawn(50_00, draw="D-2", on="2026-01-15", first_due_on=day("2026-02-15"))
    books = given(opened(), drawn(300_00), second).as_of("2026-02-10")
    books.shows(overdue=300_00, days_late=9)
    books.shows(draw="D-2", overdue=0, days_late=0, status="current")
    assert books.state.overdue_total == 300_00


def test_nothing_is_late_before_the_draw() -> None:
    story = given(*LOAN)
    before = story.as_of((day("2026-01-01") - timedelta(days=1)).isoformat()).state
    assert (before.draws, before.is_open) == ((), False)
    assert before.changes_on == day("2026-01-01")


def test_the_last_day_of_the_calendar_can_be_asked_for() -> None:
    given(*LOAN).as_of("9999-12-31").shows(changes=None, overdue=900_00)
