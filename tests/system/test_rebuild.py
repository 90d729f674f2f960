"""A rebuild on real engines: killed, resumed, beside live traffic, and as a command."""

from collections.abc import Iterator

import orjson
import pytest

from app.supervisor import Supervisor
from app.wiring import App
from projections.schema import VIEWS
from tests.system.commands import duebook, refused
from tests.system.crews import fresh_ledger, working
from tests.system.helpers import (
    REPOSITORY,
    SHARDS,
    TODAY,
    append_accounts,
    drift,
    eventually,
    is_up_to_date,
)
from tests.system.rebuilding import rebuilt_under_fire
from tests.system.servers import Servers
from workers.rebuilds import Rebuilds


@pytest.fixture
def app(built_in: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A fresh ledger on our own engines."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with fresh_ledger(built_in) as made:
        yield made


def test_a_rebuild_killed_five_times_with_appends_going_on_equals_replay(app: App) -> None:
    accounts = append_accounts(app, 0, 2_000)
    with working(app) as crew:
        eventually("all is projected", lambda: is_up_to_date(app))
        rebuilt_under_fire(app, crew, accounts, TODAY, chunk_accounts=10)


def test_the_command_alone_builds_reports_and_switches(app: App) -> None:
    append_accounts(app, 0, 60)
    assert duebook(app.settings, "roll").returncode == 0
    for shard in range(SHARDS):
        while app.projector.follow(shard, TODAY) is not None:
            pass
    with app.pool.connection() as conn:
        conn.execute("UPDATE overdue SET days_past_due = 99 WHERE account_id = 'A-00001'")
    dry = duebook(app.settings, "rebuild", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "generation 2 against 1, which is live: 1 account of 60 change" in dry.stdout
    assert "overdue.days_past_due" in dry.stdout
    assert "generation 2 is built and not live" in dry.stdout
    told = duebook(app.settings, "rebuild")
    assert (told.returncode, told.stderr.count("\n")) == (2, 1)
    assert "generation 2 changes what readers see, so it is not live" in told.stderr
    assert "Generation 1 is live" in refused(app.settings, "generations", "remove", "1")
    switched = duebook(app.settings, "rebuild", "--yes")
    assert switched.stdout.splitlines()[-1] == (
        "rebuilt 60 accounts, 0 of them in quarantine: generation 2 is live;"
        " duebook generations remove takes the old ones away"
    )
    assert drift(app) == []
    listed = orjson.loads(duebook(app.settings, "generations", "list", "--json").stdout)
    assert [(one["number"], one["state"]) for one in listed] == [(1, "old"), (2, "live")]
    assert duebook(app.settings, "generations", "remove").stdout == "removed 1 generation\n"
    assert drift(app) == []


def test_one_shard_and_one_view_are_rebuilt_in_place(app: App) -> None:
    every_view = ", ".join(view.name for view in VIEWS)
    append_accounts(app, 0, 60)
    with working(app, processes=1):
        eventually("all is projected", lambda: is_up_to_date(app))
    with app.pool.connection() as conn:
        conn.execute("UPDATE overdue SET days_past_due = 99")
        conn.execute("DELETE FROM repayment_schedule WHERE account_id = 'A-00001'")
    for words, told in (
        (("--view", "repayment_schedule"), "repayment_schedule: would rebuild 1 of 60 accounts\n"),
        (("--shard", "0"), f"{every_view}: would rebuild "),
    ):
        dry = duebook(app.settings, "rebuild", *words, "--dry-run")
        assert dry.stdout.startswith(told), dry.stderr
    assert len({one.account_id for one in drift(app)}) == 60, "a dry run heals nothing"
    one = duebook(app.settings, "rebuild", "--view", "repayment_schedule")
    assert one.stdout == "repayment_schedule: rebuilt 1 of 60 accounts\n", one.stderr
    shards = [duebook(app.settings, "rebuild", "--shard", str(shard)) for shard in range(SHARDS)]
    assert all(shard.stdout.startswith("rebuilt ") for shard in shards)
    assert drift(app) == []
    assert Rebuilds(app.pool).generations.live().number == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rebuild", "--yes", "--dry-run"), "--yes switches and --dry-run does not"),
        (("rebuild", "--yes", "--shard", "1"), "--yes is about a switch, and in place there is"),
        (("rebuild", "--shard", "9"), "there is no shard 9; the ledger has 0 to 3"),
        (("rebuild", "--view", "arrears"), "there is no view 'arrears'; there are"),
        (("generations", "remove", "7"), "There is no generation 7; there are 1"),
        (("generations", "remove", "1"), "Generation 1 is live: readers see it"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_rebuilt_is_refused_in_one_sentence(
    app: App, words: tuple[str, ...], told: str
) -> None:
    assert told in refused(app.settings, *words)


def test_workers_finish_what_a_command_has_begun(app: App) -> None:
    append_accounts(app, 0, 200)
    with Supervisor(app.settings, processes=1):
        eventually("all is projected", lambda: is_up_to_date(app))
        rebuilds = Rebuilds(app.pool, chunk_accounts=10)
        number = rebuilds.begin(TODAY, "if_equal").number
        eventually("it is live", lambda: rebuilds.generations.live().number == number)
    assert drift(app) == []
