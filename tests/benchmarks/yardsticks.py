"""What the jobs are measured against: the least that PostgreSQL must do for the same rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from tempfile import TemporaryFile
from typing import IO, LiteralString

from psycopg import Connection, sql
from psycopg_pool import ConnectionPool

from ledger.log.records import Recorded
from ledger.log.rows import binary_copy
from projections.view import View
from tests.benchmarks.ledgers import SQL, batches, now

#: Bytes of one message of a COPY.
CHUNK = 1 << 16


class BareEvents:
    """A table like the log's with nothing but its primary key, written from the same values."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool
        with pool.connection() as conn:
            conn.execute(SQL.create_bare_events)

    def copy(self, rows: Sequence[Recorded]) -> None:
        """COPY in batches: connections of the pool commit each statement."""
        with self._pool.connection() as conn:
            for batch in batches(rows):
                with conn.cursor() as cur, binary_copy(cur, SQL.copy_bare_events) as copy:
                    for row in batch:
                        copy.write_row(row)

    def insert(self, row: Recorded) -> None:
        """One row, committed."""
        with self._pool.connection() as conn:
            conn.execute(SQL.insert_bare_event, row)

    def insert_and_notify(self, row: Recorded) -> tuple[int, int]:
        """One row, committed, and everybody told of it; answers its place."""
        with self._pool.connection() as conn:
            conn.execute(SQL.insert_and_notify, row)
        return row.shard, row.position

    def count(self) -> int:
        """How many rows it holds."""
        with self._pool.connection() as conn:
            row = conn.execute(SQL.count_bare_events).fetchone()
        assert row is not None  # An aggregate without GROUP BY always gives a row.
        return int(row[0])


def bare_rows() -> Iterator[Recorded]:
    """Rows of the size of a payment, one position after the other."""
    at = now()
    for position in count(1):
        yield Recorded(
            0, position, f"A-{position}", 1, "payment.received", at.date(), at, "payment:P-1",
            b"x" * 90, bytes(32),
        )  # fmt: skip


class BareViews:
    """Tables like those of some views, and the very rows of the views as bytes."""

    def __init__(self, conn: Connection, rows: Mapping[View, IO[bytes]]) -> None:
        self._conn = conn
        self._rows = rows

    @classmethod
    @contextmanager
    def of(cls, pool: ConnectionPool[Connection], views: Iterable[View]) -> Iterator["BareViews"]:
        """Take the rows that the live views hold now."""
        with ExitStack() as stack:
            conn = stack.enter_context(pool.connection())
            rows: dict[View, IO[bytes]] = {}
            for view in views:
                conn.execute(_statement("DROP TABLE IF EXISTS {bare}", view))
                create = "CREATE TABLE {bare} (LIKE {view} INCLUDING INDEXES)"
                conn.execute(_statement(create, view))
                rows[view] = file = stack.enter_context(TemporaryFile())
                copy_out = _statement("COPY {view} TO STDOUT (FORMAT binary)", view)
                with conn.cursor().copy(copy_out) as copy:
                    for chunk in copy:
                        file.write(chunk)
            yield cls(conn, rows)

    def empty(self) -> None:
        """Make room for the next round."""
        for view in self._rows:
            self._conn.execute(_statement("TRUNCATE {bare}", view))

    def move(self) -> int:
        """COPY all events out and the rows in, on one stream; answers how many rows went in."""
        with self._conn.transaction(), self._conn.cursor() as cur:
            with cur.copy(SQL.copy_events_out) as copy:
                for _ in copy:
                    pass
            return sum(self._move_in(view) for view in self._rows)

    def held(self) -> int:
        """How many rows the views themselves hold."""
        counts = [_statement("SELECT count(*) FROM {view}", view) for view in self._rows]
        return sum(row[0] for one in counts for row in self._conn.execute(one))

    def _move_in(self, view: View) -> int:
        file = self._rows[view]
        file.seek(0)
        with self._conn.cursor() as cur:
            with cur.copy(_statement("COPY {bare} FROM STDIN (FORMAT binary)", view)) as copy:
                while chunk := file.read(CHUNK):
                    copy.write(chunk)
            return cur.rowcount


def _statement(text: LiteralString, view: View) -> sql.Composed:
    bare = sql.Identifier(f"bare_{view.name}")
    return sql.SQL(text).format(view=view.table, bare=bare)
