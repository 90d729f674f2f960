"""`python -m tests.system.racing`: many processes race to draw on a few accounts with limits.

Half of the processes bring their requests to a counter, half go into the books directly; some
requests are repeated, some concern two accounts at once, some change a limit meanwhile.  A reader
polls all the time.  What must hold is checked from the log alone, by sums that know nothing of the
code that decided; a violation ends the run with 1.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from multiprocessing import get_context
from statistics import median
from typing import Annotated, TypeAlias
from uuid import UUID

import typer

from ledger import schema
from ledger.books import Books, Taken
from ledger.codec import decode
from ledger.counter import Counter
from ledger.domain.events import AccountLimitChanged, AccountOpened, DrawMade
from ledger.domain.rejections import Code, Rejected
from ledger.door import Line, line_of
from ledger.log.log import Log
from ledger.log.records import Recorded
from ledger.proof.verify import verify_streams
from tests.databases import fresh_database, ledger_pool
from tests.lines import drawn, opened

ACCOUNTS = [f"A-{number}" for number in range(10)]
SHARDS = 4
#: In minor units.  It is soon reached, and limits that rise with the minutes keep the race going.
LIMIT = 100_00
REPEATED, OF_TWO_ACCOUNTS, LIMIT_CHANGED = 0.10, 0.10, 0.02
POLL_SECONDS = 0.01
POLL_EVENTS = 200

#: One event of the log, as its writer was told: shard, position, key.
Name: TypeAlias = tuple[int, int, str]
Append: TypeAlias = Callable[[Sequence[Line]], list[Taken]]


class Violated(Exception):
    """Something happened that must never happen."""


def must(holds: bool, what: str) -> None:
    """A promise of the ledger."""
    if not holds:
        raise Violated(what)


@dataclass(slots=True)
class Tally:
    """What some callers did and were told."""

    requests: int = 0
    refused: int = 0
    repeated: int = 0
    #: The events of each request that was taken: they count together.
    taken: list[tuple[Name, ...]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __iadd__(self, other: "Tally") -> "Tally":
        self.requests += other.requests
        self.refused += other.refused
        self.repeated += other.repeated
        self.taken += other.taken
        self.seconds += other.seconds
        return self


# --- writers -----------------------------------------------------------------------------------


def race(url: str, process: int, threads: int, begins_at: float, seconds: float) -> Tally:
    """One process of the race.  Times are of the machine's clock, which all processes share."""
    with log_of(url) as log:
        books = Books(log, patience_seconds=60)
        with Counter(books) if process % 2 else nullcontext() as counter:
            append = counter.append_all if counter else books.append_all
            time.sleep(max(0.0, begins_at - time.time()))
            ends_at = begins_at + seconds
            with ThreadPoolExecutor(threads) as callers:
                names = (f"{process}-{thread}" for thread in range(threads))
                tallies = callers.map(lambda name: call(append, name, begins_at, ends_at), names)
                total = Tally()
                for tally in tallies:
                    total += tally
                return total


def call(append: Append, name: str, begins_at: float, ends_at: float) -> Tally:
    """One caller, who asks until the time is up."""
    lots, tally = random.Random(name), Tally()
    last: tuple[list[Line], tuple[Name, ...]] | None = None
    for number in count():
        if time.time() >= ends_at:
            return tally
        began = time.perf_counter()
        if last is not None and lots.random() < REPEATED:
            again = append(last[0])
            must(all(answer.is_retry for answer in again), f"{name}: a repeated request is new")
            must(names_of(again) == last[1], f"{name}: a repeated request has another answer")
            tally.repeated += 1
        else:
            lines = request(lots, f"{name}-{number}", time.time() - begins_at)
            try:
                last = (lines, names_of(append(lines)))
                tally.taken.append(last[1])
            except Rejected as error:
                must(error.rejection.code is Code.LIMIT_EXCEEDED, f"{name}: {error}")
                tally.refused += 1
        tally.requests += 1
        tally.seconds.append(time.perf_counter() - began)
    raise AssertionError("unreachable: count() has no end")


def request(lots: random.Random, name: str, elapsed: float) -> list[Line]:
    """One draw, draws on two accounts that count together, or another limit for an account."""
    chance = lots.random()
    if chance < LIMIT_CHANGED:
        limit = round(LIMIT * (1 + 5 * elapsed / 60 * lots.random()))
        return [limit_changed(lots.choice(ACCOUNTS), name, limit)]
    accounts = lots.sample(ACCOUNTS, 2 if chance < LIMIT_CHANGED + OF_TWO_ACCOUNTS else 1)
    amount = f"{lots.randint(1, 30)}.00"
    return [drawn(account, draw=name, amount=amount) for account in accounts]


def limit_changed(account: str, name: str, limit: int) -> Line:
    return line_of(
        {
            "account": account,
            "topic": "account.limit_changed",
            "effective_on": "2026-01-01",
            "change_id": name,
            "credit_limit": f"{limit // 100}.{limit % 100:02}",
        }
    )


def names_of(answers: Sequence[Taken]) -> tuple[Name, ...]:
    return tuple(
        (one.shard, one.position, f"{one.stream_id} {one.key}")
        for answer in answers
        for one in answer.recorded
    )


# --- the reader --------------------------------------------------------------------------------


