"""Where streams end is remembered, and not believed once somebody else has written."""

from collections.abc import Sequence
from random import Random

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.log.ends import KnownEnds
from ledger.log.log import Log
from ledger.log.records import NewEvent, StreamHead, StreamMoved
from ledger.proof.verify import verify_streams
from tests.postgres.facts import Clock, assert_without_gaps, payment

#: More than travel in a pipeline: only large requests remember.
LARGE = 100
ACCOUNTS = [f"A-{n}" for n in range(20)]


class Watched(Log):
    """A log that tells which streams it has asked the database for."""

    def __init__(self, pool: ConnectionPool[Connection], clock: Clock, ends_max: int) -> None:
        super().__init__(pool, clock)
        self._ends = KnownEnds(self.shards, ends_max)
        self.asked: list[list[str]] = []

    def versions(
        self, stream_ids: Sequence[str], conn: Connection | None = None
    ) -> dict[str, StreamHead]:
        self.asked.append(sorted(stream_ids))
        return super().versions(stream_ids, conn)


@pytest.fixture
def watched(pool: ConnectionPool[Connection], clock: Clock) -> Watched:
    """It remembers as many streams as there are."""
    return Watched(pool, clock, ends_max=10_000)


def page(number: int) -> list[NewEvent]:
    """As many payments to each account, with keys of their own."""
    return [payment(number * LARGE + n, ACCOUNTS[n % len(ACCOUNTS)]) for n in range(LARGE)]


def test_what_a_large_request_left_is_not_asked_for_again(watched: Watched) -> None:
    for number in range(3):
        watched.append(page(number))
    assert watched.asked == [sorted(ACCOUNTS)]
    assert_without_gaps(watched)


def test_streams_of_shards_that_others_wrote_to_are_asked_for(watched: Watched, log: Log) -> None:
    watched.append(page(0))
    log.append([payment("other", "A-3")])
    watched.append(page(1))
    moved = watched.shard_of("A-3")
    of_the_shard = sorted(one for one in ACCOUNTS if watched.shard_of(one) == moved)
    assert watched.asked == [sorted(ACCOUNTS), of_the_shard]
    assert_without_gaps(watched)


def test_what_was_rolled_back_is_not_remembered(
    watched: Watched, pool: ConnectionPool[Connection]
) -> None:
    watched.append(page(0))
    with pytest.raises(StreamMoved):
        watched.append(page(1), expected_versions={"A-19": 0})
    with pool.connection() as conn, conn.transaction(force_rollback=True):
        watched.append(page(2), conn=conn)
    watched.append(page(3))
    assert_without_gaps(watched)
    assert list(verify_streams(watched)) == []


@pytest.mark.parametrize("ends_max", [0, 16, 10_000])
def test_however_much_is_remembered_the_log_is_sound(
    pool: ConnectionPool[Connection], clock: Clock, ends_max: int
) -> None:
    """Two processes write small and large requests in turns, and repeat some of them."""
    writers = [Watched(pool, clock, ends_max) for _ in range(2)]
    lots = Random(ends_max)
    for number in range(30):
        of_page = page(lots.randint(max(0, number - 2), number))
        lots.choice(writers).append(of_page[: lots.choice([3, LARGE])])
    assert_without_gaps(writers[0])
    assert list(verify_streams(writers[0])) == []
