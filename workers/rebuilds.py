"""What is still to be rebuilt: a whole generation beside the live one, or shards of the live one.

It stands in PostgreSQL, cut into chunks of accounts.  A chunk is built and marked in one
transaction, so a rebuild goes on where it was after a killed worker or an emptied broker, any
number of hands may build at once, and no two of them are ever at the same chunk.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from ledger import rights
from ledger.log.log import Log
from ledger.sql import Statements
from projections.comparison import Report, compared
from projections.generations import Consent, Generation, GenerationRefused, Generations
from projections.projector import STEP_ACCOUNTS_MAX, Projector, Step
from projections.schema import SQL as VIEWS_SQL
from projections.schema import VIEWS
from projections.view import View

SQL = Statements(Path(__file__).parent / "sql")


def create(conn: Connection) -> None:
    """Make the table, unless it is there."""
    conn.execute(SQL.drop_old_rebuilds)
    conn.execute(SQL.create_rebuilds)
    rights.grant(conn, SQL.grant_rebuilds)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild has come, in accounts."""

    accounts: int
    done: int
    quarantined: int
    #: At the pace of its last minute; None where nothing was done in it.
    seconds_left: int | None


class Rebuilds:
    """The rebuilds that are owed.  Safe to share between threads."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        views: tuple[View, ...] = VIEWS,
        chunk_accounts: int = STEP_ACCOUNTS_MAX,
    ) -> None:
        self._pool = pool
        self._views = views
        self._chunk_accounts = chunk_accounts
        self.generations = Generations(pool, views)
        self._recipe = Jsonb(self.generations.recipe)

    def ask(self, shards: Iterable[int]) -> None:
        """Have these shards of the live generation rebuilt in place, from their first account.

        Each account is replaced by itself and at once.  Rows that belong to no account go first.
        """
        with self._pool.connection() as conn, conn.transaction():
            conn.execute(VIEWS_SQL.lock_views)  # Two who ask at once would plan the same chunks.
            live = self.generations.live(conn)
            if not self.generations.is_ours(live):
                raise GenerationRefused(
                    f"The live generation {live.number} was made by other code, so nothing can be"
                    " rebuilt in it. Run `duebook rebuild`: it builds one beside it."
                )
            shards = sorted(set(shards))
            asked = {"generation": live.number, "shards": shards}
            for view in self._views:
                conn.execute(view.delete_strays, asked)
            conn.execute(VIEWS_SQL.forget_stray_receipts, asked)
            self._plan(conn, live.number, shards)

    def begin(self, today: date, consent: Consent) -> Generation:
        """Begin a new generation, or go on with the one that this code is building."""
        with self._pool.connection() as conn, conn.transaction():
            conn.execute(VIEWS_SQL.lock_views)
            building = self.generations.building(conn)
            if building is not None and self.generations.is_ours(building):
                self.generations.set_consent(conn, building.number, consent)
                return building
            return self._begun(conn, today, consent)

    def begin_newer(self, today: date) -> Generation | None:
        """Begin a new generation if this code is newer than all that made the others."""
        with self._pool.connection() as conn, conn.transaction():
            known = [one for one in self.generations.all(conn) if one.state != "old"]
            if not all(map(self.generations.is_overtaken, known)):
                return None
            conn.execute(VIEWS_SQL.lock_views)
            known = [one for one in self.generations.all(conn) if one.state != "old"]
            if not all(map(self.generations.is_overtaken, known)):
                return None
            return self._begun(conn, today, "if_equal")

    def owed(self) -> list[int]:
        """The shards whose rebuild is not finished."""
        with self._pool.connection() as conn:
            return [row[0] for row in conn.execute(SQL.shards_owed, {"recipe": self._recipe})]

    def build(self, projector: Projector, shard: int, today: date) -> Step | None:
        """Build the next chunk of a shard; None where none is owed or others are at all of them."""
        with self._pool.connection() as conn, conn.transaction():
            asked = {"shard": shard, "recipe": self._recipe}
            with conn.cursor(row_factory=class_row(_Chunk)) as cur:
                chunk = cur.execute(SQL.next_chunk, asked).fetchone()
            if chunk is None:
                return None
            ids = [row[0] for row in conn.execute(SQL.chunk_accounts, asdict(chunk))]
            step = projector.build(
                conn, chunk.generation, shard, ids, today, in_place=chunk.in_place
            )
            conn.execute(SQL.finish_chunk, {**asdict(chunk), "quarantined": step.quarantined})
            return step

    def progress(self, generation: int, shards: Iterable[int]) -> Progress:
        """How far the rebuild of these shards has come."""
        asked = {"generation": generation, "shards": list(shards)}
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Progress)) as cur:
            progress = cur.execute(SQL.progress, asked).fetchone()
        assert progress is not None  # An aggregate without GROUP BY always gives a row.
        return progress

    def is_built(self, generation: int) -> bool:
        """Whether nothing is left to build; shards that are done begin to follow the log."""
        with self._pool.connection() as conn:
            conn.execute(SQL.finish_shards)
            row = conn.execute(SQL.is_built, {"generation": generation}).fetchone()
        return row is not None and bool(row[0])

    def waits_for_workers(self) -> bool:
        """Whether a generation is built, and workers may compare it and perhaps switch."""
        building = self.generations.building()
        return (
            building is not None
            and self.generations.is_ours(building)
            and building.consent != "withheld"
            and self.is_built(building.number)
        )

    @contextmanager
    def turn_to_switch(self, *, wait: bool) -> Iterator[Generation | None]:
        """The generation that is built, for the only one who may switch; None without one."""
        with self.generations.turn_to_switch(wait=wait) as has_turn:
            building = self.generations.building() if has_turn else None
            is_ready = building and self.generations.is_ours(building)
            yield building if building and is_ready and self.is_built(building.number) else None

    def compare(self, log: Log, projector: Projector, new: Generation, today: date) -> Report:
        """What a switch would change now; it is kept with the generation.

        A generation that was to go live if nothing changes by it waits for a command if something
        does.
        """
        projector.catch_up(new.number, today)
        report = compared(log, self.generations.live(), new, self._views)
        asked = {
            "generation": new.number,
            "report": Jsonb(asdict(report)),
            "is_equal": report.is_equal,
        }
        with self._pool.connection() as conn:
            conn.execute(VIEWS_SQL.keep_report, asked)
        return report

    def withhold(self, generation: int) -> None:
        """Let it go live by a command only."""
        with self._pool.connection() as conn:
            self.generations.set_consent(conn, generation, "withheld")

    def remove(self, generation: int, done: Callable[[str], None] = lambda _: None) -> None:
        """Take away an old generation, or one that is building, with what is owed of it."""
        self.generations.remove(generation, done)
        with self._pool.connection() as conn:
            conn.execute(SQL.forget_generation, {"generation": generation})

    def _begun(self, conn: Connection, today: date, consent: Consent) -> Generation:
        begun = self.generations.begin(conn, today, consent)
        shards = [row[0] for row in conn.execute(VIEWS_SQL.shards)]
        self._plan(conn, begun.number, shards)
        return begun

    def _plan(self, conn: Connection, generation: int, shards: Iterable[int]) -> None:
        asked = {"generation": generation, "shards": list(shards)}
        conn.execute(SQL.forget_chunks, asked)
        conn.execute(SQL.plan_chunks, {**asked, "accounts": self._chunk_accounts})


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A piece of a shard that is to be built."""

    generation: int
    shard: int
    chunk: int
    after: str
    upto: str
    in_place: bool
