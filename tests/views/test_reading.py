"""A reader never takes stale rows for the truth: they are fresh, replayed, or marked."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import Mock

import psycopg
import pytest

import projections.reading as reading_module
from projections.overdue import OVERDUE
from projections.reading import AccountUnknown, held_by_account, held_rows
from tests.house import House
from tests.lines import good_payer, late_payer, paid

LATE = date(2026, 2, 20)


@pytest.fixture
def late(house: House) -> House:
    """A ledger with one account that is overdue, projected and fresh."""
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    assert house.reader.read("overdue", "A-1", LATE).source == "view"
    return house


def test_an_unknown_account_is_said_to_be_unknown(house: House) -> None:
    with pytest.raises(AccountUnknown, match="'A-9' has no events in this ledger"):
        house.reader.read("overdue", "A-9", LATE)


@pytest.mark.parametrize(
    ("fault", "staleness"),
    [
        ("DELETE FROM overdue", "drifted"),
        ("UPDATE overdue SET status = 'current', overdue_total = 0", "drifted"),
        ("DELETE FROM receipts", "no_receipt"),
        ("UPDATE receipts SET projector = 0", "other_code"),
        ("UPDATE receipts SET changes_on = '2026-02-20'", "day_not_rolled"),
        ("UPDATE receipts SET as_of = '2026-02-21'", "made_for_a_later_day"),
        ("UPDATE receipts SET account_version = 1", "behind_the_log"),
    ],
)
def test_rows_that_may_not_be_trusted_are_replayed(late: House, fault: str, staleness: str) -> None:
    assert late.execute(fault) == 1
    reading = late.reader.read("overdue", "A-1", LATE)
    assert (reading.source, reading.staleness) == ("replay", staleness)
    [row] = reading.dicts()
    assert (row["status"], row["overdue_total"]) == ("overdue", 100_00)


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, RecursionError])
def test_rows_are_marked_where_the_fold_breaks_in_whatever_way(
    late: House, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    late.execute("UPDATE receipts SET account_version = 1")
    monkeypatch.setattr(reading_module, "outcome_of", Mock(side_effect=error("of a forged fact")))
    reading = late.reader.read("overdue", "A-1", LATE)
    assert reading.source == "stale_view"
    assert reading.note.startswith("NOT CURRENT")


def test_a_server_that_is_away_is_no_account_that_cannot_be_folded(
    late: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    late.execute("UPDATE receipts SET account_version = 1")
    away = Mock(side_effect=psycopg.OperationalError("the connection is lost"))
    monkeypatch.setattr(reading_module, "outcome_of", away)
    with pytest.raises(psycopg.OperationalError):
        late.reader.read("overdue", "A-1", LATE)


def test_a_fact_in_the_log_is_read_before_any_worker_has_seen_it(late: House) -> None:
    late.record(paid("A-1", "P-1", "100.00", "2026-02-19"))
    reading = late.reader.read("overdue", "A-1", LATE)
    assert (reading.source, reading.dicts()[0]["status"]) == ("replay", "current")


def test_a_new_day_is_read_right_before_it_is_rolled(late: House) -> None:
    reading = late.reader.read("overdue", "A-1", LATE + timedelta(days=1))
    assert (reading.source, reading.dicts()[0]["days_past_due"]) == ("replay", 16)


def test_a_past_reading_says_what_was_known_then(house: House) -> None:
    house.record(*late_payer("A-1"))
    before = datetime.now(UTC)
    house.record(paid("A-1", "P-1", "100.00", "2026-02-05"))
    then = house.reader.replayed_reading("overdue", "A-1", LATE, before)
    now = house.reader.replayed_reading("overdue", "A-1", LATE, None)
    assert (then.dicts()[0]["status"], now.dicts()[0]["status"]) == ("overdue", "current")


def test_the_list_of_overdue_accounts_is_not_fooled_by_a_lost_row(house: House) -> None:
    house.record(*late_payer("A-1"), *late_payer("A-2"), *good_payer("A-3"))
    house.follow(LATE)
    house.execute("DELETE FROM receipts WHERE account_id = 'A-1'")
    house.execute("DELETE FROM overdue WHERE account_id = 'A-1'")
    listing = house.reader.overdue(LATE, 10)
    assert [(r.account_id, r.source) for r in listing.readings] == [
        ("A-1", "replay"),
        ("A-2", "view"),
    ]
    assert listing.not_looked_at == 0


@pytest.mark.parametrize(
    "loss", ["SELECT 1", "DELETE FROM receipts", "DELETE FROM overdue", "DELETE FROM streams"]
)
def test_one_account_is_read_as_it_is_among_many(late: House, loss: str) -> None:
    """By two statements: one for a page of accounts, one for a single account in one round trip."""
    late.execute(loss)
    view, shard = OVERDUE, late.log.shard_of("A-1")
    with late.log.snapshot() as conn:
        version = late.log.versions(["A-1"], conn)["A-1"].version
        among_many = held_by_account(conn, view, shard, {"A-1": version, "A-9": 0})
        assert held_rows(conn, view, shard, "A-1") == among_many["A-1"]
        assert held_rows(conn, view, shard, "A-9") == among_many["A-9"]
