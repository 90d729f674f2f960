"""When a fact came in: the log's clock says it, except while history is being loaded."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.log.log import PHASE_STREAM, Log
from ledger.log.records import Appended, RecordedTimeRefused
from tests.postgres.facts import NOON, Clock, account_in_shard, payment, whole_log


def test_recorded_time_never_runs_backwards_when_the_clock_is_set_back(
    log: Log, clock: Clock
) -> None:
    for number, hours in enumerate((0, 1, -5, 2)):
        clock.move(hours=hours)
        log.append([payment(number)])
    times = [event.recorded_at for event in log.streams(["A-1"])["A-1"]]
    assert times == [NOON, NOON + timedelta(hours=1)] + [NOON + timedelta(hours=1)] * 2


def test_history_keeps_its_recorded_times_while_the_ledger_is_loading(log: Log) -> None:
    shanghai = timezone(timedelta(hours=8))
    times = [datetime(2011, 5, 1, tzinfo=shanghai), datetime(2012, 1, 1, 0, 0, 0, 7, tzinfo=UTC)]
    log.append([payment(1), payment(2)], recorded_at=times)
    found = [event.recorded_at for event in log.streams(["A-1"])["A-1"]]
    assert found == times
    assert {time.tzinfo for time in found} == {UTC}


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ([NOON - timedelta(days=1), NOON - timedelta(days=2)], "shard 0 has come to 2026-02-28"),
        ([NOON - timedelta(days=9), NOON], "shard 0 has come to 2026-02-24"),
        ([NOON, NOON + timedelta(seconds=1)], "that lies after now, 2026-03-01T12:00:00"),
        ([NOON, NOON.replace(tzinfo=None)], "it has no time zone"),
    ],
    ids=["backwards", "before the head", "future", "naive"],
)
def test_a_recorded_time_that_cannot_be_true_is_refused(
    log: Log, times: list[datetime], sentence: str
) -> None:
    log.append([payment(0)], recorded_at=[NOON - timedelta(days=5)])
    with pytest.raises(RecordedTimeRefused, match=sentence):
        log.append([payment(1), payment(2)], recorded_at=times)
    assert len(whole_log(log)) == 1


def test_each_event_has_a_recorded_time_or_none_has(log: Log) -> None:
    with pytest.raises(ValueError, match="argument"):
        log.append([payment(1), payment(2)], recorded_at=[NOON])
    assert whole_log(log) == []


def test_an_open_ledger_takes_no_recorded_times_but_still_answers_retries(
    log: Log, clock: Clock
) -> None:
    long_ago = NOON - timedelta(days=400)
    log.append([payment(1)], recorded_at=[long_ago])
    phases = [log.phase]
    opened = log.open()
    assert [*phases, log.phase] == ["loading", "open"]
    assert (opened.recorded.stream_id, opened.recorded.topic) == ("ledger/phase", "ledger.opened")
    assert opened.recorded.recorded_at == NOON
    with pytest.raises(RecordedTimeRefused, match="the ledger is open"):
        log.append([payment(2)], recorded_at=[long_ago])
    [again] = log.append([payment(1)], recorded_at=[long_ago])
    assert again.is_retry
    assert again.recorded.recorded_at == long_ago


def test_opening_twice_is_opening_once(log: Log, clock: Clock) -> None:
    first = log.open()
    clock.move(days=1)
    again = log.open()
    assert (first.is_retry, again.is_retry) == (False, True)
    assert again.recorded == first.recorded


def test_the_ledger_cannot_open_under_an_import(log: Log, pool: ConnectionPool[Connection]) -> None:
    """The append reads its clock while it holds its locks: that is when another process opens."""
    other_shard = (log.shard_of(PHASE_STREAM) + 1) % log.shards
    opening: list[Future[Appended]] = []

    def open_meanwhile() -> datetime:
        opening.append(threads.submit(log.open))
        with pytest.raises(TimeoutError):
            opening[0].result(timeout=0.3)
        return NOON

    with ThreadPoolExecutor(1) as threads:
        imported = payment(1, account_in_shard(log, other_shard))
        Log(pool, open_meanwhile).append([imported], recorded_at=[NOON - timedelta(days=400)])
        assert not opening[0].result(timeout=10).is_retry
