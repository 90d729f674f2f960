"""Interest that follows the principal really outstanding, with a pencil.

1,000.00 are drawn on New Year and repaid every ten days; a day costs a tenth of a percent.
1000 × 0.01 / (1 - 1.01^-3) = 340.02 is due three times.
"""

from datetime import date
from typing import Any

import pytest

from ledger.domain.events import DrawMade
from ledger.domain.quote import settle_quote
from ledger.domain.rejections import Code
from ledger.domain.terms import BusinessDays, InterestBasis, LateFee, PenaltyInterest
from tests.domain.accruing import PRINCIPAL_AT_ONCE, RECALCULATED
from tests.domain.dsl import (
    Story,
    bounced,
    charged,
    day,
    drawn,
    given,
    joining,
    moved,
    opened,
    paid,
    prepaid,
    recorded,
    restructured,
    settled,
    waived,
)
from tests.domain.endings import cancelled, goods_back, written_off

TENS = (day("2026-01-11"), day("2026-01-21"), day("2026-01-31"))


def loan(**terms: Any) -> DrawMade:
    """The draw of all pages here; money that comes early repays principal at once."""
    ordinary = {
        "term_count": 0, "first_due_on": None, "due_dates": TENS,
        "allocation": PRINCIPAL_AT_ONCE, "level_formula": "first_period_rate",
        "round_each_segment": True,
    }  # fmt: skip
    return drawn(1000_00, **RECALCULATED | ordinary | terms)


LOAN = loan()


def owed(story: Story, on: str) -> list[tuple[int, int]]:
    """Interest and principal of every installment."""
    return [(row.owed[2], row.owed[3]) for row in story.as_of(on).draw().installments]


def quoted(story: Story, on: str) -> tuple[int, int]:
    """Interest and principal of what settles the draw on a day."""
    *_, interest, principal = settle_quote(story.state_on, "D-1", day(on)).amounts
    return interest, principal


def test_paid_as_planned_it_is_the_plan() -> None:
    plan = [(10_00, 330_02), (6_70, 333_32), (3_37, 336_66)]
    story = given(opened(), LOAN)
    assert owed(story, "2026-01-01") == owed(story, "2026-01-11") == plan
    story.when(paid(340_02, on="2026-01-11")).when(paid(340_02, on="2026-01-21"))
    assert owed(story, "2026-01-30") == plan
    story.when(paid(340_03, on="2026-01-31"))
    story.as_of("2026-01-31").shows(status="settled", outstanding=0, credit=0, changes=None)


def test_each_period_is_rounded_so_nothing_is_kept_exact() -> None:
    told = given(opened(), LOAN, paid(340_02, on="2026-01-11")).as_of("2026-01-12").draw().accrual
    assert told is not None
    assert told.exact == 0


def test_principal_paid_early_lowers_its_period_and_the_level_amount() -> None:
    """Five days on 1000 and five on 600; the two installments left are solved for 600 at 1 %."""
    story = given(opened(), LOAN, paid(400_00, on="2026-01-06"))
    assert owed(story, "2026-01-06") == [(8_00, 400_00), (6_00, 298_51), (3_01, 301_49)]
    row = story.as_of("2026-01-06").draw().installments[0]
    assert (row.paid_in_advance, row.outstanding, row.settled_on) == (400_00, 8_00, None)
    assert row.repaid_early == 400_00 - 330_02
    assert quoted(story, "2026-01-06") == (5_00, 600_00)


def test_or_it_keeps_the_level_amount_and_ends_the_loan_earlier() -> None:
    story = given(opened(), loan(prepayment="reduce_term"), paid(700_00, on="2026-01-06"))
    assert owed(story, "2026-01-06") == [(6_50, 700_00), (3_00, 300_00)]


def test_money_without_an_order_in_advance_waits_for_its_due_date() -> None:
    story = given(opened(), drawn(1000_00, **RECALCULATED), paid(400_00, on="2026-01-06"))
    story.as_of("2026-01-06").shows(credit=400_00)


