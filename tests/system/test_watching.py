"""`duebook status`: what waits and since when, who works, and who keeps writers waiting."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from app.supervisor import environment_of
from app.watching import head_locks, look
from app.wiring import App
from ledger.log.records import NewEvent
from tests.system.commands import DUEBOOK, duebook, refused
from tests.system.crews import crew_of, fresh_ledger, working
from tests.system.helpers import REPOSITORY, TODAY, append_accounts, eventually, is_up_to_date
from tests.system.servers import Servers
from workers.rebuilds import Rebuilds


@pytest.fixture
def app(built_in: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A fresh ledger on our own engines."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with fresh_ledger(built_in) as made:
        yield made


def test_an_empty_ledger_waits_for_nothing(app: App) -> None:
    found = look(app)
    assert (found.lag, found.lag_seconds, found.oldest_waiting) == (0, 0, None)
    assert (found.rolled_to, found.quarantined, found.head_locks) == (None, 0, [])


def test_the_account_that_waits_longest_is_named(app: App) -> None:
    append_accounts(app, 0, 1)
    with psycopg.connect(app.engines.database_url) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("UPDATE events SET recorded_at = recorded_at - interval '1 hour'")
    append_accounts(app, 1, 20)
    found = look(app)
    assert (found.lag, found.oldest_waiting) == (63, "A-00000")
    assert timedelta(hours=1) <= timedelta(seconds=found.lag_seconds) < timedelta(hours=2)
    for shard in range(app.log.shards):
        crew_of(app).follow_shard(shard)
    assert (look(app).lag, look(app).oldest_waiting) == (0, None)


def test_workers_queues_and_the_roll_are_seen(app: App) -> None:
    append_accounts(app, 0, 5)
    app.log.append([NewEvent("A-00000", "payment.noted", TODAY, "payment:P-9", b"{}")])
    app.doorbell.ring([0, 1])
    found = look(app)
    assert (found.workers_alive, found.rolled_to) == (0, None)
    assert found.queues == {"calendar": 0, "projections": 2, "rebuild": 0}
    with working(app):
        eventually("all is projected", lambda: is_up_to_date(app))
        found = look(app)
    assert (found.workers_alive, found.rolled_to, found.quarantined) == (2, TODAY, 1)


def test_a_generation_that_is_built_is_seen_with_how_far_it_is(app: App) -> None:
    accounts = append_accounts(app, 0, 40)
    rebuilds = Rebuilds(app.pool, chunk_accounts=5)
    number = rebuilds.begin(TODAY, "withheld").number
    [live, building] = look(app).generations
    assert (live.number, live.state, live.standing) == (1, "live", "live")
    assert (building.number, building.standing) == (
        number, "building, 0 of 40 accounts",
    )  # fmt: skip
    assert rebuilds.build(app.projector, app.log.shard_of(accounts[0]), TODAY) is not None
    [_, building] = look(app).generations
    assert building.standing.startswith("building, 5 of 40 accounts, ")
    assert building.standing.endswith(" s left")
    for shard in range(app.log.shards):
        while rebuilds.build(app.projector, shard, TODAY) is not None:
            pass
    assert "1 live; 2 built, waits for duebook rebuild" in duebook(app.settings, "status").stdout
    assert duebook(app.settings, "rebuild").returncode == 0
    assert [(one.standing, one.changes) for one in look(app).generations] == [
        ("old", None), ("live", 0),
    ]  # fmt: skip


def test_who_holds_a_head_is_named_and_how_many_wait(app: App) -> None:
    shard = app.log.shard_of("A-00000")
    with (
        psycopg.connect(app.engines.database_url, application_name="backup") as holder,
        ThreadPoolExecutor() as writers,
    ):
        holder.execute("SELECT 1 FROM heads WHERE shard = %s FOR UPDATE", [shard])
        [lock] = head_locks(app)
        assert (lock.shard, lock.pid, lock.waiting) == (shard, holder.info.backend_pid, 0)
        assert (lock.application, lock.state) == ("backup", "idle in transaction")
        assert lock.since is not None
        waiting = writers.submit(append_accounts, app, 0, 1)
        eventually("a writer waits", lambda: [one.waiting for one in head_locks(app)] == [1])
        assert "backup" in duebook(app.settings, "status").stdout
        holder.rollback()
        assert waiting.result() == ["A-00000"]
    eventually("no head is locked", lambda: head_locks(app) == [])


def test_a_broker_that_does_not_answer_leaves_its_figures_unknown(app: App) -> None:
    nowhere = app.settings.model_copy(update={"broker_url": "amqp://127.0.0.1:1/nowhere"})
    done = duebook(nowhere, "status", "--json")
    document = json.loads(done.stdout)
    assert (document["workers_alive"], document["queues"]) == (None, None)
    assert "unknown: the broker does not answer" in duebook(nowhere, "status").stdout


def watched(app: App, *words: str, stdout: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [DUEBOOK, "status", "--watch", "0.2", *words],
        env={**os.environ, **environment_of(app.settings), "TERM": "xterm", "COLUMNS": "120"},
        stdout=stdout,
        stderr=subprocess.PIPE,
    )


def test_watching_gives_a_document_a_line_until_ctrl_c(app: App) -> None:
    with watched(app, "--json", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        append_accounts(app, 0, 1)
        eventually("the append is seen", lambda: _next(process)["events"] == first["events"] + 3)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert (process.wait(30), process.stderr and process.stderr.read()) == (0, b"")


def _next(process: subprocess.Popen[bytes]) -> dict[str, int]:
    assert process.stdout is not None
    document: dict[str, int] = json.loads(process.stdout.readline())
    return document


def test_watching_on_a_terminal_draws_again_until_ctrl_c(app: App) -> None:
    ours, theirs = pty.openpty()
    seen = b""
    with watched(app, stdout=theirs) as process:
        os.close(theirs)
        while seen.count(b"Ctrl-C ends") < 3:
            seen += os.read(ours, 4_096)
        process.send_signal(signal.SIGINT)
        while process.poll() is None:
            try:
                seen += os.read(ours, 4_096)
            except OSError:
                break  # The terminal is closed: it has left.
        assert process.wait(30) == 0
    os.close(ours)
    assert b"workers alive" in seen
    assert b"\x1b[?25h" in seen, "the cursor is not given back"


def test_seconds_are_about_watching(app: App) -> None:
    assert "SECONDS are about --watch" in refused(app.settings, "status", "5")
