"""What it costs to make every row of the views again, by size, and in memory."""

from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial

from projections.comparison import compared
from projections.generations import Generation
from projections.overdue import OVERDUE
from projections.repayment_schedule import REPAYMENT_SCHEDULE
from projections.schema import VIEWS
from projections.view import View
from tests.benchmarks.checks import same_number, views_equal_replay
from tests.benchmarks.data import TODAY
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import Ledger
from tests.benchmarks.processes import build, peak_of_rebuild, rebuild
from tests.benchmarks.yardsticks import BareViews
from workers.rebuilds import Rebuilds

#: The views that the goal speaks of.
TWO_VIEWS = (REPAYMENT_SCHEDULE, OVERDUE)


def beside(pool: Executor, ledger: Ledger, rounds: int) -> Iterator[Figure | str]:
    """A new generation by two processes while the live one stands, as `duebook rebuild` builds it:
    of the views that the goal speaks of, and of all.
    """
    for named, views, goal in (
        ("rebuild of schedule and overdue", TWO_VIEWS, Goal("at least", 0.5)),
        (f"rebuild of all {len(VIEWS)} views", VIEWS, None),
    ):
        with BareViews.of(ledger.house.pool, views) as bare:
            jobs = (partial(_built, pool, ledger, views), partial(_copied, bare))
            of_build, of_copy = alternate(rounds, *jobs)
            bare.empty()
            same_number("rebuild", "rows moved by the yardstick", bare.move(), bare.held())
        events = ledger.events
        yield Figure(
            f"{named}, 2 processes", events / of_build, "COPY out and in, one stream",
            events / of_copy, "events/s", goal,
        )  # fmt: skip
        yield f"{named}: {ledger.accounts:,} accounts, equal to the live ones after each round"


def _built(pool: Executor, ledger: Ledger, views: tuple[View, ...], number: int) -> float:
    """Seconds to build a generation, which is compared with the live one and taken away again."""
    ledger.settle()
    built: list[Generation] = []
    seconds = seconds_of(lambda: built.append(build(pool, ledger, TODAY, views)))
    house, [new] = ledger.house, built
    rebuilds = Rebuilds(house.pool, views)
    report = compared(house.log, rebuilds.generations.live(), new, views)
    same_number("rebuild", "accounts in both generations", report.accounts, ledger.accounts)
    differing = report.changed + report.added + report.removed + report.failing + report.moved
    same_number("rebuild", "accounts that are not the same in both", differing, 0)
    rebuilds.remove(new.number)
    return seconds


def _copied(bare: BareViews, number: int) -> float:
    bare.empty()
    return seconds_of(bare.move)


def in_place(pool: Executor, small: Ledger, large: Ledger, rounds: int) -> Iterator[Figure | str]:
    """Both ledgers by two processes over rows that are there."""

    def per_event(ledger: Ledger) -> float:
        ledger.settle()
        return seconds_of(lambda: rebuild(pool, ledger, TODAY)) / ledger.events

    for ledger in (small, large):
        rebuild(pool, ledger, TODAY)
    of_small, of_large = alternate(rounds, lambda _: per_event(small), lambda _: per_event(large))
    yield Figure(
        f"rebuild in place, {large.events:,} events", of_large * 1e6, f"{small.events:,} events",
        of_small * 1e6, "µs/event", Goal("at most", 1.15),
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
