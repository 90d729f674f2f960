"""What it costs to look at everything: the daily pass of the monitor, beside making it all anew."""

from collections.abc import Iterator
from concurrent.futures import Executor

from projections.incidents import Incidents
from tests.benchmarks.checks import same_number, views_equal_replay
from tests.benchmarks.data import TODAY
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import SHARDS, Ledger, now
from workers.monitor import Monitor, Policy, passes_of
from workers.rebuilds import Rebuilds


def full_pass(pool: Executor, ledger: Ledger, rounds: int) -> Iterator[Figure | str]:
    """Every account compared with replay and with its digests, and every account rebuilt."""
    house = ledger.house
    house.follow(TODAY)
    house.roll(TODAY)
    rebuilds = Rebuilds(house.pool)
    monitor = Monitor(house.pool, house.log, house.projector, house.reader, now, Policy())

    def look() -> None:
        monitor.passes.begin_anew()
        for shard in range(SHARDS):
            while monitor.go_on(shard, TODAY, is_patient=False):
                pass

    def look_at_everything(number: int) -> float:
        seconds = seconds_of(look)
        looked_at = sum(one.streams for one in passes_of(house.pool))
        same_number("full pass", "accounts looked at", looked_at, ledger.accounts)
        same_number("full pass", "incidents", len(Incidents(house.pool).page()), 0)
        return seconds / ledger.accounts

    def rebuild(number: int) -> float:
        rebuilds.ask(range(SHARDS))
        return seconds_of(lambda: house.build(rebuilds, TODAY)) / ledger.accounts

    of_pass, of_rebuild = alternate(rounds, look_at_everything, rebuild)
    yield Figure(
        f"full pass, {ledger.accounts:,} accounts", of_pass * 1e6, "rebuild, 1 process",
        of_rebuild * 1e6, "µs/account", Goal("at most", 1),
    )  # fmt: skip
    yield views_equal_replay("full pass", pool, ledger, TODAY)
