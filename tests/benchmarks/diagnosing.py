"""What it costs to say why: one diagnosis through all causes, beside one indexed row."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

from projections.diagnosis import diagnose
from projections.display import Display
from tests.benchmarks.checks import WrongResult
from tests.benchmarks.data import TODAY
from tests.benchmarks.figures import Figure, seconds_of
from tests.benchmarks.ledgers import SQL, Ledger

#: Accounts that are asked about in a round, one after the other.
ACCOUNTS = 200


def diagnosis(ledger: Ledger, rounds: int) -> Iterator[Figure | str]:
    """Through books, views and display, without a cache: what a complaint waits for."""
    house = ledger.house
    display = Display(house.log, house.reader)
    shards = range(house.log.shards)
    every = (account for shard in shards for account in house.reader.account_ids(shard))
    accounts = list(islice(every, ACCOUNTS))
    answers = {diagnose(house.log, one, TODAY, display=display).is_healthy for one in accounts}
    if answers != {True}:
        raise WrongResult("diagnosis: an account that is well was named")

    def say_why(account_id: str) -> None:
        diagnose(house.log, account_id, TODAY, display=display)

    def one_row(account_id: str) -> None:
        asked = {"shard": house.log.shard_of(account_id), "account_id": account_id}
        with house.pool.connection() as conn:
            conn.execute(SQL.one_row, asked).fetchone()

    said: list[float] = []
    looked: list[float] = []
    for _ in range(rounds):
        said += _each(say_why, accounts)
        looked += _each(one_row, accounts)
    for name, share in (("median", 0.5), ("99th of 100", 0.99)):
        yield Figure(
            f"one diagnosis, {name}", _quantile(said, share) * 1e3, f"one row by its key, {name}",
            _quantile(looked, share) * 1e3, "ms",
        )  # fmt: skip
    yield f"diagnosis: {len(accounts)} accounts, none of them named"


def _each(work: Callable[[str], None], accounts: Sequence[str]) -> list[float]:
    return [seconds_of(partial(work, account_id)) for account_id in accounts]


def _quantile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
