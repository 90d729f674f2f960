"""The ledgers that benchmarks work on: fresh databases with views, filled in bulk.

They stand on the server of DUEBOOK_DATABASE_URL, or on the built-in engine where nothing is set,
beside whatever that server holds, and are dropped afterwards.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import UUID

import psycopg

from app.engines import engines
from app.founding import make_derived
from ledger import schema
from ledger.log.log import Log
from ledger.sql import Statements
from tests.benchmarks.data import new_event_of
from tests.databases import fresh_database, ledger_pool
from tests.house import House

SQL = Statements(Path(__file__).parent / "sql")

SHARDS = 8
#: Events of one request, as the goals have it.
BATCH = 1_000

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger, and where other processes find it."""

    url: str
    house: House

    @property
    def events(self) -> int:
        """How many events it holds."""
        with self.house.pool.connection() as conn:
            row = conn.execute(SQL.event_count).fetchone()
        assert row is not None  # An aggregate without GROUP BY always gives a row.
        return int(row[0])

    @property
    def accounts(self) -> int:
        """How many accounts it holds."""
        return self.house.reader.account_count(range(SHARDS))

    def fill(self, lines: Sequence[bytes]) -> None:
        """Append validated lines without deciding on them: the generator makes none to refuse."""
        new_event = new_event_of()
        for batch in batches(lines):
            self.house.log.append([new_event(raw) for raw in batch])
        self.settle()

    def settle(self) -> None:
        """Let the tables be as autovacuum leaves them, so that every round begins alike."""
        self.house.execute("VACUUM ANALYZE")


def accounts_of(ledger: Ledger) -> list[str]:
    """The accounts of a ledger, shard by shard."""
    return [one for shard in range(SHARDS) for one in ledger.house.reader.account_ids(shard)]


@contextmanager
def server() -> Iterator[str]:
    """The URL of the server on which everything is measured."""
    with TemporaryDirectory(prefix="duebook-") as home:
        asked = os.environ.get("DUEBOOK_DATABASE_URL")
        with engines(Path(home), database_url=asked, needs_redis=False) as running:
            if not asked:
                _wear_in(running.database_url)
            yield running.database_url


def _wear_in(server_url: str) -> None:
    """Let a new server write as much log as it uses again and again from then on.

    Until then commits wait for each file of it to be made, and pay for whoever comes later.
    """
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(SQL.write_ahead)
        conn.execute("CHECKPOINT")


@contextmanager
def fresh_ledger(server_url: str) -> Iterator[Ledger]:
    """An empty ledger with empty views; it is dropped at the end."""
    with fresh_database(server_url) as url:
        schema.create(url, shards=SHARDS, ledger_id=UUID(int=1), created_at=now())
        make_derived(url, SHARDS)
        with ledger_pool(url) as pool:
            yield Ledger(url, House.over(pool, Log(pool, now)))


def batches(items: Sequence[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """The items in requests."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def now() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)
