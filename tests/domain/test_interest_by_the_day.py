"""Simple interest by the day, with a pencil: 1,000.00 at a tenth of a percent a day.

Drawn on New Year, due on 11 and 21 January: 1000 × 1.01² / 2.01 = 507.512..., rounded up, is due
twice; ten days cost one percent.
"""

from fractions import Fraction
from typing import Any

import pytest

from app.explanation import explain
from ledger.domain.events import DrawMade
from ledger.domain.quote import settle_quote
from ledger.domain.rejections import Code
from ledger.domain.statement import books_of
from ledger.domain.terms import COMPONENTS, Allocation, RateWindow
from ledger.replay import account_as_of
from tests.domain.accruing import SIMPLE
from tests.domain.dsl import (
    Story,
    bounced,
    day,
    drawn,
    given,
    opened,
    paid,
    penalised,
    prepaid,
    recorded,
    refunded,
    settled,
    waived,
)


def loan(**terms: Any) -> DrawMade:
    """The draw of all pages here."""
    dates = (day("2026-01-11"), day("2026-01-21"))
    return drawn(
        1000_00, **SIMPLE | {"term_count": 0, "first_due_on": None, "due_dates": dates} | terms
    )


LOAN = loan()


def owed(story: Story, on: str) -> list[tuple[int, int]]:
    """Interest and principal of every installment."""
    return [(row.owed[2], row.owed[3]) for row in story.as_of(on).draw().installments]


def accrued(story: Story, on: str) -> Fraction:
    """The interest that accrued and was not paid, before any rounding."""
    books = books_of(account_as_of(story.facts, day(on)), day(on), None)
    return books.accruals.by_draw["D-1"].exact(day(on))


def quoted(story: Story, on: str) -> int:
    """What settling the draw costs on a day."""
    return settle_quote(story.state_on, "D-1", day(on)).to_pay


def test_the_level_amount_solves_the_days_of_each_period() -> None:
    assert owed(given(opened(), LOAN), "2026-01-01") == [(10_00, 497_52), (5_02, 502_48)]


def test_the_pencil_writes_out_the_days() -> None:
    story = given(opened(), LOAN, paid(100_00, on="2026-01-05"))
    [told] = explain("A-1", story.facts, day("2026-01-05")).draws
    assert "equal installments (等额本息), 2 of them, at 0.001 a day" in told.plan.sentences[0]
    assert "amounts are rounded half even, interest down" in told.plan.sentences
    assert told.plan.lines[0].how.startswith("interest 1000.00 × 0.001 × 10 days = 10.00; ")
    assert told.course is not None
    assert told.course.lines[0].how == (
        "interest 1000.00 × 0.001 × 4 days + 904.00 × 0.001 × 6 days = 9.42;"
        " principal 507.52 - 9.42 = 498.10"
    )


def test_interest_is_owed_for_the_days_that_passed_and_paid_before_principal() -> None:
    """Four days cost 4.00; the other 96.00 are principal, so six more days cost 0.904 each."""
    story = given(opened(), LOAN, paid(100_00, on="2026-01-05"))
    assert story.as_of("2026-01-05").split("2026-01-05") == {"interest": 4_00, "principal": 96_00}
    assert owed(story, "2026-01-05") == [(4_00 + 5_42, 498_10), (5_01, 501_90)]
    assert quoted(story, "2026-01-11") == 904_00 + 5_42


def test_a_late_payment_pays_the_interest_of_every_day_before_any_principal() -> None:
    """Fourteen days cost 14.00, though only ten of them are of an installment that is due."""
    story = given(opened(), LOAN, paid(200_00, on="2026-01-15"))
    books = story.as_of("2026-01-15")
    assert books.split("2026-01-15") == {"interest": 14_00, "principal": 186_00}
    books.shows(overdue=497_52 - 186_00, days_past_due=4)


def test_or_what_is_past_due_comes_first_where_the_terms_say_so() -> None:
    by_status = Allocation(in_advance=COMPONENTS)
    story = given(opened(), loan(allocation=by_status), paid(200_00, on="2026-01-15"))
    assert story.as_of("2026-01-15").split("2026-01-15") == {"interest": 10_00, "principal": 190_00}


def test_a_payment_settles_penalties_then_interest_then_principal() -> None:
    story = given(opened(), LOAN, penalised(20_00, on="2026-01-11"), paid(600_00, on="2026-01-11"))
    split = story.as_of("2026-01-11").split("2026-01-11")
    assert split == {"penalty": 20_00, "interest": 10_00, "principal": 570_00}
    assert quoted(story, "2026-01-11") == 430_00
    assert quoted(story, "2026-01-21") == 430_00 + 4_30


def test_the_fraction_below_a_cent_is_dropped_only_when_interest_is_paid_in_full() -> None:
    """430.55 for a day is 0.43055: 0.43 pays all of it, 0.42 leaves 0.01055."""
    story = given(opened(), LOAN, paid(579_45, on="2026-01-11"))
    assert accrued(story, "2026-01-12") == Fraction("43.055")
    all_of_it = given(opened(), LOAN, paid(579_45, on="2026-01-11"), paid(43, on="2026-01-12"))
    assert accrued(all_of_it, "2026-01-12") == 0
    assert accrued(story.when(paid(42, on="2026-01-12")), "2026-01-12") == Fraction("1.055")


