"""What runs in processes of its own, as workers do: rebuilding, and comparing views with replay."""

import resource
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from ledger.log.log import Log
from projections.projector import STEP_ACCOUNTS_MAX, Projector
from projections.verification import differences
from tests.benchmarks.ledgers import SHARDS, Ledger, now
from tests.databases import ledger_pool
from workers.rebuilds import Rebuilds

#: How long processes may take to start; a broken start should fail and not hang.
START_SECONDS_MAX = 60


@contextmanager
def workers(count: int) -> Iterator[Executor]:
    """Processes that have all started, each anew and not as a copy of this one."""
    context = get_context("spawn")
    all_there = context.Barrier(count).wait
    with ProcessPoolExecutor(count, context, all_there, (START_SECONDS_MAX,)) as pool:
        list(pool.map(int, range(count)))
        yield pool


def rebuild(pool: Executor, ledger: Ledger, today: date) -> None:
    """Rebuild every shard; each process takes the next one that is left."""
    list(pool.map(partial(_rebuild_shard, ledger.url, today), range(SHARDS)))


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
def _opened(url: str) -> tuple[Log, Projector, Rebuilds]:
    pool = ledger_pool(url)
    log = Log(pool, now)
    return log, Projector(pool, log, now), Rebuilds(pool)


def _rebuild_shard(url: str, today: date, shard: int) -> None:
    _, projector, rebuilds = _opened(url)
    rebuilds.ask([shard])
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


def _peak_megabytes() -> float:
    """The peak of this process.  Not `ru_maxrss` on Linux: there it begins with the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
