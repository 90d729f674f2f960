"""What runs in processes of its own, as workers do: rebuilding, and comparing views with replay."""

import resource
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import psycopg

from ledger.log.log import Log
from projections.generations import Generation
from projections.projector import STEP_ACCOUNTS_MAX, Projector
from projections.schema import VIEWS
from projections.verification import differences
from projections.view import View
from tests.benchmarks.ledgers import SHARDS, SQL, Ledger, now
from tests.databases import ledger_pool
from workers.rebuilds import Rebuilds

#: How long processes may take to start; a broken start should fail and not hang.
START_SECONDS_MAX = 60
#: How long news may take to come.
FOLLOWING_SECONDS_MAX = 300


@contextmanager
def workers(count: int) -> Iterator[Executor]:
    """Processes that have all started, each anew and not as a copy of this one."""
    context = get_context("spawn")
    all_there = context.Barrier(count).wait
    with ProcessPoolExecutor(count, context, all_there, (START_SECONDS_MAX,)) as pool:
        list(pool.map(int, range(count)))
        yield pool


def rebuild(pool: Executor, ledger: Ledger, today: date) -> None:
    """Rebuild every shard in place; each process takes the next one that is left."""
    list(pool.map(partial(_rebuild_shard, ledger.url, today), range(SHARDS)))


def build(
    pool: Executor, ledger: Ledger, today: date, views: tuple[View, ...] = VIEWS
) -> Generation:
    """Build a generation of these views beside the live one, as `duebook rebuild` does."""
    begun = Rebuilds(ledger.house.pool, views).begin(today, "withheld")
    list(pool.map(partial(_build_shard, ledger.url, today, views), range(SHARDS)))
    return begun


def enliven(ledger: Ledger, built: Generation, today: date) -> None:
    """Let readers see a generation, and take the one before it away.

    It follows the log from where that ended when it was begun: what was appended in bulk is not
    projected once more, event by event.
    """
    rebuilds = Rebuilds(ledger.house.pool)
    before = rebuilds.generations.live()
    assert rebuilds.is_built(built.number)
    rebuilds.generations.switch(ledger.house.projector, built.number, today)
    rebuilds.remove(before.number)


def peak_of_rebuild(ledger: Ledger, today: date) -> float:
    """The most memory that a fresh process takes to rebuild the ledger alone, in MB."""
    with workers(1) as pool:
        rebuild(pool, ledger, today)
        return pool.submit(_peak_megabytes).result()


def compared(pool: Executor, ledger: Ledger, today: date) -> tuple[int, list[str]]:
    """How many accounts were compared with replay, and every difference."""
    found = list(pool.map(partial(_compare_shard, ledger.url, today), range(SHARDS)))
    return sum(count for count, _ in found), [one for _, problems in found for one in problems]


# What follows runs in the processes.


@cache
def _opened(url: str, views: tuple[View, ...] = VIEWS) -> tuple[Log, Projector, Rebuilds]:
    pool = ledger_pool(url)
    log = Log(pool, now)
    return log, Projector(pool, log, now, views), Rebuilds(pool, views)


def _rebuild_shard(url: str, today: date, shard: int) -> None:
    _, _, rebuilds = _opened(url)
    rebuilds.ask([shard])
    _build_shard(url, today, VIEWS, shard)


def _build_shard(url: str, today: date, views: tuple[View, ...], shard: int) -> None:
    _, projector, rebuilds = _opened(url, views)
    while rebuilds.build(projector, shard, today) is not None:
        pass


def _compare_shard(url: str, today: date, shard: int) -> tuple[int, list[str]]:
    log, _, _ = _opened(url)
    count, problems, after = 0, [], ""
    while ids := log.stream_ids(shard, after, STEP_ACCOUNTS_MAX):
        count += len(ids)
        problems += [f"{d.account_id}: {d.view}: {d.problem}" for d in differences(log, ids, today)]
        after = ids[-1]
    return count, problems


def follow_from(url: str) -> dict[int, int]:
    """How far each shard is projected."""
    _, projector, _ = _opened(url)
    return {one.shard: one.position for one in projector.checkpoints()}


def follow_until(
    url: str, today: date, done: dict[int, int], events: int
) -> list[tuple[int, int, float]]:
    """Project so many events as they come: which shard was seen up to where, and when.

    Gives up if they do not come; what is missing then is for the caller to find.
    """
    log, projector, _ = _opened(url)
    seen, wanted = [], sum(done.values()) + events
    given_up = monotonic() + FOLLOWING_SECONDS_MAX
    while sum(done.values()) < wanted and monotonic() < given_up:
        for head in log.heads():
            if head.position > done[head.shard]:
                step = projector.follow(head.shard, today)
                if step is not None:
                    done[head.shard] = step.position
                    seen.append((head.shard, step.position, monotonic()))
    return seen


@cache
def _listening(url: str) -> psycopg.Connection:
    conn = psycopg.connect(url, autocommit=True)
    conn.execute(SQL.listen)
    return conn


def listen(url: str) -> None:
    """Be told of every bare row from now on."""
    _listening(url)


def hear(url: str, events: int) -> list[tuple[int, int, float]]:
    """Read so many bare rows as one is told of them: which, and when."""
    seen: list[tuple[int, int, float]] = []
    # A connection that waits for news can be asked nothing meanwhile.
    with psycopg.connect(url, autocommit=True) as reader:
        for told in _listening(url).notifies(timeout=FOLLOWING_SECONDS_MAX, stop_after=events):
            asked = {"position": told.payload}
            if reader.execute(SQL.select_bare_event, asked).fetchone() is not None:
                seen.append((0, int(told.payload), monotonic()))
    return seen


def _peak_megabytes() -> float:
    """The peak of this process.  Not `ru_maxrss` on Linux: there it begins with the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
