"""Where an application's events are: a ledger of one shard in a schema of its own."""

import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
from eventsourcing import persistence
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from ledger import rights, schema
from ledger.log.log import Log
from ledger.log.records import EventMalformed, KeyUsed, LogError, RequestTooLarge, StreamFull
from ledger.persistence.gathering import Gathering
from ledger.rights import Role
from ledger.sql import SQL as LEDGER_SQL
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")

#: Seconds to wait for a connection before a recorder gives up.
CONNECT_SECONDS_MAX = 5


class Place:
    """A schema with a ledger of one shard, and the connections to it."""

    def __init__(self, database_url: str, schema_name: str, *, make: bool, pool_size: int) -> None:
        self._conninfo = _within(database_url, schema_name)
        with errors_of_the_library():
            if make:
                self._make(schema_name)
            _check(schema.check(self._conninfo), schema_name)
            self.pool = ConnectionPool(
                self._conninfo,
                min_size=1,
                max_size=pool_size,
                timeout=CONNECT_SECONDS_MAX,
                kwargs={"autocommit": True},
                configure=_take_service,
                check=_ask_if_stirred,
                open=True,
            )
            self.log = Log(self.pool, now)
        self.gathering = Gathering(partial(self.log.append, keys_must_be_new=True))

    def _make(self, schema_name: str) -> None:
        if self._is_made(schema_name):
            return
        with psycopg.connect(self._conninfo) as conn:
            conn.execute(LEDGER_SQL.lock_schema)
            if conn.execute(rights.SQL.schema_name).fetchone() == (None,):
                create = sql.SQL("CREATE SCHEMA IF NOT EXISTS {}")
                conn.execute(create.format(sql.Identifier(schema_name)))
        schema.create(self._conninfo, shards=1, ledger_id=uuid4(), created_at=now())
        with rights.connect(self._conninfo, Role.OWNER) as conn:
            conn.execute(LEDGER_SQL.lock_schema)
            conn.execute(SQL.create_tracking)
            rights.grant(conn, SQL.grant_tracking)

    def _is_made(self, schema_name: str) -> bool:
        try:
            _check(schema.check(self._conninfo), schema_name)
        except (schema.LedgerMissing, schema.SchemaOutdated):
            return False
        with rights.connect(self._conninfo, Role.READER) as conn:
            return conn.execute(SQL.has_tracking).fetchone() == (True,)

    def make_views(self, statements: Sequence[LiteralString]) -> None:
        """Make the tables of a projection, in this schema; the service may read and write them."""
        with errors_of_the_library(), rights.connect(self._conninfo, Role.OWNER) as conn:
            for statement in statements:
                conn.execute(statement)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection that commits each statement; errors come as those of the library."""
        with errors_of_the_library(), self.pool.connection() as conn:
            yield conn

    def close(self) -> None:
        """Close the connections."""
        self.pool.close()


def now() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)


@contextmanager
def errors_of_the_library() -> Iterator[None]:
    """What the log and psycopg raise, as `eventsourcing` names it."""
    try:
        yield
    except KeyUsed as error:
        raise persistence.IntegrityError(
            f"Event {error.key} of {error.stream_id!r} is recorded already, as position"
            f" {error.first.position}. Read the aggregate again and decide anew."
        ) from error
    except (EventMalformed, RequestTooLarge, StreamFull) as error:
        raise persistence.DataError(str(error)) from error
    except LogError as error:
        raise persistence.OperationalError(str(error)) from error
    except schema.SchemaError as error:
        raise persistence.InfrastructureFactoryError(str(error)) from error
    except psycopg.Error as error:
        raise _NAMED_ALIKE[_dbapi_name(error)](str(error)) from error


_NAMED_ALIKE: dict[str, type[persistence.PersistenceError]] = {
    kind.__name__: kind
    for kind in (
        persistence.InterfaceError,
        persistence.DatabaseError,
        persistence.DataError,
        persistence.OperationalError,
        persistence.IntegrityError,
        persistence.InternalError,
        persistence.ProgrammingError,
        persistence.NotSupportedError,
    )
}


def _dbapi_name(error: psycopg.Error) -> str:
    """Its nearest ancestor among the errors that both sides have from the DB-API."""
    names = (kind.__name__ for kind in type(error).__mro__)
    return next((name for name in names if name in _NAMED_ALIKE), "DatabaseError")


def _within(database_url: str, schema_name: str) -> str:
    """The same server and database, where unqualified names are those of the schema."""
    options = str(conninfo_to_dict(database_url).get("options") or "")
    return make_conninfo(database_url, options=f"{options} -c search_path={schema_name}".strip())


def _check(facts: schema.LedgerFacts, schema_name: str) -> None:
    if facts.shards != 1:
        raise schema.ShardsDiffer(
            f"The ledger in schema {schema_name!r} has {facts.shards} shards, each with positions"
            " of its own, but `eventsourcing` needs one sequence of notification ids. Set"
            " DUEBOOK_SCHEMA to a schema without a ledger: one with a single shard is made there."
        )


def _take_service(conn: Connection) -> None:
    rights.take(conn, Role.SERVICE)


def _ask_if_stirred(conn: Connection) -> None:
    """Ask a connection whether it lives, but only if something arrived on it while it lay idle.

    A server that ends a connection says so on it: asking every time would cost each save a round
    trip, looking at the socket costs nothing.
    """
    poll = select.poll()
    poll.register(conn.fileno(), select.POLLIN)
    if poll.poll(0):
        ConnectionPool.check_connection(conn)