def test_what_is_unpaid_after_the_last_due_date_costs_every_day() -> None:
    story = given(opened(), LOAN)
    assert owed(story, "2026-01-21") == [(10_00, 497_52), (10_00, 502_48)]
    assert owed(story, "2026-01-31") == [(10_00, 497_52), (20_00, 502_48)]
    story.as_of("2026-01-31").shows(overdue=1030_00, changes="2026-02-01", days_past_due=20)
    story.when(paid(1030_00, on="2026-01-31"))
    story.as_of("2026-03-31").shows(outstanding=0, status="settled", changes=None)


def test_money_paid_too_much_is_credit_and_can_go_back() -> None:
    story = given(opened(), LOAN, paid(1020_00, on="2026-01-11"))
    story.as_of("2026-01-31").shows(credit=10_00, outstanding=0)
    story.when(refunded(10_00, on="2026-02-03"))
    story.as_of("2026-02-03").shows(credit=0, outstanding=0)


@pytest.mark.parametrize(("cap", "interest"), [("2", 20_00), ("3.5", 30_00)])
def test_all_interest_together_stays_below_the_cap(cap: str, interest: int) -> None:
    story = given(opened(), loan(interest_total_cap_percent=cap))
    assert accrued(story, "2026-01-31") == interest
    assert sum(row.owed[2] for row in story.as_of("2026-01-31").draw().installments) == interest


def test_a_window_of_another_rate_holds_on_both_its_days() -> None:
    """Ten days, the fifth and the sixth of them at 0.0365 / 365 = a hundredth of a percent.

    The plan is made at the rate of the contract; each day of the window takes 0.90 off it.
    """
    window = RateWindow(day("2026-01-05"), day("2026-01-06"), "0.0365")
    story = given(opened(), loan(rate_windows=(window,)))
    assert [owed(story, f"2026-01-0{n}")[0][0] for n in (1, 4, 5, 6)] == [10_00, 10_00, 9_10, 8_20]
    assert accrued(story, "2026-01-11") == 8_20
    assert explain("A-1", story.facts, day("2026-01-01")).changes == (
        "changes on 2026-01-05: interest accrues at another rate than that of the plan"
    )


def test_closing_within_the_days_of_grace_costs_no_interest_at_all() -> None:
    """Interest that was paid on the way turns out to be principal; a day later nothing is free."""
    story = given(opened(), loan(settlement_grace_days=3), paid(400_00, on="2026-01-03"))
    assert story.as_of("2026-01-03").split("2026-01-03") == {"interest": 2_00, "principal": 398_00}
    assert quoted(story, "2026-01-04") == 600_00
    assert quoted(story, "2026-01-05") == 602_00 + 1_20
    story.when(settled(599_99, on="2026-01-04")).then(Code.SETTLEMENT_TOO_LOW)
    story.when(paid(600_00, on="2026-01-04"))
    books = story.as_of("2026-01-04").shows(status="settled", outstanding=0, credit=0)
    assert books.split("2026-01-03") == {"principal": 400_00}
    story.when(bounced("P-2026-01-04", since="2026-01-06"))
    assert story.as_of("2026-01-06").split("2026-01-03") == {"interest": 2_00, "principal": 398_00}


@pytest.mark.parametrize(("on", "is_said"), [("2026-01-04", True), ("2026-01-05", False)])
def test_in_the_days_of_grace_it_is_said_that_closing_costs_no_interest(
    on: str, is_said: bool
) -> None:
    """The schedule shows interest meanwhile: that of a draw that stays open."""
    story = given(opened(), loan(settlement_grace_days=3))
    assert owed(story, on) == owed(given(opened(), LOAN), on)
    [told] = explain("A-1", story.facts, day(on)).draws
    sentence = (
        "closing the draw by 2026-01-04 costs no interest; the schedule shows what is owed if it"
        " stays open"
    )
    assert told.course is not None
    assert (sentence in told.course.sentences) == is_said


def test_interest_waived_before_it_accrues_is_none_below_zero() -> None:
    """Of 8.00 waived 4.00 have accrued: the next four days cost nothing more."""
    story = given(opened(), LOAN, waived(8_00, on="2026-01-05", of="interest"))
    [told] = explain("A-1", story.facts, day("2026-01-05")).draws
    assert told.course is not None
    assert told.course.sentences[-1] == "paid or waived before it accrues, as of 2026-01-05: 4.00"
    assert [quoted(story, on) for on in ("2026-01-05", "2026-01-09", "2026-01-11")] == [
        1000_00, 1000_00, 1002_00,
    ]  # fmt: skip


def test_a_prepayment_is_principal_and_the_interest_waits() -> None:
    story = given(opened(), LOAN, prepaid(500_00, on="2026-01-06", to="shorten"))
    assert story.as_of("2026-01-06").split("2026-01-06") == {"principal": 500_00}
    assert owed(story, "2026-01-06") == [(7_50, 500_02), (4_99, 499_98)]
    assert quoted(story, "2026-01-11") == 507_50


def test_interest_that_is_waived_is_waived_of_what_accrues() -> None:
    """3.00 of the first ten days' 10.00: whoever settles after two days, 2.00, owes none."""
    story = given(opened(), LOAN, waived(3_00, on="2026-01-02", of="interest"))
    assert quoted(story, "2026-01-03") == 1000_00
    assert quoted(story, "2026-01-11") == 1007_00
    story.as_of("2026-01-11").shows(rows=[504_52, 507_50])


def test_a_back_dated_payment_changes_what_accrued_since() -> None:
    story = given(opened(), LOAN)
    assert quoted(story, "2026-01-09") == 1008_00
    story.when(recorded("2026-01-09", paid(504_00, on="2026-01-05")))
    assert quoted(story, "2026-01-09") == 500_00 + 2_00
