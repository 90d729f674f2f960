"""What it costs to be told late: a payment of a year ago, on an account with a long history."""

from collections.abc import Iterator
from concurrent.futures import Executor

from ledger.door import parse_line
from tests.benchmarks.checks import log_is_sound, views_equal_replay
from tests.benchmarks.data import TODAY, backdated, one_account
from tests.benchmarks.figures import Figure, alternate, seconds_of
from tests.benchmarks.ledgers import fresh_ledger

EVENTS = 2_000
ACCOUNT = "B-1"


def correction(pool: Executor, server_url: str, rounds: int) -> Iterator[Figure | str]:
    """From the back-dated payment to the commit behind which every view of the account is right."""
    with fresh_ledger(server_url) as ledger:
        house = ledger.house
        ledger.fill(one_account(ACCOUNT, EVENTS))
        house.rebuild(TODAY)
        shard = house.log.shard_of(ACCOUNT)
        house.follow(TODAY)
        ledger.settle()

        def correct(number: int) -> None:
            house.record(parse_line(backdated(ACCOUNT, f"late-{number}")))
            while house.projector.follow(shard, TODAY) is not None:
                pass

        def fetch() -> None:
            house.log.streams([ACCOUNT])

        of_correction, of_fetch = alternate(
            rounds,
            lambda number: seconds_of(lambda: correct(number)),
            lambda _: seconds_of(fetch),
        )
        yield Figure(
            f"back-dated payment, {EVENTS:,} events", of_correction * 1e3,
            "fetching them by SQL", of_fetch * 1e3, "ms",
        )  # fmt: skip
        yield log_is_sound("correction", ledger, EVENTS + rounds)
        yield views_equal_replay("correction", pool, ledger, TODAY)
