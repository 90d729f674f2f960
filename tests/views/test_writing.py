"""What is written of an account: only the rows that its receipt does not vouch for already."""

from datetime import date, timedelta

import pytest

from projections.schema import VIEWS
from tests.house import House
from tests.lines import late_payer, paid, penalised

LATE = date(2026, 2, 20)
ADDED_TO = ("journal", "activity")


def versions(house: House, view: str) -> list[int]:
    """The version that each row of A-1 was first made from, in the order of the rows."""
    columns = next(", ".join(one.columns[: one.order_by]) for one in VIEWS if one.name == view)
    with house.pool.connection() as conn:
        rows = conn.execute(f"SELECT account_version FROM {view} ORDER BY {columns}".encode())
        return [version for (version,) in rows]


@pytest.mark.parametrize("view", ADDED_TO)
def test_a_payment_adds_its_own_rows_and_leaves_those_before_it(house: House, view: str) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    before = versions(house, view)
    house.record(paid("A-1", "P-late", "10.00", "2026-02-19"))
    house.follow(LATE)
    after = versions(house, view)
    assert after[: len(before)] == before
    assert set(after[len(before) :]) == {3}
    assert house.differences(LATE) == []


@pytest.mark.parametrize("view", ADDED_TO)
def test_a_payment_of_an_earlier_day_is_written_with_all_that_follows_it(
    house: House, view: str
) -> None:
    house.record(*late_payer("A-1"), penalised("A-1", "F-1", "5.00", "2026-02-10"))
    house.follow(LATE)
    house.record(paid("A-1", "P-early", "100.00", "2026-02-05"))
    house.follow(LATE)
    assert set(versions(house, view)) == {4}
    assert house.differences(LATE) == []


def test_rows_that_somebody_put_where_new_ones_belong_go_with_all_others(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    assert house.execute(
        "INSERT INTO activity_v1 SELECT generation, shard, account_id, account_version, as_of,"
        " number + 1, moved_on, kind, fact_id, currency, money, penalty, fee, interest, principal,"
        " outstanding, credit_balance FROM activity_v1 ORDER BY number DESC LIMIT 1"
    )
    house.record(paid("A-1", "P-late", "10.00", "2026-02-19"))
    house.follow(LATE)
    assert house.differences(LATE) == []
    assert set(versions(house, "activity")) == {3}


def test_a_row_that_somebody_changed_is_not_taken_for_true_after_a_payment(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    house.execute("UPDATE activity_v1 SET principal = principal + 1")
    house.record(paid("A-1", "P-late", "10.00", "2026-02-19"))
    house.follow(LATE)
    reading = house.reader.read("activity", "A-1", LATE)
    assert (reading.source, reading.staleness) == ("replay", "drifted")
    house.projector.heal(["A-1"], LATE)
    assert house.reader.read("activity", "A-1", LATE).source == "view"


def test_a_day_that_changes_nothing_of_a_view_is_no_reason_to_write_it(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    before = versions(house, "journal")
    house.record(paid("A-1", "P-late", "10.00", "2026-02-19"))
    house.follow(LATE)
    house.roll(LATE + timedelta(days=1))
    assert versions(house, "journal")[: len(before)] == before
    assert house.differences(LATE + timedelta(days=1)) == []
