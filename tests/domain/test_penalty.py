"""Late fees: what the terms call for on a day and is not charged yet."""

import pytest

from ledger.domain.events import PenaltyCharged
from ledger.domain.penalty import missing_late_fees
from ledger.domain.rejections import Code
from ledger.domain.terms import Delinquency, LateFee
from tests.domain.dsl import Story, day, drawn, given, opened, paid, prepaid

FEE = LateFee("0.015")


def missing(story: Story, on: str) -> tuple[PenaltyCharged, ...]:
    """The fees that a day calls for."""
    return missing_late_fees(story.account, story.as_of(on).state)


def test_a_share_of_the_installment_once_for_each_that_is_overdue() -> None:
    story = given(opened(), drawn(900_00, over=3, late_fee=FEE))
    assert missing(story, "2026-02-01") == ()
    [fee] = missing(story, "2026-02-02")
    assert (fee.amount, fee.due_on, fee.installment) == (4_50, day("2026-02-01"), 1)
    story.when(fee)
    assert missing(story, "2026-02-28") == ()
    story.as_of("2026-02-28").shows(dues=[304_50, 300_00, 300_00], overdue=304_50)
    [second] = missing(story, "2026-03-02")
    assert (second.amount, second.installment) == (4_50, 2)


def test_the_base_may_hold_the_interest() -> None:
    # 900.00 flat at 12 % a year for three months: 27.00 of interest, 9.00 with each 300.00.
    fee = LateFee("0.1", base="principal_and_interest")
    loan = drawn(900_00, over=3, method="flat", annual_rate="0.12", late_fee=fee)
    [found] = missing(given(opened(), loan), "2026-02-02")
    assert (found.amount, found.basis) == (30_90, "0.1 of principal and interest")


def test_principal_that_was_repaid_early_is_no_base() -> None:
    story = given(opened(), drawn(900_00, over=3, late_fee=FEE), prepaid(300_00, on="2026-01-10"))
    [fee] = missing(story, "2026-02-02")
    assert fee.amount == 3_00  # 1.5 % of the 200.00 that fell due.


def test_there_is_none_within_grace_nor_once_it_is_paid() -> None:
    grace = Delinquency(grace_days=5)
    story = given(opened(), drawn(300_00, late_fee=FEE, delinquency=grace))
    assert missing(story, "2026-02-06") == ()
    assert len(missing(story, "2026-02-07")) == 1
    story.when(paid(300_00, on="2026-02-05"))
    assert missing(story, "2026-02-07") == ()


def test_a_fee_that_rounds_to_nothing_is_none() -> None:
    assert missing(given(opened(), drawn(30, late_fee=FEE)), "2026-02-02") == ()


@pytest.mark.parametrize("rate", ["0", "1.5", "a tenth", "-0.1"])
def test_a_rate_that_is_no_share_is_refused(rate: str) -> None:
    wish = drawn(300_00, late_fee=LateFee(rate))
    answer = given(opened()).when(wish).then(Code.TERMS_CONTRADICTORY).answer
    assert getattr(answer, "field", None) == "terms.late_fee.rate"
