"""The assessor as a duty of real workers and as a command, on a ledger that is open."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from app.wiring import App
from ledger.assessing import assessed
from ledger.door import Line, line_of
from ledger.replay import known_facts
from tests.system.commands import duebook, refused
from tests.system.crews import fresh_ledger, kill, working
from tests.system.helpers import (
    APPEND_LINES,
    REPOSITORY,
    TODAY,
    account_lines,
    append_accounts,
    drift,
    eventually,
    is_up_to_date,
)
from tests.system.servers import Servers, empty_broker

ACCOUNTS = 400
#: The first installment of 200.00 was due on 5 January: 55 days to the first of March, the second
#: on 5 February: 24 days.  A late fee of 2.00 each, and 0.20 a day of each.
CHARGES = 2 + 55 + 24


@pytest.fixture
def app(built_in: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A fresh ledger on our own engines."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with fresh_ledger(built_in) as made:
        yield made


def borrower(account: str) -> list[Line]:
    """Somebody who has never paid, under penalty rules."""
    terms = {
        "method": "interest_free",
        "term_count": 3,
        "first_due_on": "2026-01-05",
        "late_fee": {"rate": "0.01"},
        "penalty_interest": {"annual_rate": "0.365"},
    }
    facts = (
        {"topic": "account.opened", "borrower_ref": account, "currency": "CNY"},
        {"topic": "draw.made", "draw_id": "D-1", "amount": "600.00", "terms": terms},
    )
    return [line_of({"account": account, "effective_on": "2025-12-05", **fact}) for fact in facts]


def borrowers(app: App, count: int) -> list[str]:
    """So many of them; nobody is told."""
    accounts = [f"P-{number:04}" for number in range(count)]
    lines = [line for account in accounts for line in borrower(account)]
    for first in range(0, len(lines), APPEND_LINES):
        app.books.append_all(lines[first : first + APPEND_LINES])
    return accounts


def charges(app: App) -> int:
    """The penalties in the log."""
    with app.pool.connection() as conn:
        row = conn.execute("SELECT count(*) FROM events WHERE topic = 'penalty.charged'").fetchone()
    return row[0] if row else 0


def is_right(app: App, accounts: list[str], today: date) -> bool:
    """Whether an assessment of these accounts would change nothing."""
    return all(
        assessed(known_facts(history), today).events == ()
        for history in app.log.streams(accounts).values()
    )


def test_a_killed_crew_doubles_no_charge_and_misses_none(app: App) -> None:
    accounts = borrowers(app, ACCOUNTS)
    append_accounts(app, 0, 50)
    app.log.open(TODAY)
    with working(app) as crew:
        eventually("it has begun", lambda: charges(app) > 0)
        kill(crew.worker_pids)
        assert charges(app) < ACCOUNTS * CHARGES, "all was done; the test proves nothing"
        empty_broker(app.engines.broker_url)
        eventually("all is charged", lambda: charges(app) == ACCOUNTS * CHARGES)
        eventually("all is projected", lambda: is_up_to_date(app))
        later = TODAY + timedelta(days=3)
        crew.turn_to(later)
        daily = ACCOUNTS * (CHARGES + 2 * 3)
        eventually("the later days are charged", lambda: charges(app) == daily)
        eventually("all is projected", lambda: is_up_to_date(app, later))
    assert is_right(app, accounts, later)
    assert drift(app, later) == []


def test_while_history_is_brought_in_nothing_is_charged(app: App) -> None:
    borrowers(app, 5)
    with working(app, processes=1):
        eventually("all is projected", lambda: is_up_to_date(app))
    assert charges(app) == 0
    assert "The ledger is still loading" in refused(app.settings, "assess")


def test_the_command(app: App) -> None:
    [account, other] = borrowers(app, 2)
    app.books.append_all(account_lines("A-1"))
    app.log.open(TODAY)
    looked = duebook(app.settings, "assess", account, "--dry-run")
    assert looked.returncode == 0, looked.stderr
    assert "0.01 × 200.00 principal = 2.00" in looked.stdout
    assert f"1 account looked at for 2026-03-01: {CHARGES} charges" in looked.stdout
    assert charges(app) == 0
    done = json.loads(duebook(app.settings, "assess", account, "--json").stdout)
    assert (done["accounts"], len(done["events"]), done["failures"]) == (1, CHARGES, [])
    assert done["events"][0] == {
        "account": account,
        "topic": "penalty.charged",
        "effective_on": "2026-01-05",
        "charge_id": "late_fee:D-1:1:2026-01-05",
        "draw_id": "D-1",
        "amount": "2.00",
        "due_on": "2026-01-05",
        "installment": 1,
        "kind": "late_fee",
        "basis": "0.01 × 200.00 principal = 2.00",
        "rule": "late_fee",
    }
    everybody = json.loads(duebook(app.settings, "assess", "--json").stdout)
    assert {event["account"] for event in everybody["events"]} == {other}
    again = duebook(app.settings, "assess")
    assert "0 charges and 0 reversals appended" in again.stdout
    told = duebook(app.settings, "explain", account, "--json").stdout
    assert "overdue 200.00 × 0.365 × 1/365 = 0.20000000" in told
    assert "X-1" in refused(app.settings, "assess", "X-1")
    earlier = refused(app.settings, "assess", "--today", "2026-02-01")
    assert "they are up to 2026-03-01 already" in earlier
    assert is_right(app, [account, other], TODAY)
