"""Draws that end otherwise than by being paid, as the commands take and show them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.settings import Settings
from app.wiring import opened
from ledger.domain.money import to_minor
from tests.lines import drawn, ended, paid
from tests.lines import opened as account_opened
from tests.system.commands import duebook, refused
from tests.system.helpers import found, new_home, settings_of


@pytest.fixture(scope="module")
def ledger() -> Iterator[Settings]:
    """An account written off and recovered in part, one refunded in part, one just overdue."""
    with new_home() as home:
        settings = settings_of(home)
        found(settings)
        with opened(settings) as app:
            app.books.append_all(
                [
                    account_opened("A-lost"),
                    drawn("A-lost"),
                    ended("A-lost", "written_off", "2026-02-10", amounts={"principal": "250.00"}),
                    paid("A-lost", "P-1", "90.00", "2026-02-20"),
                    account_opened("A-back"),
                    drawn("A-back"),
                    ended("A-back", "refunded", "2026-02-10", refund_id="B-1", amount="120.00"),
                    account_opened("A-old"),
                    drawn("A-old"),
                ]
            )
            yield settings


def document(settings: Settings, *words: str) -> dict[str, Any]:
    """What a command says to programs."""
    done = duebook(settings, *words, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


def test_a_schedule_shows_what_was_taken_off_only_where_something_was(ledger: Settings) -> None:
    lost = duebook(ledger, "schedule", "A-lost").stdout
    assert "written off" in lost
    assert "cancelled" not in lost
    back = duebook(ledger, "schedule", "A-back").stdout
    assert "cancelled" in back
    assert "written off" not in back


def test_the_rows_of_the_views_add_up(ledger: Settings) -> None:
    for account in ("A-lost", "A-back"):
        for row in document(ledger, "schedule", account)["rows"]:
            cents = {name: to_minor(x, 2) for name, x in row.items() if "." in str(x)}
            owed = sum(cents[name] for name in ("principal", "interest", "fee", "penalty"))
            off = sum(cents[name] for name in ("paid", "waived", "written_off", "cancelled"))
            assert owed - off == cents["outstanding"], row


def test_the_overdue_view_has_the_tier_of_risk(ledger: Settings) -> None:
    [lost] = document(ledger, "overdue", "A-lost")["rows"]
    assert (lost["risk_class"], lost["outstanding_total"]) == ("loss", "50.00")
    [back] = document(ledger, "overdue", "A-back")["rows"]
    assert (back["risk_class"], back["overdue_total"]) == ("special_mention", "100.00")


def test_a_state_tells_recoveries_and_the_age_of_each_installment(ledger: Settings) -> None:
    lost = document(ledger, "replay", "A-lost")
    [payment] = lost["payments"]
    # Nothing else was due: what stands in the books falls due in April.
    assert payment["paid"]["principal"] == "0.00"
    assert payment["recovered"]["principal"] == "90.00"
    assert lost["draws"][0]["written_off"]["principal"] == "160.00"
    assert document(ledger, "replay", "A-back")["draws"][0]["installment_buckets"] == {
        "M1": "100.00"
    }
    assert "recovered" in duebook(ledger, "replay", "A-lost").stdout


def test_a_write_off_is_retried_unharmed_and_refused_with_other_content(ledger: Settings) -> None:
    again = ["append", "A-lost", "draw.written_off", "draw_id=D-1", "effective_on=2026-02-10"]
    done = duebook(ledger, *again, "amounts.principal=250.00")
    assert "recorded already" in done.stdout
    assert refused(ledger, *again).startswith("key_used_with_other_content: write_off:D-1")


def test_what_is_overdue_ages_installment_by_installment(ledger: Settings) -> None:
    """On 15 March the installment of 5 February is 38 days late, that of 5 March 10 days."""
    on = ("--as-of", "2026-03-15")
    [row] = document(ledger, "overdue", "A-old", *on)["rows"]
    assert (row["bucket"], row["ageing"]) == ("M2", {"M2": "100.00", "M1": "100.00"})
    assert "100.00 M2 + 100.00 M1" in duebook(ledger, "overdue", "A-old", *on).stdout
    # A month before there was one bucket, and the table needs no column for that.
    before = ("--as-of", "2026-02-15")
    [row] = document(ledger, "overdue", "A-old", *before)["rows"]
    assert (row["bucket"], row["ageing"]) == ("M1", {"M1": "100.00"})
    assert "by installment" not in duebook(ledger, "overdue", "A-old", *before).stdout
    [row] = document(ledger, "overdue", "A-old", "--as-of", "2026-02-05")["rows"]
    assert (row["bucket"], row["ageing"]) == (None, {})


def test_a_write_off_and_a_cancellation_are_taken_back(ledger: Settings) -> None:
    done = duebook(
        ledger, "append", "A-lost", "write_off.reversed", "reversal_id=V-1", "draw_id=D-1"
    )
    assert "recorded write_off_reversal:V-1" in done.stdout, done.stderr
    [row] = document(ledger, "overdue", "A-lost", "--as-of", "2026-02-20")["rows"]
    assert (row["status"], row["overdue_total"], row["outstanding_total"]) == (
        "overdue", "10.00", "210.00"
    )  # fmt: skip
    story = duebook(ledger, "explain", "A-lost", "--as-of", "2026-02-20").stdout
    assert "the write-off of draw D-1 is as if it had never been" in story
    again = ["append", "A-lost", "write_off.reversed", "reversal_id=V-2", "draw_id=D-1"]
    assert "is already reversed" in refused(ledger, *again)
    none = ["append", "A-old", "cancellation.reversed", "reversal_id=N-1", "draw_id=D-1"]
    assert "draw D-1 was not cancelled in this account" in refused(ledger, *none)
