"""Purchases that were undone: cancelled draws, and prices that a merchant gave back."""

from dataclasses import replace
from datetime import date

from hypothesis import assume
from hypothesis import given as forall
from hypothesis import strategies as st

from app.explanation import explain
from ledger.domain.decisions import Proposal
from ledger.domain.events import PaymentReceived
from ledger.domain.rejections import Rejection
from ledger.domain.terms import Refunds
from ledger.replay import replay
from tests.domain.dsl import (
    Story,
    charged,
    day,
    drawn,
    given,
    joining,
    opened,
    paid,
    penalised,
    recorded,
    voided,
    waived,
)
from tests.domain.endings import cancelled, goods_back, written_off
from tests.domain.test_laws import AMOUNTS, ASKED, DATES, histories, steps_of

LOAN = (opened(), drawn(900_00, over=3))
KEPT = Refunds(future_interest="kept")


def with_interest(*facts: Proposal, refunds: Refunds | None = None) -> Story:
    """900.00 over three months at 12 %: 9.00, 6.00 and 3.00 of interest."""
    loan = drawn(900_00, over=3, method="equal_principal", annual_rate="0.12", refunds=refunds)
    return given(opened(), loan, *facts)


# --- cancelled -----------------------------------------------------------------------------------


def test_a_cancelled_draw_owes_nothing_and_what_was_paid_is_credit() -> None:
    story = given(*LOAN, paid(300_00, on="2026-02-01"), cancelled(on="2026-02-10"))
    story.as_of("2026-02-09").shows(status="current", outstanding=600_00, credit=0)
    books = story.as_of("2026-02-10").shows(
        status="cancelled", outstanding=0, credit=300_00, rows=[0, 0, 0],
        statuses=["cancelled"] * 3, balances=[0, 0, 0], changes=None, settled=["2026-02-10"] * 3,
    )  # fmt: skip
    assert books.split("2026-02-01") == {"credit": 300_00}


def test_interest_fees_and_penalties_paid_are_given_back_too() -> None:
    story = given(
        opened(),
        drawn(900_00, over=3, method="equal_principal", annual_rate="0.12"),
        penalised(5_00, on="2026-02-05", installment=1),
        paid(314_00, on="2026-02-06"),
        cancelled(on="2026-02-10"),
    )
    story.as_of("2026-02-09").shows(credit=0, outstanding=609_00)
    story.as_of("2026-02-10").shows(credit=314_00, outstanding=0, status="cancelled")


def test_the_credit_of_a_cancelled_draw_pays_what_another_owes() -> None:
    other = drawn(200_00, over=2, draw="D-2", on="2026-01-05", first_due_on=day("2026-02-05"))
    story = given(*LOAN, other, paid(300_00, on="2026-02-01", toward="D-1"))
    story.when(cancelled(on="2026-02-10"))
    story.as_of("2026-02-09").shows(draw="D-2", overdue=100_00)
    story.as_of("2026-02-10").shows(draw="D-2", overdue=0, outstanding=100_00, credit=200_00)


def test_a_draw_cancelled_while_overdue_is_overdue_no_more() -> None:
    story = given(*LOAN, cancelled(on="2026-04-10"))
    story.as_of("2026-04-09").shows(status="overdue", overdue=900_00)
    story.as_of("2026-04-10").shows(status="cancelled", overdue=0, days_late=0)


def test_a_charge_that_counts_from_after_the_end_goes_with_the_draw() -> None:
    late_fee = penalised(5_00, on="2026-03-05")
    story = given(*LOAN, late_fee, recorded("2026-03-06", cancelled(on="2026-02-10")))
    story.as_of("2026-03-05").shows(status="cancelled", outstanding=0)
    told = explain("A-1", story.facts, day("2026-03-05")).happenings[-1]
    assert told.sentence == (
        "penalty C-2026-03-05 of 5.00 on installment 3, in whose period its due date 2026-03-05"
        " lies; cancelled, for so is its draw"
    )


def test_a_payment_that_comes_after_is_credit() -> None:
    story = given(*LOAN, cancelled(on="2026-02-10"), paid(300_00, on="2026-03-01", toward="D-1"))
    story.as_of("2026-03-01").shows(credit=300_00, status="cancelled")


