"""Repaying early: what settles a draw, and what a prepayment makes of the plan, with a pencil."""

from dataclasses import replace
from typing import Any, Literal

from ledger.domain.events import DrawMade
from ledger.domain.quote import settle_quote
from ledger.domain.rejections import Rejection
from ledger.domain.terms import Allocation, InterestBasis, Row
from tests.domain.dsl import (
    Story,
    bounced,
    charged,
    day,
    drawn,
    given,
    moved,
    opened,
    paid,
    penalised,
    prepaid,
    recorded,
    settled,
    waived,
)
from tests.domain.endings import goods_back


def loan(**terms: Any) -> DrawMade:
    """1,200.00 over four months at 1 % a month: 307.54 is due three times, 307.52 the last time."""
    return drawn(1200_00, over=4, method="equal_installment", annual_rate="0.12", **terms)


LOAN = loan()
FLAT = drawn(1200_00, over=4, method="flat", annual_rate="0.12")
FIRST = paid(307_54, on="2026-02-01")
DAILY = InterestBasis("daily", "act/365")


def quoted(story: Story, on: str) -> int:
    """What settling the draw costs on a day."""
    return settle_quote(story.state_on, "D-1", day(on)).to_pay


def owed(story: Story, on: str) -> list[tuple[int, int]]:
    """Principal and interest of every installment."""
    rows = story.as_of(on).draw().installments
    return [(row.owed[3], row.owed[2]) for row in rows]


# --- settling ------------------------------------------------------------------------------------


def test_who_settles_pays_interest_for_the_days_of_the_period_only() -> None:
    """From 1 to 15 February are 14 of 28 days: half of the 9.04 that the period costs."""
    story = given(opened(), LOAN, FIRST)
    assert owed(story, "2026-02-01") == [
        (295_54, 12_00), (298_50, 9_04), (301_48, 6_06), (304_48, 3_04)
    ]  # fmt: skip
    assert quoted(story, "2026-02-15") == 904_46 + 4_52
    story.when(settled(908_98, on="2026-02-15"))
    books = story.as_of("2026-02-15").shows(status="settled", outstanding=0, credit=0)
    assert owed(story, "2026-02-15") == [(295_54, 12_00), (298_50, 4_52), (301_48, 0), (304_48, 0)]
    assert books.split("2026-02-15") == {"interest": 4_52, "principal": 904_46}


def test_days_cost_what_the_day_count_says() -> None:
    story = given(opened(), replace(loan(interest_basis=DAILY), amount=1000_00))
    assert quoted(story, "2026-01-01") == 1000_00
    assert quoted(story, "2026-01-11") == 1000_00 + 3_29  # 1000.00 x 0.12 x 10 / 365 = 3.2877


def test_terms_may_ask_for_the_interest_of_the_whole_period() -> None:
    story = given(opened(), loan(payoff_interest_until="period_end"), FIRST)
    assert quoted(story, "2026-02-15") == 904_46 + 9_04
    assert quoted(story, "2026-02-01") == 904_46  # The next period has not begun.


def test_what_is_past_due_and_every_charge_is_part_of_the_price() -> None:
    story = given(opened(), LOAN, penalised(5_00, on="2026-02-09"), charged(1_00, on="2026-02-10"))
    assert quoted(story, "2026-02-15") == 307_54 + 6_00 + 904_46 + 4_52


def test_credit_is_counted_and_what_is_over_stays_credit() -> None:
    story = given(opened(), LOAN, FIRST, paid(100_00, on="2026-02-10"))
    quote = settle_quote(story.state_on, "D-1", day("2026-02-15"))
    assert (quote.total, quote.from_credit, quote.to_pay) == (908_98, 100_00, 808_98)
    assert (quote.amounts, quote.unearned) == ((0, 0, 4_52, 904_46), 13_62)
    story.when(settled(810_00, on="2026-02-15"))
    story.as_of("2026-02-15").shows(status="settled", credit=1_02)


def test_too_little_money_is_refused_with_the_amount_that_is_needed() -> None:
    story = given(opened(), LOAN, FIRST, paid(100_00, on="2026-02-10"))
    story.when(settled(808_97, on="2026-02-15"))
    assert isinstance(story.answer, Rejection)
    assert story.answer.message == (
        "settling draw D-1 on 2026-02-15 takes 808.98, beside 100.00 of credit; 808.97 was paid"
    )


