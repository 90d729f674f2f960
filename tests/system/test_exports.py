"""The books as other programs read them, and the commands that show them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest

from app.sample import portfolio, write
from app.wiring import App
from ledger.log.records import NewEvent
from tests.system.commands import duebook, refused
from tests.system.crews import fresh_ledger
from tests.system.helpers import TODAY
from tests.system.servers import Servers, missing

BEAN_CHECK = Path(sys.executable).with_name("bean-check")
ACCOUNTS = 100


@pytest.fixture(scope="module")
def app(built_in: Servers) -> Iterator[App]:
    """A ledger with a sample portfolio, projected."""
    with fresh_ledger(built_in) as made:
        bodies = portfolio(Random(1), 1, ACCOUNTS, TODAY)
        write(made.books, bodies, with_recorded_times=True, progress=lambda _: None)
        for shard in range(made.log.shards):
            while made.projector.follow(shard, TODAY) is not None:
                pass
        yield made


def checked(*words: str | Path) -> None:
    """A program finds nothing wrong."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def hledger() -> str:
    """The program, where it is installed."""
    return shutil.which("hledger") or missing("hledger", "no such program on the path")


def test_beancount_finds_nothing_wrong(app: App, tmp_path: Path) -> None:
    file = tmp_path / "books.beancount"
    done = duebook(
        app.settings, "export", "journal", "--format", "beancount", "--output", str(file)
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    checked(BEAN_CHECK, "--no-cache", file)
    broken = file.read_text().replace("Assets:Cash  ", "Assets:Cash  1", 1)
    file.write_text(broken)
    with pytest.raises(AssertionError, match="does not balance"):
        checked(BEAN_CHECK, "--no-cache", file)


def test_hledger_finds_nothing_wrong_and_comes_to_the_same_balances(
    app: App, tmp_path: Path
) -> None:
    program, file = hledger(), tmp_path / "books.journal"
    done = duebook(app.settings, "export", "journal", "--format", "hledger", "--output", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    checked(program, "-f", file, "check", "--strict")
    found = subprocess.run(
        [program, "-f", file, "balance", "--flat", "--no-total", "-O", "csv", "--layout", "bare"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    theirs = [line.replace('"', "").split(",") for line in found.splitlines()[1:]]
    ours = json.loads(duebook(app.settings, "trial-balance", "--json").stdout)["balances"]
    assert sorted(map(tuple, theirs)) == sorted(
        (name, code, amount) for code in ours for name, amount in ours[code]["accounts"].items()
    )


def test_an_export_is_the_same_each_time(app: App, tmp_path: Path) -> None:
    file = tmp_path / "books.journal"
    words = ("export", "journal", "--format", "hledger")
    assert duebook(app.settings, *words, "--output", str(file)).returncode == 0
    assert duebook(app.settings, *words).stdout == file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["books.journal"]


def test_a_file_that_cannot_be_written_is_named(app: App, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "books.journal"
    said = refused(app.settings, "export", "journal", "--format", "hledger", "--output", str(file))
    assert said == f"the journal cannot be written to {file}: No such file or directory"


def test_the_trial_balance_of_one_account_is_that_of_its_journal(app: App) -> None:
    one = json.loads(duebook(app.settings, "trial-balance", "S1-0002", "--json").stdout)
    rows = json.loads(duebook(app.settings, "journal", "S1-0002", "--json").stdout)["rows"]
    assert one["balances"]["CNY"]["total"] == "0.00"
    cash = [row["amount"] for row in rows if row["ledger_account"] == "assets:cash"]
    assert one["balances"]["CNY"]["accounts"]["assets:cash"] == cash[0]
    early = duebook(app.settings, "trial-balance", "S1-0002", "--as-of", "2020-01-01")
    assert (early.returncode, early.stderr) == (0, "")


def test_a_trial_balance_that_is_not_zero_is_said(app: App) -> None:
    change = (
        "UPDATE journal SET amount = amount + 5 WHERE (account_id, entry, posting) = (%s, 1, 1)"
    )
    with psycopg.connect(app.engines.database_url) as conn:
        assert conn.execute(change, ["S1-0002"]).rowcount == 1
    done = duebook(app.settings, "trial-balance")
    assert done.returncode == 1
    assert done.stderr == (
        "duebook: the trial balance in CNY is not zero: debits exceed credits by 0.05;"
        " `duebook verify` names the accounts whose journal is not what their events say\n"
    )
    assert "journal of S1-0002: amount of 1, 1" in duebook(app.settings, "verify", "S1-0002").stdout
    assert duebook(app.settings, "heal", "S1-0002").returncode == 0
    assert duebook(app.settings, "trial-balance").returncode == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--known-at", "2026-01-01T00:00Z"),
            "all accounts are summed up as known now; as known earlier, name one account",
        ),
        (
            ("--as-of", "2026-03-02"),
            "the views hold until today, 2026-03-01; name one account for 2026-03-02",
        ),
        (
            ("A-none",),
            "account 'A-none' has no events in this ledger; check the id, or record account.opened"
            " for it",
        ),
    ],
)
def test_what_no_trial_balance_can_answer(app: App, words: list[str], sentence: str) -> None:
    assert refused(app.settings, "trial-balance", *words) == sentence


def test_movements_and_episodes_are_shown(app: App) -> None:
    found = json.loads(duebook(app.settings, "activity", "S1-0002", "--json").stdout)
    assert found["source"] == "view"
    assert found["rows"][0]["kind"] == "draw"
    owed = found["rows"][0]["outstanding"]
    assert owed in duebook(app.settings, "activity", "S1-0002").stdout
    [episode] = json.loads(duebook(app.settings, "episodes", "S1-0002", "--json").stdout)["rows"]
    assert (episode["ended_on"], episode["worst_days_past_due"] > 0) == (None, True)
    days = duebook(app.settings, "episodes", "S1-0002", "--as-of", episode["began_on"], "--json")
    [first] = json.loads(days.stdout)["rows"]
    assert (first["began_on"], first["worst_days_past_due"]) == (episode["began_on"], 1)


def test_an_account_that_cannot_be_replayed_is_marked_in_the_file(built_in: Servers) -> None:
    with fresh_ledger(built_in) as app:
        bodies = portfolio(Random(1), 1, 3, TODAY)
        write(app.books, bodies, with_recorded_times=True, progress=lambda _: None)
        early = duebook(app.settings, "trial-balance")
        assert (early.returncode, early.stdout) == (0, "nothing is posted\n")
        assert "not current in the view, and summed up as they stand there: 3 acc" in early.stderr
        app.log.append([NewEvent("S1-0002", "draw.teleported", TODAY, "draw:T-1", b"{}")])
        done = duebook(app.settings, "export", "journal", "--format", "hledger")
        assert done.returncode == 1
        assert done.stderr == (
            "duebook: not current, for they cannot be replayed: 1 account (S1-0002);"
            " see quarantine list\n"
        )
        assert "\n; S1-0002 NOT CURRENT: " in done.stdout
        assert "; account:S1-0001\n" in done.stdout


def test_a_fresh_sample_has_the_penalties_that_its_terms_call_for(app: App) -> None:
    done = duebook(app.settings, "assess", "--dry-run", "--json", "--today", str(TODAY))
    found = json.loads(done.stdout)
    assert (found["accounts"], found["events"], found["failures"]) == (ACCOUNTS, [], [])
