"""What each event posts, as pages of the books.

The documentation shows pages of these tests, and those of accruals, and no others.
"""

import re
from pathlib import Path

import pytest

from ledger.domain.journal import CHART
from ledger.domain.terms import Row
from tests.domain.dsl import (
    Story,
    bounced,
    day,
    drawn,
    given,
    joining,
    opened,
    paid,
    penalised,
    prepaid,
    recorded,
    refunded,
    reinstated,
    restructured,
    waived,
)
from tests.domain.endings import goods_back, written_off
from tests.domain.pages import journal, page

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "journal.md"

LOAN = drawn(
    1000_00,
    method="explicit",
    term_count=0,
    first_due_on=None,
    rows=(
        Row(day("2026-02-01"), 500_00, interest=10_00, fee=3_00),
        Row(day("2026-03-01"), 500_00, interest=5_00),
    ),
)


def a_loan() -> Story:
    """1,000.00 drawn on New Year, to be paid back in two parts."""
    return given(opened(), LOAN)


def test_a_draw_turns_cash_into_what_will_be_due() -> None:
    assert journal(a_loan(), "2026-01-31") == page("""
        2026-01-01 draw D-1
          assets:receivable:fee          D-1/1       3.00
          assets:receivable:interest     D-1/1      10.00
          assets:receivable:principal    D-1/1     500.00
          assets:receivable:interest     D-1/2       5.00
          assets:receivable:principal    D-1/2     500.00
          assets:cash                            -1000.00
          liabilities:unearned:fee       D-1        -3.00
          liabilities:unearned:interest  D-1       -15.00
    """)


def test_interest_and_fees_are_earned_when_they_fall_due() -> None:
    assert journal(a_loan(), "2026-02-28", since="2026-01-02") == page("""
        2026-02-01 due D-1:1
          liabilities:unearned:fee       D-1         3.00
          liabilities:unearned:interest  D-1        10.00
          income:fee                     D-1/1      -3.00
          income:interest                D-1/1     -10.00
    """)


def test_a_payment_turns_what_is_owed_into_cash() -> None:
    story = a_loan().when(paid(513_00, on="2026-02-03"))
    assert journal(story, "2026-02-03", since="2026-02-02") == page("""
        2026-02-03 payment P-2026-02-03
          assets:cash                              513.00
          assets:receivable:fee          D-1/1      -3.00
          assets:receivable:interest     D-1/1     -10.00
          assets:receivable:principal    D-1/1    -500.00
    """)


def test_what_nothing_is_due_for_is_held_for_the_customer_until_its_day() -> None:
    story = a_loan().when(paid(600_00, on="2026-02-03"))
    assert journal(story, "2026-03-01", since="2026-02-03") == page("""
        2026-02-03 payment P-2026-02-03
          assets:cash                              600.00
          assets:receivable:fee          D-1/1      -3.00
          assets:receivable:interest     D-1/1     -10.00
          assets:receivable:principal    D-1/1    -500.00
          liabilities:customer_credit              -87.00
        2026-03-01 due D-1:2
          liabilities:unearned:interest  D-1         5.00
          income:interest                D-1/2      -5.00
        2026-03-01 credit P-2026-02-03
          liabilities:customer_credit               87.00
          assets:receivable:interest     D-1/2      -5.00
          assets:receivable:principal    D-1/2     -82.00
    """)


def test_a_charge_on_what_is_past_due_is_income_at_once() -> None:
    story = a_loan().when(penalised(20_00, on="2026-02-05", installment=1))
    assert journal(story, "2026-02-05", since="2026-02-05") == page("""
        2026-02-05 penalty C-2026-02-05
          assets:receivable:penalty      D-1/1      20.00
          income:penalty                 D-1/1     -20.00
    """)


def test_a_charge_on_what_is_to_come_is_earned_with_it() -> None:
    story = a_loan().when(penalised(20_00, on="2026-02-05"))
    assert journal(story, "2026-03-01", since="2026-02-05") == page("""
        2026-02-05 penalty C-2026-02-05
          assets:receivable:penalty      D-1/2      20.00
          liabilities:unearned:penalty   D-1       -20.00
        2026-03-01 due D-1:2
          liabilities:unearned:penalty   D-1        20.00
          liabilities:unearned:interest  D-1         5.00
          income:penalty                 D-1/2     -20.00
          income:interest                D-1/2      -5.00
    """)


def test_interest_waived_before_its_day_is_never_earned() -> None:
    story = a_loan().when(waived(4_00, on="2026-01-10", of="interest", installment=1))
    assert journal(story, "2026-02-01", since="2026-01-10") == page("""
        2026-01-10 waiver W-2026-01-10
          liabilities:unearned:interest  D-1         4.00
          assets:receivable:interest     D-1/1      -4.00
        2026-02-01 due D-1:1
          liabilities:unearned:fee       D-1         3.00
          liabilities:unearned:interest  D-1         6.00
          income:fee                     D-1/1      -3.00
          income:interest                D-1/1      -6.00
    """)