def test_a_settlement_that_falls_short_later_shortens() -> None:
    """The installment of February bounced: 908.98 then pays it first, and leaves 303.02 open."""
    story = given(opened(), LOAN, FIRST, settled(908_98, on="2026-02-15"))
    story.when(recorded("2026-03-05", bounced("2026-02-01", since="2026-02-01")))
    books = story.as_of("2026-02-15").shows(status="current", credit=0)
    assert books.split("2026-02-15") == {"interest": 12_00, "principal": 295_54 + 601_44}
    # 904.46 to the 15th and 303.02 from there: 904.46 x 1 % / 2 + 303.02 x 1 % / 2 = 6.0374
    assert owed(story, "2026-02-15") == [(295_54, 12_00), (601_44 + 303_02, 6_04)]


def test_a_settlement_taken_back_was_never_there() -> None:
    story = given(opened(), LOAN, FIRST, settled(908_98, on="2026-02-15"))
    story.when(bounced("2026-02-15", since="2026-03-01"))
    story.as_of("2026-02-28").shows(status="settled")
    story.as_of("2026-03-01").shows(rows=[0, 307_54, 307_54, 307_52], status="current")


def test_a_settlement_without_money_of_its_own_takes_it_from_the_credit() -> None:
    story = given(opened(), LOAN, FIRST, paid(908_98, on="2026-02-10"), settled(0, on="2026-02-15"))
    story.as_of("2026-02-15").shows(status="settled", credit=0)
    story.when(bounced("2026-02-15", since="2026-02-15"))
    story.as_of("2026-02-15").shows(status="current", credit=908_98)


# --- flat interest and fees of the plan ----------------------------------------------------------


def test_flat_interest_of_periods_to_come_is_given_up_by_default() -> None:
    """12.00 a period; 15 February is half way through the second."""
    story = given(opened(), FLAT, paid(312_00, on="2026-02-01"))
    assert quoted(story, "2026-02-15") == 900_00 + 6_00


def test_flat_interest_stays_owed_where_the_terms_say_so() -> None:
    owed_anyway = drawn(1200_00, over=4, method="flat", annual_rate="0.12", unearned_charges="owed")
    story = given(opened(), owed_anyway, paid(312_00, on="2026-02-01"))
    assert quoted(story, "2026-02-15") == 900_00 + 36_00


def test_a_flat_plan_is_shortened_by_its_last_installments() -> None:
    story = given(opened(), FLAT, paid(312_00, on="2026-02-01"))
    story.when(prepaid(400_00, on="2026-02-15", to="shorten"))
    assert owed(story, "2026-02-15") == [(300_00, 12_00), (400_00 + 300_00, 12_00), (200_00, 12_00)]


def test_a_flat_plan_is_lowered_in_proportion() -> None:
    """A third is repaid: 300.00 and 12.00 become 200.00 and 8.00, half a period is at the old."""
    story = given(opened(), FLAT, paid(312_00, on="2026-02-01"))
    story.when(prepaid(300_00, on="2026-02-15"))
    assert owed(story, "2026-02-15")[1:] == [(500_00, 10_00), (200_00, 8_00), (200_00, 8_00)]


# --- prepaying -----------------------------------------------------------------------------------


def test_a_lower_plan_keeps_its_number_of_installments() -> None:
    """904.46 - 304.46 = 600.00 over three months at 1 % is 204.01 a month.

    February costs 904.46 for 14 of its 28 days and 600.00 for the others: 4.5223 + 3.00 = 7.52.
    """
    story = given(opened(), LOAN, FIRST, prepaid(304_46, on="2026-02-15"))
    books = story.as_of("2026-02-15").shows(rows=[0, 205_53, 204_01, 204_02], credit=0)
    assert books.split("2026-02-15") == {"principal": 304_46}
    assert owed(story, "2026-02-15")[1:] == [
        (304_46 + 198_01, 7_52), (199_99, 4_02), (202_00, 2_02)
    ]  # fmt: skip


def test_a_shorter_plan_keeps_its_installment() -> None:
    """600.00 at 307.54 a month is two installments, the first with more interest of its past."""
    story = given(opened(), LOAN, FIRST, prepaid(304_46, on="2026-02-15", to="shorten"))
    story.as_of("2026-02-15").shows(
        rows=[0, 301_54 + 7_52, 298_46 + 2_98], due_dates=["2026-02-01", "2026-03-01", "2026-04-01"]
    )


def test_dues_come_first_and_only_the_rest_is_prepaid() -> None:
    story = given(opened(), LOAN, prepaid(607_54, on="2026-02-15", to="shorten"))
    books = story.as_of("2026-02-15")
    assert books.split("2026-02-15") == {"interest": 12_00, "principal": 295_54 + 300_00}
    given(opened(), LOAN, prepaid(100_00, on="2026-02-15")).as_of("2026-02-15").shows(
        rows=[207_54, 307_54, 307_54, 307_52]
    )


