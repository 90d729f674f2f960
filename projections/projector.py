"""Keep the views equal to replay: follow the log, roll the day, heal, build.

All of these are one function, `_write`: fold some accounts of a shard and replace their rows and
receipts, in the transaction that holds the shard's checkpoint.  It may run again, late, or twice at
once, and the rows come out the same: whoever holds the checkpoint reads the newest events, so rows
are only ever replaced by rows of the same or a later version and date.

Each generation has checkpoints, receipts and rows of its own.  A projector writes to those of its
own code alone: to the live one where nothing else is said.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.metadata import version

import psycopg
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from ledger.garbage import without_collector
from ledger.log.log import Log
from ledger.log.records import Recorded
from ledger.schema import SchemaError
from ledger.streams import is_account
from projections.folding import Folded, Unfolded, folded
from projections.history import note_delay, note_heals
from projections.schema import PROJECTOR, SQL, VIEWS, recipe_of
from projections.view import View
from projections.writing import Standing, Writer

#: Events of one step of following; a step is one transaction.
STEP_EVENTS_MAX = 2_000
#: Accounts of one step of rolling or building.
STEP_ACCOUNTS_MAX = 500
#: Of an error the quarantine keeps so much.
ERROR_LENGTH_MAX = 2_000

#: What an account in quarantine was tried by: another release, or another fold, tries it again.
CODE = f"{version('duebook')}/{PROJECTOR}"


class OtherGeneration(SchemaError):
    """The generation is not there, or other code makes its rows."""

    def __init__(self, generation: int | None) -> None:
        named = "The live generation" if generation is None else f"Generation {generation}"
        super().__init__(
            f"{named} of the views is not one that this code makes. Run `duebook rebuild`: it"
            " builds one beside it; until then accounts are replayed when they are read."
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a shard is projected in a generation.  Dates are None before its first roll."""

    generation: int
    shard: int
    position: int
    business_date: date | None
    rolled_to: date | None
    moved_at: datetime | None
    is_built: bool
    is_live: bool


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
        code: str = CODE,
    ) -> None:
        self._pool = pool
        self._log = log
        self.clock = clock
        self._code = code
        self._recipe = Jsonb(recipe_of(views))
        self.views = views
        self._writer = Writer(views)

    def follow(self, shard: int, today: date, generation: int | None = None) -> Step | None:
        """Project the next events of a shard; None when there are no more."""
        with self._turn(shard, today, generation) as (conn, checkpoint):
            stream_ids, position = self._log.changed_streams(
                shard, checkpoint.position, STEP_EVENTS_MAX, conn
            )
            if position == checkpoint.position:
                return None
            step = self._write(conn, checkpoint, stream_ids, position, only_changes=True)
            self._move(conn, checkpoint, position)
            if checkpoint.is_live:
                note_delay(conn, shard, checkpoint.position, position, self.clock())
        return step

    def roll(self, shard: int, today: date, generation: int | None = None) -> Iterator[Step]:
        """Bring the shard to `today`: fold again what changes with the days that have passed.

        Several missed days are made up at once, since a state depends on its date and not on how
        often it was asked for; each of them enters the log of days.
        """
        with self._turn(shard, today, generation, begin_day=True) as (_, checkpoint):
            generation = checkpoint.generation  # A switch in between is another's affair.
        while True:
            with self._turn(shard, today, generation) as (conn, checkpoint):
                due = {
                    "generation": generation,
                    "shard": shard,
                    "day": checkpoint.business_date,
                    "limit": STEP_ACCOUNTS_MAX,
                }
                account_ids = [row[0] for row in conn.execute(SQL.accounts_to_roll, due)]
                if not account_ids:
                    self._finish_day(conn, checkpoint)
                    return
                step = self._write(
                    conn, checkpoint, account_ids, checkpoint.position, only_changes=True
                )
            yield step

    def heal(self, account_ids: Sequence[str], today: date) -> list[Step]:
        """Fold these accounts again for `today`, whatever their rows say; the steps that readers
        see.  What is being built beside the live generation gets the same.
        """
        by_shard: dict[int, list[str]] = {}
        for account_id in account_ids:
            by_shard.setdefault(self._log.shard_of(account_id), []).append(account_id)
        steps = []
        for shard, ids in sorted(by_shard.items()):
            generations = self.generations(shard, with_unbuilt=True)
            if not generations:
                raise OtherGeneration(None)
            for generation in generations:
                with self._turn(shard, today, generation, begin_day=True) as (conn, checkpoint):
                    if checkpoint.is_live:
                        note_heals(conn, generation, shard, ids, self.views, self.clock())
                    step = self._write(conn, checkpoint, ids, checkpoint.position)
                if checkpoint.is_live:
                    steps.append(step)
        return steps

    def build(
        self,
        conn: Connection,
        generation: int,
        shard: int,
        account_ids: Sequence[str],
        today: date,
        *,
        in_place: bool,
    ) -> Step:
        """Fold these accounts into a generation, in the caller's transaction.

        In one that is building, others may build other accounts of the shard at the same time; in
        place the shard is projected by one alone.
        """
        lock = SQL.lock_checkpoint if in_place else SQL.share_checkpoint
        checkpoint = self._locked(conn, shard, generation, lock)
        if in_place:
            checkpoint = self._on_a_day(conn, checkpoint, today)
        return self._write(conn, checkpoint, account_ids, checkpoint.position)

    def catch_up(self, generation: int, today: date) -> None:
        """Bring a generation that is built to where the log ends now, and to the day: `today`, or
        that of the live one if it is later.  What is appended meanwhile does not keep it.
        """
        ends = {head.shard: head.position for head in self._log.heads()}
        for live in self.checkpoints():
            day = max(today, live.business_date or today)
            step = self.follow(live.shard, day, generation)
            while step is not None and step.position < ends[live.shard]:
                step = self.follow(live.shard, day, generation)
            for _ in self.roll(live.shard, day, generation):
                pass

    def retry_quarantined(self, today: date) -> int:
        """Fold again what this version of the code has not tried; answers how many were tried."""
        asked = {"recipe": self._recipe, "code": self._code}
        with self._pool.connection() as conn:
            rows = conn.execute(SQL.quarantined_for_new_code, asked).fetchall()
        self.heal([account_id for (account_id,) in rows], today)
        return len(rows)

    def generations(self, shard: int, *, with_unbuilt: bool = False) -> list[int]:
        """The generations that this code follows the shard into, the live one first."""
        asked = {"shard": shard, "recipe": self._recipe, "with_unbuilt": with_unbuilt}
        with self._pool.connection() as conn:
            return [row[0] for row in conn.execute(SQL.own_generations, asked)]

    def own_checkpoints(self) -> list[Checkpoint]:
        """How far every shard of every generation is that this code follows."""
        asked = {"recipe": self._recipe}
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Checkpoint)) as cur:
            return cur.execute(SQL.own_checkpoints, asked).fetchall()

    def checkpoints(self) -> list[Checkpoint]:
        """How far every shard of the live generation is projected."""
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Checkpoint)) as cur:
            return cur.execute(SQL.checkpoints).fetchall()

    @contextmanager
    def _turn(
        self, shard: int, today: date, generation: int | None, *, begin_day: bool = False
    ) -> Iterator[tuple[Connection, Checkpoint]]:
        """A transaction that alone projects the shard, and what it begins from.

        Rows are made for the shard's business date, which `begin_day` moves on to `today`.
        """
        with self._pool.connection() as conn, conn.transaction():
            checkpoint = self._locked(conn, shard, generation, SQL.lock_checkpoint)
            yield conn, self._on_a_day(conn, checkpoint, today, begin_day=begin_day)

    def _locked(
        self, conn: Connection, shard: int, generation: int | None, lock: bytes
    ) -> Checkpoint:
        asked = {"shard": shard, "generation": generation, "recipe": self._recipe}
        with conn.cursor(row_factory=class_row(Checkpoint)) as cur:
            checkpoint = cur.execute(lock, asked).fetchone()
        if checkpoint is None:
            raise OtherGeneration(generation)
        return checkpoint

    def _on_a_day(
        self, conn: Connection, checkpoint: Checkpoint, today: date, *, begin_day: bool = False
    ) -> Checkpoint:
        before = checkpoint.business_date
        if before is not None and (not begin_day or before >= today):
            return checkpoint
        asked = {"generation": checkpoint.generation, "shard": checkpoint.shard, "day": today}
        conn.execute(SQL.begin_day, asked)
        return replace(checkpoint, business_date=today)

    def _write(
        self,
        conn: Connection,
        checkpoint: Checkpoint,
        stream_ids: Sequence[str],
        position: int,
        *,
        only_changes: bool = False,
    ) -> Step:
        """Replace the rows and receipts of these accounts by what replay says.

        With `only_changes` rows are left where the receipt says that they stand there already.
        """
        account_ids = [stream_id for stream_id in stream_ids if is_account(stream_id)]
        as_of = checkpoint.business_date
        assert as_of is not None  # `_turn` has set it.
        whole: dict[str, Folded] = {}
        failed: dict[str, Unfolded] = {}
        with without_collector():
            for account_id, history in self._log.streams(account_ids, conn).items():
                if history:
                    match folded(history, as_of, self.views):
                        case Folded() as one:
                            whole[account_id] = one
                        case Unfolded() as failure:
                            failed[account_id] = failure
                            self._quarantine(conn, checkpoint, history[-1], failure)
        failed |= self._replace_each(conn, checkpoint, whole, only_changes)
        parts = {account_id: one.before for account_id, one in failed.items() if one.before}
        parts = self._not_older(conn, checkpoint, parts)
        self._replace_each(conn, checkpoint, parts, only_changes)
        healed = {"account_ids": list(whole.keys() - failed.keys()), "now": self.clock()}
        conn.execute(SQL.release_accounts, healed | _place(checkpoint))
        return Step(checkpoint.shard, len(whole.keys() | failed.keys()), len(failed), position)

    def _not_older(
        self, conn: Connection, checkpoint: Checkpoint, parts: Mapping[str, Folded]
    ) -> dict[str, Folded]:
        """Those of which no later version is shown: older code knows less of an account."""
        asked = {"account_ids": list(parts)} | _place(checkpoint)
        held = conn.execute(SQL.receipt_versions, asked).fetchall() if parts else []
        shown: dict[str, int] = dict(held)
        return {
            account_id: part
            for account_id, part in parts.items()
            if shown.get(account_id, 0) <= part.last.version
        }

    def _replace_each(
        self,
        conn: Connection,
        checkpoint: Checkpoint,
        accounts: Mapping[str, Folded],
        only_changes: bool,
    ) -> dict[str, Unfolded]:
        """Replace rows and receipts; accounts whose values fit in no table go into quarantine."""
        if not accounts:
            return {}
        place = checkpoint.generation, checkpoint.shard
        try:
            with conn.transaction():
                standing: Standing = (
                    self._writer.standing(conn, *place, accounts) if only_changes else {}
                )
                self._writer.replace(conn, *place, accounts, self.clock(), standing)
        except psycopg.errors.UniqueViolation:
            if not only_changes:
                raise
            # Behind the rows that stand there somebody has put others: they all go.
            return self._replace_each(conn, checkpoint, accounts, only_changes=False)
        except (psycopg.DataError, OverflowError) as error:  # Found by the server, or before it.
            if len(accounts) > 1:
                each, half = list(accounts.items()), len(accounts) // 2
                first, second = dict(each[:half]), dict(each[half:])
                return self._replace_each(conn, checkpoint, first, only_changes) | (
                    self._replace_each(conn, checkpoint, second, only_changes)
                )
            [(account_id, one)] = accounts.items()
            failure = Unfolded(error)
            self._quarantine(conn, checkpoint, one.last, failure)
            return {account_id: failure}
        return {}

    def _quarantine(
        self, conn: Connection, checkpoint: Checkpoint, last: Recorded, failure: Unfolded
    ) -> None:
        event = failure.event
        conn.execute(
            SQL.quarantine_account,
            {
                "account_id": last.stream_id,
                "account_version": last.version,
                "error": _said(failure.error),
                "failed_topic": event and event.topic,
                "failed_version": event and event.version,
                "failed_position": event and event.position,
                "projector": PROJECTOR,
                "code": self._code,
                "now": self.clock(),
            }
            | _place(checkpoint),
        )

    def _move(self, conn: Connection, checkpoint: Checkpoint, position: int) -> None:
        asked = {"position": position, "now": self.clock()} | _place(checkpoint)
        conn.execute(SQL.move_checkpoint, asked)

    def _finish_day(self, conn: Connection, checkpoint: Checkpoint) -> None:
        day = checkpoint.business_date
        if checkpoint.rolled_to is not None and day is not None and checkpoint.rolled_to >= day:
            return
        conn.execute(SQL.finish_day, {"day": day} | _place(checkpoint))
        if checkpoint.is_live:
            conn.execute(SQL.log_days, _place(checkpoint) | {"now": self.clock()})


def live_checkpoint(conn: Connection, shard: int) -> Checkpoint:
    """How far a shard of the live generation is projected."""
    with conn.cursor(row_factory=class_row(Checkpoint)) as cur:
        checkpoint = cur.execute(SQL.checkpoint, {"shard": shard}).fetchone()
    assert checkpoint is not None, f"shard {shard} has no checkpoint"
    return checkpoint


def _said(error: Exception) -> str:
    """An error in words that a column can hold, whatever it quotes."""
    return f"{type(error).__name__}: {error}".replace("\0", "\\0")[:ERROR_LENGTH_MAX]


def _place(checkpoint: Checkpoint) -> dict[str, object]:
    return {"generation": checkpoint.generation, "shard": checkpoint.shard}
