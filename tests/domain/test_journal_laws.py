"""Laws of the journal, the activity and the episodes, for every history of an account."""

import gc
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import get_args

from hypothesis import event, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from ledger.domain.account import Account
from ledger.domain.episodes import Episode
from ledger.domain.events import (
    AccountEvent,
    ChargeReversed,
    DrawMade,
    DueDateMoved,
    FeeCharged,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
    PenaltyCharged,
    WaiverReversed,
)
from ledger.domain.journal import (
    CASH,
    CHART,
    CUSTOMER_CREDIT,
    GOODWILL,
    RECEIVABLE,
    SUSPENSE,
    UNDRAWN,
    UNEARNED,
    Entry,
    balances,
    change_of_credit,
    change_of_debt,
    sides_of,
)
from ledger.domain.outcome import Outcome
from ledger.domain.outcome_events import CancellationReversed, WriteOffReversed
from ledger.domain.state import AccountState
from ledger.domain.statement import settled
from ledger.domain.steps import StepKind
from ledger.replay import KnownFact, outcome_of, replay
from tests.domain.dsl import Story
from tests.domain.test_explanation import BEGIN, DAYS, random_history
from tests.domain.test_laws import ASKED, FIRST_DAY, histories


def rows_due_after(state: AccountState, day: date) -> list[tuple[str, tuple[int, ...]]]:
    """By draw: what installments that are not due yet are owed or have been paid, by component."""
    return [
        (draw.draw_id, tuple(row.open(n) + paid for n, paid in enumerate(row.paid)))
        for draw in state.draws
        for row in draw.installments
        if row.due_on > day
    ]


def test_every_kind_of_step_is_posted_on_two_sides() -> None:
    for kind in get_args(StepKind):
        debited, credited = sides_of(kind)
        assert debited != credited


@forall(st.integers(0, 10**9))
def test_the_journal_balances_after_every_event(seed: int) -> None:
    facts = random_history(seed)
    for count in range(1, len(facts) + 1):
        journal = outcome_of(facts[:count], BEGIN + timedelta(days=DAYS)).journal
        for entry in journal.entries:
            assert entry.postings
            assert sum(posting.amount for posting in entry.postings) == 0
            assert {posting.account for posting in entry.postings} <= set(CHART)
        assert sum(balances(journal.entries).values()) == 0


@forall(histories(), ASKED)
def test_receivables_are_what_each_installment_owes(story: Story, as_of: date) -> None:
    outcome = outcome_of(story.facts, as_of)
    owed: dict[tuple[object, ...], int] = defaultdict(int)
    for entry in outcome.journal.entries:
        for posting in entry.postings:
            if posting.account in RECEIVABLE:
                owed[posting.draw_id, posting.installment, posting.account] += posting.amount
    expected = {
        (row.draw_id, row.number, account): row.open(n)
        for draw in outcome.state.draws
        for row in draw.installments
        for n, account in enumerate(RECEIVABLE)
    }
    assert {place: amount for place, amount in owed.items() if amount} == {
        place: amount for place, amount in expected.items() if amount
    }


@forall(histories(), ASKED)
def test_the_other_accounts_are_what_the_state_says(story: Story, as_of: date) -> None:
    outcome = outcome_of(story.facts, as_of)
    found = defaultdict(int, balances(outcome.journal.entries))
    state = outcome.state
    assert found[CUSTOMER_CREDIT] == -state.credit_balance
    assert found[SUSPENSE] == 0
    received = sum(split.counting for split in state.payments)
    given_back = sum(step.amount for step in outcome.steps if step.kind.startswith("refund"))
    drawn = sum(step.amount for step in outcome.steps if step.kind == "drawn")
    assert found[CASH] + found[GOODWILL] == received - drawn - given_back
    to_come = sum(row.owed[3] for d in state.draws for row in d.installments) - drawn
    lent_again = sum(
        step.amount for step in outcome.steps if step.kind in ("refund_owed", "capitalised")
    )
    assert -found[UNDRAWN] == to_come - lent_again
    if outcome.account.restructured:
        return  # What was paid ahead is earned on its day by the plan before.
    later = rows_due_after(state, as_of)
    for n, account in enumerate(UNEARNED):
        still_to_earn = sum(amounts[n] for _, amounts in later)
        assert -found[account] <= still_to_earn
        # Only a charge makes an extra row, and only that may be due again after it had fallen due.
        assert -found[account] == still_to_earn or outcome.account.charges


