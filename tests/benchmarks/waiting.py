"""How long a caller waits: for the answer to his fact, and until the views show it."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import islice
from statistics import quantiles
from time import monotonic, sleep
from typing import TypeVar

from ledger.counter import Counter
from ledger.door import parse_line
from tests.benchmarks.callers import Callers, callers
from tests.benchmarks.checks import log_is_sound, same_number, views_equal_replay
from tests.benchmarks.data import TODAY, payments, portfolio
from tests.benchmarks.figures import Figure, interleaved
from tests.benchmarks.ledgers import accounts_of, fresh_ledger
from tests.benchmarks.processes import follow_from, follow_until, hear, listen, workers
from tests.benchmarks.yardsticks import BareEvents, bare_rows

#: Callers at once whose waits are measured.
CALLERS = (1, 4, 16, 64)
#: Facts a second while it is measured how far the views lag behind.
PER_SECOND = 500
#: Accounts that take turns at being paid to.
ACCOUNTS_MIN = 64

#: What one request is about.
Work = TypeVar("Work")
#: A shard, and a position in it.
Place = tuple[int, int]


def latencies(server_url: str, events: int, rounds: int) -> Iterator[Figure | str]:
    """A payment of each caller, again and again, beside a one-row INSERT of as many callers."""
    with fresh_ledger(server_url) as ledger, Counter(ledger.house.books) as counter:
        ledger.fill(portfolio("W", max(ACCOUNTS_MIN, events // 10)))
        before, made = ledger.events, 0
        accounts, bare = accounts_of(ledger), BareEvents(ledger.house.pool)
        rows = bare_rows()

        def bring(raw: bytes) -> None:
            counter.append_all([parse_line(raw)])

        def raced(many: int, count: int) -> list[list[float]]:
            with callers(many) as by:
                return interleaved(
                    rounds,
                    lambda number: _waits(by, bring, _paid(accounts, f"W-{many}-{number}", count)),
                    lambda _: _waits(by, bare.insert, list(islice(rows, count))),
                )

        for many in CALLERS:
            count = max(2 * many, events // len(CALLERS))
            ours, theirs = raced(many, count)
            made += len(ours)
            yield from _figures(f"answer, {many} callers", ours, "one-row INSERT", theirs)
        yield log_is_sound("answers", ledger, before + made)
        same_number("answers", "rows of the yardstick", bare.count(), made)


def lag(checkers: Executor, server_url: str, events: int, rounds: int) -> Iterator[Figure | str]:
    """From the moment a payment is brought to the commit that makes the views show it."""
    with (
        fresh_ledger(server_url) as ledger,
        Counter(ledger.house.books) as counter,
        ThreadPoolExecutor(16) as threads,
        workers(1) as other,
    ):
        ledger.fill(portfolio("V", max(ACCOUNTS_MIN, events // 10)))
        ledger.house.follow(TODAY)
        before = ledger.events
        accounts, bare = accounts_of(ledger), BareEvents(ledger.house.pool)
        rows = bare_rows()
        other.submit(listen, ledger.url).result()

        def views(number: int) -> list[float]:
            done = other.submit(follow_from, ledger.url).result()
            seen = other.submit(follow_until, ledger.url, TODAY, done, events)
            lines = _paid(accounts, f"V-{number}", events)
            asked = _at_pace(threads, lambda raw: _recorded(counter, raw), lines)
            return _lags(asked, seen.result())

        def listener(number: int) -> list[float]:
            seen = other.submit(hear, ledger.url, events)
            asked = _at_pace(threads, bare.insert_and_notify, list(islice(rows, events)))
            return _lags(asked, seen.result())

        ours, theirs = interleaved(rounds, views, listener)
        name = f"visible, {PER_SECOND} events/s"
        yield from _figures(name, ours, "INSERT + NOTIFY + SELECT", theirs)
        same_number("visible", "events that became visible", len(ours), events * rounds)
        same_number("visible", "rows that were heard of", len(theirs), events * rounds)
        yield log_is_sound("visible", ledger, before + events * rounds)
        yield views_equal_replay("visible", checkers, ledger, TODAY)


def _figures(name: str, ours: list[float], other: str, theirs: list[float]) -> Iterator[Figure]:
    """The wait of half of the facts, and of all but one in a hundred."""
    for place, said in ((49, "p50"), (98, "p99")):
        mine, yardstick = (quantiles(waits, n=100)[place] * 1e3 for waits in (ours, theirs))
        yield Figure(f"{name}, {said}", mine, other, yardstick, "ms")


def _paid(accounts: Sequence[str], payment_id: str, count: int) -> list[bytes]:
    """So many payments; the accounts take turns."""
    turns = -(-count // len(accounts))
    lines = [raw for turn in range(turns) for raw in payments(accounts, f"{payment_id}-{turn}")]
    return lines[:count]


def _waits(by: Callers, work: Callable[[Work], object], asked: Sequence[Work]) -> list[float]:
    def timed(one: Work) -> float:
        began = monotonic()
        work(one)
        return monotonic() - began

    return by.bring(timed, asked)


def _at_pace(
    threads: Executor, work: Callable[[Work], Place], asked: Sequence[Work]
) -> list[tuple[float, Place]]:
    """Bring each at its time.  A wait begins at that time, also of what all threads are too late
    for: else whoever is slow would be asked less.
    """
    began = monotonic()
    times = [began + number / PER_SECOND for number in range(len(asked))]
    answers: list[Future[Place]] = []
    for at, one in zip(times, asked, strict=True):
        sleep(max(0, at - monotonic()))
        answers.append(threads.submit(work, one))
    return [(at, answer.result()) for at, answer in zip(times, answers, strict=True)]


def _recorded(counter: Counter, raw: bytes) -> Place:
    [taken] = counter.append_all([parse_line(raw)])
    [recorded] = taken.recorded
    return recorded.shard, recorded.position


def _lags(
    asked: Sequence[tuple[float, Place]], seen: Sequence[tuple[int, int, float]]
) -> list[float]:
    """How long after it was asked for each place in the log was seen; nothing if it never was."""
    lags = []
    for at, (shard, position) in asked:
        of_shard = [(reached, when) for its_shard, reached, when in seen if its_shard == shard]
        place = bisect_left(of_shard, (position, 0.0))
        if place < len(of_shard):
            lags.append(of_shard[place][1] - at)
    return lags
