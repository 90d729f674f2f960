"""What it costs to make every row of the views again, by size, and in memory."""

from collections.abc import Iterator
from concurrent.futures import Executor

from tests.benchmarks.checks import same_number, views_equal_replay
from tests.benchmarks.data import TODAY
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import Ledger
from tests.benchmarks.processes import peak_of_rebuild, rebuild
from tests.benchmarks.yardsticks import BareViews


def rebuilds(pool: Executor, small: Ledger, large: Ledger, rounds: int) -> Iterator[Figure | str]:
    """Both ledgers by two processes over rows that are there, as after a change of the code."""
    for ledger in (small, large):
        rebuild(pool, ledger, TODAY)
    with BareViews.of(large.house.pool) as bare:

        def per_event(ledger: Ledger) -> float:
            ledger.settle()
            return seconds_of(lambda: rebuild(pool, ledger, TODAY)) / ledger.events

        def copy(number: int) -> float:
            bare.empty()
            return seconds_of(bare.move) / large.events

        of_small, of_large, of_copy = alternate(
            rounds, lambda _: per_event(small), lambda _: per_event(large), copy
        )
        bare.empty()
        same_number("rebuild", "rows moved by the yardstick", bare.move(), bare.held())
    yield Figure(
        "rebuild, 2 processes", 1 / of_large, "COPY out and in, one stream", 1 / of_copy,
        "events/s", Goal("at least", 0.5),
    )  # fmt: skip
    yield Figure(
        f"rebuild, {large.events:,} events", of_large * 1e6, f"{small.events:,} events",
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