def test_a_prepayment_says_itself_what_becomes_of_the_plan() -> None:
    """700.00 repaid: two installments of 150.38 and .37, or all of 300.00 with the next one."""
    lower = given(opened(), LOAN, prepaid(700_00, on="2026-01-06", to="lower"))
    assert owed(lower, "2026-01-06") == [(6_50, 700_00), (3_00, 149_25), (1_51, 150_75)]
    shorter = given(opened(), LOAN, prepaid(700_00, on="2026-01-06", to="shorten"))
    assert owed(shorter, "2026-01-06") == [(6_50, 700_00), (3_00, 300_00)]


def test_principal_overdue_goes_on_bearing_interest_until_it_is_paid() -> None:
    """Until the 16th all of 1000 bears interest, from then on what is planned: 669.98."""
    story = given(opened(), LOAN)
    assert owed(story, "2026-01-16")[1] == (5_00 + 3_35, 331_67)
    assert quoted(story, "2026-01-16") == (15_00, 1000_00)
    story.as_of("2026-01-16").shows(overdue=340_02, days_past_due=5, changes="2026-01-17")
    story.when(paid(340_02, on="2026-01-13"))
    assert owed(story, "2026-01-16")[1][0] == 2_00 + 5_36
    story.as_of("2026-01-16").shows(overdue=0, settled=["2026-01-13", None, None])


def test_what_is_left_on_a_due_date_is_principal_of_that_installment() -> None:
    story = given(opened(), LOAN, paid(400_00, on="2026-01-11"))
    books = story.as_of("2026-01-11").shows(balances=[610_00, 306_52, 0])
    row = books.draw().installments[0]
    assert (row.owed[2:], row.paid_in_advance) == ((10_00, 390_00), 0)


def test_after_the_last_due_date_nothing_accrues_and_what_is_too_much_is_credit() -> None:
    """Nothing was paid in time, so every day cost a tenth of a percent of all of it."""
    story = given(opened(), LOAN)
    assert [interest for interest, _ in owed(story, "2026-03-31")] == [10_00, 10_00, 10_00]
    story.when(paid(2000_00, on="2026-03-31"))
    story.as_of("2026-03-31").shows(credit=970_00, outstanding=0, status="settled")


def test_whoever_settles_pays_interest_to_the_day() -> None:
    story = given(opened(), LOAN, settled(1005_00, on="2026-01-06"))
    story.as_of("2026-01-06").shows(status="settled", dues=[335_02, 333_32, 336_66], credit=0)
    given(opened(), LOAN).when(settled(1004_99, on="2026-01-06")).then(Code.SETTLEMENT_TOO_LOW)


def test_or_to_the_end_of_the_period_where_the_terms_say_so() -> None:
    story = given(opened(), loan(payoff_interest_until="period_end"))
    assert quoted(story, "2026-01-06") == (10_00, 1000_00)
    assert quoted(story, "2026-01-11") == (10_00, 1000_00)


def test_a_payment_that_comes_to_be_known_late_changes_the_interest_since_its_day() -> None:
    story = given(opened(), LOAN).when(
        recorded("2026-01-20", paid(400_00, on="2026-01-06", payment="P-1"))
    )
    assert owed(story, "2026-01-06")[0] == (8_00, 400_00)
    books = story.as_of("2026-01-16", known="2026-01-19")
    assert books.draw().installments[1].owed[2:] == (5_00 + 3_35, 331_67)


def test_a_payment_taken_back_never_lowered_anything() -> None:
    story = given(opened(), LOAN, paid(400_00, on="2026-01-06"))
    story.when(bounced("P-2026-01-06", since="2026-01-18"))
    assert owed(story, "2026-01-25") == owed(given(opened(), LOAN), "2026-01-25")


def test_a_later_draw_is_solved_into_the_installments_left() -> None:
    """Half of January's 31 days: 15/31 of a percent on 100, 16/31 on 200.

    201.516 at the end of January = L + L / 1.01 + L / 1.01².
    """
    monthly = drawn(
        100_00,
        over=3,
        **RECALCULATED
        | {
            "annual_rate": "0.12",
            "interest_basis": InterestBasis("month_prorated"),
            "draw_spread": "sum_then_level",
        },
    )
    story = given(opened(), monthly, joining(100_00, on="2026-01-16", draw="D-2", joins=monthly))
    assert owed(story, "2026-01-16")[0] == (48 + 1_03 + 1, 67_84 - 1_52)
    assert sum(principal for _, principal in owed(story, "2026-01-16")) == 200_00


