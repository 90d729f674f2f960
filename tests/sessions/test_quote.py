"""`duebook quote`, and a settlement of just the amount that it says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.supervisor import environment_of
from app.wiring import App, opened
from ledger.door import line_of
from tests.lines import drawn, paid
from tests.lines import opened as account_opened
from tests.system.helpers import found, new_home, settings_of

DUEBOOK = Path(sys.executable).with_name("duebook")
ON = "2026-02-15"


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """Two accounts: one with interest and credit, one whose draws share a plan."""
    with new_home() as home:
        settings = settings_of(home)
        found(settings)
        loan: dict[str, Any] = {"method": "equal_installment", "annual_rate": "0.12"}
        with opened(settings) as made:
            made.books.append_all(
                [
                    account_opened("A-1"),
                    drawn("A-1", amount="1200.00", on="2026-01-05", term_count=4, **loan),
                    drawn("A-1", draw="D-2"),
                    paid("A-1", "P-1", "500.00", "2026-02-05"),
                    account_opened("A-2"),
                    drawn("A-2", draw_spread="each_draw_level"),
                    line_of(
                        {
                            "account": "A-2",
                            "topic": "draw.made",
                            "effective_on": "2026-02-10",
                            "draw_id": "D-2",
                            "amount": "100.00",
                            "joins_draw_id": "D-1",
                        }
                    ),
                ]
            )
            yield made


def duebook(app: App, *words: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        [DUEBOOK, *words],
        env={**os.environ, **environment_of(app.settings)},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def quotes(app: App, *words: str) -> list[dict[str, Any]]:
    """The quotes of a day, as documents."""
    found: list[dict[str, Any]] = json.loads(
        duebook(app, "quote", "A-1", "--as-of", ON, "--json", *words)
    )
    return found


def test_every_draw_is_quoted_and_settles_for_just_that(app: App) -> None:
    """Of 500.00 the installments of 307.54 and 100.00 are paid on 5 February, 92.46 is credit."""
    both = quotes(app)
    assert [(one["draw_id"], one["total"], one["to_pay"]) for one in both] == [
        ("D-1", "907.69", "815.23"), ("D-2", "200.00", "107.54")
    ]  # fmt: skip
    # 10 of the 28 days from 5 February cost 904.46 x 1 % x 10 / 28 = 3.23.
    assert (both[0]["principal"], both[0]["interest"]) == ("904.46", "3.23")
    table = duebook(app, "quote", "A-1", "--as-of", ON)
    assert "815.23" in table
    assert "whichever draw is settled first takes it" in table
    settling = ["payment_id=P-2", "amount=815.23", f"effective_on={ON}", "draw_id=D-1"]
    duebook(app, "append", "A-1", "payment.received", *settling, "intent=settle")
    assert [(one["draw_id"], one["to_pay"]) for one in quotes(app)] == [("D-2", "200.00")]
    [settled] = quotes(app, "--draw", "D-1")
    assert (settled["total"], settled["to_pay"]) == ("0.00", "0.00")


def test_draws_that_share_a_schedule_are_quoted_and_settled_together(app: App) -> None:
    """300.00 over three months and 100.00 over the last two: nothing is paid, 400.00 is owed."""
    words = ["quote", "A-2", "--as-of", ON]
    [quote] = json.loads(duebook(app, *words, "--json", "--draw", "D-2"))
    assert (quote["draw_id"], quote["joined"], quote["to_pay"]) == ("D-1", ["D-2"], "400.00")
    assert "D-1 + D-2" in duebook(app, *words)
    settling = ["payment_id=P-9", "amount=400.00", f"effective_on={ON}", "draw_id=D-2"]
    duebook(app, "append", "A-2", "payment.received", *settling, "intent=settle")
    assert json.loads(duebook(app, *words, "--json")) == []
