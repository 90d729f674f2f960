"""Whoever changes history behind the log's back is found, by place and with a sentence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.log.log import Log
from ledger.proof.digest import NO_DIGEST, event_digest
from ledger.proof.verify import Finding, verify_streams
from tests.postgres.facts import NOON, TODAY, payment

Tamper = Callable[[str], None]


@pytest.fixture
def tamper(pool: ConnectionPool[Connection]) -> Tamper:
    """Change what the triggers protect, as only the owner of the database can."""

    def change(statement: str) -> None:
        with pool.connection() as conn, conn.transaction():
            conn.execute("ALTER TABLE events DISABLE TRIGGER events_never_change")
            conn.execute(statement.encode())
            conn.execute("ALTER TABLE events ENABLE TRIGGER events_never_change")

    return change


@pytest.fixture
def books(log: Log) -> Log:
    """Two accounts in different shards: three payments of A-1 and two of A-2."""
    log.append([payment(n) for n in (1, 2, 3)])
    log.append([payment(n, "A-2") for n in (1, 2)])
    return log


def places(log: Log) -> list[tuple[str | None, int | None, int | None]]:
    return [(found.stream_id, found.position, found.version) for found in verify_streams(log)]


def problems(log: Log) -> list[str]:
    return [found.problem for found in verify_streams(log)]


def test_a_sound_log_gives_no_finding(books: Log) -> None:
    books.append([payment(n, f"A-{n % 700}") for n in range(10, 3_000)])
    books.open()
    assert list(verify_streams(books)) == []
    assert list(verify_streams(books, ["A-1", "A-2", "unknown"])) == []


@pytest.mark.parametrize(
    "change",
    [
        "state = 'x'",
        "effective_on = effective_on - 1",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "key = 'payment:9'",
        "topic = 'payment.reversed'",
        "digest = sha256(digest)",
    ],
)
def test_an_edited_event_is_found(books: Log, tamper: Tamper, change: str) -> None:
    tamper(f"UPDATE events SET {change} WHERE stream_id = 'A-1' AND version = 2")
    found = [found for found in verify_streams(books) if found.version == 2]
    assert found == [
        Finding("A-1", 2, 2, "its digest is not that of its content and the event before it")
    ]
    assert list(verify_streams(books, ["A-2"])) == []


def test_only_the_edited_event_is_named(books: Log, tamper: Tamper) -> None:
    tamper("UPDATE events SET state = 'x' WHERE stream_id = 'A-1' AND version = 1")
    assert places(books) == [("A-1", 1, 1)]


def test_a_dropped_event_is_found(books: Log, tamper: Tamper) -> None:
    tamper("DELETE FROM events WHERE stream_id = 'A-1' AND version = 2")
    assert list(verify_streams(books)) == [
        Finding("A-1", 3, None, "position 2 was expected after 1"),
        Finding("A-1", 3, 3, "version 2 was expected here"),
    ]


def test_a_truncated_tail_is_found(books: Log, tamper: Tamper) -> None:
    tamper("DELETE FROM events WHERE stream_id = 'A-1' AND version > 1")
    assert problems(books) == [
        "shard 0 ends at position 1, but its head is at 3",
        "the stream ends at version 1, but its head is at 3",
    ]


def test_a_stream_that_vanished_is_found(books: Log, tamper: Tamper) -> None:
    tamper("DELETE FROM events WHERE stream_id = 'A-1'")
    assert problems(books) == [
        "shard 0 ends at position 0, but its head is at 3",
        "the stream ends at version 0, but its head is at 3",
    ]


def test_reordered_events_are_found(books: Log, tamper: Tamper) -> None:
    """The versions change places, and each event is again a well-formed one."""
    tamper("UPDATE events SET version = version + 10 WHERE stream_id = 'A-1' AND version IN (1, 2)")
    tamper("UPDATE events SET version = 13 - version WHERE version > 10")
    assert [place[2] for place in places(books)] == [1, 2, 3]


def test_a_recorded_time_that_runs_backwards_is_found(books: Log, tamper: Tamper) -> None:
    tamper("UPDATE events SET recorded_at = recorded_at - interval '1 day' WHERE position = 2")
    assert [problem[:22] for problem in problems(books)][:1] == ["it was recorded at 202"]


def test_an_inserted_event_is_found(books: Log, tamper: Tamper) -> None:
    tamper(
        "INSERT INTO events SELECT shard, 4, stream_id, 4, topic, effective_on, recorded_at,"
        " 'payment:4', state, digest FROM events WHERE stream_id = 'A-1' AND version = 3"
    )
    assert "the stream ends at version 4, but its head is at 3" in problems(books)


def test_a_stream_head_that_was_changed_or_removed_is_found(books: Log, tamper: Tamper) -> None:
    tamper("UPDATE streams SET digest = sha256(digest) WHERE stream_id = 'A-1'")
    tamper("DELETE FROM streams WHERE stream_id = 'A-2'")
    assert list(verify_streams(books)) == [
        Finding("A-1", None, 3, "the digest of the last event is not that of the stream's head"),
        Finding("A-2", 1, None, "its stream has no head"),
    ]


def test_a_log_that_is_written_to_while_it_is_verified_is_sound(books: Log) -> None:
    """Ends and events are compared within one moment."""
    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write_pages, books, pages=100)
        while not writing.done():
            assert list(verify_streams(books)) == []
        writing.result()


def write_pages(log: Log, pages: int) -> None:
    for page in range(pages):
        log.append([payment(page * 50 + n + 100, f"A-{n}") for n in range(50)])


def test_the_bytes_of_a_digest_never_change() -> None:
    """Stored data: computed once by hand from the description in the module."""
    first = event_digest(
        NO_DIGEST,
        shard=3,
        position=41,
        stream_id="户-1",
        version=7,
        topic="payment.received",
        effective_on=TODAY,
        recorded_at=NOON,
        key="payment:P-1",
        state=b'{"amount":"10.00"}',
    )
    assert first.hex() == ("cb762b4a4c812204f16796afb4d11a71c5326ec3395d950b616aa12df08e78f1")
