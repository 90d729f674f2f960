"""What it costs to know one account: fetch its events, decode them, fold them."""

from collections.abc import Iterator
from concurrent.futures import Executor

from ledger.door import parse_line
from ledger.replay import known_facts, replay
from tests.benchmarks.checks import log_is_sound, same_number, views_equal_replay
from tests.benchmarks.data import TODAY, one_account
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import fresh_ledger

EVENTS = 1_000
ACCOUNT = "A-1"
#: Runs of one measurement: a single one is over in milliseconds.
RUNS = 5


def one_replay(pool: Executor, server_url: str, rounds: int) -> Iterator[Figure | str]:
    """An account of a thousand events: draw after draw, most of them paid."""
    with fresh_ledger(server_url) as ledger:
        house = ledger.house
        house.record(*map(parse_line, one_account(ACCOUNT, EVENTS)))
        ledger.settle()
        history = house.log.streams([ACCOUNT])[ACCOUNT]
        same_number("replay", "events of the account", len(history), EVENTS)

        def fold() -> None:
            for _ in range(RUNS):
                replay(known_facts(history), TODAY)

        def fetch() -> None:
            for _ in range(RUNS):
                house.log.streams([ACCOUNT])

        of_fold, of_fetch = alternate(
            rounds, lambda _: seconds_of(fold) / RUNS, lambda _: seconds_of(fetch) / RUNS
        )
        yield Figure(
            f"replay of {EVENTS:,} events, in process", of_fold * 1e3, "fetching them by SQL",
            of_fetch * 1e3, "ms", Goal("at most", 3),
        )  # fmt: skip
        house.rebuild(TODAY)
        yield log_is_sound("replay", ledger, EVENTS)
        yield views_equal_replay("replay", pool, ledger, TODAY)
