"""Assess an account from its facts: what to append on a day, and when to look again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.domain.account import Fact, gathered
from ledger.domain.assessment import (
    PenaltyEvent,
    assess,
    has_penalty_rules,
    is_assessed,
)
from ledger.replay import KnownFact, account_as_of

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Assessed:
    """What the penalty rules of an account come to on a day."""

    events: tuple[PenaltyEvent, ...]
    #: The next day that may call for a penalty with no new fact; None is never.
    next_on: date | None


#: Of an account whose terms have no penalty rules.
NOTHING_TO_ASSESS = Assessed((), None)


def assessed(facts: Sequence[KnownFact], today: date) -> Assessed:
    """What brings the penalties of the account to `today`, from the facts of the days before.

    Facts of `today` itself wait for tomorrow: until the day ends there may be more of them.
    """
    recorded = gathered(Fact(fact.event, fact.version) for fact in facts)
    if not has_penalty_rules(recorded):
        return NOTHING_TO_ASSESS
    others = [fact for fact in facts if not is_assessed(fact.event, recorded)]
    events, day = assess(account_as_of(others, today - ONE_DAY), recorded, today)
    begins = [fact.event.effective_on for fact in others if fact.event.effective_on >= today]
    days = [] if day is None else [day]
    days += [begin + ONE_DAY for begin in begins]
    return Assessed(events, min(days, default=None))
