"""`make bench` in its smallest size: every row is there, and every result was checked.

How fast anything is, is not asserted: the figures of a busy machine prove nothing.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest
from psycopg import sql
from typer import BadParameter, Typer
from typer.testing import CliRunner

from ledger.compiled import FOLD_IS
from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks.checks import WrongResult, log_is_sound, views_equal_replay
from tests.benchmarks.data import TODAY, one_account, portfolio
from tests.benchmarks.growth import Course, growing_ledger, grown
from tests.benchmarks.ledgers import Ledger, fresh_ledger
from tests.benchmarks.picture import drawn
from tests.benchmarks.processes import rebuild, workers

ROOT = Path(__file__).parent.parent.parent

#: What each row is called, without its size, and the goal it is held against.
ROWS = {
    "bulk append, Log.append": ("at least", 0.4),
    "bulk append, Books.append_each": None,
    "single appends, 16 callers": None,
    "single appends, 16 callers, Counter": None,
    "save 1 event, 1 thread": None,
    "save 1 event, 1 thread (2)": None,
    "save 1 event, 16 threads": ("at least", 5),
    "save 1 event, 16 threads (2)": ("at least", 2),
    "save 1,000 events, 1 thread": None,
    "save 1,000 events, 1 thread (2)": None,
    **{
        f"answer, {callers} callers, {part}": None
        for callers in (1, 4, 16, 64)
        for part in ("p50", "p99")
    },
    "GET overdue, 16 callers": None,
    "GET overdue, 16 callers (2)": None,
    "POST payment, 16 callers": None,
    "POST payment, 16 callers (2)": None,
    "visible, 500 events/s, p50": None,
    "visible, 500 events/s, p99": None,
    "replay of 1,000 events": ("at most", 3),
    "replay of 200 events of 5 draws": None,
    "replay of 200 events of 100 draws": None,
    "back-dated payment, 2,000 events": None,
    "day roll, ": ("at most", 1.3),
    "rebuild of all 5 views, 2 processes": None,
    "rebuild in place, ": ("at most", 1.15),
    "rebuild of schedule and overdue, 2 processes": ("at least", 0.5),
    "peak memory, ": ("at most", 1.2),
    "full pass, ": ("at most", 1),
    "live projection, ": ("at most", 2),
    "one diagnosis, median": None,
    "one diagnosis, 99th of 100": None,
}
CHECKED = {
    "log": [
        "bulk append",
        "bulk append through the books",
        "single appends",
        "eventsourcing",
        "answers",
        "payments by HTTP",
        "visible",
        "replay",
        "longest replay",
        "correction",
    ],
    "views": [
        "visible",
        "replay",
        "longest replay",
        "correction",
        "day roll",
        "rebuild",
        "rebuild in one process",
        "full pass",
        "live projection",
    ],
}


@pytest.fixture(scope="module")
def ledger(database_server: str) -> Iterator[Ledger]:
    """A few borrowers whose views are rebuilt."""
    with fresh_ledger(database_server) as made:
        made.fill(portfolio("A", 20))
        made.house.rebuild(TODAY)
        yield made


def test_every_row_is_measured_and_every_result_checked(
    database_server: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--scale", "0.001", "--rounds", "1"]
    run = subprocess.run(
        [*command, "--json", str(tmp_path / "figures.json")],
        cwd=ROOT,
        env=os.environ | {"DUEBOOK_DATABASE_URL": database_server},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr

    document = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert document["fold"] == FOLD_IS
    assert f", {FOLD_IS} fold, " in run.stdout
    for figure, (name, goal) in zip(document["figures"], ROWS.items(), strict=True):
        assert figure["name"].startswith(name)
        assert figure["goal"] == (goal and {"bound": goal[0], "ratio": goal[1]})
        assert figure["ratio"] == figure["measured"] / figure["yardstick"] > 0
        assert name in run.stdout
    for job in CHECKED["log"]:
        assert f"  {job}: " in run.stdout
    for job in CHECKED["views"]:
        assert [line for line in run.stdout.splitlines() if f"  {job}: " in line][-1].endswith(
            " accounts, views equal replay"
        )
    assert "…" not in run.stdout, "figures are never cut"


def test_a_row_that_replay_does_not_confirm_is_no_figure(ledger: Ledger) -> None:
    with workers(1) as pool:
        rebuild(pool, ledger, TODAY)
        assert views_equal_replay("rebuild", pool, ledger, TODAY).startswith("rebuild: 20 accounts")
        ledger.house.execute("UPDATE overdue SET late_total = late_total + 1")
        with pytest.raises(WrongResult, match=r"rebuild: 20 problems(.|\n)*late_total"):
            views_equal_replay("rebuild", pool, ledger, TODAY)


def test_an_event_too_few_is_no_figure(ledger: Ledger) -> None:
    with pytest.raises(WrongResult, match=r"append: [\d,]+ events in the log, 100,000 were"):
        log_is_sound("append", ledger, 100_000)


def test_a_wrong_result_ends_the_run(database_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(server_url: str, scale: float, rounds: int) -> Iterator[str]:
        yield "begun"
        raise WrongResult("rebuild: a row too many")

    monkeypatch.setenv("DUEBOOK_DATABASE_URL", database_server)
    monkeypatch.setattr(benchmarks, "_run", wrong)
    cli = Typer()
    cli.command()(benchmarks.main)
    result = CliRunner().invoke(cli, ["--quick"])
    assert result.exit_code == 1
    assert result.output.endswith("wrong: rebuild: a row too many\n")


@pytest.fixture
def growing(database_server: str) -> Iterator[Ledger]:
    """A ledger that outlives a run, but not the test."""
    name = f"duebook_test_growth_{os.getpid()}"
    try:
        with growing_ledger(database_server, name) as made:
            yield made
    finally:
        with psycopg.connect(database_server, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_ledger_that_grows_goes_on_where_it_was_stopped(growing: Ledger, tmp_path: Path) -> None:
    path, ledger = tmp_path / "growth.json", growing
    with workers(1) as pool:
        stopped = grown(ledger, pool, Course.read(path, 8), [300, 600], path)
        assert next(stopped) == f"{ledger.events} events of 300"
        before = ledger.events

        said = list(grown(ledger, pool, Course.read(path, 8), [300, 600], path))
        assert "views equal replay" in said[-2]
        first, second = Course.read(path, 8).points
        assert before < 300 <= first.events < 600 <= second.events
        assert min(asdict(first).values()) > 0

        again = grown(ledger, pool, Course.read(path, 8), [300, 600], path)
        assert list(again) == ["300 events: measured before", "600 events: measured before"]
    with pytest.raises(BadParameter, match="begun with blocks of 8 accounts, asked for are 9"):
        Course.read(path, 9)


def test_a_picture_tells_reached_from_missed() -> None:
    """Figures without a goal are in the table only."""
    half, twice = {"bound": "at least", "ratio": 0.5}, {"bound": "at most", "ratio": 2}
    figures = [
        {"name": "a", "ratio": 0.25, "goal": half},
        {"name": "b < c", "ratio": 1.0, "goal": twice},
        {"name": "d", "ratio": 7.0, "goal": None},
    ]
    points = [{"events": 100, "append": 2.0}, {"events": 1000, "append": 3.0}]
    picture = drawn(figures, points)
    ElementTree.fromstring(picture)
    bars = [line for line in picture.splitlines() if line.startswith("<rect class=")]
    assert ["missed" in line for line in bars] == [True, False]
    assert "b &lt; c (at most 2)" in picture
    assert "append: 2 to 3 µs" in picture
    assert picture == drawn(figures, points)


def test_the_same_name_gives_the_same_lines() -> None:
    assert portfolio("A", 30) == portfolio("A", 30)
    assert not set(portfolio("A", 30)) & set(portfolio("B", 30))
    assert len(one_account("A-1", 1_000)) == 1_000
