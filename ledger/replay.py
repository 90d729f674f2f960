"""Replay on two time axes: what the books say as of a date, with what was known at a time.

This is the only fold there is.  Live projection, catch-up, rebuild, heal, verification, simulation
and diagnosis all call `outcome_of` or, where only the state matters, `replay`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import NamedTuple

from ledger.codec import decode
from ledger.domain.account import Account, Fact, gathered
from ledger.domain.events import AccountEvent
from ledger.domain.outcome import Outcome
from ledger.domain.refusals import StateOn
from ledger.domain.state import AccountState
from ledger.domain.statement import settled
from ledger.domain.steps import Step
from ledger.log.records import Recorded


class KnownFact(NamedTuple):
    """An event of an account and when the ledger learnt of it."""

    event: AccountEvent
    version: int
    recorded_at: datetime


def known_facts(history: Iterable[Recorded]) -> list[KnownFact]:
    """Decode a stream as read from the log.  Raises `CodecError` for a topic without meaning."""
    return [
        KnownFact(decode(r.topic, r.effective_on, r.state), r.version, r.recorded_at)
        for r in history
    ]


def replay(
    facts: Sequence[KnownFact],
    as_of: date,
    known_at: datetime | None = None,
    trace: list[Step] | None = None,
) -> AccountState:
    """The state at the end of the business date `as_of`, from what was recorded by `known_at`.

    Of the facts known then (all, when None) those effective by `as_of` count, in the order of
    (effective_on, version).  With `trace` the derivation is appended to it line by line.
    """
    account, next_fact_on = _gathered(facts, as_of, known_at)
    return settled(account, as_of, next_fact_on, trace)


def outcome_of(
    facts: Sequence[KnownFact], as_of: date, known_at: datetime | None = None
) -> Outcome:
    """The state that `replay` gives, with the facts that count and the steps that lead there."""
    account, next_fact_on = _gathered(facts, as_of, known_at)
    steps: list[Step] = []
    state = settled(account, as_of, next_fact_on, steps)
    return Outcome(account, state, steps)


def _gathered(
    facts: Sequence[KnownFact], as_of: date, known_at: datetime | None
) -> tuple[Account, date | None]:
    """The account that the facts known then make, and when the next of them begins to count."""
    if known_at is not None:
        facts = [fact for fact in facts if fact.recorded_at <= known_at]
    later = [fact.event.effective_on for fact in facts if fact.event.effective_on > as_of]
    return account_as_of(facts, as_of), min(later, default=None)


def state_of(facts: Sequence[KnownFact]) -> StateOn:
    """The state by date, with all the facts, and with others that are supposed to come last."""

    def state_on(as_of: date, /, *supposed: AccountEvent) -> AccountState:
        first = max((fact.version for fact in facts), default=0) + 1
        added = [KnownFact(event, n, _NEVER) for n, event in enumerate(supposed, start=first)]
        return replay([*facts, *added] if added else facts, as_of)

    return state_on


#: When a fact is recorded that is only supposed.
_NEVER = datetime.max.replace(tzinfo=UTC)


def account_as_of(facts: Iterable[KnownFact], as_of: date | None) -> Account:
    """The facts effective by `as_of` (all, when None), gathered in the order they count."""
    counting = [f for f in facts if as_of is None or f.event.effective_on <= as_of]
    counting.sort(key=attrgetter("event.effective_on", "version"))
    return gathered(Fact(fact.event, fact.version) for fact in counting)
