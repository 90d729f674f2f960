"""What it costs to make every row of the views again, by size, and in memory."""

from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial

from projections.comparison import compared
from projections.generations import Generation
from projections.overdue import OVERDUE
from projections.repayment_schedule import REPAYMENT_SCHEDULE
from projections.schema import VIEWS
from tests.benchmarks.checks import same_number, views_equal_replay
from tests.benchmarks.data import TODAY
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import Ledger
from tests.benchmarks.processes import build, enliven, peak_of_rebuild, rebuild
from tests.benchmarks.yardsticks import BareViews
from workers.rebuilds import Rebuilds

#: The views that the goal speaks of.
TWO_VIEWS = (REPAYMENT_SCHEDULE, OVERDUE)


def beside(pool: Executor, ledger: Ledger, rounds: int) -> Iterator[Figure | str]:
    """A new generation of the views that the goal speaks of, by two processes while the live one
    stands, as `duebook rebuild` builds it.
    """
    with BareViews.of(ledger.house.pool, TWO_VIEWS) as bare:
        of_build, of_copy = alternate(rounds, partial(_built, pool, ledger), partial(_copied, bare))
        _check_moved(bare)
    yield Figure(
        "rebuild of schedule and overdue, 2 processes", ledger.events / of_build,
        "COPY out and in, one stream", ledger.events / of_copy, "events/s", Goal("at least", 0.5),
    )  # fmt: skip
    yield f"rebuild beside: {ledger.accounts:,} accounts, equal to the live ones after each round"


def _built(pool: Executor, ledger: Ledger, number: int) -> float:
    """Seconds to build a generation, which is compared with the live one and taken away again."""
    ledger.settle()
    built: list[Generation] = []
    seconds = seconds_of(lambda: built.append(build(pool, ledger, TODAY, TWO_VIEWS)))
    house, [new] = ledger.house, built
    rebuilds = Rebuilds(house.pool, TWO_VIEWS)
    report = compared(house.log, rebuilds.generations.live(), new, TWO_VIEWS)
    same_number("rebuild", "accounts in both generations", report.accounts, ledger.accounts)
    differing = report.changed + report.added + report.removed + report.failing + report.moved
    same_number("rebuild", "accounts that are not the same in both", differing, 0)
    rebuilds.remove(new.number)
    return seconds


def _copied(bare: BareViews, number: int) -> float:
    bare.empty()
    return seconds_of(bare.move)


def _check_moved(bare: BareViews) -> None:
    bare.empty()
    same_number("rebuild", "rows moved by the yardstick", bare.move(), bare.held())


def in_place(pool: Executor, small: Ledger, large: Ledger, rounds: int) -> Iterator[Figure | str]:
    """All views of both ledgers by two processes over rows that are there."""

    def seconds(ledger: Ledger, number: int) -> float:
        ledger.settle()
        return seconds_of(lambda: rebuild(pool, ledger, TODAY))

    for ledger in (small, large):
        enliven(ledger, build(pool, ledger, TODAY), TODAY)
    with BareViews.of(large.house.pool, VIEWS) as bare:
        jobs = (partial(seconds, small), partial(seconds, large), partial(_copied, bare))
        of_small, of_large, of_copy = alternate(rounds, *jobs)
        _check_moved(bare)
    yield Figure(
        f"rebuild of all {len(VIEWS)} views, 2 processes", large.events / of_large,
        "COPY out and in, one stream", large.events / of_copy, "events/s",
    )  # fmt: skip
    yield Figure(
        f"rebuild in place, {large.events:,} events", of_large / large.events * 1e6,
        f"{small.events:,} events", of_small / small.events * 1e6, "µs/event",
        Goal("at most", 1.15),
    )  # fmt: skip
    for ledger in (small, large):
        yield views_equal_replay("rebuild", pool, ledger, TODAY)


def memory(pool: Executor, small: Ledger, large: Ledger) -> Iterator[Figure | str]:
    """One process rebuilds everything: it may hold a step, never the ledger."""
    of_small, of_large = peak_of_rebuild(small, TODAY), peak_of_rebuild(large, TODAY)
    yield Figure(
        f"peak memory, {large.events:,} events", of_large, f"{small.events:,} events", of_small,
        "MB", Goal("at most", 1.2),
    )  # fmt: skip
    yield views_equal_replay("rebuild in one process", pool, large, TODAY)
