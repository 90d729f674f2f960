"""A small vocabulary for tests of the log: facts of accounts, and a clock that obeys."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zlib import crc32

from ledger.log.log import Log
from ledger.log.records import NewEvent, Recorded

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 1)


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Set the clock forward, or back with negative figures."""
        self.now += timedelta(**by)


def payment(
    number: int | str, account: str = "A-1", amount: str = "10.00", on: date = TODAY
) -> NewEvent:
    """Money in.  The number of the payment is its identity within the account."""
    state = b'{"amount":"%s"}' % amount.encode()
    return NewEvent(account, "payment.received", on, f"payment:{number}", state)


def accounts_of_shard(log: Log, shard: int) -> Iterator[str]:
    """Names of accounts that lie in this shard, without end."""
    number = 0
    while True:
        number += 1
        if crc32(f"A-{number}".encode()) % log.shards == shard:
            yield f"A-{number}"


def account_in_shard(log: Log, shard: int) -> str:
    """The name of an account that lies in this shard."""
    return next(accounts_of_shard(log, shard))


def whole_log(log: Log) -> list[Recorded]:
    """Every event of every shard, in the order of positions."""
    return [event for shard in range(log.shards) for event in log.follow(shard, 0, 1_000_000)]


def assert_without_gaps(log: Log) -> None:
    """Each shard counts 1, 2, 3 ... up to its head, and so does each stream."""
    versions: dict[str, int] = {}
    for head in log.heads():
        events = log.follow(head.shard, 0, 1_000_000)
        assert [event.position for event in events] == list(range(1, head.position + 1))
        for event in events:
            versions[event.stream_id] = versions.get(event.stream_id, 0) + 1
            assert event.version == versions[event.stream_id], event
