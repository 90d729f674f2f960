"""The assessor by example: what it charges, what it takes back, and what is not its business."""

from dataclasses import replace

import pytest

from ledger.assessing import assessed
from ledger.domain.events import ChargeReversed, PenaltyCharged
from ledger.domain.terms import (
    COMPONENTS,
    Allocation,
    AllocationStep,
    Delinquency,
    LateFee,
    PenaltyInterest,
)  # fmt: skip
from tests.domain.dsl import (
    Story,
    bounced,
    charged,
    closed,
    day,
    drawn,
    given,
    moved,
    opened,
    paid,
    penalised,
    recorded,
    uncharged,
    voided,
    waived,
)
from tests.domain.endings import cancellation_undone, cancelled

FEE = LateFee("0.1")
#: 0.10 a day for 365.00.
INTEREST = PenaltyInterest(annual_rate="0.1")
LATE = drawn(365_00, late_fee=FEE, penalty_interest=INTEREST)
#: What the assessor brings of it on 4 February: 36.50 for being late, and three days.
ASSESSED = {"penalty": 36_80}


def penalties(story: Story, on: str) -> int:
    """The penalties that the books of a day hold, in minor units."""
    return sum(row.owed[0] for row in story.as_of(on).draw().installments)


def test_the_ids_say_what_a_charge_is_for() -> None:
    story = given(opened(), LATE).assessed("2026-02-02")
    assert [fact.event.key for fact in story.facts[2:]] == [
        "penalty:late_fee:D-1:1:2026-02-01", "penalty:penalty_interest:D-1:1:2026-02-02",
    ]  # fmt: skip


def test_twice_is_once() -> None:
    story = given(opened(), LATE).assessed("2026-02-04")
    story.assessed("2026-02-04").then()
    assert penalties(story, "2026-02-04") == 36_80


def test_a_payment_found_later_takes_back_what_it_made_wrong() -> None:
    story = given(opened(), LATE).assessed("2026-02-04")
    story.when(recorded("2026-02-04", paid(365_00, on="2026-02-01"))).assessed("2026-02-05")
    story.as_of("2026-02-05").shows(outstanding=0, credit=0, dues=[365_00])
    corrections = [fact.event for fact in story.facts if isinstance(fact.event, ChargeReversed)]
    assert len(corrections) == 4
    assert corrections[0].reversal_id == "late_fee:D-1:1:2026-02-01:2"
    assert corrections[0].reason == "0.00 is called for, 36.50 charged"
    assert f"{corrections[1].effective_on}" == "2026-02-02"


def test_a_payment_found_later_may_leave_something_over() -> None:
    story = given(opened(), LATE).assessed("2026-02-04")
    story.when(recorded("2026-02-04", paid(370_00, on="2026-02-01"))).assessed("2026-02-05")
    story.as_of("2026-02-05").shows(outstanding=0, credit=5_00)


def test_a_part_found_later_leaves_the_rest_of_the_penalty() -> None:
    story = given(opened(), LATE).assessed("2026-02-04")
    story.when(recorded("2026-02-04", paid(182_50, on="2026-02-01"))).assessed("2026-02-05")
    # The late fee stands; 182.50 overdue cost 0.05 a day.
    assert penalties(story, "2026-02-05") == 36_50 + 4 * 5


def test_a_payment_that_bounces_makes_it_overdue_since_the_due_date() -> None:
    story = given(opened(), LATE, paid(365_00, on="2026-02-01")).assessed("2026-02-04").then()
    story.when(bounced("2026-02-01", since="2026-02-10")).assessed("2026-02-10").then()
    story.assessed("2026-02-11")
    assert penalties(story, "2026-02-11") == 36_50 + 10 * 10


def test_wrong_for_a_while_and_right_again() -> None:
    story = given(opened(), LATE).assessed("2026-02-04")
    story.when(recorded("2026-02-04", paid(365_00, on="2026-02-01"))).assessed("2026-02-04")
    assert penalties(story, "2026-02-04") == 0
    story.when(voided("2026-02-01")).assessed("2026-02-04")
    assert penalties(story, "2026-02-04") == 36_80
    assert story.facts[-1].event.key == "penalty:penalty_interest:D-1:1:2026-02-04:3"
    story.assessed("2026-02-04").then()


def test_a_due_date_that_is_moved_was_never_missed() -> None:
    story = given(opened(), LATE).assessed("2026-02-04")
    story.when(moved("2026-02-01", "2026-02-15", on="2026-02-04")).assessed("2026-02-05")
    assert penalties(story, "2026-02-05") == 0
    story.assessed("2026-02-16")
    assert penalties(story, "2026-02-16") == 36_60
    assert story.facts[-2].event.key == "penalty:late_fee:D-1:1:2026-02-01:3"


def test_what_the_lender_gives_up_stays_given_up() -> None:
    story = given(opened(), LATE).assessed("2026-02-04")
    fee = story.facts[2].event
    assert isinstance(fee, PenaltyCharged)
    story.when(waived(36_50, on="2026-02-04", charge=fee.charge_id)).assessed("2026-02-05")
    story.as_of("2026-02-05").shows(outstanding=365_40)
    story.assessed("2026-02-05").then()


