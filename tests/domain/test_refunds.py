"""Credit given back, and what happens when the money behind it turns out not to be good."""

from ledger.domain.terms import Allocation
from tests.domain.dsl import (
    Story,
    charged,
    drawn,
    given,
    opened,
    paid,
    recorded,
    refunded,
    voided,
)

EARLY = Allocation(in_advance=("penalty", "fee", "interest", "principal"))


def overpaid() -> Story:
    """A loan of 300.00 in three, paid on 10 January with 50.00 too much."""
    loan = drawn(300_00, over=3, allocation=EARLY)
    return given(opened(), loan, paid(200_00, on="2026-01-05"), paid(150_00, on="2026-01-10"))


def test_what_is_given_back_is_no_longer_credit() -> None:
    story = overpaid().when(refunded(30_00, on="2026-01-12"))
    books = story.as_of("2026-01-12").shows(credit=20_00, outstanding=0, status="settled")
    [_, split] = books.state.payments
    assert (split.credit, split.refunded, sum(split.paid)) == (20_00, 30_00, 100_00)
    story.as_of("2026-01-11").shows(credit=50_00)


def test_what_a_reversal_leaves_uncovered_is_owed_where_the_refund_lies() -> None:
    story = overpaid().when(refunded(50_00, on="2026-02-10"))
    story.when(recorded("2026-02-20", voided("2026-01-05")))
    # 150.00 pay the first 100.00 and half of the second; 50.00 were lent on 10 February.
    books = story.as_of("2026-02-20").shows(rows=[0, 100_00, 100_00], dues=[100_00, 150_00, 100_00])
    books.shows(balances=[200_00, 100_00, 0], credit=0)
    [_, split] = books.state.payments
    assert (split.principal_balance, split.refunded) == (150_00, 0)
    story.as_of("2026-02-20", known="2026-02-19").shows(outstanding=0)


def test_after_the_end_it_is_an_installment_of_its_own() -> None:
    story = overpaid().when(refunded(50_00, on="2026-05-10"))
    story.when(recorded("2026-05-20", voided("2026-01-10")))
    story.as_of("2026-05-20").shows(
        rows=[0, 0, 100_00, 50_00], overdue=150_00, balances=[200_00, 100_00, 0, 0],
        due_dates=["2026-02-01", "2026-03-01", "2026-04-01", "2026-05-10"],
    )  # fmt: skip


def test_a_refund_may_name_the_draw_that_takes_what_is_uncovered() -> None:
    story = overpaid()
    story.when(drawn(30_00, draw="D-2", on="2026-01-20", allocation=EARLY))
    story.when(refunded(20_00, on="2026-01-21", toward="D-1"))
    story.when(recorded("2026-01-22", voided("2026-01-05")))
    books = story.as_of("2026-01-22").shows(dues=[120_00, 100_00, 100_00])
    books.shows(draw="D-2", dues=[30_00])


def test_credit_that_waits_for_dues_can_be_given_back() -> None:
    story = given(opened(), drawn(300_00, over=3), paid(80_00, on="2026-01-05"))
    story.when(refunded(50_00, on="2026-01-10"))
    story.as_of("2026-01-10").shows(credit=30_00, outstanding=300_00)
    story.as_of("2026-02-01").shows(credit=0, rows=[70_00, 100_00, 100_00])


def test_held_money_pays_a_later_charge_as_of_the_day_it_came() -> None:
    """Where money pays in advance, it would have paid the charge, had that been known."""
    story = overpaid().when(charged(10_00, on="2026-02-20"))
    books = story.as_of("2026-02-20").shows(credit=40_00, outstanding=0)
    row = books.draw().installments[1]
    assert (str(row.settled_on), row.paid_in_advance, row.paid_late) == ("2026-01-10", 110_00, 0)


def test_money_that_waits_for_dues_pays_a_charge_on_its_day() -> None:
    story = given(opened(), drawn(100_00), paid(30_00, on="2026-01-05"))
    story.when(charged(10_00, on="2026-02-20", installment=1))
    row = story.as_of("2026-02-20").draw().installments[0]
    assert (row.paid[1], row.paid[3], row.paid_late) == (0, 30_00, 0)
