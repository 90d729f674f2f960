"""Laws of the assessor: for every history, whenever it comes by, the books come out the same."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import event, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from ledger.domain.decisions import Proposal
from ledger.domain.events import (
    AccountEvent,
    DelinquencyPaused,
    DrawMade,
    DuesWaived,
    PenaltyCharged,
)
from ledger.domain.money import rounded
from ledger.domain.rejections import Rejection
from ledger.domain.state import AccountState
from ledger.domain.terms import Allocation, Delinquency, LateFee, PenaltyInterest
from ledger.replay import replay
from tests.domain.accruing import PRINCIPAL_AT_ONCE, RECALCULATED, SIMPLE
from tests.domain.dsl import (
    Story,
    bounced,
    charged,
    day,
    drawn,
    given,
    joining,
    opened,
    paid,
    paused,
    penalised,
    recorded,
    waived,
)
from tests.domain.test_laws import ALLOCATIONS

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


#: Draws without interest, with interest fixed at the draw, and with interest that accrues.
INTEREST: st.SearchStrategy[dict[str, Any]] = st.sampled_from((
    {"method": "interest_free"}, {"method": "interest_free"},
    {"method": "equal_installment", "annual_rate": "0.18"}, RECALCULATED, SIMPLE,
))  # fmt: skip
ACCRUING_ORDERS = (Allocation(), PRINCIPAL_AT_ONCE)


@st.composite
def accounts(draw: st.DrawFn) -> Story:
    """An account with one or two draws under penalty rules."""
    story = Story().when(opened())
    for name in draw(st.sampled_from((("D-1",), ("D-1", "D-2")))):
        interest, cap = draw(PENALTY_INTERESTS), draw(st.sampled_from(CAPPED))
        if interest is not None:
            interest = replace(interest, **cap)
        terms = draw(INTEREST) | {"draw_spread": draw(st.sampled_from((None, "each_draw_level")))}
        if "interest_basis" in terms:
            terms |= {"draw_spread": None, "allocation": draw(st.sampled_from(ACCRUING_ORDERS))}
        if "daily_rate" in terms and interest is not None:
            interest = replace(interest, base="principal")  # Simple interest never bears interest.
        story.when(
            drawn(
                draw(st.integers(1_00, 900_00)),
                over=draw(st.integers(1, 3)),
                draw=name,
                **{"allocation": draw(ALLOCATIONS)} | terms,
                delinquency=Delinquency(
                    draw(st.sampled_from((0, 0, 5))), tolerance=draw(st.sampled_from((0, 5_00)))
                ),
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


@settings(deadline=None, max_examples=30)
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


@settings(deadline=None, max_examples=30)
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


@settings(deadline=None, max_examples=30)
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


@settings(deadline=None, max_examples=30)
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


@settings(deadline=None, max_examples=30)
@forall(st.data(), st.sets(DATES, max_size=3), st.lists(DATES, max_size=3))
def test_the_total_is_what_the_rule_says_of_the_settled_books(
    data: st.DataObject, visits: set[str], found_later: list[str]
) -> None:
    """Counted night by night from the replay of each day, which knows nothing of the assessor."""
    rate = "0.9"
    story = given(
        opened(),
        drawn(
            data.draw(st.integers(1_00, 900_00)),
            over=data.draw(st.integers(1, 3)),
            allocation=data.draw(ALLOCATIONS),
            late_fee=data.draw(LATE_FEES),
            penalty_interest=PenaltyInterest(annual_rate=rate, rounding="half_up"),
        ),
    )
    facts: list[AccountEvent] = [
        fact for fact in data.draw(facts_of_time(story)) if not isinstance(fact, LEFT_OUT)
    ]
    lives = lived(story, facts, visits)
    for number, on in enumerate(found_later):
        amount = data.draw(st.integers(1, 300_00))
        lives.when(recorded(LAST_DAY, paid(amount, on=on, payment=f"P-found-{number}")))
    lives.assessed(LAST_DAY)
    exact: dict[int, Fraction] = {}
    for number in range(DAYS + 10):
        night = FIRST + timedelta(days=number)
        for row in replay(lives.facts, night).draws[0].installments:
            if row.due_on <= night:
                principal = row.owed[3] - row.paid[3] - row.waived[3]
                exact[row.number] = exact.get(row.number, Fraction(0)) + Fraction(rate) * principal
    for installment, total in exact.items():
        assert interest_charged(lives, installment) == rounded(total / 365, "half_up")


#: What makes nights cost nothing, and other draws: the count above knows nothing of them.
LEFT_OUT = (DelinquencyPaused, DrawMade)


def interest_charged(story: Story, installment: int) -> int:
    """The penalty interest of an installment that counts, in minor units."""
    return sum(
        story.account.counting_charge(charge.key)
        for charge in story.account.charges.values()
        if isinstance(charge, PenaltyCharged)
        and (charge.rule, charge.installment) == ("penalty_interest", installment)
    )
