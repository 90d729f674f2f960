"""Which shards are still to be rebuilt, and how far each has come.

It stands in PostgreSQL, like all that is owed: a rebuild goes on after a killed worker or an
emptied Redis where it was, and two workers never do the same piece.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger import rights
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")


def create(conn: Connection) -> None:
    """Make the table, unless it is there."""
    conn.execute(SQL.create_rebuilds)
    rights.grant(conn, SQL.grant_rebuilds)


class Rebuild:
    """The turn of one worker at the rebuild of one shard."""

    def __init__(self, conn: Connection, shard: int, after: str) -> None:
        self._conn = conn
        self._shard = shard
        self.after = after

    def move(self, after: str) -> None:
        """All accounts up to this one are done."""
        self._conn.execute(SQL.move_rebuild, {"shard": self._shard, "after": after})

    def finish(self) -> None:
        """Nothing is owed any more."""
        self._conn.execute(SQL.finish_rebuild, {"shard": self._shard})


class Rebuilds:
    """The rebuilds that are owed."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def ask(self, shards: Iterable[int]) -> None:
        """Have these shards rebuilt from their first account, also where a rebuild is under way."""
        with self._pool.connection() as conn:
            conn.execute(SQL.ask_rebuild, {"shards": sorted(set(shards))})

    def owed(self) -> list[int]:
        """The shards whose rebuild is not finished."""
        with self._pool.connection() as conn:
            return [row[0] for row in conn.execute(SQL.rebuilds)]

    @contextmanager
    def turn(self, shard: int) -> Iterator[Rebuild | None]:
        """The next piece of a rebuild; None where none is owed or another worker is at it.

        What the turn has moved counts when it ends; a worker that is killed leaves it as it was.
        """
        with self._pool.connection() as conn, conn.transaction():
            row = conn.execute(SQL.lock_rebuild, {"shard": shard}).fetchone()
            yield None if row is None else Rebuild(conn, shard, row[0])