class FollowingReader:
    """Polls every shard and remembers what it saw."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lots = random.Random("reader")
        self.seen: list[list[bytes]] = [[] for _ in range(log.shards)]
        self.polls = 0

    def poll(self) -> None:
        """What is new comes next without a gap, and what was seen is as it was."""
        for shard, seen in enumerate(self.seen):
            for event in self._log.follow(shard, len(seen), POLL_EVENTS):
                expected = len(seen) + 1
                must(event.position == expected, f"shard {shard}: a gap before {event.position}")
                seen.append(event.digest)
            self.look_again(shard, self._lots.randint(0, len(seen)))
        self.polls += 1

    def look_again(self, shard: int, after: int) -> None:
        """Compare some of what was seen with what is there now."""
        seen = self.seen[shard]
        now = self._log.follow(shard, after, POLL_EVENTS)[: len(seen) - after]
        must(
            [event.digest for event in now] == seen[after : after + POLL_EVENTS],
            f"shard {shard}: what was seen after {after} has changed",
        )

    def poll_until(self, is_over: Callable[[], bool]) -> None:
        """Poll all the time, and everything once more at the end."""
        while not is_over():
            self.poll()
            time.sleep(POLL_SECONDS)
        heads = [head.position for head in self._log.heads()]
        while [len(seen) for seen in self.seen] != heads:
            self.poll()
        for shard, seen in enumerate(self.seen):
            for after in range(0, len(seen), POLL_EVENTS):
                self.look_again(shard, after)


# --- what must hold ----------------------------------------------------------------------------


def check_log(log: Log, told: Tally) -> int:
    """Hold the log against what the callers were told; answers how many events there are."""
    shards = [list(whole_shard(log, shard)) for shard in range(log.shards)]
    for shard, events in enumerate(shards):
        positions = [event.position for event in events]
        must(positions == list(range(1, len(events) + 1)), f"shard {shard}: positions have gaps")
    there = sorted(
        (event.shard, event.position, f"{event.stream_id} {event.key}")
        for events in shards
        for event in events
        if event.topic != AccountOpened.TOPIC
    )
    acknowledged = sorted(name for names in told.taken for name in names)
    must(there == acknowledged, "the log does not hold exactly what was acknowledged")
    for account in ACCOUNTS:
        check_limit(account, [e for e in shards[log.shard_of(account)] if e.stream_id == account])
    must(not list(verify_streams(log)), "the digests do not fit")
    return sum(map(len, shards))


def check_limit(account: str, history: Sequence[Recorded]) -> None:
    """At no version did the draws come to more than the limit of that moment allowed."""
    limit, used = 0, 0
    for recorded in history:
        match decode(recorded.topic, recorded.effective_on, recorded.state):
            case AccountOpened(credit_limit=int(first)):
                limit = first
            case AccountLimitChanged(credit_limit=int(changed)):
                limit = changed
            case DrawMade(amount=amount):
                used += amount
                must(used <= limit, f"{account}: {used} drawn, {limit} allowed: {recorded.key}")
            case other:
                raise Violated(f"{account}: nobody asked for {other}")


def whole_shard(log: Log, shard: int) -> Iterator[Recorded]:
    after = 0
    while page := log.follow(shard, after, 1_000):
        yield from page
        after = page[-1].position


# --- the race ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of a race in which nothing was violated."""

    tally: Tally
    events: int
    polls: int
    seconds: float

    def __str__(self) -> str:
        waits = sorted(self.tally.seconds)
        return (
            f"{self.tally.requests:,} requests, all answered: {len(self.tally.taken):,} taken,"
            f" {self.tally.refused:,} over the limit, {self.tally.repeated:,} repeated\n"
            f"{self.tally.requests / self.seconds:,.0f} requests/s; an answer took"
            f" {median(waits) * 1_000:,.0f} ms (median),"
            f" {waits[len(waits) * 99 // 100] * 1_000:,.0f} ms (99 %),"
            f" {waits[-1] * 1_000:,.0f} ms (longest)\n"
            f"{self.events:,} events without gaps; {self.polls:,} polls saw no gap and no change\n"
            "no limit passed"
        )


def held(server_url: str, *, processes: int, threads: int, seconds: float) -> Report:
    """Hold a race in a fresh ledger.  Raises `Violated`."""
    with fresh_database(server_url) as url:
        schema.create(
            url, shards=SHARDS, ledger_id=UUID(int=1), created_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
        with log_of(url) as log:
            limit = f"{LIMIT // 100}.00"
            Books(log).append_all([opened(account, credit_limit=limit) for account in ACCOUNTS])
            reader = FollowingReader(log)
            # Everybody starts together: a process needs about a second to load its code.
            begins_at = time.time() + processes
            with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
                racing = [
                    pool.submit(race, url, number, threads, begins_at, seconds)
                    for number in range(processes)
                ]
                reader.poll_until(lambda: all(future.done() for future in racing))
            total = Tally()
            for future in racing:
                total += future.result()
            return Report(total, check_log(log, total), reader.polls, seconds)


@contextmanager
def log_of(url: str) -> Iterator[Log]:
    with ledger_pool(url) as pool:
        yield Log(pool, lambda: datetime.now(UTC))


def main(
    database_url: Annotated[str, typer.Option(help="A server to make a database in.")],
    processes: Annotated[int, typer.Option(min=1)] = 8,
    threads: Annotated[int, typer.Option(min=1, help="Of all processes together.")] = 64,
    seconds: Annotated[float, typer.Option(min=1)] = 60.0,
) -> None:
    """Race, check, report."""
    each = max(1, threads // processes)
    typer.echo(f"{processes} processes with {each} threads each, {len(ACCOUNTS)} accounts")
    try:
        typer.echo(held(database_url, processes=processes, threads=each, seconds=seconds))
    except Violated as violation:
        typer.echo(f"violated: {violation}")
        raise typer.Exit(1) from violation


if __name__ == "__main__":
    typer.run(main)