def test_what_is_waived_after_its_day_is_an_expense() -> None:
    story = a_loan().when(waived(4_00, on="2026-02-10", of="interest", installment=1))
    assert journal(story, "2026-02-10", since="2026-02-10") == page("""
        2026-02-10 waiver W-2026-02-10
          expenses:waived:interest       D-1/1       4.00
          assets:receivable:interest     D-1/1      -4.00
    """)


def test_principal_is_an_expense_whenever_it_is_waived() -> None:
    story = a_loan().when(waived(50_00, on="2026-01-10", of="principal", installment=2))
    assert journal(story, "2026-01-10", since="2026-01-10") == page("""
        2026-01-10 waiver W-2026-01-10
          expenses:waived:principal      D-1/2      50.00
          assets:receivable:principal    D-1/2     -50.00
    """)


def test_a_waiver_that_was_reversed_posts_nothing() -> None:
    story = a_loan().when(waived(50_00, on="2026-02-10", of="principal"))
    story.when(reinstated("2026-02-10", since="2026-02-20"))
    assert journal(story, "2026-02-28", since="2026-02-02") == ""


BOUNCED = a_loan().when(paid(513_00, on="2026-02-03"))
BOUNCED.when(recorded("2026-02-20", bounced("2026-02-03", since="2026-02-20")))


def test_money_that_bounced_lies_in_suspense_until_it_goes_back() -> None:
    assert journal(BOUNCED, "2026-02-20", since="2026-02-02") == page("""
        2026-02-03 payment P-2026-02-03
          assets:cash                              513.00
          liabilities:suspense                    -513.00
        2026-02-20 reversal R-2026-02-20:P-2026-02-03
          liabilities:suspense                     513.00
          assets:cash                             -513.00
    """)


def test_the_older_books_still_show_it_as_paid() -> None:
    paid_then = page("""
        2026-02-03 payment P-2026-02-03
          assets:cash                              513.00
          assets:receivable:fee          D-1/1      -3.00
          assets:receivable:interest     D-1/1     -10.00
          assets:receivable:principal    D-1/1    -500.00
    """)
    assert journal(BOUNCED, "2026-02-19", since="2026-02-02") == paid_then
    assert journal(BOUNCED, "2026-02-20", since="2026-02-02", known="2026-02-19") == paid_then


def test_only_the_part_that_bounced_was_never_good() -> None:
    story = a_loan().when(paid(513_00, on="2026-02-03"))
    story.when(recorded("2026-02-20", bounced("2026-02-03", since="2026-02-20", part=500_00)))
    assert journal(story, "2026-02-20", since="2026-02-02") == page("""
        2026-02-03 payment P-2026-02-03
          assets:cash                              513.00
          liabilities:suspense                    -500.00
          assets:receivable:fee          D-1/1      -3.00
          assets:receivable:interest     D-1/1     -10.00
        2026-02-20 reversal R-2026-02-20:P-2026-02-03
          liabilities:suspense                     500.00
          assets:cash                             -500.00
    """)


def test_goodwill_is_our_own_expense() -> None:
    story = a_loan().when(paid(30_00, on="2026-02-10", source="goodwill"))
    assert journal(story, "2026-02-10", since="2026-02-10") == page("""
        2026-02-10 payment P-2026-02-10
          expenses:goodwill                         30.00
          assets:receivable:fee          D-1/1      -3.00
          assets:receivable:interest     D-1/1     -10.00
          assets:receivable:principal    D-1/1     -17.00
    """)


def test_goodwill_taken_back_was_no_expense() -> None:
    story = a_loan().when(paid(30_00, on="2026-02-10", source="goodwill"))
    story.when(bounced("2026-02-10", since="2026-02-12"))
    assert journal(story, "2026-02-12", since="2026-02-12") == page("""
        2026-02-12 reversal R-2026-02-12:P-2026-02-10
          liabilities:suspense                      30.00
          expenses:goodwill                        -30.00
    """)


def test_a_refund_gives_back_what_was_held() -> None:
    story = a_loan().when(paid(600_00, on="2026-02-01")).when(refunded(50_00, on="2026-02-10"))
    assert journal(story, "2026-02-10", since="2026-02-10") == page("""
        2026-02-10 refund G-2026-02-10
          liabilities:customer_credit               50.00
          assets:cash                              -50.00
    """)


def test_a_refund_that_a_bounced_payment_uncovers_was_lent() -> None:
    story = a_loan().when(paid(600_00, on="2026-02-03")).when(refunded(50_00, on="2026-02-10"))
    story.when(recorded("2026-02-15", bounced("2026-02-03", since="2026-02-15")))
    assert journal(story, "2026-02-15", since="2026-02-02") == page("""
        2026-02-03 payment P-2026-02-03
          assets:cash                              600.00
          liabilities:suspense                    -600.00
        2026-02-10 refund G-2026-02-10
          assets:receivable:principal    D-1/2      50.00
          assets:cash                              -50.00
        2026-02-15 reversal R-2026-02-15:P-2026-02-03
          liabilities:suspense                     600.00
          assets:cash                             -600.00
    """)


