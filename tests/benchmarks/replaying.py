"""What it costs to know one account: fetch its events, decode them, fold them."""

from collections.abc import Iterator
from concurrent.futures import Executor

from ledger.door import parse_line
from ledger.replay import known_facts, replay
from tests.benchmarks.checks import log_is_sound, same_number, views_equal_replay
from tests.benchmarks.data import TODAY, much_paid, one_account
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import Ledger, fresh_ledger

EVENTS = 1_000
ACCOUNT = "A-1"
#: Runs of one measurement: a single one is over in milliseconds.
RUNS = 5

#: Draws of the accounts that are as long as a stream may be: a usual number, and very many.
DRAWS_OF_LONGEST = (5, 100)


def one_replay(pool: Executor, server_url: str, rounds: int) -> Iterator[Figure | str]:
    """An account of a thousand events: draw after draw, most of them paid."""
    with fresh_ledger(server_url) as ledger:
        ledger.house.record(*map(parse_line, one_account(ACCOUNT, EVENTS)))
        ledger.settle()
        of_fold, of_fetch = _fold_and_fetch(ledger, ACCOUNT, EVENTS, rounds, RUNS)
        yield Figure(
            f"replay of {EVENTS:,} events, in process", of_fold * 1e3, "fetching them by SQL",
            of_fetch * 1e3, "ms", Goal("at most", 3),
        )  # fmt: skip
        ledger.house.rebuild(TODAY)
        yield log_is_sound("replay", ledger, EVENTS)
        yield views_equal_replay("replay", pool, ledger, TODAY)


def longest_replay(
    pool: Executor, server_url: str, events: int, rounds: int
) -> Iterator[Figure | str]:
    """Accounts as long as a stream may be: small payments on few draws, and on very many."""
    accounts = {f"A-{draws}": draws for draws in DRAWS_OF_LONGEST}
    with fresh_ledger(server_url) as ledger:
        for account, draws in accounts.items():
            ledger.fill(much_paid(account, events, draws))
        for account, draws in accounts.items():
            of_fold, of_fetch = _fold_and_fetch(ledger, account, events, rounds, runs=1)
            yield Figure(
                f"replay of {events:,} events of {draws} draws, in process", of_fold * 1e3,
                "fetching them by SQL", of_fetch * 1e3, "ms",
            )  # fmt: skip
        ledger.house.rebuild(TODAY)
        yield log_is_sound("longest replay", ledger, events * len(accounts))
        yield views_equal_replay("longest replay", pool, ledger, TODAY)


def _fold_and_fetch(
    ledger: Ledger, account: str, events: int, rounds: int, runs: int
) -> list[float]:
    """Seconds to decode and fold an account, and seconds to fetch its events."""
    log = ledger.house.log
    history = log.streams([account])[account]
    same_number("replay", "events of the account", len(history), events)

    def fold() -> None:
        for _ in range(runs):
            replay(known_facts(history), TODAY)

    def fetch() -> None:
        for _ in range(runs):
            log.streams([account])

    return alternate(rounds, lambda _: seconds_of(fold) / runs, lambda _: seconds_of(fetch) / runs)
