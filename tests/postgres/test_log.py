"""What the log promises to those who write to it and read from it."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.domain import limits
from ledger.log.log import Log
from ledger.log.planning import NAME_LENGTH_MAX
from ledger.log.records import (
    EventMalformed,
    KeyUsed,
    NewEvent,
    RequestTooLarge,
    StreamFull,
    StreamHead,
    StreamMoved,
)
from ledger.proof.digest import NO_DIGEST
from tests.postgres.facts import (
    NOON,
    TODAY,
    Clock,
    account_in_shard,
    accounts_of_shard,
    assert_without_gaps,
    payment,
    whole_log,
)

# --- writing and reading back ------------------------------------------------------------------


def test_an_event_comes_back_as_it_went_in(log: Log) -> None:
    paid = NewEvent(
        "户-1", "payment.received", date(2026, 2, 28), "payment:收-1", b'{"a":"\xc3\xa9"}'
    )
    [answer] = log.append([paid])
    assert not answer.is_retry
    assert log.streams(["户-1"])["户-1"] == [answer.recorded]
    recorded = answer.recorded
    assert recorded.has_content_of(paid)
    assert (recorded.stream_id, recorded.key) == (paid.stream_id, paid.key)
    assert (recorded.position, recorded.version, recorded.recorded_at) == (1, 1, NOON)
    assert recorded.recorded_at.tzinfo is UTC


def test_a_connection_in_another_time_zone_reads_utc(log: Log, database_url: str) -> None:
    [answer] = log.append([payment(1)])
    with psycopg.connect(database_url, options="-c timezone=Asia/Shanghai") as conn:
        [event] = log.streams(["A-1"], conn)["A-1"]
        head = log.heads(conn)[event.shard]
    assert event == answer.recorded
    assert event.recorded_at.tzinfo is UTC
    assert head.recorded_at is not None
    assert head.recorded_at.tzinfo is UTC


def test_positions_count_from_one_in_each_shard(log: Log) -> None:
    log.append([payment(n, f"A-{n % 7}") for n in range(50)])
    log.append([payment(n, f"A-{n % 7}") for n in range(50, 80)])
    assert sum(head.position for head in log.heads()) == 80
    assert_without_gaps(log)


def test_an_append_that_is_rolled_back_leaves_no_gap(log: Log) -> None:
    log.append([payment(1)])
    with pytest.raises(KeyUsed):
        log.append([payment(2), payment(1, amount="99.00")])
    [answer] = log.append([payment(3)])
    assert (answer.recorded.position, answer.recorded.version) == (2, 2)
    assert_without_gaps(log)


def test_a_connection_that_dies_during_an_append_leaves_nothing(
    log: Log, pool: ConnectionPool[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([payment(1)])

    def die(conn: Connection, *_: object) -> None:
        conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patched:
        patched.setattr("ledger.log.log.insert", die)
        with pytest.raises(psycopg.OperationalError):
            log.append([payment(2)])
    assert not log.append([payment(2)])[0].is_retry
    assert_without_gaps(log)


MANY = [payment(n, f"A-{n % 40}") for n in range(300)]


def test_a_large_request_with_a_repeated_fact_gives_that_its_first_answer(log: Log) -> None:
    repeated = payment(500, "B-1")
    [first] = log.append([repeated])
    request = [*MANY[:150], repeated, *MANY[150:]]
    answers = log.append(request, expected_versions={"B-1": 0, MANY[0].stream_id: 0})
    assert [answer.is_retry for answer in answers] == [n == 150 for n in range(301)]
    assert answers[150].recorded == first.recorded
    for _ in range(2):
        assert log.append(request) == [answer._replace(is_retry=True) for answer in answers]
    assert log.append([payment(n, "B-2") for n in range(100)])[99].recorded.version == 100
    assert_without_gaps(log)


def test_a_large_request_that_is_refused_leaves_the_callers_transaction_whole(
    log: Log, pool: ConnectionPool[Connection]
) -> None:
    [first] = log.append([MANY[150]])
    other = NewEvent(MANY[150].stream_id, "payment.received", TODAY, MANY[150].key, b'{"x":1}')
    with pool.connection() as conn:
        log.append([payment(901)], conn=conn)
        with pytest.raises(KeyUsed) as refused:
            log.append([*MANY[:150], other], conn=conn)
        with pytest.raises(StreamMoved):
            log.append(MANY, expected_versions={MANY[0].stream_id: 7}, conn=conn)
        log.append([payment(902)], conn=conn)
    assert refused.value.first == first.recorded
    assert sum(head.position for head in log.heads()) == 3
    assert_without_gaps(log)


def test_streams_of_an_account_lie_in_its_shard(log: Log) -> None:
    for number in range(50):
        account = f"A-{number}"
        assert log.shard_of(f"notices/{account}") == log.shard_of(account)
    # Stored data: an account that hashed elsewhere tomorrow would be lost.
    assert [log.shard_of(name) for name in ("A-1", "A-2", "rules/disclosure")] == [0, 2, 3]


def test_an_unknown_stream_is_empty(log: Log) -> None:
    assert log.streams(["A-1"]) == {"A-1": []}
    assert log.versions(["A-1"]) == {"A-1": StreamHead(0, NO_DIGEST)}
    assert log.streams([]) == {}
    assert log.append([]) == []


def test_a_follower_reads_page_by_page(log: Log) -> None:
    names = accounts_of_shard(log, 2)
    first, second = next(names), next(names)
    log.append([payment(n, account) for n in range(5) for account in (first, second)])
    pages = [log.follow(2, after, 4) for after in (0, 4, 8, 10)]
    assert [[event.position for event in page] for page in pages] == [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10],
        [],
    ]
    assert log.changed_streams(2, 0, 1) == ([first], 1)
    assert log.changed_streams(2, 1, 100) == (sorted([first, second]), 10)
    assert log.changed_streams(2, 10, 100) == ([], 10)
    assert log.stream_ids(2, "", 1) == [min(first, second)]
    assert log.stream_ids(2, min(first, second), 5) == [max(first, second)]


def test_reads_of_a_snapshot_see_one_moment(log: Log) -> None:
    log.append([payment(1)])
    with log.snapshot() as conn:
        before = log.versions(["A-1"], conn)
        log.append([payment(2)])
        assert log.versions(["A-1"], conn) == before
        assert len(log.streams(["A-1"], conn)["A-1"]) == 1
    assert log.versions(["A-1"])["A-1"].version == 2


# --- keys --------------------------------------------------------------------------------------


def test_the_same_key_with_the_same_content_is_a_retry(log: Log, clock: Clock) -> None:
    [first] = log.append([payment(1)])
    clock.move(hours=1)
    [again] = log.append([payment(1)])
    assert again.is_retry
    assert again.recorded == first.recorded
    assert whole_log(log) == [first.recorded]


def test_a_request_may_be_part_retry_and_part_new(log: Log) -> None:
    log.append([payment(1), payment(2)])
    answers = log.append([payment(2), payment(3), payment(3), payment(1)])
    assert [answer.is_retry for answer in answers] == [True, False, True, True]
    assert [answer.recorded.version for answer in answers] == [2, 3, 3, 1]
    assert_without_gaps(log)


def test_the_same_key_may_stand_in_two_accounts(log: Log) -> None:
    answers = log.append([payment(1, "A-1"), payment(1, "A-2")])
    assert [answer.is_retry for answer in answers] == [False, False]


@pytest.mark.parametrize(
    "other",
    [
        payment(1, amount="11.00"),
        payment(1, on=date(2026, 2, 28)),
        NewEvent("A-1", "payment.reversed", TODAY, "payment:1", payment(1).state),
    ],
    ids=["state", "effective_on", "topic"],
)
def test_a_key_with_other_content_is_refused_and_nothing_is_written(
    log: Log, other: NewEvent
) -> None:
    [first] = log.append([payment(1)])
    with pytest.raises(KeyUsed, match=r"'payment:1' of stream 'A-1' stands for other") as refused:
        log.append([payment(2), payment(3, "A-2"), other])
    assert refused.value.first == first.recorded
    assert whole_log(log) == [first.recorded]


def test_a_key_used_twice_within_a_request_is_refused_too(log: Log) -> None:
    with pytest.raises(KeyUsed):
        log.append([payment(1), payment(1, amount="11.00")])
    assert whole_log(log) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_repeating_any_append_changes_nothing(log: Log, data: st.DataObject) -> None:
    """The log is kept from example to example, so every history grows out of another one."""
    payments = st.builds(
        payment,
        st.integers(0, 30),
        st.sampled_from(["A-1", "A-2", "notices/A-1"]),
        on=st.just(TODAY),
    )
    requests = data.draw(st.lists(st.lists(payments, max_size=8), min_size=1, max_size=4))
    for request in requests:
        log.append(request)
    before, heads = whole_log(log), log.heads()
    for request in data.draw(st.permutations(requests)):
        answers = log.append(request, expected_versions={event.stream_id: 0 for event in request})
        assert all(answer.is_retry for answer in answers)
    assert (whole_log(log), log.heads()) == (before, heads)
    assert_without_gaps(log)


# --- expected versions -------------------------------------------------------------------------


def test_a_writer_who_saw_an_older_version_is_refused(log: Log) -> None:
    log.append([payment(1)], expected_versions={"A-1": 0})
    with pytest.raises(StreamMoved, match="expected at version 0, but is at 1") as refused:
        log.append([payment(2, "A-2"), payment(2)], expected_versions={"A-1": 0})
    assert (refused.value.expected, refused.value.found) == (0, 1)
    assert len(whole_log(log)) == 1
    log.append([payment(2), payment(3)], expected_versions={"A-1": 1})


def test_a_retry_is_a_retry_whatever_version_was_expected(log: Log) -> None:
    log.append([payment(1)], expected_versions={"A-1": 0})
    log.append([payment(2)])
    assert log.append([payment(1)], expected_versions={"A-1": 0})[0].is_retry


# --- racing writers ----------------------------------------------------------------------------


def test_racing_writers_neither_wait_for_ever_nor_leave_gaps_nor_book_twice(log: Log) -> None:
    """Each payment is sent by several of 16 threads, in other company and order each time."""
    dice = random.Random(1)
    facts = [payment(n, f"A-{n % 40}") for n in range(400)]
    requests = []
    for _ in range(4):
        shuffled = dice.sample(facts, len(facts))
        requests += [shuffled[n : n + 10] for n in range(0, len(facts), 10)]
    dice.shuffle(requests)
    with ThreadPoolExecutor(16) as threads:
        answers = [answer for some in threads.map(log.append, requests) for answer in some]
    assert Counter(answer.is_retry for answer in answers) == {False: 400, True: 1_200}
    events = whole_log(log)
    booked = Counter((event.stream_id, event.key) for event in events)
    assert booked == Counter((fact.stream_id, fact.key) for fact in facts)
    assert {answer.recorded for answer in answers} == set(events)
    assert_without_gaps(log)


def test_of_racing_writers_at_one_version_one_wins(log: Log) -> None:
    def write(number: int) -> bool:
        try:
            log.append([payment(number)], expected_versions={"A-1": 0})
        except StreamMoved:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(write, range(16))) == 1


def test_a_follower_never_misses_an_event_that_commits_late(log: Log) -> None:
    """Whoever has seen position p has seen everything below it."""
    shard = 1
    account = account_in_shard(log, shard)
    seen: list[int] = []
    with ThreadPoolExecutor(8) as threads:
        writing = [threads.submit(log.append, [payment(n, account)]) for n in range(200)]
        while len(seen) < 200:
            seen += [event.position for event in log.follow(shard, len(seen), 1_000)]
            assert seen == list(range(1, len(seen) + 1))
    assert all(future.done() for future in writing)


# --- limits ------------------------------------------------------------------------------------


def test_a_request_has_a_greatest_size(log: Log) -> None:
    events = [payment(n) for n in range(limits.REQUEST_EVENTS_MAX + 1)]
    with pytest.raises(RequestTooLarge, match=r"10001 events.*at most 10000"):
        log.append(events)
    assert len(log.append(events[:-1])) == limits.REQUEST_EVENTS_MAX


def test_a_full_stream_takes_retries_only(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.log.planning.EVENTS_PER_STREAM_MAX", 3)
    log.append([payment(n) for n in range(3)])
    with pytest.raises(StreamFull, match="'A-1' holds 3 events"):
        log.append([payment(4)])
    assert log.append([payment(2)])[0].is_retry


def test_the_longest_names_and_the_largest_state_are_taken(log: Log) -> None:
    dice = random.Random(2)
    name = "".join(chr(dice.randrange(0x10000, 0x1FFFF)) for _ in range(NAME_LENGTH_MAX))
    state = dice.randbytes(limits.STATE_BYTES_MAX)
    [answer] = log.append([NewEvent(name, name, date(1900, 1, 1), name, state)])
    assert log.streams([name])[name] == [answer.recorded]


@pytest.mark.parametrize(
    ("event", "field", "sentence"),
    [
        (payment(1, ""), "stream_id", "has 0 characters"),
        (payment(1, "A" * 241), "stream_id", "has 241 characters; it takes 1 to 240"),
        (payment("1" * 240), "key", "has 248 characters"),
        (payment("1\0"), "key", "NUL"),
        (payment("\udc80"), "key", "is not text"),
        (NewEvent("A-1", "", TODAY, "k", b"{}"), "topic", "has 0 characters"),
        (payment(1, on=NOON), "effective_on", "give a plain date"),
        (NewEvent("A-1", "t", TODAY, "k", bytes(200_001)), "state", "at most 200000"),
    ],
)
def test_what_the_log_cannot_hold_is_refused(
    log: Log, event: NewEvent, field: str, sentence: str
) -> None:
    with pytest.raises(EventMalformed, match=sentence) as refused:
        log.append([payment(0), event])
    assert refused.value.field == field
    assert whole_log(log) == []


# --- history does not change -------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    ["UPDATE events SET topic = 'x'", "DELETE FROM events WHERE false", "TRUNCATE events"],
)
def test_the_database_refuses_to_change_history(
    log: Log, pool: ConnectionPool[Connection], change: str
) -> None:
    log.append([payment(1)])
    with pool.connection() as conn, pytest.raises(psycopg.errors.RestrictViolation) as refused:
        conn.execute(change.encode())
    assert "recorded events never change" in str(refused.value)
    assert refused.value.diag.message_hint is not None
    assert len(whole_log(log)) == 1


def test_people_read_the_log_in_sql(log: Log, pool: ConnectionPool[Connection]) -> None:
    """A state that jsonb cannot hold does not hide the others."""
    states = [b'{"amount":"10.00"}', b"\xff", b'{"a":"\\u0000"}', b"NaN"]
    log.append([NewEvent("A-1", "t", TODAY, f"k{n}", s) for n, s in enumerate(states)])
    with pool.connection() as conn:
        rows = conn.execute("SELECT state, length(digest) FROM events_readable ORDER BY key")
        assert rows.fetchall() == [({"amount": "10.00"}, 64), (None, 64), (None, 64), (None, 64)]