def test_on_a_due_date_the_rest_is_principal_of_that_installment() -> None:
    story = given(opened(), LOAN, prepaid(307_54 + 304_46, on="2026-02-01"))
    story.as_of("2026-02-01").shows(
        rows=[0, 204_01, 204_01, 204_02],
        balances=[600_00, 401_99, 202_00, 0],
        settled=["2026-02-01", None, None, None],
    )


def test_interest_to_the_day_is_left_when_all_principal_is_repaid() -> None:
    story = given(opened(), LOAN, FIRST, prepaid(905_00, on="2026-02-15"))
    story.as_of("2026-02-15").shows(rows=[0, 4_52], credit=54, next_due="2026-03-01")


def test_a_prepayment_that_covers_everything_settles() -> None:
    story = given(opened(), LOAN, FIRST, prepaid(909_00, on="2026-02-15"))
    story.as_of("2026-02-15").shows(status="settled", credit=2)


def test_equal_principal_is_shortened_from_its_end_and_lowered_evenly() -> None:
    equal = drawn(1200_00, over=4, method="equal_principal", annual_rate="0.12")
    first = given(opened(), equal, paid(312_00, on="2026-02-01"))
    story = first.when(prepaid(450_00, on="2026-02-01", to="shorten"))
    assert owed(story, "2026-02-01")[1:] == [(300_00, 4_50), (150_00, 1_50)]
    story = given(opened(), equal, paid(312_00, on="2026-02-01"), prepaid(450_00, on="2026-02-02"))
    assert [principal for principal, _ in owed(story, "2026-02-02")[1:]] == [600_00, 150_00, 150_00]


def test_principal_at_the_end_only_lowers_the_interest() -> None:
    at_end = drawn(1200_00, over=3, method="interest_only", annual_rate="0.12")
    ways: tuple[Literal["shorten", "lower"], ...] = ("shorten", "lower")
    for way in ways:
        wish = replace(prepaid(600_00, on="2026-02-01", to=way), payment_id="P-early")
        story = given(opened(), at_end, paid(12_00, on="2026-02-01"), wish)
        assert owed(story, "2026-02-01") == [(600_00, 12_00), (0, 6_00), (600_00, 6_00)]


def test_rows_agreed_outright_keep_the_price_of_their_periods() -> None:
    """March costs 10.00 for 1,000.00 and April 6.00 for 600.00: a hundredth, whatever is owed."""
    agreed = drawn(
        1000_00,
        over=0,
        first_due_on=None,
        method="explicit",
        rows=(Row(day("2026-02-01"), 400_00, 10_00), Row(day("2026-03-01"), 600_00, 6_00, 1_00)),
    )
    story = given(opened(), agreed, paid(410_00, on="2026-02-01"))
    assert quoted(story, "2026-02-15") == 600_00 + 3_00 + 1_00
    story.when(prepaid(100_00, on="2026-02-15"))
    assert owed(story, "2026-02-15")[1:] == [(600_00, 5_50)]


def test_prepaying_twice_in_a_period_splits_it_twice() -> None:
    """7 days at 904.46, 7 at 604.46, 14 at 304.46: (6331.22 + 4231.22 + 4262.44) x 1 % / 28."""
    story = given(opened(), LOAN, FIRST)
    story.when(prepaid(300_00, on="2026-02-08")).when(prepaid(300_00, on="2026-02-15"))
    assert owed(story, "2026-02-15")[1][1] == 5_29


def test_money_paid_in_advance_and_waived_dues_stay_so() -> None:
    ahead = Allocation(in_advance=("penalty", "fee", "interest", "principal"))
    story = given(opened(), loan(allocation=ahead), paid(320_00, on="2026-01-20"))
    story.when(waived(1_00, on="2026-01-21", of="interest", installment=3))
    story.when(prepaid(2000_00, on="2026-02-01", to="shorten"))
    books = story.as_of("2026-02-01").shows(status="settled", outstanding=0)
    assert [row.owed[2] for row in books.draw().installments] == [12_00, 9_04, 1_00, 0]


def test_a_due_date_moved_changes_what_is_due_and_no_price() -> None:
    story = given(opened(), LOAN, moved("2026-02-01", "2026-02-20", on="2026-01-20"))
    # The period ended on 1 February by plan; its 12.00 is earned, and 4.52 of the next one.
    assert quoted(story, "2026-02-15") == 1200_00 + 12_00 + 4_52


def test_after_a_refund_the_days_to_the_settlement_cost_what_was_then_owed() -> None:
    """Half of the purchase went back at once: 1 % of 600.00 for 15 of the 31 days of January."""
    story = given(opened(), drawn(1200_00, over=2, method="interest_only", annual_rate="0.12"))
    story.when(goods_back(600_00, on="2026-01-01"))
    assert settle_quote(story.state_on, "D-1", day("2026-01-16")).amounts == (0, 0, 2_90, 600_00)
