"""A ledger with its views in a test database, and what a test does to it all the time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger import rights
from ledger.books import Books
from ledger.door import Line
from ledger.log.log import Log
from ledger.log.records import NewEvent
from ledger.rights import Role
from projections import schema
from projections.display import receipts
from projections.projector import Projector
from projections.reading import Reader
from projections.schema import VIEWS
from projections.verification import Difference, differences
from projections.view import View
from workers import rebuilds
from workers.rebuilds import Rebuilds


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
        make_views(pool, log.shards)
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
        """Fold every account again, in the live generation."""
        owed = Rebuilds(self.pool)
        owed.ask(range(self.log.shards))
        self.build(owed, today)

    def build(self, owed: Rebuilds, today: date) -> None:
        """Build every chunk that is owed."""
        while shards := owed.owed():
            for shard in shards:
                owed.build(self.projector, shard, today)

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


def make_views(
    pool: ConnectionPool[Connection], shards: int, views: tuple[View, ...] = VIEWS
) -> None:
    """Make the tables of the views as their owner, like `duebook init`."""
    assert isinstance(pool.conninfo, str)
    with rights.connect(pool.conninfo, Role.OWNER) as conn:
        schema.create(conn, shards, views)
        rebuilds.create(conn)
        receipts.create(conn)
