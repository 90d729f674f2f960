"""Fold the history of one account into the rows of the views, or as much of it as can be folded.

Nothing that an account holds may keep another from being projected: whatever goes wrong here comes
back as a value.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.log.records import Recorded
from ledger.replay import known_facts, outcome_of
from projections.view import View, ViewRow, content_tag


@dataclass(frozen=True, slots=True)
class Folded:
    """What the views show of an account, and the last event that is in it."""

    last: Recorded
    as_of: date
    changes_on: date | None
    #: By the name of the table, in the order in which they are digested.
    rows: Mapping[str, list[ViewRow]]
    #: By the name of the table, the digests of them.
    contents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unfolded:
    """Why an account could not be folded."""

    error: Exception
    #: The event with which folding begins to fail, where it can be told.
    event: Recorded | None = None
    #: What stands before that event: true then, and marked as old wherever it is read.
    before: Folded | None = None


def folded(history: Sequence[Recorded], as_of: date, views: Sequence[View]) -> Folded | Unfolded:
    """What the views show of an account at the end of `as_of`.  Its history is not empty."""
    try:
        return _whole(history, as_of, views)
    except Exception as error:  # Whatever it is, it concerns this account alone.
        return _in_part(history, as_of, views, error)


def _whole(history: Sequence[Recorded], as_of: date, views: Sequence[View]) -> Folded:
    outcome = outcome_of(known_facts(history), as_of)
    rows = {view.table_name: view.ordered(view.rows(outcome)) for view in views}
    contents = {table: content_tag(ordered) for table, ordered in rows.items()}
    days = (view.changes_on(outcome) for view in views)
    changes_on = min((day for day in days if day is not None), default=None)
    return Folded(history[-1], as_of, changes_on, rows, contents)


def _in_part(
    history: Sequence[Recorded], as_of: date, views: Sequence[View], error: Exception
) -> Unfolded:
    """Found by halving: with this event folding fails, and up to the one before it does not."""

    def fails(count: int) -> bool:
        try:
            _whole(history[:count], as_of, views)
        except Exception:  # What is asked is whether, not why.
            return True
        return False

    good = bisect_left(range(1, len(history) + 1), True, key=fails)
    before = _whole(history[:good], as_of, views) if good else None
    return Unfolded(error, history[good] if good < len(history) else None, before)
