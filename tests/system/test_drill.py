"""The drill of kills: five rounds of it, and that it would notice what must not be."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.drill.facts import TODAY, Fact, Name, Request, Writer, account_ids
from app.drill.folder import DrillRefused
from app.drill.journal import Answered, Journal, journal_path
from app.drill.kills import KillDrill, prepared
from app.drill.plan import DECK, plan_of
from app.engines import remove
from app.settings import Settings
from app.supervisor import environment_of
from tests.lines import paid
from tests.system.helpers import REPOSITORY, living_of, new_home

DUEBOOK = Path(sys.executable).with_name("duebook")


@contextmanager
def drill_home() -> Iterator[Path]:
    """A data folder in which a drill may make its own; both are gone at the end."""
    with new_home() as home:
        try:
            yield home
        finally:
            remove(home / "drill")


def duebook(home: Path, *words: str, today: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator does."""
    told = environment_of(Settings(home=home, today=today))
    return subprocess.run(
        [DUEBOOK, *words],
        env={**os.environ, **told, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_five_rounds_without_a_violation() -> None:
    with drill_home() as home:
        ran = duebook(
            home, "drill", "kills", "--rounds", "5", "--seed", "7", "--accounts", "40", "--json"
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert living_of(home) == []
        looked = duebook(home / "drill", "verify", "--today", TODAY.isoformat())
        assert looked.returncode == 0, looked.stdout + looked.stderr
    told = json.loads(ran.stdout)
    assert told["seed"] == 7
    assert [one["violations"] for one in told["rounds"]] == [[]] * 5
    assert all(one["events"] > 0 for one in told["rounds"])
    killed = [[victim["target"] for victim in one["killed"]] for one in told["rounds"]]
    assert killed == [list(plan_of(7, number).targets) for number in range(1, 6)]


def test_what_must_not_be_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with (
        drill_home() as home,
        prepared(Settings(home=home), seed=1, accounts=10, writers=1) as drill,
    ):
        assert drill.round(1).violations == []
        spoil(drill)
        found = "\n".join(drill.audit.violations())
    for violation in (
        "payment:P-stranger of A-0001 was sent by nobody",
        "payment:P-lost of A-0002 was acknowledged and is not there",
        "account:opened of A-0003 was acknowledged as 0000",
        "payment:P-refused of A-0004 was refused with account_unknown",
        "request 2 of client-9 was never answered",
        "repayment_schedule of A-0005: the receipt does not vouch for the rows",
    ):
        assert violation in found


def spoil(drill: KillDrill) -> None:
    """A payment that nobody sent, a client that remembers otherwise, a view that lies."""
    app = drill.app
    app.books.append_all([paid("A-0001", "P-stranger", "1.00", "2026-02-05")])
    with app.pool.connection() as conn:
        conn.execute("UPDATE receipts SET contents = '{}' WHERE account_id = 'A-0005'")
    names = [
        Name("A-0002", "payment:P-lost"),
        Name("A-0003", "account:opened"),
        Name("A-0004", "payment:P-refused"),
    ]
    facts = tuple(Fact(name, {"account": name.account}) for name in names)
    zeros = "00" * 32
    with Journal(journal_path(app.settings.home, 9)) as journal:
        journal.write(Request(1, is_whole=False, facts=facts))
        journal.write(Answered(1, (zeros, zeros, None), (None, None, "account_unknown"), 0))
        journal.write(Request(2, is_whole=False, facts=()))


def test_a_folder_that_no_drill_has_made_is_refused() -> None:
    with new_home() as home:
        other = home / "drill" / "ledger.ndjson"
        other.parent.mkdir(parents=True)
        other.touch()
        with (
            pytest.raises(DrillRefused, match="it holds what no drill has made"),
            prepared(Settings(home=home), seed=1, accounts=1, writers=1),
        ):
            pass
        assert other.exists()


def test_the_same_seed_is_the_same_drill() -> None:
    def told(seed: int) -> list[str]:
        plans = [plan_of(seed, number) for number in range(1, 2 * len(DECK))]
        return [f"{one.targets} {one.strike_at} {one.empty_redis_at}" for one in plans]

    assert told(1) == told(1) != told(2)
    assert {plan_of(1, number).targets for number in range(1, len(DECK) + 1)} == set(DECK)
    accounts = account_ids(5)
    assert Writer(1, 2, accounts).request(3) == Writer(1, 2, accounts).request(3)
    assert Writer(1, 2, accounts).request(3) != Writer(1, 3, accounts).request(3)


def test_a_journal_forgets_the_line_that_a_kill_has_torn(tmp_path: Path) -> None:
    path = tmp_path / "client-1.ndjson"
    request = Writer(1, 1, account_ids(2)).request(1)
    with Journal(path) as journal:
        journal.write(request)
    with path.open("ab") as file:
        file.write(b'{"answered": 1, "dig')
    with Journal(path) as journal:
        assert journal.records == [request]
        journal.write(Answered(1, ("00",), (None,), 0))
    with Journal(path) as journal:
        assert journal.records == [request, Answered(1, ("00",), (None,), 0)]
