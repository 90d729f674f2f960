"""Keep the views equal to replay: follow the log, roll the day, heal, rebuild.

All of these are one function, `_write`: fold some accounts of a shard and replace their rows and
receipts, in the transaction that holds the shard's checkpoint.  It may run again, late, or twice at
once, and the rows come out the same: whoever holds the checkpoint reads the newest events, so rows
are only ever replaced by rows of the same or a later version and date.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from ledger.domain.state import AccountState
from ledger.log.log import Log
from ledger.log.records import Recorded
from ledger.replay import known_facts, replay
from projections.schema import PROJECTOR, SQL, VIEWS
from projections.view import View, content_tag

#: Events of one step of following; a step is one transaction.
STEP_EVENTS_MAX = 2_000
#: Accounts of one step of rolling or rebuilding.
STEP_ACCOUNTS_MAX = 500


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a shard is projected.  Dates are None before its first roll."""

    shard: int
    position: int
    business_date: date | None
    rolled_to: date | None
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction of a projector has done."""

    shard: int
    accounts: int
    quarantined: int
    position: int


class Projector:
    """Folds accounts and writes their rows.  Safe to run in many processes at once."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        log: Log,
        clock: Callable[[], datetime],
        views: tuple[View, ...] = VIEWS,
    ) -> None:
        self._pool = pool
        self._log = log
        self._clock = clock
        self.views = views

    def follow(self, shard: int, today: date) -> Step | None:
        """Project the next events of a shard; None when there are no more."""
        with self._turn(shard, today) as (conn, checkpoint):
            stream_ids, position = self._log.changed_streams(
                shard, checkpoint.position, STEP_EVENTS_MAX, conn
            )
            if position == checkpoint.position:
                return None
            step = self._write(conn, checkpoint, stream_ids, position)
            self._move(conn, shard, position)
        return step

    def roll(self, shard: int, today: date) -> Iterator[Step]:
        """Bring the shard to `today`: fold again what changes with the days that have passed.

        Several missed days are made up at once, since a state depends on its date and not on how
        often it was asked for; each of them enters the log of days.
        """
        with self._pool.connection() as conn, conn.transaction():
            before = checkpoint_of(conn, shard, lock=True)
            conn.execute(SQL.begin_day, {"shard": shard, "day": today})
        while True:
            with self._turn(shard, today) as (conn, checkpoint):
                due = {"shard": shard, "day": checkpoint.business_date, "limit": STEP_ACCOUNTS_MAX}
                account_ids = [row[0] for row in conn.execute(SQL.accounts_to_roll, due)]
                if not account_ids:
                    self._finish_day(conn, before, checkpoint)
                    return
                step = self._write(conn, checkpoint, account_ids, checkpoint.position)
            yield step

    def heal(self, account_ids: Sequence[str], today: date) -> list[Step]:
        """Fold these accounts again for `today`, whatever their rows say."""
        by_shard: dict[int, list[str]] = {}
        for account_id in account_ids:
            by_shard.setdefault(self._log.shard_of(account_id), []).append(account_id)
        steps = []
        for shard, ids in sorted(by_shard.items()):
            with self._turn(shard, today, begin_day=True) as (conn, checkpoint):
                steps.append(self._write(conn, checkpoint, ids, checkpoint.position))
        return steps

    def rebuild(self, shard: int, today: date, after: str = "") -> Iterator[tuple[Step, str]]:
        """Fold every account of a shard again, in the order of ids, beginning behind `after`.

        Gives each step with the last account it reached, so that a rebuild can go on from there.
        Rows of accounts that have no events are taken away first.
        """
        from_the_start = not after
        head = self._log.heads()[shard].position
        self._remove_strays(shard, today)
        while True:
            with self._turn(shard, today) as (conn, checkpoint):
                ids = self._log.stream_ids(shard, after, STEP_ACCOUNTS_MAX, conn)
                if not ids:
                    if from_the_start:  # All that stood in the log when it began is folded now.
                        self._move(conn, shard, head)
                    return
                step = self._write(conn, checkpoint, ids, checkpoint.position)
            after = ids[-1]
            yield step, after

    def retry_quarantined(self, today: date) -> int:
        """Fold again what an older version of the code could not; answers how many were tried."""
        with self._pool.connection() as conn:
            rows = conn.execute(SQL.quarantined_by_older_code, {"projector": PROJECTOR}).fetchall()
        self.heal([account_id for _, account_id in rows], today)
        return len(rows)

    def checkpoints(self) -> list[Checkpoint]:
        """How far every shard is projected."""
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Checkpoint)) as cur:
            return cur.execute(SQL.checkpoints).fetchall()

    @contextmanager
    def _turn(
        self, shard: int, today: date, *, begin_day: bool = False
    ) -> Iterator[tuple[Connection, Checkpoint]]:
        """A transaction that alone projects the shard, and what it begins from.

        Rows are made for the shard's business date, which `begin_day` moves on to `today`.
        """
        with self._pool.connection() as conn, conn.transaction():
            checkpoint = checkpoint_of(conn, shard, lock=True)
            if checkpoint.business_date is None or begin_day:
                conn.execute(SQL.begin_day, {"shard": shard, "day": today})
                checkpoint = checkpoint_of(conn, shard, lock=True)
            yield conn, checkpoint

    def _write(
        self, conn: Connection, checkpoint: Checkpoint, stream_ids: Sequence[str], position: int
    ) -> Step:
        """Replace the rows and receipts of these accounts by what replay says."""
        account_ids = [stream_id for stream_id in stream_ids if is_account(stream_id)]
        as_of = checkpoint.business_date
        assert as_of is not None  # `_turn` has set it.
        folded: dict[str, tuple[Recorded, AccountState]] = {}
        failed = 0
        for account_id, history in self._log.streams(account_ids, conn).items():
            if not history:
                continue
            try:
                folded[account_id] = history[-1], replay(known_facts(history), as_of)
            except Exception as error:  # Whatever it is, it concerns this account alone.
                failed += 1
                self._quarantine(conn, checkpoint.shard, account_id, len(history), error)
        self._replace(conn, checkpoint.shard, folded)
        return Step(checkpoint.shard, len(folded) + failed, failed, position)

    def _replace(
        self, conn: Connection, shard: int, folded: dict[str, tuple[Recorded, AccountState]]
    ) -> None:
        account_ids = list(folded)
        contents: dict[str, dict[str, str]] = {account_id: {} for account_id in account_ids}
        asked = {"shard": shard, "account_ids": account_ids}
        with conn.pipeline():
            for view in self.views:
                conn.execute(view.delete_rows, asked)
            conn.execute(SQL.forget_account_receipts, asked)
            conn.execute(SQL.release_accounts, asked)
        for view in self.views:
            with conn.cursor() as cur, cur.copy(view.copy_rows) as copy:
                for account_id, (last, state) in folded.items():
                    rows = view.ordered(view.rows(state))
                    contents[account_id][view.name] = content_tag(rows)
                    for row in rows:
                        copy.write_row((shard, account_id, last.version, state.as_of, *row))
        now = self._clock()
        with conn.cursor() as cur, cur.copy(SQL.copy_receipts) as copy:
            for account_id, (last, state) in folded.items():
                copy.write_row(
                    (
                        shard, account_id, last.version, last.digest, PROJECTOR, state.as_of,
                        state.changes_on, Jsonb(contents[account_id]), now,
                    )
                )  # fmt: skip

    def _quarantine(
        self, conn: Connection, shard: int, account_id: str, version: int, error: Exception
    ) -> None:
        conn.execute(
            SQL.quarantine_account,
            {
                "shard": shard,
                "account_id": account_id,
                "account_version": version,
                "error": f"{type(error).__name__}: {error}",
                "projector": PROJECTOR,
                "now": self._clock(),
            },
        )

    def _move(self, conn: Connection, shard: int, position: int) -> None:
        asked = {"shard": shard, "position": position, "now": self._clock()}
        conn.execute(SQL.move_checkpoint, asked)

    def _remove_strays(self, shard: int, today: date) -> None:
        with self._turn(shard, today) as (conn, _):
            asked = {"shard": shard, "limit": None}
            strays = [row[0] for row in conn.execute(SQL.receipts_without_stream, asked)]
            for view in self.views:
                conn.execute(view.delete_strays, {"shard": shard})
            conn.execute(SQL.forget_account_receipts, {"shard": shard, "account_ids": strays})

    def _finish_day(self, conn: Connection, before: Checkpoint, now_at: Checkpoint) -> None:
        day = now_at.business_date
        assert day is not None
        if before.rolled_to is not None and before.rolled_to >= day:
            return
        first = day if before.rolled_to is None else before.rolled_to + timedelta(days=1)
        conn.execute(SQL.finish_day, {"shard": now_at.shard, "day": day})
        conn.execute(
            SQL.log_days,
            {"shard": now_at.shard, "first": first, "last": day, "now": self._clock()},
        )


def is_account(stream_id: str) -> bool:
    """Streams of accounts have no slash; `notices/A-1` and the like are not projected here."""
    return "/" not in stream_id


def checkpoint_of(conn: Connection, shard: int, *, lock: bool) -> Checkpoint:
    """How far a shard is projected; with `lock`, the turn to project it until the commit."""
    statement = SQL.lock_checkpoint if lock else SQL.checkpoint
    with conn.cursor(row_factory=class_row(Checkpoint)) as cur:
        checkpoint = cur.execute(statement, {"shard": shard}).fetchone()
    assert checkpoint is not None, f"shard {shard} has no checkpoint"
    return checkpoint
