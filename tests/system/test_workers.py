"""Workers on our own engines: what they do by themselves, and what starts, stops and ends them.

Everything is real: embedded engines, worker processes of their own, `kill -9`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.engines import engines
from app.engines.home import Home
from app.settings import Settings
from app.supervisor import CLOCK, WORKER, Supervisor, alive, environment_of
from app.wiring import App, opened
from ledger.log.records import NewEvent
from projections.incidents import Incidents
from tests.system.crews import crew_of, fresh_ledger, is_manned, kill, working
from tests.system.helpers import (
    REPOSITORY,
    SHARDS,
    TODAY,
    append_accounts,
    children_of,
    drift,
    eventually,
    found,
    is_alive,
    is_up_to_date,
    lag,
    living_of,
    new_home,
    receipts,
    settings_of,
)
from tests.system.servers import Servers, empty_broker
from workers.broker import make_broker
from workers.doorbell import Doorbell
from workers.rebuilds import Rebuilds

WORKERS = "from app.cli.workers import workers; workers(processes=2)"


@pytest.fixture
def app(built_in: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A fresh ledger on our own engines."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with fresh_ledger(built_in) as made:
        yield made


def test_the_doorbell_is_quicker_than_the_tick(app: App) -> None:
    slow = app.settings.model_copy(update={"tick_seconds": 3600.0})
    with Supervisor(slow, processes=1):
        eventually("the first tick is done", lambda: is_up_to_date(app))
        accounts = append_accounts(app, 0, 20)
        time.sleep(1)
        assert lag(app) > 0, "somebody ticked; the test proves nothing"
        Doorbell(make_broker(app.engines.broker_url)).ring(map(app.log.shard_of, accounts))
        eventually("all is projected", lambda: is_up_to_date(app), seconds=10)


def test_missed_days_are_made_up(app: App) -> None:
    append_accounts(app, 0, 50)
    later = TODAY + timedelta(days=6)
    with working(app) as crew:
        eventually("the first day is rolled", lambda: is_up_to_date(app))
        before = receipts(app)
        crew.turn_to(later)
        eventually("the later day is rolled", lambda: is_up_to_date(app, later))
    with app.pool.connection() as conn:
        rolls = conn.execute("SELECT shard, day FROM day_rolls ORDER BY shard, day").fetchall()
    days = [TODAY + timedelta(days=number) for number in range(7)]
    assert rolls == [(shard, day) for shard in range(SHARDS) for day in days]
    assert receipts(app) != before, "2026-03-05 was a due date"
    assert drift(app, later) == []


def test_a_sample_finds_and_heals_what_differs(app: App) -> None:
    [account] = append_accounts(app, 0, 1)
    with working(app, processes=1, monitor=True):
        eventually("all is projected", lambda: is_up_to_date(app))
        with app.pool.connection() as conn:
            conn.execute("DELETE FROM repayment_schedule WHERE account_id = %s", [account])
        doorbell = Doorbell(make_broker(app.engines.broker_url))

        def sampled() -> bool:
            doorbell.call("verify_sample")
            return drift(app) == [] and bool(Incidents(app.pool).page())

        eventually("the rows are back", sampled)
    [incident] = Incidents(app.pool).page()
    [member] = Incidents(app.pool).document(incident.number)["concerns"]
    assert (incident.cause, member["account_id"]) == ("drifted", account)
    assert member["evidence"]["view"] == "repayment_schedule"
    assert member["evidence"]["problem"] == "replay says 3 rows, the view holds 0"


def test_a_rebuild_goes_on_where_it_was(app: App) -> None:
    append_accounts(app, 0, 60)
    crew, rebuilds = crew_of(app), Rebuilds(app.pool, chunk_accounts=3)
    crew.follow_shard(0)
    with app.pool.connection() as conn:
        conn.execute("DELETE FROM overdue")
        conn.execute("DELETE FROM repayment_schedule")
    ids = app.log.stream_ids(0, "", 100)
    assert len(ids) > 6
    crew.rebuild_shard(0)
    assert drift_of_shard(app, 0) != [], "nobody asked for it"
    rebuilds.ask([0])
    crew.rebuild_shard(0)
    progress = rebuilds.progress(1, [0])
    assert (progress.accounts, progress.done, progress.quarantined) == (len(ids), 3, 0)
    assert progress.seconds_left is not None
    with app.pool.connection() as conn, conn.transaction():
        conn.execute("SELECT FROM rebuilds WHERE shard = 0 AND chunk > 1 FOR UPDATE")
        crew.rebuild_shard(0)
        crew.rebuild_shard(0)  # Somebody else is at all the others.
        assert rebuilds.progress(1, [0]).done == 6
    while rebuilds.owed():
        crew.rebuild_shard(0)
    assert drift_of_shard(app, 0) == []


def drift_of_shard(app: App, shard: int) -> list[str]:
    return [one.account_id for one in drift(app) if app.log.shard_of(one.account_id) == shard]


def test_a_rebuild_outlives_its_worker_and_its_message(app: App) -> None:
    append_accounts(app, 0, 1_000)
    with working(app) as crew:
        eventually("all is projected", lambda: is_up_to_date(app))
        with app.pool.connection() as conn:
            conn.execute("DELETE FROM overdue")
            conn.execute("DELETE FROM repayment_schedule")
        Rebuilds(app.pool).ask(range(SHARDS))
        eventually("it has begun", lambda: len(drift(app)) < 2_000)
        kill(crew.worker_pids)
        empty_broker(app.engines.broker_url)
        eventually("the rebuilds are done", lambda: Rebuilds(app.pool).owed() == [])
    assert drift(app) == []


def test_one_poisoned_account_waits_for_code_that_knows_it(app: App) -> None:
    accounts = append_accounts(app, 0, 40)
    poisoned = accounts[0]
    state = b'{"amount":100,"payment_id":"P-9"}'
    app.log.append([NewEvent(poisoned, "payment.noted", TODAY, "payment:P-9", state)])
    with working(app):
        eventually("all is projected", lambda: is_up_to_date(app))
    assert sorted(receipts(app)) == accounts
    assert receipts(app)[poisoned][0] == 3, "what stood before is shown, and marked as old"
    [entry] = app.reader.quarantined()
    assert entry["account_id"] == poisoned
    assert entry["account_version"] == 4
    assert "topic 'payment.noted' is unknown" in entry["error"]

    with attached("tests.system.newer_worker", app.settings), attached(CLOCK, app.settings):
        eventually("it has left quarantine", lambda: app.reader.quarantined() == [])
    assert receipts(app)[poisoned][0] == 4


@contextmanager
def attached(module: str, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A single process of the crew, started as a supervisor would."""
    with subprocess.Popen(
        [sys.executable, "-m", module, "--attached"],
        stdin=subprocess.PIPE,
        env=environment_of(settings),
        cwd=REPOSITORY,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_worker_waits_for_engines_that_are_not_there_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with new_home() as home:
        with engines(home) as servers:
            found(settings_of(home))
        urls = {"database_url": servers.database_url, "redis_url": servers.redis_url}
        with attached(WORKER, settings_of(home).model_copy(update=urls)) as process:
            time.sleep(1.5)
            assert process.poll() is None
            with engines(home):
                eventually("it works", lambda: alive(servers.redis_url) == 1, seconds=10)


@dataclass(frozen=True)
class Command:
    """`duebook workers` in a data folder of its own, as somebody's shell would run it."""

    settings: Settings
    process: subprocess.Popen[bytes]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with new_home() as home:
        settings = settings_of(home)
        with engines(home):
            found(settings)
            process = subprocess.Popen(
                [sys.executable, "-c", WORKERS], env=environment_of(settings), cwd=REPOSITORY
            )
            eventually("its processes run", lambda: len(children_of(process.pid)) == 3)
            with opened(settings, needs_redis=True) as app:
                eventually("its workers live", lambda: is_manned(app, 2))
        with process:
            try:
                yield Command(settings, process)
            finally:
                process.terminate()


def test_sigterm_ends_everything_in_good_order(command: Command) -> None:
    began = time.monotonic()
    command.process.terminate()
    assert command.process.wait(10) == 0
    assert time.monotonic() - began < 10
    assert living_of(command.settings.home) == []


def test_a_killed_parent_leaves_no_process_behind(command: Command) -> None:
    children = children_of(command.process.pid)
    command.process.kill()
    command.process.wait(10)
    eventually("its children are gone", lambda: not any(map(is_alive, children)), seconds=10)
    eventually("its engines are gone", lambda: living_of(command.settings.home) == [], seconds=10)


def test_a_killed_database_comes_back_and_the_work_goes_on(command: Command) -> None:
    with opened(command.settings) as app:
        append_accounts(app, 0, 300)
        postmaster = Home.open(command.settings.home).storage / "postgres" / "postmaster.pid"
        kill([int(postmaster.read_text().split("\n")[0])])
    eventually("the database answers", lambda: answers(command.settings))
    with opened(command.settings) as app:
        append_accounts(app, 300, 300)
        eventually("all is projected", lambda: is_up_to_date(app))
        assert len(receipts(app)) == 600
        assert drift(app) == []


def answers(settings: Settings) -> bool:
    with opened(settings) as app:
        return app.log.phase == "loading"
