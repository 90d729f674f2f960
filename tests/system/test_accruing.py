"""Draws whose interest accrues, from the page about them through the commands to the views."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from app.wiring import opened
from tests.lines import drawn, paid
from tests.lines import opened as account_opened
from tests.system.commands import duebook, refused
from tests.system.helpers import found, new_home, settings_of

PAGE = Path(__file__).parents[2] / "docs" / "accruing-interest.md"
#: The terms that the page shows: recalculated, and owed by the day.
RECALCULATED, BY_THE_DAY = (
    json.loads(text) for text in re.findall(r"```json\n(.*?)\n```", PAGE.read_text(), re.DOTALL)
)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Settings]:
    """Two accounts that have paid too little, too late, under the terms of the page."""
    with new_home() as home:
        settings = settings_of(home, today=date(2026, 2, 20))
        found(settings)
        with opened(settings) as app:
            for account, terms in (("A-1", RECALCULATED), ("A-2", BY_THE_DAY)):
                app.books.append_all(
                    [
                        account_opened(account),
                        drawn(account, amount="1000.00", on="2026-01-01", **terms),
                        paid(account, "P-1", "200.00", "2026-01-15"),
                        paid(account, "P-2", "100.00", "2026-02-10"),
                    ]
                )
        assert duebook(settings, "heal", "A-1", "A-2").returncode == 0
        yield settings


def document(settings: Settings, *words: str) -> Any:
    """What a command says to programs."""
    done = duebook(settings, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_schedule_follows_what_is_really_owed(ledger: Settings) -> None:
    """Fourteen days of 1,000.00 and seventeen of 800.00 at a tenth of a percent: 27.60."""
    rows = document(ledger, "schedule", "A-1")["rows"]
    assert [row["interest"] for row in rows] == ["27.60", "20.54", "10.60"]
    [overdue] = document(ledger, "overdue", "A-1")["rows"]
    assert (overdue["overdue_total"], overdue["days_past_due"]) == ("53.81", 19)


def test_a_day_changes_the_views_and_they_stay_what_replay_says(ledger: Settings) -> None:
    """A day more on 727.60 instead of the 673.79 that the plan would have."""
    rolled = duebook(ledger, "roll", "--today", "2026-02-21")
    assert rolled.returncode == 0, rolled.stderr
    rows = document(ledger, "schedule", "A-1", "--today", "2026-02-21")["rows"]
    assert rows[1]["interest"] == "20.59"
    verified = duebook(ledger, "verify", "--today", "2026-02-21")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "0 differences between views and replay" in verified.stdout


def test_every_figure_can_be_followed(ledger: Settings) -> None:
    told = duebook(ledger, "explain", "A-1").stdout
    for words in ("1000.00 × 0.365 × 14/365", "interest accrues", "level installment: 352.34"):
        assert words in told
    told = duebook(ledger, "explain", "A-2").stdout
    assert "accrued by 2026-02-20 and not paid" in told


def test_a_settlement_of_just_the_quote_leaves_nothing(ledger: Settings) -> None:
    """On the 15th 14.00 had accrued, so 186.00 repaid principal; then 26 days of 814.00: 21.16."""
    on = "--as-of", "2026-02-20"
    [quote] = document(ledger, "quote", "A-2", *on)
    assert (quote["principal"], quote["interest"]) == ("735.16", "7.35")
    pay = "append", "A-2", "payment.received", "payment_id=P-3", "draw_id=D-1", "intent=settle"
    short = refused(ledger, *pay, "amount=742.50", "effective_on=2026-02-20")
    assert short.startswith("settlement_too_low")
    done = duebook(ledger, *pay, f"amount={quote['to_pay']}", "effective_on=2026-02-20")
    assert done.returncode == 0, done.stderr
    [overdue] = document(ledger, "overdue", "A-2")["rows"]
    assert (overdue["status"], overdue["outstanding_total"]) == ("settled", "0.00")
    balance = duebook(ledger, "trial-balance", "A-2")
    assert balance.returncode == 0, balance.stdout + balance.stderr


def test_what_does_not_go_together_is_one_sentence(ledger: Settings) -> None:
    terms = [f"terms.{name}:={json.dumps(value)}" for name, value in BY_THE_DAY.items()]
    sentence = refused(
        ledger, "append", "A-2", "draw.made", "draw_id=D-2", "amount=1000.00",
        "effective_on=2026-01-02", *terms, 'terms.grace:={"principal_periods": 1}',
    )  # fmt: skip
    assert sentence == (
        "terms_contradictory: interest that accrues on what is really owed has no grace; leave it"
        " out"
    )
