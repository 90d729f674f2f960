"""Payments taken back and payments recorded late: the past is recomputed, and never rewritten."""

from ledger.domain.events import AccountTierChanged
from ledger.domain.rejections import Code
from tests.domain.dsl import (
    bounced,
    closed,
    day,
    drawn,
    given,
    opened,
    paid,
    recorded,
    taken_back,
    voided,
)

LOAN = (opened(), drawn(900_00, over=3))
ON_TIME = paid(300_00, on="2026-02-01")


def test_a_void_payment_never_was() -> None:
    story = given(*LOAN, ON_TIME, recorded("2026-02-20", voided("2026-02-01")))
    story.as_of("2026-02-10").shows(overdue=300_00, days_late=9, overdue_since="2026-02-01")
    story.as_of("2026-02-10", known="2026-02-19").shows(overdue=0, status="current")


def test_a_payment_bounced_from_a_later_day_counts_until_then() -> None:
    story = given(*LOAN, ON_TIME, bounced("2026-02-01", since="2026-02-10"))
    story.as_of("2026-02-09").shows(overdue=0, changes="2026-02-10")
    story.as_of("2026-02-10").shows(overdue=300_00, days_late=9)


def test_a_part_of_a_payment_is_taken_back() -> None:
    story = given(*LOAN, ON_TIME, bounced("2026-02-01", since="2026-02-10", part=100_00))
    story.as_of("2026-02-09").shows(rows=[0, 300_00, 300_00])
    story.as_of("2026-02-10").shows(rows=[100_00, 300_00, 300_00], days_late=9)
    story.when(bounced("2026-02-01", since="2026-02-12"))
    story.as_of("2026-02-12").shows(rows=[300_00, 300_00, 300_00])
    story.when(bounced("2026-02-01", since="2026-02-13")).then(Code.PAYMENT_ALREADY_REVERSED)


def test_later_payments_are_spread_anew_without_the_reversed_one() -> None:
    second = paid(300_00, on="2026-03-01")
    story = given(*LOAN, ON_TIME, second, recorded("2026-03-05", voided("2026-02-01")))
    books = story.as_of("2026-03-05").shows(rows=[0, 300_00, 300_00], overdue=300_00, days_late=4)
    assert books.draw().installments[0].paid_late == 300_00


def test_credit_that_came_from_a_reversed_payment_is_gone() -> None:
    story = given(
        *LOAN, paid(450_00, on="2026-02-01"), recorded("2026-03-02", voided("2026-02-01"))
    )
    story.as_of("2026-03-02").shows(credit=0, overdue=600_00)
    story.as_of("2026-03-02", known="2026-03-01").shows(credit=0, overdue=150_00)


def test_money_taken_back_reverses_the_latest_payments_first() -> None:
    story = given(*LOAN, ON_TIME, paid(200_00, on="2026-03-01")).when(
        taken_back(250_00, on="2026-03-10")
    )
    story.then(
        bounced("P-2026-03-01", since="2026-03-10", part=200_00),
        bounced("P-2026-02-01", since="2026-03-10", part=50_00),
    )
    story.as_of("2026-03-10").shows(rows=[50_00, 300_00, 300_00])


def test_money_taken_back_leaves_later_payments_alone() -> None:
    story = given(*LOAN, ON_TIME, paid(200_00, on="2026-03-01"))
    story.when(taken_back(100_00, on="2026-02-15")).then(
        bounced("P-2026-02-01", since="2026-02-15", part=100_00)
    )
    story.when(taken_back(201_00, on="2026-02-15")).then(Code.REVERSAL_EXCEEDS_PAYMENTS)


def test_a_back_dated_payment_changes_yesterday_as_known_today_only() -> None:
    story = given(*LOAN, recorded("2026-02-10", ON_TIME))
    story.as_of("2026-02-09").shows(overdue=0)
    story.as_of("2026-02-09", known="2026-02-09").shows(overdue=300_00, days_late=8)
    story.as_of("2026-02-09", known="2026-02-10").shows(overdue=0)


def test_all_the_rest_may_be_taken_back_from_before_a_part_was() -> None:
    story = given(*LOAN, ON_TIME, bounced("2026-02-01", since="2026-02-20", part=100_00))
    story.when(recorded("2026-02-21", bounced("2026-02-01", since="2026-02-10")))
    for on in ("2026-02-10", "2026-02-20"):
        story.as_of(on).shows(overdue=300_00, credit=0)
        assert [split.counting for split in story.as_of(on).state.payments] == [0]


def test_the_latest_date_wins_and_not_the_latest_record() -> None:
    gold, silver = (
        AccountTierChanged(effective_on=day(on), change_id=tier, tier=tier)
        for tier, on in (("gold", "2026-03-01"), ("silver", "2026-02-01"))
    )
    story = given(opened(), gold, recorded("2026-03-02", silver))
    assert story.as_of("2026-02-28").state.tier == "silver"
    assert story.as_of("2026-03-01").state.tier == "gold"


def test_a_future_payment_counts_from_its_day() -> None:
    story = given(*LOAN, recorded("2026-01-05", ON_TIME))
    story.as_of("2026-01-31").shows(outstanding=900_00, changes="2026-02-01")
    story.as_of("2026-02-01").shows(outstanding=600_00)


def test_a_closed_account_may_still_lose_a_payment() -> None:
    loan = (opened(), drawn(300_00), paid(300_00, on="2026-02-01"), closed("2026-02-02"))
    story = given(*loan, recorded("2026-02-20", voided("2026-02-01")))
    story.as_of("2026-02-20").shows(overdue=300_00, days_late=19)
    assert not story.as_of("2026-02-20").state.is_open