def test_a_plan_of_the_sum_of_draws_waits_for_those_to_come() -> None:
    first = drawn(900_00, over=3, draw_spread="sum_then_level")
    story = given(opened(), first, joining(300_00, on="2026-01-20", draw="D-2", joins=first))
    assert journal(story, "2026-01-31") == page("""
        2026-01-01 draw D-1
          assets:receivable:principal    D-1/1     400.00
          assets:receivable:principal    D-1/2     400.00
          assets:receivable:principal    D-1/3     400.00
          liabilities:undrawn            D-1      -300.00
          assets:cash                             -900.00
        2026-01-20 draw D-2
          liabilities:undrawn            D-1       300.00
          assets:cash                             -300.00
    """)


def test_a_write_off_is_an_expense_and_what_comes_in_later_is_a_recovery() -> None:
    story = a_loan().when(written_off(on="2026-02-10")).when(paid(30_00, on="2026-03-05"))
    assert journal(story, "2026-03-05", since="2026-02-10") == page("""
        2026-02-10 write_off D-1
          expenses:written_off:fee       D-1/1       3.00
          expenses:written_off:interest  D-1/1      10.00
          liabilities:unearned:interest  D-1         5.00
          expenses:written_off:principal D-1/1     500.00
          expenses:written_off:principal D-1/2     500.00
          assets:receivable:fee          D-1/1      -3.00
          assets:receivable:interest     D-1/1     -10.00
          assets:receivable:interest     D-1/2      -5.00
          assets:receivable:principal    D-1/1    -500.00
          assets:receivable:principal    D-1/2    -500.00
        2026-03-05 payment P-2026-03-05
          assets:cash                               30.00
          income:recovery                D-1       -30.00
    """)


def test_what_a_merchant_gives_back_is_his_to_pay() -> None:
    story = a_loan().when(paid(513_00, on="2026-02-01")).when(goods_back(600_00, on="2026-02-10"))
    assert journal(story, "2026-02-10", since="2026-02-10") == page("""
        2026-02-10 draw_refund B-2026-02-10
          assets:merchant_refunds        D-1       600.00
          liabilities:unearned:interest  D-1         5.00
          assets:receivable:principal    D-1/2    -500.00
          assets:receivable:interest     D-1/2      -5.00
          liabilities:customer_credit             -100.00
    """)


def test_a_prepayment_gives_up_interest_that_was_not_earned() -> None:
    story = a_loan().when(prepaid(200_00, on="2026-01-15"))
    assert journal(story, "2026-01-15", since="2026-01-15") == page("""
        2026-01-15 payment P-2026-01-15
          liabilities:unearned:interest  D-1         2.10
          assets:cash                              200.00
          assets:receivable:interest     D-1/1      -1.10
          assets:receivable:principal    D-1/1    -100.00
          assets:receivable:interest     D-1/2      -1.00
          assets:receivable:principal    D-1/2    -100.00
    """)


def test_interest_that_becomes_principal_was_earned() -> None:
    again = restructured(
        on="2026-02-15",
        over=2,
        first_due="2026-03-15",
        covers="all_unpaid",
        unpaid_interest="capitalised",
    )
    story = a_loan().when(again)
    assert journal(story, "2026-02-15", since="2026-02-15") == page("""
        2026-02-15 restructure N-2026-02-15
          liabilities:unearned:interest  D-1         5.00
          income:fee                     D-1/1       3.00
          income:interest                D-1/1      10.00
          assets:receivable:principal    D-1/2       6.25
          assets:receivable:fee          D-1/2       3.00
          assets:receivable:principal    D-1/3     506.25
          assets:receivable:interest     D-1/2      -5.00
          assets:receivable:fee          D-1/1      -3.00
          assets:receivable:interest     D-1/1     -10.00
          assets:receivable:principal    D-1/1    -500.00
          income:interest                D-1/2     -12.50
          liabilities:unearned:fee       D-1        -3.00
    """)


# --- the documentation ---------------------------------------------------------------------------


def pages_of_the_documentation() -> list[str]:
    return re.findall(r"```text\n(.*?)\n```", DOCUMENTATION.read_text(), re.DOTALL)


@pytest.mark.parametrize("shown", pages_of_the_documentation(), ids=lambda text: text[:40])
def test_every_page_of_the_documentation_is_one_of_these(shown: str) -> None:
    indent = " " * 8
    lines = [indent + line for line in shown.splitlines()]
    tests = Path(__file__).parent.glob("test_journal*.py")
    assert any("\n".join(lines) in path.read_text() for path in tests)


def test_the_documentation_names_every_account_and_no_other() -> None:
    named = re.findall(r"^\| `([a-z_:]+)` \|", DOCUMENTATION.read_text(), re.MULTILINE)
    assert sorted(named) == sorted(CHART)
    assert len(pages_of_the_documentation()) > 8
