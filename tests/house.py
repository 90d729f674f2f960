"""A ledger with its views in a test database, and what a test does to it all the time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.books import Books
from ledger.door import Line
from ledger.log.log import Log
from ledger.log.records import NewEvent
from projections import schema
from projections.projector import Projector
from projections.reading import Reader
from projections.verification import Difference, differences


@dataclass(frozen=True, slots=True)
class House:
    """One ledger, from the log to the reader."""

    pool: ConnectionPool[Connection]
    log: Log
    books: Books
    projector: Projector
    reader: Reader

    @classmethod
    def over(cls, pool: ConnectionPool[Connection], log: Log) -> "House":
        """Make the views of a fresh ledger and put the parts together."""
        with pool.connection() as conn:
            schema.create(conn, log.shards)
        projector = Projector(pool, log, lambda: datetime.now(UTC))
        return cls(pool, log, Books(log), projector, Reader(pool, log, projector.views))

    def record(self, *lines: Line) -> None:
        """Append facts, all or none."""
        self.books.append_all(lines)

    def follow(self, today: date) -> None:
        """Project everything that is in the log."""
        for shard in range(self.log.shards):
            while self.projector.follow(shard, today) is not None:
                pass

    def roll(self, today: date) -> int:
        """Roll every shard to `today`; answers how many accounts changed with it."""
        shards = range(self.log.shards)
        return sum(s.accounts for n in shards for s in self.projector.roll(n, today))

    def rebuild(self, today: date) -> None:
        """Fold every account again."""
        for shard in range(self.log.shards):
            for _ in self.projector.rebuild(shard, today):
                pass

    def differences(self, today: date) -> list[Difference]:
        """Every view row of every account that replay does not confirm."""
        found: list[Difference] = []
        for shard in range(self.log.shards):
            found += differences(self.log, list(self.reader.account_ids(shard)), today)
        return found

    def execute(self, statement: str, *values: object) -> int:
        """Do something to the database behind duebook's back; answers the rows it touched."""
        with self.pool.connection() as conn:
            return conn.execute(statement.encode(), values).rowcount

    def poison(self, account: str) -> None:
        """Append an event to the account that this version of the code cannot read."""
        event = NewEvent(account, "draw.teleported", date(2026, 1, 6), "draw:T-1", b"{}")
        self.log.append([event])