#: Kinds of entries that no event posts.
_OF_TIME = ("due:", "credit:", "accrual:")


def counts_for_a_draw(account: Account, charge: PenaltyCharged | FeeCharged) -> bool:
    """Whether a charge was not taken back, nor cancelled together with its draw."""
    has_ended = account.cancellation_of(charge.draw_id) or account.draw_refunds
    return account.counting_charge(charge.key) > 0 and not has_ended


@forall(histories(), ASKED)
def test_each_event_that_moves_money_or_debt_posts_one_entry(story: Story, as_of: date) -> None:
    outcome = outcome_of(story.facts, as_of)
    posted = [f"{entry.kind}:{entry.fact_id}" for entry in outcome.journal.entries]
    of_events = [key for key in posted if not key.startswith(_OF_TIME)]
    account = outcome.account
    must = {
        *(draw.key for draw in account.draws.values()),
        *(payment.key for payment in account.payments.values() if payment.amount),
        *(key for key, charge in account.charges.items() if counts_for_a_draw(account, charge)),
        *(f"reversal:{taken.fact_id}" for taken in account.taken_back if taken.amount),
        *(
            move.movement.key
            for move in account.moves
            if isinstance(move.movement, PaymentRefunded)
        ),
    }
    may = {
        waiver.key
        for waiver in account.waivers.values()
        if waiver.waiver_id not in account.reversed_waivers
    } | {
        move.movement.key
        for move in account.moves
        if not isinstance(move.movement, DrawMade | PaymentReceived | PaymentRefunded)
    }
    assert len(of_events) == len(set(of_events))
    assert must <= set(of_events) <= must | may


def in_order_of_time(story: Story) -> list[KnownFact]:
    """The facts of a history without those by which the books are as if it had always been so."""
    draws = story.account.draws.values()
    is_upfront = any(draw.terms.charges_known == "upfront" for draw in draws)
    alone = {None, *(draw.draw_id for draw in draws if draw.joins_draw_id is None)}

    def keeps_the_past(fact: AccountEvent) -> bool:
        match fact:
            case PaymentReversed() | WaiverReversed() | ChargeReversed() | DueDateMoved():
                return False
            case WriteOffReversed() | CancellationReversed():
                return False
            case PenaltyCharged() | FeeCharged() if is_upfront:
                return False
        return getattr(fact, "draw_id", None) in alone

    return [fact for fact in story.facts if keeps_the_past(fact.event)]


@forall(histories(), ASKED, ASKED)
def test_time_alone_only_adds_to_the_journal(story: Story, one: date, other: date) -> None:
    facts = in_order_of_time(story)
    early, late = sorted((one, other))
    then, now = outcome_of(facts, early), outcome_of(facts, late)
    assert until(now.journal.entries, early) == list(then.journal.entries)


def until(entries: tuple[Entry, ...], day: date) -> list[Entry]:
    return [entry for entry in entries if entry.on <= day]


@forall(histories(), ASKED)
def test_the_activity_ends_at_the_state(story: Story, as_of: date) -> None:
    outcome = outcome_of(story.facts, as_of)
    activity = outcome.activity
    assert [one.on for one in activity] == sorted(one.on for one in activity)
    if activity:
        assert activity[-1].outstanding == sum(outcome.state.outstanding)
        assert activity[-1].credit_balance == outcome.state.credit_balance
    for before, after in pairwise(activity):
        assert after.outstanding - before.outstanding == sum(after.debt)
    assert sum(sum(one.debt) for one in activity) == sum(map(change_of_debt, outcome.steps))
    assert all(one.outstanding >= 0 and one.credit_balance >= 0 for one in activity)
    assert sum(map(change_of_credit, outcome.steps)) == outcome.state.credit_balance


