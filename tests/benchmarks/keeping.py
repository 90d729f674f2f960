"""What it costs to keep the views: news of a batch of accounts, and a day that begins."""

from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import timedelta

from projections.projector import STEP_ACCOUNTS_MAX
from tests.benchmarks.checks import same_number, views_equal_replay
from tests.benchmarks.data import TODAY, dated, in_order, new_event_of, payments
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import Ledger, fresh_ledger
from tests.benchmarks.processes import rebuild
from workers.rebuilds import Rebuilds

#: Live projection is measured on one shard: a step never spans two.
SHARD = 0


def live(pool: Executor, ledger: Ledger, rounds: int) -> Iterator[Figure | str]:
    """A payment of each of 500 accounts of a shard, beside rebuilding that shard."""
    house = ledger.house
    accounts = house.log.stream_ids(SHARD, "", STEP_ACCOUNTS_MAX)
    new_event = new_event_of()
    rebuilds = Rebuilds(house.pool)
    house.follow(TODAY)  # The rounds begin with nothing left to project.

    def follow(number: int) -> float:
        house.log.append([new_event(raw) for raw in payments(accounts, f"L-{number}")])
        counts: list[int] = []

        def until_the_end() -> None:
            while (step := house.projector.follow(SHARD, TODAY)) is not None:
                counts.append(step.accounts)

        seconds = seconds_of(until_the_end)
        same_number("live projection", "accounts projected", sum(counts), len(accounts))
        return seconds / len(accounts)

    def rebuild_shard(number: int) -> float:
        rebuilds.ask([SHARD])
        seconds = seconds_of(lambda: house.build(rebuilds, TODAY))
        return seconds / house.reader.account_count([SHARD])

    of_live, of_rebuild = alternate(rounds, follow, rebuild_shard)
    yield Figure(
        f"live projection, {len(accounts)} a batch", of_live * 1e6, "rebuild, 1 process",
        of_rebuild * 1e6, "µs/account", Goal("at most", 2),
    )  # fmt: skip
    yield views_equal_replay("live projection", pool, ledger, TODAY)


def day_roll(pool: Executor, server_url: str, late: int, rounds: int) -> Iterator[Figure | str]:
    """As many late borrowers, who change every day, alone and among nine times as many settled."""
    with fresh_ledger(server_url) as alone, fresh_ledger(server_url) as among_others:
        # Other draws than among the others, or whoever comes second finds their plans in memory.
        alone.fill(in_order(dated("alone", late, "late")))
        both = [*dated("late", late, "late"), *dated("settled", 9 * late, "settled")]
        among_others.fill(in_order(both))
        for ledger in (alone, among_others):
            rebuild(pool, ledger, TODAY)
            ledger.house.roll(TODAY)
            ledger.settle()

        def per_account(ledger: Ledger, number: int) -> float:
            day = TODAY + timedelta(days=number + 1)
            rolled: list[int] = []
            seconds = seconds_of(lambda: rolled.append(ledger.house.roll(day)))
            same_number("day roll", "accounts changed", rolled[0], late)
            return seconds / late

        of_alone, of_among = alternate(
            rounds, lambda n: per_account(alone, n), lambda n: per_account(among_others, n)
        )
        yield Figure(
            f"day roll, {late:,} accounts of {10 * late:,}", of_among * 1e6,
            f"{late:,} accounts of {late:,}", of_alone * 1e6, "µs/account", Goal("at most", 1.3),
        )  # fmt: skip
        for ledger in (alone, among_others):
            last = TODAY + timedelta(days=rounds)
            yield views_equal_replay("day roll", pool, ledger, last)
