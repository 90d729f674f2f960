"""Assess the accounts whose terms call for penalties: those with news, those whose day has come.

How far it has come stands in PostgreSQL, so that no portfolio is searched every day: the news of a
shard are followed by position, and each account says itself on which day it may next be charged
without any news.  Charges go into the books first, then it is noted that they are there; a worker
that is killed in between does it again, and their keys make it a retry.  If the tables are lost,
everything is news.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger import rights
from ledger.assessing import Assessed, assessed
from ledger.books import Answer, Books
from ledger.domain.assessment import PenaltyEvent
from ledger.domain.events import AccountOpened
from ledger.domain.rejections import Rejection
from ledger.door import as_written, line_of
from ledger.log.log import Log
from ledger.log.records import Recorded
from ledger.replay import known_facts
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")

#: Events that are searched for accounts with news, and accounts of one step; a step is one
#: transaction, and who was never assessed may take a second.
NEWS_EVENTS_MAX = 2_000
STEP_ACCOUNTS_MAX = 50
#: Lines of one request: an account that was never assessed may have years of them.
REQUEST_LINES_MAX = 2_000

ONE_DAY = timedelta(days=1)


class Progress(NamedTuple):
    """How far a shard is assessed: its news, and its days."""

    position: int
    assessed_to: date | None


@dataclass(frozen=True, slots=True)
class Found:
    """An account that was looked at; `error` says why it could not be."""

    account_id: str
    version: int
    events: tuple[PenaltyEvent, ...] = ()
    next_on: date | None = None
    currency: str = ""
    error: str = ""

    @property
    def corrections(self) -> list["Correction"]:
        """What there is to append."""
        return [Correction(self.account_id, self.currency, event) for event in self.events]


class Correction(NamedTuple):
    """What makes the penalties of an account those that its terms call for."""

    account_id: str
    currency: str
    event: PenaltyEvent

    @property
    def written(self) -> dict[str, Any]:
        """The fact as the doors write it."""
        return {"account": self.account_id, **as_written(self.event, self.currency)}


@dataclass(slots=True)
class Step:
    """What one step has done; of what failed, the account and the sentence."""

    accounts: int = 0
    #: What is in the books now.
    taken: list[Correction] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)


def create(conn: Connection, shards: int) -> None:
    """Make the tables, unless they are there."""
    conn.execute(SQL.create_assessments)
    conn.execute(SQL.create_assessments_by_day)
    conn.execute(SQL.create_assessment_progress)
    conn.execute(SQL.begin_assessments, {"shards": shards})
    rights.grant(conn, SQL.grant_assessments)


class Assessments:
    """The assessor over one ledger.  Safe to share between threads and to run twice at once."""

    def __init__(self, pool: ConnectionPool[Connection], log: Log, books: Books) -> None:
        self._pool = pool
        self._log = log
        self._books = books

    def owed(self, today: date) -> list[int]:
        """The shards that are not assessed for `today`.

        None is while the ledger is loading: a charge has the time of its making, and no history
        could be brought in behind it.
        """
        if self._log.phase == "loading":
            return []
        with self._pool.connection() as conn:
            rows = conn.execute(SQL.assessment_progress).fetchall()
        return [shard for shard, day in rows if day is None or day < today]

    def assessed_to(self) -> date | None:
        """The latest day for which any shard was assessed; None before the first."""
        with self._pool.connection() as conn:
            days = [day for _, day in conn.execute(SQL.assessment_progress) if day is not None]
        return max(days, default=None)

    def assess(self, shard: int, today: date) -> Iterator[Step]:
        """Assess what is news in the shard and what the day calls for, step by step.

        It ends where there is nothing left, where another worker is at it, or where a later day
        was assessed already: the books do not go back.
        """
        while True:
            with self._turn(shard) as (conn, progress):
                if progress is None or (progress.assessed_to or date.min) > today:
                    return
                account_ids, position = self._news(conn, shard, progress.position)
                if position == progress.position:
                    account_ids = self._due(conn, shard, today)
                    if not account_ids:
                        conn.execute(SQL.finish_assessment, {"shard": shard, "day": today})
                        return
                step = self._assess(conn, account_ids[:STEP_ACCOUNTS_MAX], today)
                if len(account_ids) <= STEP_ACCOUNTS_MAX:  # The rest is still news.
                    conn.execute(SQL.move_assessment, {"shard": shard, "position": position})
            yield step

    def assess_accounts(self, account_ids: Sequence[str], today: date) -> Step:
        """Assess these accounts, whether or not anything calls for it."""
        with self._pool.connection() as conn, conn.transaction():
            return self._assess(conn, account_ids, today)

    def look_at(self, account_ids: Sequence[str], today: date) -> list[Found]:
        """What an assessment would append; nothing is written.  Unknown accounts are left out."""
        return self._found(None, account_ids, today)

    @contextmanager
    def _turn(self, shard: int) -> Iterator[tuple[Connection, Progress | None]]:
        """A transaction that alone assesses the shard; None where another worker is at it."""
        with self._pool.connection() as conn, conn.transaction():
            row = conn.execute(SQL.lock_assessment, {"shard": shard}).fetchone()
            yield conn, None if row is None else Progress(*row)

    def _news(self, conn: Connection, shard: int, after: int) -> tuple[list[str], int]:
        asked = {"shard": shard, "after": after, "limit": NEWS_EVENTS_MAX}
        row = conn.execute(SQL.accounts_with_news, asked, prepare=False).fetchone()
        assert row is not None  # An aggregate without GROUP BY always gives a row.
        account_ids, position = row
        return account_ids, position

    def _due(self, conn: Connection, shard: int, today: date) -> list[str]:
        asked = {"shard": shard, "day": today, "limit": STEP_ACCOUNTS_MAX}
        return [row[0] for row in conn.execute(SQL.accounts_to_assess, asked)]

    def _found(
        self, conn: Connection | None, account_ids: Sequence[str], today: date
    ) -> list[Found]:
        histories = self._log.streams(account_ids, conn)
        return [_look(name, history, today) for name, history in histories.items() if history]

    def _assess(self, conn: Connection, account_ids: Sequence[str], today: date) -> Step:
        """Append what is called for, then note that it is there."""
        found = self._found(conn, account_ids, today)
        step = Step(len(found))
        step.failures += [(one.account_id, one.error) for one in found if one.error]
        versions = {one.account_id: one.version for one in found}
        wanted = [correction for one in found for correction in one.corrections]
        for first in range(0, len(wanted), REQUEST_LINES_MAX):
            part = wanted[first : first + REQUEST_LINES_MAX]
            answers = self._books.append_each([line_of(one.written) for one in part])
            for correction, answer in zip(part, answers, strict=True):
                _take(step, versions, correction, answer)
        self._note(conn, found, versions, {name for name, _ in step.failures}, today)
        return step

    def _note(
        self,
        conn: Connection,
        found: Sequence[Found],
        versions: dict[str, int],
        failed: set[str],
        today: date,
    ) -> None:
        """What failed is tried again tomorrow."""
        names = [one.account_id for one in found]
        days = [today + ONE_DAY if one.account_id in failed else one.next_on for one in found]
        conn.execute(
            SQL.note_assessments,
            {
                "shards": [self._log.shard_of(name) for name in names],
                "account_ids": names,
                "versions": [versions[name] for name in names],
                "days": days,
            },
        )


def _look(account_id: str, history: list[Recorded], today: date) -> Found:
    version = history[-1].version
    try:
        facts = known_facts(history)
        result: Assessed = assessed(facts, today)
        opened = next(fact.event for fact in facts if isinstance(fact.event, AccountOpened))
    except Exception as error:  # Whatever it is, it concerns this account alone.
        return Found(account_id, version, error=f"{type(error).__name__}: {error}")
    return Found(account_id, version, result.events, result.next_on, opened.currency)


def _take(step: Step, versions: dict[str, int], correction: Correction, answer: Answer) -> None:
    """Lay an answer beside its event.

    The account was looked at up to the version of its last charge, if nobody came in between.
    """
    account_id = correction.account_id
    if isinstance(answer, Rejection):
        step.failures.append((account_id, f"{answer.code.value}: {answer.message}"))
        return
    if not answer.is_retry:
        step.taken.append(correction)
    if answer.recorded[-1].version == versions[account_id] + 1:
        versions[account_id] += 1