def test_a_payment_reversed_after_the_cancellation_leaves_no_credit() -> None:
    story = given(*LOAN, paid(300_00, on="2026-02-01"), cancelled(on="2026-02-10"))
    story.when(recorded("2026-03-01", voided("2026-02-01")))
    story.as_of("2026-03-01").shows(credit=0, outstanding=0)


def test_a_debt_written_off_may_turn_out_never_to_have_been_one() -> None:
    story = given(*LOAN, written_off(on="2026-06-01"), paid(100_00, on="2026-07-01"))
    story.when(cancelled(on="2026-08-01"))
    books = story.as_of("2026-08-01").shows(status="cancelled", written_off=0, credit=100_00)
    assert books.split("2026-07-01") == {"credit": 100_00}


def test_a_cancellation_is_told_in_the_explanation() -> None:
    story = given(*LOAN, paid(300_00, on="2026-02-01"), cancelled(on="2026-02-10"))
    told = explain("A-1", story.facts, day("2026-02-10"))
    last = told.happenings[-1]
    assert last.sentence == (
        "draw D-1 cancelled: 600.00 principal owed no more, 300.00 principal paid before, now"
        " credit"
    )
    assert (last.outstanding, last.credit) == (0, 300_00)


# --- refunded ------------------------------------------------------------------------------------


def test_a_part_given_back_takes_the_last_installments_off_first() -> None:
    story = given(*LOAN, goods_back(400_00, on="2026-01-10"))
    story.as_of("2026-01-10").shows(
        rows=[300_00, 200_00, 0], outstanding=500_00, status="current", credit=0,
        balances=[200_00, 0, 0], statuses=["upcoming", "upcoming", "cancelled"],
    )  # fmt: skip


def test_the_terms_may_take_the_next_installments_or_all_evenly() -> None:
    for refunds, rows in (
        (Refunds("next_installment"), [0, 200_00, 300_00]),
        (Refunds("all_evenly"), [166_67, 166_67, 166_66]),
    ):
        loan = drawn(900_00, over=3, refunds=refunds)
        story = given(opened(), loan, goods_back(400_00, on="2026-01-10"))
        story.as_of("2026-01-10").shows(rows=rows, outstanding=500_00)


def test_all_given_back_closes_the_draw_and_principal_paid_is_credit() -> None:
    story = given(*LOAN, paid(300_00, on="2026-02-01"), goods_back(on="2026-02-10"))
    story.as_of("2026-02-10").shows(status="refunded", outstanding=0, credit=300_00)
    same = given(*LOAN, paid(300_00, on="2026-02-01"), goods_back(900_00, on="2026-02-10"))
    same.as_of("2026-02-10").shows(status="refunded", outstanding=0, credit=300_00)


def test_what_exceeds_the_debt_becomes_credit() -> None:
    story = given(*LOAN, paid(300_00, on="2026-02-01"), paid(300_00, on="2026-03-01"))
    story.when(goods_back(500_00, on="2026-03-10"))
    books = story.as_of("2026-03-10").shows(status="settled", outstanding=0, credit=200_00)
    # The latest money is given back first.
    assert books.split("2026-03-01") == {"principal": 100_00, "credit": 200_00}


def test_parts_add_up_to_the_whole() -> None:
    story = given(*LOAN, goods_back(400_00, on="2026-01-10"), goods_back(500_00, on="2026-01-11"))
    story.as_of("2026-01-10").shows(status="current")
    story.as_of("2026-01-11").shows(status="refunded", outstanding=0)
    rest = given(*LOAN, goods_back(400_00, on="2026-01-10"), goods_back(on="2026-01-11"))
    rest.as_of("2026-01-11").shows(status="refunded", outstanding=0)


def test_future_interest_falls_in_proportion_to_the_principal() -> None:
    story = with_interest(goods_back(300_00, on="2026-02-10"))
    story.as_of("2026-01-31").shows(dues=[309_00, 306_00, 303_00])
    # A third of what was open; the interest that fell due by then was earned.
    story.as_of("2026-02-10").shows(rows=[309_00, 304_00, 2_00])


def test_the_terms_may_keep_future_interest() -> None:
    story = with_interest(goods_back(300_00, on="2026-02-10"), refunds=KEPT)
    story.as_of("2026-02-10").shows(rows=[309_00, 306_00, 3_00])