def test_a_penalty_charged_by_hand_is_none_of_its_business() -> None:
    story = given(opened(), LATE, penalised(5_00, on="2026-02-02", installment=1))
    story.assessed("2026-02-04").assessed("2026-02-04").then()
    assert penalties(story, "2026-02-04") == 36_80 + 5_00


def test_an_account_that_is_closed_is_charged_no_more_but_can_be_put_right() -> None:
    story = given(opened(), LATE).assessed("2026-02-04")
    story.when(paid(401_80, on="2026-02-04")).when(closed("2026-02-05"))
    story.when(bounced("2026-02-04", since="2026-02-06")).assessed("2026-02-10").then()
    story = given(opened(), LATE).assessed("2026-02-04").when(paid(401_80, on="2026-02-04"))
    story.when(recorded("2026-02-04", waived(365_00, on="2026-02-01", of="principal")))
    story.when(closed("2026-02-05")).assessed("2026-02-10")
    assert penalties(story, "2026-02-10") == 0


def test_a_draw_that_was_cancelled_is_charged_no_more_until_that_is_taken_back() -> None:
    """Days overdue that nobody assessed in time are not charged to what was annulled since."""
    story = given(opened(), LATE, cancelled(on="2026-02-04"))
    story.assessed("2026-02-10").then()
    story.when(recorded("2026-02-10", cancellation_undone("2026-02-04"))).assessed("2026-02-10")
    assert penalties(story, "2026-02-10") == 36_50 + 90


@pytest.mark.parametrize("in_advance", [(), COMPONENTS])
def test_a_payment_of_the_due_date_comes_before_the_fee_that_it_did_not_avoid(
    in_advance: tuple[AllocationStep, ...],
) -> None:
    allocation = Allocation(in_advance=in_advance)
    story = given(opened(), drawn(365_00, late_fee=FEE, allocation=allocation))
    story.assessed("2026-02-02")
    story.when(recorded("2026-02-02", paid(100_00, on="2026-02-01"))).assessed("2026-02-03").then()
    assert story.as_of("2026-02-03").split("2026-02-01") == {"principal": 100_00}


def test_a_fee_in_grace_counts_before_the_payments_after_its_date() -> None:
    grace = Delinquency(grace_days=5)
    story = given(opened(), drawn(365_00, late_fee=FEE, delinquency=grace))
    story.when(paid(100_00, on="2026-02-03")).assessed("2026-02-07")
    split = story.as_of("2026-02-07").split("2026-02-03")
    assert split == {"penalty": 36_50, "principal": 63_50}
    # It is not overdue because of the fee alone: found in full, the payment was in time.
    story.when(recorded("2026-02-07", paid(265_00, on="2026-02-05"))).assessed("2026-02-08")
    story.as_of("2026-02-08").shows(outstanding=0, credit=0)


def test_each_draw_by_its_own_rules() -> None:
    plain = drawn(100_00, draw="D-2")
    story = given(opened(), LATE, plain).assessed("2026-02-04")
    story.as_of("2026-02-04").shows("D-2", outstanding=100_00)
    assert penalties(story, "2026-02-04") == 36_80
    given(opened(), plain).assessed("2026-02-04").then()


def test_it_says_when_to_look_again() -> None:
    def next_on(story: Story, on: str) -> str:
        return str(assessed(story.facts, day(on)).next_on)

    grace = Delinquency(grace_days=5)
    monthly = replace(INTEREST, charged_every="month")
    assert next_on(given(opened(), LATE), "2026-01-10") == "2026-02-02"
    assert next_on(given(opened(), LATE), "2026-02-02") == "2026-02-03"
    slow = drawn(365_00, delinquency=grace, penalty_interest=monthly)
    assert next_on(given(opened(), slow), "2026-01-10") == "2026-02-07"
    assert next_on(given(opened(), slow), "2026-02-07") == "2026-03-01"
    done = given(opened(), LATE, paid(365_00, on="2026-02-01"))
    assert next_on(done, "2026-02-01") == "2026-02-02"
    assert next_on(done, "2026-02-02") == "None"
    assert next_on(given(opened(), drawn(5_00)), "2026-02-10") == "None"
    capped = replace(INTEREST, cap_percent="1", cap_base="overdue")
    story = given(opened(), drawn(365_00, penalty_interest=capped))
    assert next_on(story, "2026-12-31") == "None"


def test_a_charge_taken_back_by_hand_counts_no_longer() -> None:
    story = given(opened(), drawn(100_00), penalised(10_00, on="2026-02-02", installment=1))
    story.when(paid(110_00, on="2026-02-03")).when(uncharged("C-2026-02-02", since="2026-02-05"))
    story.as_of("2026-02-04").shows(dues=[110_00], credit=0)
    story.as_of("2026-02-05").shows(dues=[100_00], credit=10_00)


def test_a_part_of_a_charge_can_be_taken_back() -> None:
    story = given(opened(), drawn(100_00), charged(10_00, on="2026-01-05", installment=1))
    story.when(uncharged("F-2026-01-05", since="2026-01-06", part=4_00, of="fee"))
    story.as_of("2026-01-06").shows(dues=[106_00])
