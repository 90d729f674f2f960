"""A rebuild beside live traffic: what is struck, what is appended, and what a reader sees."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from random import Random
from threading import Event

import orjson

from app.supervisor import Supervisor, environment_of
from app.wiring import App
from ledger.door import line_of
from ledger.replay import known_facts, outcome_of
from projections.overdue import OVERDUE
from projections.view import ViewRow, content_tag
from tests.system.commands import DUEBOOK, duebook
from tests.system.crews import kill
from tests.system.helpers import append_accounts, drift, eventually, is_up_to_date
from workers.rebuilds import Rebuilds

SEED = 7
KILLS = 5
PATIENCE_SECONDS = 240.0

#: An account, the version of it that a reader saw, and the rows.
Seen = tuple[str, int, tuple[ViewRow, ...]]


def rebuilt_under_fire(
    app: App, crew: Supervisor, accounts: Sequence[str], today: date, chunk_accounts: int
) -> None:
    """Rebuild while payments come in, killed five times at random; it must equal a fresh replay."""
    lots, shards = Random(SEED), range(app.log.shards)
    rebuilds = Rebuilds(app.pool, chunk_accounts=chunk_accounts)
    number = rebuilds.begin(today, "given").number
    before = rebuilds.progress(number, shards)
    assert before.accounts == app.reader.account_count(list(shards))
    moments = sorted(lots.sample(range(1, before.accounts * 3 // 4), KILLS))
    with _traffic(app, accounts, today) as seen:
        for moment in moments:
            with _rebuilding(app) as command:
                _until(partial(_is_done, rebuilds, number, shards, moment))
                kill([command.pid, *crew.worker_pids])
            assert rebuilds.generations.live().number < number, "there was nothing to interrupt"
        done = duebook(app.settings, "rebuild", "--yes", "--json")
        assert done.returncode == 0, done.stderr
        time.sleep(0.5)
    answer = orjson.loads(done.stdout)
    report = answer["report"]
    assert answer["is_live"]
    assert answer["generation"] >= number, "where workers were faster it is another one"
    assert report["changed"] == report["removed"] == report["failing"] == 0
    _until(lambda: is_up_to_date(app, today))
    assert drift(app, today) == []
    _equal_replay(app, seen, today)


def _is_done(rebuilds: Rebuilds, number: int, shards: range, accounts: int) -> bool:
    return rebuilds.progress(number, shards).done >= accounts


def _until(holds: Callable[[], bool]) -> None:
    eventually("the rebuild goes on", holds, PATIENCE_SECONDS)


@contextmanager
def _rebuilding(app: App) -> Iterator[subprocess.Popen[bytes]]:
    """A rebuild in a process of its own, which is killed."""
    with subprocess.Popen(
        [DUEBOOK, "rebuild", "--yes"],
        env=environment_of(app.settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield process


@contextmanager
def _traffic(app: App, accounts: Sequence[str], today: date) -> Iterator[list[Seen]]:
    """Appends, and a reader that polls all the time; afterwards the list holds what it saw."""
    end, seen = Event(), list[Seen]()
    with ThreadPoolExecutor(2) as threads:
        both = [
            threads.submit(_append, app, accounts, today, end),
            threads.submit(_poll, app, accounts, end, seen),
        ]
        try:
            yield seen
        finally:
            end.set()
        for one in both:
            one.result()


def _append(app: App, accounts: Sequence[str], today: date, end: Event) -> None:
    """Payments of accounts that are built or still to be built, and accounts that are new."""
    lots, number = Random(SEED), 0
    while not end.is_set():
        number += 1
        payment = {
            "topic": "payment.received",
            "effective_on": today.isoformat(),
            "payment_id": f"Q-{number}",
            "amount": "1.00",
        }
        paying = lots.sample(accounts, 5)
        app.books.append_all([line_of({"account": one, **payment}) for one in paying])
        append_accounts(app, 50_000 + number, 1)
        time.sleep(0.05)


def _poll(app: App, accounts: Sequence[str], end: Event, seen: list[Seen]) -> None:
    """Rows are vouched for by their receipt, and SQL never counts fewer rows than before."""
    lots, count = Random(SEED), len(accounts)
    while not end.is_set():
        held = app.reader.held(OVERDUE, lots.choice(accounts))
        assert held.receipt is not None
        assert held.receipt.contents[OVERDUE.table_name] == content_tag(held.rows)
        seen.append((held.receipt.account_id, held.receipt.account_version, held.rows))
        with app.pool.connection() as conn:
            before, count = count, conn.execute("SELECT FROM overdue").rowcount
        assert count >= before


def _equal_replay(app: App, seen: list[Seen], today: date) -> None:
    assert len(seen) > 100
    for account_id, version, rows in seen:
        history = app.log.streams([account_id])[account_id][:version]
        outcome = outcome_of(known_facts(history), today)
        assert list(rows) == OVERDUE.ordered(OVERDUE.rows(outcome)), (account_id, version)