@settings(max_examples=40)
@forall(histories(), ASKED)
def test_an_outcome_holds_until_the_day_it_says_it_changes(story: Story, as_of: date) -> None:
    outcome = outcome_of(story.facts, as_of)
    end = outcome.changes_on or FIRST_DAY + timedelta(days=2 * DAYS)
    assert end > as_of
    for days in range(1, min((end - as_of).days, 40)):
        assert shown(outcome_of(story.facts, as_of + timedelta(days=days))) == shown(outcome)
    if outcome.changes_on is not None and outcome.changes_on != outcome.state.changes_on:
        then = outcome_of(story.facts, outcome.changes_on)
        assert [e.kind for e in then.journal.entries[len(outcome.journal.entries) :]].count("due")


def shown(outcome: Outcome) -> tuple[object, ...]:
    """All that a view may show of an outcome, but its day."""
    return outcome.journal.entries, outcome.activity, outcome.episodes, outcome.state.draws


def days_until(as_of: date) -> list[date]:
    return [FIRST_DAY + timedelta(days=n) for n in range((as_of - FIRST_DAY).days + 1)]


def as_known_in_the_end(account: Account, day: date) -> AccountState:
    """The books of a day with only what had moved or was paused by then."""
    until_then = replace(
        account,
        moves=[move for move in account.moves if move.on <= day],
        pauses=[pause for pause in account.pauses if pause.effective_on <= day],
    )
    return settled(until_then, day)


def noted_down(states: list[AccountState]) -> list[Episode]:
    """Episodes as somebody would note them down who looks at every draw every day."""
    found: list[Episode] = []
    for draw_id in dict.fromkeys(draw.draw_id for state in states for draw in state.draws):
        number, episode = 0, None
        for state in states:
            today, draw = state.as_of, state.draw(draw_id)
            if draw is None:
                continue
            if draw.status != "overdue":
                found += [episode._replace(ended_on=today)] if episode else []
                episode = None
                continue
            assert draw.overdue_since is not None
            if episode is None:
                number += 1
                episode = Episode(draw_id, number, today, None, draw.overdue_since, 0, 0)
            episode = episode._replace(
                worst_days_past_due=max(episode.worst_days_past_due, draw.days_past_due),
                worst_overdue=max(episode.worst_overdue, draw.overdue_total),
            )
        found += [episode] if episode else []
    return found


@settings(max_examples=40)
@forall(histories(), ASKED)
def test_episodes_are_what_every_single_day_says_as_known_in_the_end(
    story: Story, as_of: date
) -> None:
    outcome = outcome_of(story.facts, as_of)
    days = [as_known_in_the_end(outcome.account, day) for day in days_until(as_of)]
    assert sorted(outcome.episodes) == sorted(noted_down(days))
    event(f"{len(outcome.episodes)} episodes")


@settings(max_examples=40)
@forall(histories(), ASKED)
def test_where_nothing_was_undone_episodes_are_what_every_replay_said(
    story: Story, as_of: date
) -> None:
    facts = in_order_of_time(story)
    days = [replay(facts, day) for day in days_until(as_of)]
    assert sorted(outcome_of(facts, as_of).episodes) == sorted(noted_down(days))


@forall(histories(), ASKED)
def test_an_open_episode_is_what_is_overdue_today(story: Story, as_of: date) -> None:
    outcome = outcome_of(story.facts, as_of)
    still_open = {one.draw_id: one for one in outcome.episodes if one.ended_on is None}
    overdue = {draw.draw_id: draw for draw in outcome.state.draws if draw.status == "overdue"}
    assert still_open.keys() == overdue.keys()
    for draw_id, draw in overdue.items():
        assert still_open[draw_id].worst_days_past_due >= draw.days_past_due > 0
        assert still_open[draw_id].worst_overdue >= draw.overdue_total


@settings(max_examples=50)
@forall(histories(), ASKED)
def test_a_fold_leaves_nothing_to_the_collector_of_garbage(story: Story, as_of: date) -> None:
    shown(outcome_of(story.facts, as_of))  # What is kept from a first time on is no garbage.
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        shown(outcome_of(story.facts, as_of))
        assert gc.collect() == 0
    finally:
        gc.enable()
        gc.unfreeze()