def test_a_due_date_that_moves_takes_the_interest_with_it() -> None:
    """Fifteen days on all of it are 15.00; the level amount stays as agreed."""
    story = given(opened(), LOAN).when(moved("2026-01-11", "2026-01-16", on="2026-01-05"))
    assert owed(story, "2026-01-16")[0] == (15_00, 325_02)


def test_due_dates_on_business_days_take_the_interest_with_them() -> None:
    """11 January 2026 is a Sunday: the first period has eleven days, the second nine."""
    days = (day("2026-01-12"), day("2026-01-21"), day("2026-02-02"))
    rules = BusinessDays("CN", period_adjustment="adjusted", due_dates=days)
    story = given(opened(), loan(business_days=rules))
    rows = story.as_of("2026-01-01").draw().installments
    assert [(row.due_on, row.owed[2]) for row in rows[:1]] == [(days[0], 11_00)]
    assert quoted(story, "2026-01-22") == (21_00, 1000_00)


def test_a_new_agreement_takes_over_what_has_accrued() -> None:
    """Five days cost 5.00; the new plan of 1000 asks for them with its first installment."""
    story = given(opened(), LOAN).when(
        restructured(on="2026-01-06", over=2, first_due="2026-01-16", **RECALCULATED)
    )
    first, second = owed(story, "2026-01-06")
    assert first[0] == 10_00 + 5_00
    assert first[1] + second[1] == 1000_00
    story.when(paid(sum(first), on="2026-01-16"))
    story.as_of("2026-01-16").shows(overdue=0, credit=0, outstanding=sum(second))


def test_goods_that_go_back_lower_what_bears_interest() -> None:
    """From the 6th on 600 bears interest: 5.00 and 3.00 in the first period."""
    story = given(opened(), LOAN, goods_back(400_00, on="2026-01-06"))
    assert owed(story, "2026-01-06")[0][0] == 8_00
    assert sum(row.open(3) for row in story.as_of("2026-01-06").draw().installments) == 600_00
    story.when(cancelled(on="2026-01-08"))
    story.as_of("2026-01-31").shows(status="cancelled", outstanding=0)


def test_what_is_written_off_has_borne_interest_to_the_day() -> None:
    story = given(opened(), LOAN).when(written_off(on="2026-01-16"))
    story.as_of("2026-01-25").shows(written_off=1015_00, outstanding=0, status="written_off")


def test_a_late_fee_is_charged_for_what_was_missed() -> None:
    """2 % of the principal of the installment that was missed, 330.02."""
    story = given(opened(), loan(late_fee=LateFee(rate="0.02"))).assessed("2026-01-12")
    story.as_of("2026-01-12").shows(overdue=340_02 + 6_60)
    assert not story.assessed("2026-01-12").answer


def test_penalty_interest_comes_on_top_of_the_interest_that_goes_on() -> None:
    """Five days of 330.02 at a hundredth of a percent a day are 0.16501."""
    rule = PenaltyInterest(annual_rate="0.0365")
    story = given(opened(), loan(penalty_interest=rule)).assessed("2026-01-17")
    rows = story.as_of("2026-01-16").draw().installments
    assert (rows[0].owed[0], rows[1].owed[2]) == (17, 5_00 + 3_35)


def test_a_fee_and_a_waiver_leave_the_interest_alone() -> None:
    story = given(opened(), LOAN, charged(5_00, on="2026-01-03"))
    story.when(waived(4_00, on="2026-01-04", of="interest"))
    assert owed(story, "2026-01-11") == owed(given(opened(), LOAN), "2026-01-11")
    story.as_of("2026-01-11").shows(rows=[341_02, 340_02, 340_03])


@pytest.mark.parametrize(("on", "changes"), [("2026-01-01", TENS[0]), ("2026-01-12", None)])
def test_time_alone_changes_it_daily_while_principal_is_overdue(
    on: str, changes: date | None
) -> None:
    expected = changes or day("2026-01-13")
    given(opened(), LOAN).as_of(on).shows(changes=expected.isoformat())
