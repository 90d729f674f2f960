"""The assessor: the books come out the same however often, however late it comes by."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import event, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from ledger.assessing import assessed
from ledger.domain.decisions import Proposal
from ledger.domain.events import AccountEvent, ChargeReversed, DuesWaived, PenaltyCharged
from ledger.domain.rejections import Rejection
from ledger.domain.state import AccountState
from ledger.domain.terms import (
    COMPONENTS,
    Allocation,
    AllocationStep,
    Delinquency,
    LateFee,
    PenaltyInterest,
)  # fmt: skip
from ledger.replay import replay
from tests.domain.dsl import (
    Story,
    bounced,
    charged,
    closed,
    day,
    drawn,
    given,
    joining,
    moved,
    opened,
    paid,
    paused,
    penalised,
    recorded,
    uncharged,
    voided,
    waived,
)
from tests.domain.test_laws import ALLOCATIONS

FEE = LateFee("0.1")
#: 0.10 a day for 365.00.
INTEREST = PenaltyInterest(annual_rate="0.1")
LATE = drawn(365_00, late_fee=FEE, penalty_interest=INTEREST)
#: What the assessor brings of it on 4 February: 36.50 for being late, and three days.
ASSESSED = {"penalty": 36_80}


def penalties(story: Story, on: str) -> int:
    """The penalties that the books of a day hold, in minor units."""
    return sum(row.owed[0] for row in story.as_of(on).draw().installments)


# --- by example ----------------------------------------------------------------------------------


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


# --- laws ----------------------------------------------------------------------------------------

FIRST = day("2026-01-01")
DAYS = 100
DATES = st.integers(0, DAYS).map(lambda days: (FIRST + timedelta(days=days)).isoformat())
LAST_DAY = (FIRST + timedelta(days=DAYS + 10)).isoformat()

LATE_FEES = st.none() | st.builds(
    LateFee,
    rate=st.sampled_from(("0.05", "0.013")),
    dated=st.sampled_from(("due_date", "first_overdue_day")),
    amount=st.sampled_from((0, 3_00)),
    grace_days=st.sampled_from((None, 0, 4)),
)
PENALTY_INTERESTS = st.none() | st.builds(
    PenaltyInterest,
    annual_rate=st.sampled_from(("0.234", "3.1")),
    base=st.sampled_from(("principal", "principal_and_interest")),
    day_count=st.sampled_from(("act/365", "act/360", "act/act")),
    accrues_from=st.sampled_from(("due_date", "grace_end")),
    charged_every=st.sampled_from(("day", "day", "month")),
)
CAPPED: tuple[dict[str, Any], ...] = (
    {},
    {"cap_percent": "5", "cap_base": "draw"},
    {"cap_percent": "7", "cap_base": "overdue"},
)


@st.composite
def accounts(draw: st.DrawFn) -> Story:
    """An account with one or two draws under penalty rules."""
    story = Story().when(opened())
    for name in draw(st.sampled_from((("D-1",), ("D-1", "D-2")))):
        interest, cap = draw(PENALTY_INTERESTS), draw(st.sampled_from(CAPPED))
        if interest is not None:
            interest = replace(interest, **cap)
        is_free = draw(st.booleans())
        story.when(
            drawn(
                draw(st.integers(1_00, 900_00)),
                over=draw(st.integers(1, 3)),
                draw=name,
                method="interest_free" if is_free else "equal_installment",
                annual_rate="0" if is_free else "0.18",
                allocation=draw(ALLOCATIONS),
                delinquency=Delinquency(
                    draw(st.sampled_from((0, 0, 5))), tolerance=draw(st.sampled_from((0, 5_00)))
                ),
                draw_spread=draw(st.sampled_from((None, "each_draw_level"))),
                charges_known=(
                    "in_time_order" if interest else draw(
                        st.sampled_from(("in_time_order", "upfront"))
                    )
                ),
                late_fee=draw(LATE_FEES),
                penalty_interest=interest,
            )
        )  # fmt: skip
        assert not isinstance(story.answer, Rejection), story.answer
    return story


def again(story: Story) -> Story:
    """The same facts, in a story of their own."""
    copy = Story()
    for fact in story.facts:
        copy.record(fact.event, "2026-01-01")
    return copy


@st.composite
def facts_of_time(draw: st.DrawFn, story: Story) -> list[AccountEvent]:
    """What the books took of what happened to an account, in the order of the days.

    Whether a penalty may be waived hangs on the assessor: it is taken as if it had been there.
    """
    plain = again(story)
    facts: list[AccountEvent] = []
    for wish in draw(wishes_of_time(story)):
        if isinstance(wish, DuesWaived) and wish.component == "penalty":
            facts.append(wish)
        elif isinstance(answer := plain.when(wish).answer, tuple):
            facts += answer
    return facts


@st.composite
def wishes_of_time(draw: st.DrawFn, story: Story) -> list[Proposal]:
    """What happens to an account, in the order of the days."""
    dates = sorted(draw(st.lists(DATES, max_size=8)))
    amounts = st.one_of(st.integers(1, 50_00), st.integers(1, 400_00))
    wishes: list[Proposal] = []
    for number, on in enumerate(dates):
        amount = draw(amounts)
        fee = charged(amount // 9 + 1, on=on, installment=1)
        possible: tuple[Proposal, ...] = (
            paid(amount, on=on, payment=f"P-{number}"),
            paid(amount, on=on, payment=f"P-{number}", toward="D-1"),
            replace(penalised(amount // 9 + 1, on=on), charge_id=f"C-{number}"),
            replace(fee, charge_id=f"F-{number}"),
            replace(waived(amount, on=on, of="principal"), waiver_id=f"W-{number}"),
            replace(waived(amount // 9 + 1, on=on), waiver_id=f"W-{number}"),
            replace(paused(on, draw(DATES)), pause_id=f"S-{number}"),
            joining(amount, on=on, draw=f"J-{number}", joins=story.account.draws["D-1"]),
        )
        wishes.append(draw(st.sampled_from(possible)))
    return wishes


def lived(story: Story, facts: list[AccountEvent], visits: set[str]) -> Story:
    """The account once all this has happened, with the assessor coming by on some mornings."""
    lives = again(story)
    left = list(facts)
    for number in range(DAYS + 11):
        on = (FIRST + timedelta(days=number)).isoformat()
        if on in visits:
            lives.assessed(on)
        while left and left[0].effective_on.isoformat() == on:
            lives.record(left.pop(0), on)
    return lives.assessed(LAST_DAY)


def books(story: Story, on: str = LAST_DAY) -> AccountState:
    """The state of a day, without the names of the charges."""
    state = replay(story.facts, day(on))
    return replace(state, installment_of_charge={})


def every_day() -> set[str]:
    return {(FIRST + timedelta(days=number)).isoformat() for number in range(DAYS + 11)}


@settings(deadline=None, max_examples=40)
@forall(st.data(), st.sets(DATES, max_size=5))
def test_once_after_missed_days_is_the_same_as_every_day(
    data: st.DataObject, visits: set[str]
) -> None:
    story = data.draw(accounts())
    wishes = data.draw(facts_of_time(story))
    daily, seldom = lived(story, wishes, every_day()), lived(story, wishes, visits)
    charges = [fact.event for fact in daily.facts if isinstance(fact.event, PenaltyCharged)]
    event(f"{min(3, sum(charge.rule is not None for charge in charges))} charges or more")
    assert books(daily) == books(seldom)
    assert {fact.event.key: fact.event for fact in daily.facts} == {
        fact.event.key: fact.event for fact in seldom.facts
    }
    on = data.draw(DATES)
    assert books(daily, on) == books(seldom, on)


@settings(deadline=None, max_examples=40)
@forall(st.data(), st.sets(DATES, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_recording_does_not_matter_once_all_is_assessed(
    data: st.DataObject, visits: set[str], lots: Random
) -> None:
    story = data.draw(accounts())
    facts = data.draw(facts_of_time(story))
    one_a_day = list({fact.effective_on: fact for fact in facts}.values())
    in_time, late = again(story), again(story)
    for fact in one_a_day:
        in_time.record(fact, LAST_DAY)
    lots.shuffle(one_a_day)
    mornings = sorted(visits)
    for fact in one_a_day:
        if mornings:
            late.assessed(mornings.pop(0))
        late.record(fact, LAST_DAY)
    in_time.assessed(LAST_DAY)
    late.assessed(LAST_DAY)
    assert books(late) == books(in_time)
    late.assessed(LAST_DAY).then()


@settings(deadline=None, max_examples=40)
@forall(st.data(), st.sets(DATES, max_size=4), DATES)
def test_a_payment_that_never_was_leaves_no_penalty_and_takes_none(
    data: st.DataObject, visits: set[str], on: str
) -> None:
    story = data.draw(accounts())
    wishes = data.draw(facts_of_time(story))
    without = lived(story, wishes, visits)
    story = lived(story, wishes, visits)
    story.when(recorded(LAST_DAY, paid(data.draw(st.integers(1, 900_00)), on=on, payment="P-x")))
    story.assessed(LAST_DAY).when(bounced("P-x", since=on)).assessed(LAST_DAY)
    kept = replace(books(story), payments=tuple(s for s in books(story).payments if s.counting))
    assert kept == replace(books(without), payments=books(without).payments)


@settings(deadline=None, max_examples=40)
@forall(st.data(), st.sets(DATES, max_size=5), DATES)
def test_no_installment_is_charged_less_than_nothing_nor_twice(
    data: st.DataObject, visits: set[str], on: str
) -> None:
    story = data.draw(accounts())
    lives = lived(story, data.draw(facts_of_time(story)), visits)
    net: dict[tuple[object, ...], int] = {}
    for fact in lives.facts:
        charge = fact.event
        if isinstance(charge, PenaltyCharged) and charge.rule is not None:
            place = (charge.rule, charge.draw_id, charge.installment, charge.effective_on)
            assert place not in net, "one charge of a rule for an installment and a day"
            net[place] = charge.amount
    assert all(amount > 0 for amount in net.values())
    for draw in replay(lives.facts, day(on)).draws:
        for row in draw.installments:
            assert all(owed >= 0 for owed in row.owed)
