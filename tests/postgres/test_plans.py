"""No statement of the log reads a table from end to end, however many rows it is asked for."""

from collections.abc import Iterator

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.log.log import Log
from ledger.sql import SQL
from tests.postgres.facts import payment

EVENTS = 20_000
STREAMS = 5_000


@pytest.fixture
def conn(log: Log, pool: ConnectionPool[Connection]) -> Iterator[Connection]:
    """A connection to a ledger with enough events that the planner has a choice."""
    events = [payment(n, f"A-{n % STREAMS}") for n in range(EVENTS)]
    for start in range(0, EVENTS, 10_000):
        log.append(events[start : start + 10_000])
    with pool.connection() as connection:
        connection.execute("ANALYZE")
        yield connection


@pytest.mark.parametrize("asked", [1, 1_000])
@pytest.mark.parametrize("name", ["look_up_request", "stream_events", "stream_heads"])
def test_streams_and_keys_are_found_by_an_index(
    log: Log, conn: Connection, name: str, asked: int
) -> None:
    stream_ids = [f"A-{n}" for n in range(asked)]
    shards = [log.shard_of(stream_id) for stream_id in stream_ids]
    plan = plan_of(
        conn,
        name,
        {
            "shards": shards,
            "stream_ids": stream_ids,
            "stream_shards": shards,
            "of_streams": stream_ids,
            "keys": [f"payment:{n}" for n in range(asked)],
        },
    )
    assert "Seq Scan" not in plan
    assert "Index" in plan


@pytest.mark.parametrize("name", ["follow", "changed_streams"])
def test_followers_read_on_from_where_they_are(conn: Connection, name: str) -> None:
    plan = plan_of(conn, name, {"shard": 1, "after": 4_000, "limit": 500})
    assert "Seq Scan" not in plan
    assert "events_pkey" in plan


def plan_of(conn: Connection, name: str, asked: dict[str, object]) -> str:
    statement: bytes = getattr(SQL, name)
    rows = conn.execute(b"EXPLAIN " + statement, asked, prepare=False)
    return "\n".join(str(row[0]) for row in rows)
