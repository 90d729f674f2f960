"""A transaction of the log, and what is known of it when it fails.

Every error but one says that nothing was written: the server has refused, or never heard of the
commit.  Where the connection is lost after the commit was sent, nobody can tell: `MayBeWritten`.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import Connection, Pipeline
from psycopg_pool import ConnectionPool

from ledger.sql import SQL


class MayBeWritten(psycopg.OperationalError):
    """The connection was lost during the commit.  To repeat the request settles the matter."""

    def __init__(self, what_happened: str) -> None:
        super().__init__(
            f"{what_happened}; the request may have been written."
            " Repeat it unchanged: its keys make that safe, and the answer says what is recorded."
        )


@contextmanager
def transaction(
    pool: ConnectionPool[Connection],
    *,
    seconds_max: float | None = None,
    pipelined: bool = False,
) -> Iterator[Connection]:
    """A connection on which everything counts together, or nothing does.

    Wait `seconds_max` for the connection, or as long as the pool does.  `pipelined` statements
    travel together until an answer is read: only for small ones, since two sides that both write
    more than a socket holds wait for each other for ever.  They go by plans that are kept.
    """
    with pool.connection(seconds_max) as conn, committing_itself(conn):
        is_ending = False
        try:
            with _pipelined(conn) if pipelined else conn.transaction():
                yield conn
                is_ending = True
        except psycopg.Error as error:
            if is_ending and conn.closed:
                raise MayBeWritten(
                    f"The connection was lost during the commit ({error})"
                ) from error
            raise


@contextmanager
def _pipelined(conn: Connection) -> Iterator[None]:
    """A transaction whose begin and commit travel with its statements, where psycopg's own would
    wait for the answer to each.  If it fails it is left open, and `committing_itself` ends it.
    """
    with conn.pipeline() as pipeline:
        try:
            conn.execute(SQL.begin)
            conn.execute(SQL.plan_by_index)
            yield
            conn.execute(SQL.commit, prepare=False)  # Said in words: to be seen on the wire.
        except psycopg.Error:
            _clear(pipeline)
            raise


def keeps_plans(conn: Connection) -> bool:
    """Whether the connection is within a pipelined transaction, where no kept plan is a scan."""
    return bool(conn.pgconn.pipeline_status)


def _clear(pipeline: Pipeline) -> None:
    """Take an aborted pipeline up to where it hears again: it would not even hear a rollback."""
    with suppress(psycopg.Error):
        pipeline.sync()


@contextmanager
def committing_itself(conn: Connection) -> Iterator[None]:
    """Only `transaction()` begins one: what psycopg begins by itself costs a round trip more."""
    before = conn.autocommit
    conn.autocommit = True
    try:
        yield
    finally:
        if not conn.closed:
            conn.rollback()  # A pipeline that was left early leaves its transaction open.
            conn.autocommit = before


def is_passing(error: Exception) -> bool:
    """May the same request succeed a moment later?

    The server is away, restarts, is crowded or chose us to end a deadlock: psycopg has all of these
    below OperationalError.  A connection that somebody closed is its InterfaceError.
    """
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
