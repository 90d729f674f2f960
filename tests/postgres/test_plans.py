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


@pytest.mark.parametrize("name", ["look_up_request", "stream_events"])
def test_a_plan_that_is_kept_from_an_empty_ledger_is_no_scan(
    log: Log, pool: ConnectionPool[Connection], name: str
) -> None:
    """As in a pipelined transaction, and still so when the planner knows that all is small."""
    asked = {
        "shards": [1], "stream_ids": ["A-1"], "stream_shards": [1], "of_streams": ["A-1"],
        "keys": ["payment:1"],
    }  # fmt: skip
    with pool.connection() as conn, conn.transaction():
        for events in ([], [payment(1)]):
            log.append(events, conn=conn)
            conn.execute("ANALYZE events, streams")
            conn.execute(SQL.plan_by_index)
            plan = plan_of(conn, name, asked)
            assert "Seq Scan" not in plan
            assert "Bitmap" not in plan
            assert "Index" in plan


def test_small_requests_are_looked_up_by_plans_that_are_kept(
    log: Log, pool: ConnectionPool[Connection]
) -> None:
    with log.transaction(5, pipelined=True) as conn:
        log.streams(["A-1"], conn)
        log.append([payment(1)], conn=conn)
        kept = conn.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '-- What the log holds%' OR statement LIKE '-- All events of%'"
        ).fetchall()
    assert kept == [(1, 0), (1, 0)]


@pytest.mark.parametrize("name", ["follow", "changed_streams"])
def test_followers_read_on_from_where_they_are(conn: Connection, name: str) -> None:
    plan = plan_of(conn, name, {"shard": 1, "after": 4_000, "limit": 500})
    assert "Seq Scan" not in plan
    assert "events_pkey" in plan


def plan_of(conn: Connection, name: str, asked: dict[str, object]) -> str:
    statement: bytes = getattr(SQL, name)
    rows = conn.execute(b"EXPLAIN " + statement, asked, prepare=False)
    return "\n".join(str(row[0]) for row in rows)
