"""What every test may ask for: a PostgreSQL server, a fresh ledger in it, its log.

The server is that of DUEBOOK_TEST_DATABASE_URL, or the built-in engine where nothing is set.  A
ledger is a database of its own, copied from a template: tests never see each other's facts.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger import schema
from ledger.compiled import FOLD_IS
from ledger.log.log import Log
from tests.databases import fresh_database, ledger_pool
from tests.house import House

SHARDS = 4
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


# How long an example takes says something of the machine, and nothing of the books.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if settings.get_current_profile_name() == "default":  # Where CI is set, it is "ci" already.
    settings.load_profile("patient")

#: Folders in the order in which they are run; the others follow.
LONGEST_FIRST = ("system", "api", "sessions", "compiled", "views", "postgres")


def pytest_report_header() -> str:
    """What is tested: the fold as it is written, or compiled from that."""
    return f"fold: {FOLD_IS}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes come first: of several at once, none is left alone at the end."""
    order = {folder: place for place, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.parent.name, len(order)))


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """The URL of a server in which databases may be made."""
    if url := os.environ.get("DUEBOOK_TEST_DATABASE_URL"):
        yield url
        return
    from app.engines import engines  # Only now: tests of the ledger alone need no app.

    # The path of a unix socket has 107 bytes at most, which pytest's own folders may exceed.
    with (
        TemporaryDirectory(prefix="duebook-") as home,
        engines(Path(home), needs_redis=False) as running,
    ):
        yield running.database_url


@pytest.fixture(scope="session")
def ledger_template(database_server: str) -> Iterator[str]:
    """The name of a database that holds an empty ledger, from which the others are copied."""
    with fresh_database(database_server) as url:
        schema.create(url, shards=SHARDS, ledger_id=UUID(int=1), created_at=MADE_AT)
        with psycopg.connect(url) as conn:
            name = conn.info.dbname
        yield name


@pytest.fixture
def empty_database_url(database_server: str) -> Iterator[str]:
    """A fresh database without a ledger."""
    with fresh_database(database_server) as url:
        yield url


@pytest.fixture
def database_url(database_server: str, ledger_template: str) -> Iterator[str]:
    """A fresh database with an empty ledger in the phase `loading`."""
    with fresh_database(database_server, template=ledger_template) as url:
        yield url


@pytest.fixture
def pool(database_url: str) -> Iterator[ConnectionPool[Connection]]:
    """Connections to a fresh ledger."""
    with ledger_pool(database_url) as connections:
        yield connections


@pytest.fixture
def log(pool: ConnectionPool[Connection]) -> Log:
    """The log of a fresh ledger, with the clock of the machine."""
    return Log(pool, lambda: datetime.now(UTC))


@pytest.fixture
def house(pool: ConnectionPool[Connection], log: Log) -> House:
    """A fresh ledger with its views, its way in and its reader."""
    return House.over(pool, log)
