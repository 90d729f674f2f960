"""What currency accounts are kept in: fixed when they are opened, so it is asked for only once."""

from collections.abc import Iterable
from threading import Lock

from psycopg import Connection
from psycopg_pool import ConnectionPool

from app.api.statements import SQL
from ledger.log.log import Log

#: Accounts remembered at most; then all are forgotten and asked for again.
REMEMBERED_MAX = 100_000


class Currencies:
    """The currencies of a ledger's accounts.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection], log: Log) -> None:
        self._pool = pool
        self._log = log
        self._lock = Lock()
        self._known: dict[str, str] = {}

    def of(self, account_ids: Iterable[str]) -> dict[str, str]:
        """The currency of each account; empty where no opening is recorded."""
        wanted = dict.fromkeys(account_ids, "")
        known = {one: self._known[one] for one in wanted if one in self._known}
        missing = [one for one in wanted if one not in known]
        if missing:
            asked = {"shards": [self._log.shard_of(one) for one in missing], "stream_ids": missing}
            with self._pool.connection() as conn:
                rows = conn.execute(SQL.currencies, asked, prepare=False)
                found: dict[str, str] = dict(rows.fetchall())
            with self._lock:
                if len(self._known) > REMEMBERED_MAX:
                    self._known.clear()
                self._known |= found
            known |= found
        return {**wanted, **known}