def test_whatever_the_terms_keep_a_whole_refund_closes_the_draw() -> None:
    story = with_interest(goods_back(on="2026-02-10"), refunds=KEPT)
    story.as_of("2026-02-10").shows(status="refunded", outstanding=0, credit=0)


def test_interest_that_was_paid_stays_paid_when_the_price_is_given_back() -> None:
    story = with_interest(paid(309_00, on="2026-02-01"), goods_back(on="2026-02-10"))
    books = story.as_of("2026-02-10").shows(status="refunded", credit=300_00)
    assert books.split("2026-02-01") == {"interest": 9_00, "credit": 300_00}


def test_the_credit_of_a_refund_pays_the_fee_that_is_due() -> None:
    story = given(*LOAN, paid(900_00, on="2026-02-01"), charged(5_00, on="2026-04-05"))
    story.when(goods_back(100_00, on="2026-04-10"))
    story.as_of("2026-04-09").shows(outstanding=5_00, overdue=5_00)
    story.as_of("2026-04-10").shows(outstanding=0, credit=95_00, status="settled")


def test_principal_that_was_waived_is_nobodys_credit() -> None:
    story = given(*LOAN, waived(900_00, on="2026-02-02", of="principal"))
    story.when(goods_back(on="2026-02-10"))
    story.as_of("2026-02-10").shows(credit=0, outstanding=0, status="refunded")


def test_a_refund_after_a_write_off_takes_the_claim_off_before_it_gives_back() -> None:
    story = given(*LOAN, paid(300_00, on="2026-02-01"), written_off(on="2026-06-01"))
    story.when(goods_back(500_00, on="2026-07-01"))
    story.as_of("2026-07-01").shows(written_off=100_00, credit=0, status="written_off")
    story.when(goods_back(400_00, on="2026-07-02"))
    story.as_of("2026-07-02").shows(written_off=0, credit=300_00, status="refunded")


def test_a_draw_that_joined_a_schedule_is_refunded_out_of_it() -> None:
    line = drawn(900_00, over=3, draw_spread="each_draw_level")
    story = given(opened(), line, joining(100_00, on="2026-02-10", draw="D-2", joins=line))
    story.when(goods_back(on="2026-02-11", draw="D-2"))
    story.as_of("2026-02-11").shows(rows=[300_00, 350_00, 250_00], status="overdue")
    story.when(goods_back(on="2026-02-12"))
    story.as_of("2026-02-12").shows(rows=[0, 0, 0], status="refunded")


def test_a_refund_is_told_in_the_explanation() -> None:
    story = given(*LOAN, paid(600_00, on="2026-02-01"), goods_back(400_00, on="2026-04-01"))
    last = explain("A-1", story.facts, day("2026-04-01")).happenings[-1]
    assert last.sentence == (
        "merchant refund B-2026-04-01 of 400.00: 300.00 principal owed no more, 100.00 principal"
        " paid before, now credit"
    )


@forall(histories(), st.none() | AMOUNTS, DATES)
def test_a_refund_lowers_the_debt_by_its_amount_and_the_rest_is_credit(
    story: Story, amount: int | None, on: str
) -> None:
    payments = [fact.event for fact in story.facts if isinstance(fact.event, PaymentReceived)]
    untargeted = [replace(payment, draw_id=None, intent="due") for payment in payments]
    story = given(*LOAN, *untargeted)
    before = replay(story.facts, day(on))
    assume(not isinstance(story.when(goods_back(amount, on=on)).answer, Rejection))
    after = replay(story.facts, day(on))
    taken = sum(before.outstanding) - sum(after.outstanding)
    given_back = after.credit_balance - before.credit_balance
    assert taken + given_back == (900_00 if amount is None else amount)


@forall(histories(), DATES, ASKED)
def test_nothing_is_left_of_a_cancelled_draw(story: Story, on: str, as_of: date) -> None:
    assume(not isinstance(story.when(cancelled(on=on)).answer, Rejection))
    assume(as_of >= day(on))
    draw = replay(story.facts, as_of).draw("D-1")
    assert draw is not None
    lent_again = steps_of(story, as_of, "refund_owed")
    paid_again = sum(sum(row.paid) + sum(row.recovered) for row in draw.installments)
    assert sum(draw.outstanding) + paid_again <= lent_again
    assert lent_again or draw.status == "cancelled"
