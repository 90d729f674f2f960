"""Appending while others do: races that nobody wins twice, and a database that restarts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from time import sleep
from uuid import UUID

import pytest

from app.engines.home import Home
from app.engines.postgres import Postgres
from app.wiring import now, pool_of
from ledger import schema
from ledger.books import Books
from ledger.counter import Counter
from ledger.log.log import Log
from ledger.proof.verify import verify_streams
from tests.lines import opened
from tests.system.helpers import SHARDS, eventually, new_home
from tests.system.racing import Violated, held, must

CALLERS = 8


def test_racing_processes_never_pass_a_limit(database_server: str) -> None:
    report = held(database_server, processes=3, threads=4, seconds=5)
    assert report.tally.requests > 0
    assert report.events > 0
    assert report.polls > 0


def test_a_race_that_breaks_a_promise_is_told() -> None:
    with pytest.raises(Violated, match="a gap"):
        must(False, "a gap")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of one test alone."""

    place: Home

    @property
    def url(self) -> str:
        return Postgres(self.place).url

    def start(self) -> None:
        with self.place.gate():
            Postgres(self.place).start()

    def stop(self) -> None:
        with self.place.gate():
            Postgres(self.place).stop()


@pytest.fixture
def server() -> Iterator[Server]:
    """It runs and has a ledger."""
    with new_home() as home:
        made = Server(Home.open(home))
        made.start()
        try:
            schema.create(made.url, shards=SHARDS, ledger_id=UUID(int=1), created_at=now())
            yield made
        finally:
            made.stop()


def test_a_database_that_restarts_costs_waiting_and_no_error(server: Server) -> None:
    with pool_of(server.url) as pool:
        log = Log(pool, now)
        is_over = Event()

        def call(name: int) -> list[str]:
            answered: list[str] = []
            while not is_over.is_set():
                account = f"A-{name}-{len(answered)}"
                counter.append_all([opened(account)], seconds=60)
                answered.append(account)
            return answered

        def heads() -> int:
            return sum(head.position for head in log.heads())

        books = Books(log, patience_seconds=60)
        with Counter(books) as counter, ThreadPoolExecutor(CALLERS) as callers:
            calls = [callers.submit(call, name) for name in range(CALLERS)]
            try:
                eventually("appends are under way", lambda: heads() > 50)
                server.stop()
                sleep(1)
                server.start()
                before = heads()
                eventually("appends go on", lambda: heads() > before + 50)
            finally:
                is_over.set()
            answered = [account for one in calls for account in one.result()]
        assert heads() == len(answered) == len(set(answered))
        assert list(verify_streams(log)) == []
