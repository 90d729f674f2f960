"""The daily pass over everything: how far it is, chunk by chunk, and when it may go on.

It stands in PostgreSQL, so that a worker which is killed leaves it where it was.  A chunk is looked
at again by whoever comes next: to look twice harms nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from ledger import rights
from ledger.log.log import Log
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")

#: Streams that are compared in one snapshot.
CHUNK_STREAMS = 500


def create(conn: Connection, shards: int) -> None:
    """Make the table, unless it is there."""
    conn.execute(SQL.create_monitor_passes)
    conn.execute(SQL.begin_monitor_passes, {"shards": shards})
    rights.grant(conn, SQL.grant_monitor)


@dataclass(frozen=True, slots=True)
class Pass:
    """How far the pass of a shard is.  The counts are those of its day."""

    shard: int
    day: date | None
    streams: int
    suspects: int
    begun_at: datetime | None
    finished_at: datetime | None
    checked_day: date | None


def passes_of(pool: ConnectionPool[Connection]) -> list[Pass]:
    """How far the pass of each shard is."""
    with pool.connection() as conn, conn.cursor(row_factory=class_row(Pass)) as cur:
        return cur.execute(SQL.passes).fetchall()


class Chunk:
    """The next streams of a shard, for one worker alone."""

    def __init__(self, stream_ids: Sequence[str]) -> None:
        self.stream_ids = stream_ids
        #: Less than a full chunk is the last one.
        self.is_end = len(stream_ids) < CHUNK_STREAMS
        #: To be set by whoever looks at it.
        self.suspects = 0


class Passes:
    """The passes of one ledger.  Safe to share between threads and to run twice at once."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        log: Log,
        clock: Callable[[], datetime],
        accounts_a_second: int,
    ) -> None:
        self._pool = pool
        self._log = log
        self._clock = clock
        self._pause = timedelta(seconds=CHUNK_STREAMS * log.shards / accounts_a_second)

    def owed(self, today: date) -> list[int]:
        """The shards whose pass can go on now."""
        asked = {"day": today, "now": self._clock()}
        with self._pool.connection() as conn:
            return [row[0] for row in conn.execute(SQL.passes_owed, asked)]

    def begin_anew(self) -> None:
        """Look at everything once more today."""
        with self._pool.connection() as conn:
            conn.execute(SQL.forget_passes)

    @contextmanager
    def chunk(self, shard: int, today: date, *, is_patient: bool = True) -> Iterator[Chunk | None]:
        """The next chunk of a shard; None where nothing is left today, where another is at it, or
        where it is too early; who is not patient waits for the other, and goes on behind him.  It
        counts as looked at when the block ends well.
        """
        with self._pool.connection() as conn, conn.transaction():
            asked = {"shard": shard, "day": today, "now": self._clock()}
            if not is_patient:
                conn.execute(SQL.wait_for_pass, asked)
            row = conn.execute(SQL.lock_pass, asked).fetchone()
            if row is None or row[1] or (row[2] and is_patient):
                yield None
                return
            chunk = Chunk(self._log.stream_ids(shard, row[0], CHUNK_STREAMS))
            yield chunk
            now = self._clock()
            moved = {
                "shard": shard,
                "day": today,
                "now": now,
                "next_at": now + self._pause,
                "after": chunk.stream_ids[-1] if chunk.stream_ids else row[0],
                "streams": len(chunk.stream_ids),
                "suspects": chunk.suspects,
                "is_end": chunk.is_end,
            }
            conn.execute(SQL.move_pass, moved)
