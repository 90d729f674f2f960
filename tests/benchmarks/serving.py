"""What HTTP costs: a view and a payment over 16 connections, beside an empty route and bare SQL.

The callers are threads of this process with a connection each, so the rates of all sides are
bounded by one Python; the ratios are the stricter for it, for the yardsticks would go further.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlsplit

import orjson

from app.api.keys import Keys
from app.api.roles import ApiRole
from app.settings import Settings
from tests.api.serving import PLENTY, open_process
from tests.benchmarks.checks import WrongResult, log_is_sound, same_number
from tests.benchmarks.data import TODAY, payments, portfolio
from tests.benchmarks.figures import Figure, alternate
from tests.benchmarks.ledgers import SHARDS, SQL, Ledger, fresh_ledger, now
from tests.benchmarks.yardsticks import BareEvents

CONNECTIONS = 16
ROOT = Path(__file__).parents[2]

#: A request of one caller: the number of the round, of the request, and the caller's connection.
Ask = Callable[[HTTPConnection, int], None]


def serving(server_url: str, requests: int, rounds: int) -> Iterator[Figure | str]:
    """Requests a second of a door over a ledger whose views are fresh."""
    with fresh_ledger(server_url) as ledger, _door(ledger) as (url, key), _empty_route() as empty:
        ledger.fill(portfolio("H", requests))
        ledger.house.rebuild(TODAY)
        before = ledger.events
        race = _Race(ledger, url, key, empty, requests)
        read, selected, paid, inserted, nothing = alternate(
            rounds, race.read, race.select, race.pay, race.insert, race.nothing
        )
        for what, rate, yardstick, bare in (
            (f"GET overdue, {CONNECTIONS} callers", read, "SELECT of one row", selected),
            (f"POST payment, {CONNECTIONS} callers", paid, "one-row INSERT and commit", inserted),
        ):
            yield Figure(what, rate, "an empty FastAPI route", nothing, "requests/s")
            yield Figure(f"{what} (2)", rate, yardstick, bare, "requests/s")
        for what, seconds in race.seconds.items():
            shares = quantiles(seconds, n=100)
            yield f"{what}: p50 {1_000 * shares[49]:.1f} ms, p99 {1_000 * shares[98]:.1f} ms"
        yield log_is_sound("payments by HTTP", ledger, before + requests * rounds)
        same_number("payments by HTTP", "rows of the yardstick", race.bare.count(), race.inserted)


class _Race:
    """The same callers ask for a view, pay, ask an empty route, and do the least in SQL."""

    def __init__(self, ledger: Ledger, url: str, key: str, empty: str, requests: int) -> None:
        self._house = ledger.house
        self._url, self._empty = url, empty
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._requests = requests
        self._accounts = [
            account
            for shard in range(SHARDS)
            for account in ledger.house.log.stream_ids(shard, "", requests)
        ]
        self.bare = BareEvents(ledger.house.pool)
        self.inserted = 0
        self.seconds: dict[str, list[float]] = {}

    def read(self, number: int) -> float:
        """The overdue view of one account after the other."""

        def ask(connection: HTTPConnection, one: int) -> None:
            path = f"/v1/accounts/{self._accounts[one]}/overdue"
            answer = _answered(connection, "GET", path, None, self._headers)
            if orjson.loads(answer)["freshness"]["source"] != "view":
                raise WrongResult(f"GET overdue: not from the view: {answer!r:.200}")

        return self._rate("GET overdue", self._url, ask)

    def pay(self, number: int) -> float:
        """A payment to one account after the other, each recorded when it is answered."""
        bodies = [orjson.loads(line) for line in payments(self._accounts, f"P-{number}")]

        def ask(connection: HTTPConnection, one: int) -> None:
            body = {name: bodies[one][name] for name in ("payment_id", "amount", "effective_on")}
            path = f"/v1/accounts/{bodies[one]['account']}/payments"
            _answered(connection, "POST", path, orjson.dumps(body), self._headers)

        rate = self._rate("POST payment", self._url, ask)
        self._house.follow(TODAY)  # So that the next round reads from the view again.
        return rate

    def nothing(self, number: int) -> float:
        """A route without a ledger."""

        def ask(connection: HTTPConnection, one: int) -> None:
            _answered(connection, "GET", "/", None, {})

        return self._rate("an empty route", self._empty, ask)

    def select(self, number: int) -> float:
        """A row of the view each, by connections of a pool."""

        def ask(one: int) -> None:
            account = self._accounts[one]
            asked = {"shard": self._house.log.shard_of(account), "account": account}
            with self._house.pool.connection() as conn:
                if conn.execute(SQL.select_overdue, asked).fetchone() is None:
                    raise WrongResult(f"SELECT of one row: {account} has none")

        return self._sql_rate(ask)

    def insert(self, number: int) -> float:
        """The rows of the payments of this round."""
        heads = self._house.log.streams(self._accounts)
        rows = [heads[account][-1] for account in self._accounts[: self._requests]]
        self.inserted += len(rows)
        return self._sql_rate(lambda one: self.bare.insert(rows[one]))

    def _sql_rate(self, ask: Callable[[int], None]) -> float:
        with ThreadPoolExecutor(CONNECTIONS) as callers:
            began = perf_counter()
            list(callers.map(ask, range(self._requests)))
            return self._requests / (perf_counter() - began)

    def _rate(self, what: str, url: str, ask: Ask) -> float:
        place = urlsplit(url).netloc

        def call(first: int) -> list[float]:
            with closing(HTTPConnection(place, timeout=60)) as connection:
                taken = []
                for one in range(first, self._requests, CONNECTIONS):
                    began = perf_counter()
                    ask(connection, one)
                    taken.append(perf_counter() - began)
                return taken

        with ThreadPoolExecutor(CONNECTIONS) as callers:
            began = perf_counter()
            seconds = [one for taken in callers.map(call, range(CONNECTIONS)) for one in taken]
            rate = self._requests / (perf_counter() - began)
        self.seconds.setdefault(what, []).extend(seconds)
        return rate


def _answered(
    connection: HTTPConnection, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> bytes:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 201):
        raise WrongResult(f"{method} {path}: {answer.status} {text!r:.200}")
    return text


@contextmanager
def _door(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """`duebook api` over the ledger: its address, and a key of a service."""
    _, key = Keys(ledger.house.pool, now).add("benchmark", ApiRole.SERVICE)
    with TemporaryDirectory(prefix="duebook-") as home:
        settings = Settings(home=Path(home), database_url=ledger.url, today=TODAY)
        with open_process(settings, PLENTY) as process:
            assert process.stdout is not None
            yield _address(process.stdout.readline()), key


@contextmanager
def _empty_route() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.benchmarks.empty_route"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield _address(process.stdout.readline())
        finally:
            process.terminate()


def _address(line: str) -> str:
    match = re.match(r"serving (\S+)", line)
    assert match, line
    return match[1]
