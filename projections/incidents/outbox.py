"""Messages for the receiver of the webhook: they wait in PostgreSQL until he has them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from projections.incidents.tables import SQL


class Waiting(NamedTuple):
    """How many messages wait, since when the oldest, and what came of its last try."""

    messages: int
    since: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message.  Its number makes it what it is: the same number twice is the same message."""

    number: int
    kind: str
    body: bytes
    tries: int


class Outbox:
    """The messages of one ledger.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection], clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._clock = clock

    @contextmanager
    def turn(self) -> Iterator[tuple[Message | None, Callable[[bool, str], None]]]:
        """The next message that is due, for the caller alone, and how to say what came of it.

        A caller who dies before he has said so has it sent again: a message may come twice, with
        the same number, and is never lost.  Those of one incident come in their order.
        """
        with self._pool.connection() as conn, conn.transaction():
            with conn.cursor(row_factory=class_row(Message)) as cur:
                message = cur.execute(SQL.messages_due, {"now": self._clock()}).fetchone()

            def done(is_delivered: bool, outcome: str) -> None:
                assert message is not None, "nothing was sent"
                statement = SQL.message_delivered if is_delivered else SQL.message_refused
                said = {"number": message.number, "now": self._clock(), "outcome": outcome}
                conn.execute(statement, said)

            yield message, done

    def is_due(self) -> bool:
        """Whether a message waits whose time has come."""
        with self._pool.connection() as conn:
            row = conn.execute(SQL.has_messages_due, {"now": self._clock()}).fetchone()
        return row is not None and bool(row[0])

    def waiting(self) -> Waiting:
        """What is not delivered yet."""
        with self._pool.connection() as conn:
            row = conn.execute(SQL.messages_waiting).fetchone()
        assert row is not None  # An aggregate without GROUP BY always gives a row.
        return Waiting(*row)
