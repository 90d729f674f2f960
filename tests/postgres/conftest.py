"""Fixtures of the log's tests: a clock that obeys, and a log that goes by it."""

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.log.log import Log
from tests.postgres.facts import Clock


@pytest.fixture
def clock() -> Clock:
    """It stands at noon of the first of March 2026 until a test sets it."""
    return Clock()


@pytest.fixture
def log(pool: ConnectionPool[Connection], clock: Clock) -> Log:
    """The log of a fresh ledger, which goes by the test's clock."""
    return Log(pool, clock)
