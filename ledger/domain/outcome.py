"""The outcome of one replay: all that a view may be made of.

The journal, the episodes and the activity are worked out when they are first asked for, so whoever
needs only the state pays for nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ledger.domain.account import Account
from ledger.domain.activity import Activity, activity_of
from ledger.domain.episodes import Episode, episodes_of
from ledger.domain.journal import Journal, journal_of
from ledger.domain.state import AccountState
from ledger.domain.steps import Step


@dataclass(frozen=True)
class Outcome:
    """The facts that count on a day, the state they amount to, and the steps that lead there."""

    account: Account
    state: AccountState
    steps: Sequence[Step]

    @cached_property
    def journal(self) -> Journal:
        """The entries up to the day."""
        return journal_of(self.account, self.steps, self.state.as_of)

    @property
    def activity(self) -> list[Activity]:
        """What moved money or debt up to the day, with the balance after each."""
        return activity_of(self.journal.entries)

    @property
    def episodes(self) -> list[Episode]:
        """The periods of being overdue up to the day."""
        return episodes_of(self.account, self.steps, self.state.as_of)

    @property
    def changes_on(self) -> date | None:
        """The next day on which any of it changes with no new event; None is never.

        Interest that was paid in advance is earned on its day although the state stays the same.
        """
        days = (self.state.changes_on, self.journal.next_earned_on)
        return min((day for day in days if day is not None), default=None)
