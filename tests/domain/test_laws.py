"""Laws that hold for every history of an account, however it was recorded."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal, get_args

from hypothesis import assume, event, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from ledger.domain.allocation import PRINCIPAL
from ledger.domain.decisions import Proposal
from ledger.domain.events import (
    AccountOpened,
    DrawMade,
    DrawRestructured,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)
from ledger.domain.rejections import Rejection
from ledger.domain.settlement import Settlement
from ledger.domain.state import AccountState
from ledger.domain.steps import Step
from ledger.domain.terms import (
    COMPONENTS,
    Allocation,
    Delinquency,
    InAdvanceTarget,
    InterestBasis,
    Method,
)
from ledger.replay import KnownFact, account_as_of, replay
from tests.domain.accruing import accruing_agreements, accruing_draws
from tests.domain.dsl import (
    Story,
    bounced,
    charged,
    day,
    drawn,
    joining,
    moved,
    opened,
    paid,
    paused,
    penalised,
    prepaid,
    recorded,
    refunded,
    reinstated,
    restructured,
    settled,
    taken_back,
    uncharged,
    voided,
    waived,
)
from tests.domain.endings import (
    cancellation_undone,
    cancelled,
    goods_back,
    write_off_undone,
    written_off,
)

FIRST_DAY = day("2026-01-01")
#: Histories and questions lie in these days; the last installment falls due on 1 May.
DAYS = 150

AMOUNTS = st.one_of(st.integers(1, 20), st.integers(1, 500_00))
DATES = st.integers(0, DAYS).map(lambda days: (FIRST_DAY + timedelta(days=days)).isoformat())
ASKED = DATES.map(date.fromisoformat)

TARGETS: st.SearchStrategy[InAdvanceTarget] = st.sampled_from(get_args(InAdvanceTarget))
EARLY = ("penalty_due", "fee_due", "penalty", "fee", "interest", "principal")
ORDERS = st.builds(
    Allocation,
    sequence=st.sampled_from(
        ("installment", "status_then_installment", "status_component_then_installment")
    ),
    past_due=st.permutations(COMPONENTS).map(tuple),
    in_advance=st.sampled_from(((), EARLY)),
    principal_first_after_days=st.sampled_from((None, None, 0, 20)),
)
ALLOCATIONS = st.one_of(
    ORDERS,
    st.builds(
        Allocation,
        sequence=st.sampled_from(("status_then_installment", "status_component_then_installment")),
        in_advance=st.just(EARLY),
        in_advance_target=TARGETS,
    ),
)
WAYS: st.SearchStrategy[Literal["shorten", "lower"]] = st.sampled_from(("shorten", "lower"))
#: Half of the draws bear no interest: only those can be joined.
METHODS: tuple[Method, ...] = (
    "interest_free", "interest_free", "interest_free", "equal_installment", "equal_principal",
    "interest_only", "flat",
)  # fmt: skip
BASES = st.sampled_from(
    (InterestBasis(), InterestBasis("daily", "act/365"), InterestBasis("month_prorated"))
)
DELINQUENCIES = st.builds(
    Delinquency,
    grace_days=st.integers(0, 10),
    day_one=st.sampled_from(("day_after_due", "due_date")),
    tolerance=st.sampled_from((0, 1, 5_00)),
)


@st.composite
def draws(draw: st.DrawFn, name: str) -> DrawMade:
    """A draw of one to four months, with or without interest, under any rules of the books."""
    if draw(st.integers(0, 2)) == 0:
        return draw(accruing_draws(name, draw(DELINQUENCIES)))
    method: Method = draw(st.sampled_from(METHODS))
    rate = "0" if method == "interest_free" else "0.18"
    return drawn(
        draw(st.integers(1, 900_00)),
        over=draw(st.integers(1, 4)),
        on=draw(st.sampled_from(("2026-01-01", "2026-01-20"))),
        draw=name,
        method=method,
        annual_rate=rate,
        interest_basis=InterestBasis() if method == "flat" else draw(BASES),
        unearned_charges=draw(st.sampled_from((None, "rebated", "owed"))),
        payoff_interest_until=draw(st.sampled_from((None, "payoff_date", "period_end"))),
        allocation=draw(ALLOCATIONS),
        delinquency=draw(DELINQUENCIES),
        charges_known=draw(st.sampled_from(("in_time_order", "upfront"))),
        draw_spread=draw(st.sampled_from((None, "sum_then_level", "each_draw_level"))),
        down_payment_percent=draw(st.sampled_from((None, None, "25"))),
    )


@st.composite
def restructurings(draw: st.DrawFn, on: str, name: str) -> DrawRestructured:
    """A new agreement about what is unpaid, with or without interest."""
    rate = draw(st.sampled_from(("0", "0.24")))
    first_due = day(on) + timedelta(days=draw(st.integers(1, 40)))
    if draw(st.integers(0, 3)) == 0:
        return draw(accruing_agreements(on, name, first_due, draw(DELINQUENCIES)))
    return restructured(
        on=on,
        over=draw(st.integers(1, 4)),
        first_due=first_due.isoformat(),
        draw=name,
        covers=draw(st.sampled_from(("not_yet_due", "all_unpaid"))),
        unpaid_interest=draw(st.sampled_from(("first_installment", "capitalised"))),
        method="equal_principal" if rate != "0" else "interest_free",
        annual_rate=rate,
        allocation=draw(ALLOCATIONS),
    )


@st.composite
def wishes(draw: st.DrawFn, on: str, number: int, dates: list[str]) -> Proposal:
    """Anything that may happen to an account after its draws; some of it will be refused."""
    amount = draw(AMOUNTS)
    name = draw(st.sampled_from(("D-1", "D-2", "D-3")))
    payment = f"P-{draw(st.integers(0, 12))}"
    due, other = draw(st.none() | DATES), draw(st.sampled_from(dates))
    due_date = draw(st.sampled_from(("2026-02-01", "2026-03-01", "2026-04-01")))
    possible: tuple[Proposal, ...] = (
        paid(amount, on=on, payment=f"P-{number}"),
        paid(amount * 3, on=on, payment=f"P-{number}", source="goodwill", ahead=draw(TARGETS)),
        paid(amount, on=on, payment=f"P-{number}", toward=name),
        bounced(payment, since=on, part=draw(st.none() | AMOUNTS)),
        taken_back(amount, on=on),
        refunded(draw(st.integers(1, 20)), on=on, toward=draw(st.sampled_from((None, name)))),
        penalised(amount, on=on, due=due, draw=name),
        charged(amount, on=on, installment=1),
        waived(amount, on=on, of=draw(st.sampled_from(COMPONENTS)), draw=name),
        waived(draw(st.integers(1, 20)), on=on, of="fee", charge=f"F-{other}"),
        reinstated(other, since=on),
        uncharged(f"C-{other}", since=on, part=draw(st.none() | st.integers(1, 20))),
        uncharged(f"F-{other}", since=on, of="fee"),
        moved(due_date, draw(DATES), on=on, draw=name),
        paused(on, draw(DATES), draw=draw(st.sampled_from((None, name)))),
        written_off(on=on, draw=name),
        written_off(on=on, draw=name, principal=amount),
        cancelled(on=on, draw=name),
        write_off_undone(on, draw=name),
        cancellation_undone(on, draw=name),
        goods_back(draw(st.none() | AMOUNTS), on=on, draw=name),
        replace(prepaid(amount, on=on, to=draw(WAYS), draw=name), payment_id=f"P-{number}"),
        replace(settled(amount * 4, on=on, draw=name), payment_id=f"P-{number}"),
        draw(restructurings(on, name)),
    )
    return draw(st.sampled_from(possible))


@st.composite
def histories(draw: st.DrawFn, *, distinct_dates: bool = False) -> Story:
    """An account with up to four draws, and what the books took of a dozen wishes."""
    story = Story().when(opened())
    names = draw(st.sampled_from((("D-1",), ("D-1", "D-2"))))
    for name in names:
        story.when(draw(draws(name)))
    first = story.account.draws["D-1"]
    for name in draw(st.sampled_from(((), ("D-3",), ("D-3", "D-4")))):
        story.when(joining(draw(AMOUNTS), on=draw(DATES), draw=name, joins=first))
    count = len(story.facts)
    keys = {fact.event.key for fact in story.facts}
    dates = draw(st.lists(DATES, max_size=12, unique=distinct_dates))
    for number, on in enumerate(dates):
        wish = draw(wishes(on, number, dates))
        if getattr(wish, "key", None) not in keys:
            story.when(recorded(draw(DATES), wish))
        keys |= {fact.event.key for fact in story.facts}
    event(f"{len(story.facts) - count} facts after the draws")
    for fact in story.facts[count:]:
        event(fact.event.TOPIC)
    return story


def counting(story: Story, as_of: date) -> int:
    """The money that came in and was not taken back: counted from the facts, without the fold."""
    payments: dict[str, int] = {}
    for fact in sorted(story.facts, key=lambda fact: (fact.event.effective_on, fact.version)):
        if fact.event.effective_on > as_of:
            continue
        match fact.event:
            case PaymentReceived(payment_id=payment_id, amount=amount):
                payments[payment_id] = amount
            case PaymentReversed(payment_id=payment_id, amount=part):
                left = payments[payment_id]
                payments[payment_id] -= left if part is None else min(part, left)
    return sum(payments.values())


def timeless(state: AccountState) -> AccountState:
    """The state without what says when it was asked, and without payments that do not count."""
    payments = tuple(split for split in state.payments if split.counting)
    return replace(state, as_of=FIRST_DAY, changes_on=None, payments=payments)


def steps_of(story: Story, as_of: date, kind: str) -> int:
    """The amounts of one kind of step, summed."""
    trace: list[Step] = []
    replay(story.facts, as_of, trace=trace)
    return sum(step.amount for step in trace if step.kind == kind)


@settings(deadline=None)
@forall(histories(), ASKED)
def test_money_in_is_money_allocated_credit_and_money_given_back(story: Story, as_of: date) -> None:
    state = replay(story.facts, as_of)
    rows = [row for draw in state.draws for row in draw.installments]
    covered = sum(split.refunded for split in state.payments)
    allocated = sum(sum(row.paid) + sum(row.recovered) for row in rows)
    assert allocated + state.credit_balance + covered == counting(story, as_of)
    for split in state.payments:
        placed = sum(split.paid) + sum(split.recovered)
        assert placed + split.credit + split.refunded == split.counting
    assert sum(split.credit for split in state.payments) == state.credit_balance >= 0
    given_back = sum(
        fact.event.amount
        for fact in story.facts
        if isinstance(fact.event, PaymentRefunded) and fact.event.effective_on <= as_of
    )
    assert covered + steps_of(story, as_of, "refund_owed") == given_back


@settings(deadline=None)
@forall(histories(), ASKED)
def test_running_figures_are_those_of_the_lines(story: Story, as_of: date) -> None:
    books = Settlement(account_as_of(story.facts, as_of))
    books.run(as_of)
    assert books.principal_balance == sum(line.open(PRINCIPAL) for line in books.lines)
    still_open = [line for line in books.lines if line.open_total]
    assert [line for line in books.open_lines() if line.open_total] == still_open
    assert books.lines == sorted(books.lines, key=lambda line: line.due_on)


@settings(deadline=None)
@forall(histories(), ASKED)
def test_nothing_is_paid_or_waived_beyond_what_is_owed(story: Story, as_of: date) -> None:
    for draw in replay(story.facts, as_of).draws:
        for row in draw.installments:
            for component, owed in enumerate(row.owed):
                taken_off = (row.paid, row.waived, row.written_off, row.cancelled)
                parts = [part[component] for part in taken_off]
                assert min(parts) >= 0
                assert 0 <= sum(parts) <= owed
                assert 0 <= row.recovered[component] <= row.written_off[component]
            is_closed = row.status in ("settled", "written_off", "cancelled")
            assert (row.outstanding == 0) == is_closed
            assert row.settled_on is None or row.settled_on <= as_of


@settings(deadline=None)
@forall(histories(), ASKED)
def test_schedule_principal_sums_to_the_draws(story: Story, as_of: date) -> None:
    draws = replay(story.facts, as_of).draws
    owed = sum(row.owed[3] for draw in draws for row in draw.installments)
    lent_again = steps_of(story, as_of, "refund_owed") + steps_of(story, as_of, "capitalised")
    assert owed == sum(draw.amount for draw in draws) + lent_again
    assert owed == steps_of(story, as_of, "drawn") + lent_again
    for draw in draws:
        assert draw.installments[-1].balance == 0
        assert [row.number for row in draw.installments] == [*range(1, len(draw.installments) + 1)]


@settings(deadline=None)
@forall(histories(), ASKED)
def test_the_derivation_adds_up_to_the_state(story: Story, as_of: date) -> None:
    trace: list[Step] = []
    state = replay(story.facts, as_of, trace=trace)
    assert [step.on for step in trace] == sorted(step.on for step in trace)
    amounts = {"owed": 0, "settled": 0, "credit": 0}
    for step in trace:
        match step.kind:
            case "planned" | "charged" | "refund_owed" | "replanned" | "restructured" | "accrued":
                amounts["owed"] += step.amount
            case "refunded":
                amounts["credit"] -= step.amount
            case "credited":
                amounts["credit"] += step.amount
            case "paid" | "waived" | "written_off" | "cancelled":
                amounts["settled"] += step.amount
            case "given_back":
                amounts["credit"] += step.amount
            case "recovered_from_credit":
                amounts["credit"] -= step.amount
            case "paid_from_credit":
                amounts["settled"] += step.amount
                amounts["credit"] -= step.amount
    assert amounts["owed"] - amounts["settled"] == sum(state.outstanding)
    assert amounts["credit"] == state.credit_balance


@settings(deadline=None)
@forall(histories(), AMOUNTS, DATES, ASKED)
def test_a_payment_voided_from_its_own_day_never_was(
    story: Story, amount: int, on: str, as_of: date
) -> None:
    before = replay(story.facts, as_of)
    story.when(paid(amount, on=on)).when(voided(on))
    assert timeless(replay(story.facts, as_of)) == timeless(before)


@settings(deadline=None)
@forall(histories(), AMOUNTS, DATES, ASKED)
def test_a_waiver_reversed_from_its_own_day_never_was(
    story: Story, amount: int, on: str, as_of: date
) -> None:
    before = replay(story.facts, as_of)
    wish = replace(waived(amount, on=on, of="principal"), waiver_id="W-last")
    assume(not isinstance(story.when(wish).answer, Rejection))
    story.when(replace(reinstated(on), waiver_id="W-last", reversal_id="U-last"))
    assert timeless(replay(story.facts, as_of)) == timeless(before)


@settings(deadline=None)
@forall(histories(), ASKED, DATES)
def test_what_is_recorded_later_never_changes_what_was_known(
    story: Story, as_of: date, known_on: str
) -> None:
    known_at = datetime.combine(day(known_on), time(12), tzinfo=UTC)
    known = [fact for fact in story.facts if fact.recorded_at <= known_at]
    assume(len(known) < len(story.facts))
    assert replay(story.facts, as_of, known_at) == replay(known, as_of)


@settings(deadline=None)
@forall(histories(), ASKED)
def test_a_state_holds_until_the_day_it_says_it_changes(story: Story, as_of: date) -> None:
    state = replay(story.facts, as_of)
    end = state.changes_on or FIRST_DAY + timedelta(days=2 * DAYS)
    assert end > as_of
    for days in range(1, (end - as_of).days):
        on = as_of + timedelta(days=days)
        assert replay(story.facts, on) == replace(state, as_of=on)
    if state.changes_on is not None:
        then = replay(story.facts, state.changes_on)
        begins = {fact.event.effective_on for fact in story.facts}
        assert state.changes_on in begins or timeless(then) != timeless(state)


@settings(deadline=None)
@forall(histories(distinct_dates=True), st.randoms(use_true_random=False), ASKED)
def test_the_order_of_recording_does_not_matter(story: Story, chance: Random, as_of: date) -> None:
    is_first = [isinstance(fact.event, AccountOpened | DrawMade) for fact in story.facts]
    first = [fact for fact, comes in zip(story.facts, is_first, strict=True) if comes]
    rest = [fact for fact, comes in zip(story.facts, is_first, strict=True) if not comes]
    days = [fact.event.effective_on for fact in rest]
    # Only facts of different days have an order of their own; parts of one reversal share a day.
    assume(len(set(days)) == len(days))
    assume(not {fact.event.effective_on for fact in first} & set(days))
    chance.shuffle(rest)
    shuffled = [
        KnownFact(fact.event, version, fact.recorded_at)
        for version, fact in enumerate(first + rest, start=1)
    ]
    one, other = replay(story.facts, as_of), replay(shuffled, as_of)
    assert one == other
