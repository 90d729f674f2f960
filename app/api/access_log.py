"""The access log: what was refused to whom, and what operators did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from app.api.roles import Caller
from app.api.statements import SQL

Act = Literal["refused", "operated"]

#: A path is kept up to so many characters.
PATH_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class Access:
    """An entry of the log."""

    number: int
    at: datetime
    act: Act
    caller: str | None
    role: str | None
    method: str
    path: str
    account_id: str | None
    #: The code of the problem, or what was done.
    outcome: str
    request_id: str


class AccessLog:
    """Writes and reads the log.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection], clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._clock = clock

    def write(
        self,
        act: Act,
        outcome: str,
        *,
        caller: Caller | None,
        method: str,
        path: str,
        account_id: str | None,
        request_id: str,
    ) -> None:
        """Keep what happened."""
        entry = {
            "at": self._clock(),
            "act": act,
            "caller": caller.name if caller else None,
            "role": caller.role if caller else None,
            "method": method,
            "path": path[:PATH_LENGTH_MAX].replace("\0", "\ufffd"),
            "account_id": account_id,
            "outcome": outcome,
            "request_id": request_id,
        }
        with self._pool.connection() as conn:
            conn.execute(SQL.log_access, entry)

    def read(self, after: int, limit: int) -> list[Access]:
        """The next entries behind the number `after`."""
        asked = {"after": after, "limit": limit}
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Access)) as cur:
            return cur.execute(SQL.read_access_log, asked).fetchall()
