"""The projector keeps the views equal to replay, whatever the order, the pieces and the faults."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.books import Taken
from ledger.door import Line
from ledger.log.log import Log
from projections import folding
from projections.overdue import OVERDUE
from projections.projector import Projector
from projections.schema import VIEWS
from tests.house import House
from tests.lines import (
    drawn,
    good_payer,
    late_payer,
    opened,
    paid,
    penalised,
    restructured,
    reversed_,
    waived,
)
from workers.rebuilds import Rebuilds

DUE = date(2026, 2, 5)
LATE = date(2026, 2, 20)


def overdue_row(house: House, account: str, today: date = LATE) -> dict[str, object]:
    [row] = house.reader.read("overdue", account, today).dicts()
    return row


def test_a_followed_account_is_read_from_the_view(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    reading = house.reader.read("overdue", "A-1", LATE)
    assert reading.source == "view"
    assert overdue_row(house, "A-1")["overdue_total"] == 100_00
    assert overdue_row(house, "A-1")["days_past_due"] == 15


def test_the_schedule_view_shows_what_is_paid_of_each_installment(house: House) -> None:
    house.record(*good_payer("A-1"))
    house.follow(LATE)
    rows = house.reader.read("repayment_schedule", "A-1", LATE).dicts()
    assert [(row["number"], row["paid"], row["status"]) for row in rows] == [
        (1, 100_00, "settled"),
        (2, 0, "upcoming"),
        (3, 0, "upcoming"),
    ]


def test_the_schedule_view_follows_a_plan_that_changes(house: House) -> None:
    house.record(
        *late_payer("A-1"),
        paid("A-1", "P-1", "180.00", "2026-02-05", draw_id="D-1", intent="prepay_shorten"),
    )
    house.follow(LATE)
    assert [row["outstanding"] for row in rows_of(house, "A-1")] == [0, 100_00, 20_00]
    house.record(paid("A-1", "P-2", "30.00", "2026-02-10", draw_id="D-1", intent="prepay_shorten"))
    house.follow(LATE)
    assert [row["outstanding"] for row in rows_of(house, "A-1")] == [0, 90_00]
    house.record(restructured("A-1", "2026-02-20", "2026-03-20"))
    house.follow(LATE)
    assert [(row["due_on"], row["outstanding"]) for row in rows_of(house, "A-1")] == [
        (DUE, 0),
        (LATE, 0),
        (date(2026, 3, 20), 30_00),
        (date(2026, 4, 20), 30_00),
        (date(2026, 5, 20), 30_00),
    ]


def rows_of(house: House, account: str) -> list[dict[str, object]]:
    return house.reader.read("repayment_schedule", account, LATE).dicts()


def test_following_twice_changes_nothing(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    before = house.reader.held(OVERDUE, "A-1")
    house.follow(LATE)
    assert house.reader.held(OVERDUE, "A-1") == before


def test_an_account_becomes_overdue_by_the_passing_of_days_alone(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(DUE)
    assert overdue_row(house, "A-1", DUE)["status"] == "current"
    assert house.roll(DUE + timedelta(days=1)) == 1
    assert overdue_row(house, "A-1", DUE + timedelta(days=1))["status"] == "overdue"


def test_a_day_rolls_only_the_accounts_that_change_with_it(house: House) -> None:
    house.record(*late_payer("A-late"), *good_payer("A-good"))
    house.follow(LATE)
    assert house.roll(LATE) == 0
    assert house.roll(LATE + timedelta(days=1)) == 1


def test_a_roll_writes_only_the_views_that_the_day_changes(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    house.roll(LATE + timedelta(days=1))
    later = {"overdue", "repayment_schedule", "episodes"}
    for view in VIEWS:
        day = LATE + timedelta(days=view.name in later)
        with house.pool.connection() as conn:
            found = conn.execute(f"SELECT DISTINCT as_of FROM {view.name}".encode()).fetchall()
        assert found == [(day,)], view.name
    assert house.differences(LATE + timedelta(days=1)) == []


def test_missed_days_are_made_up_and_each_is_in_the_log_of_days(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(DUE)
    house.roll(DUE)
    house.roll(DUE + timedelta(days=4))
    with house.pool.connection() as conn:
        days = conn.execute("SELECT DISTINCT day FROM day_rolls ORDER BY day").fetchall()
    assert [day for (day,) in days] == [DUE + timedelta(days=n) for n in range(5)]
    assert house.differences(DUE + timedelta(days=4)) == []


def test_the_books_are_never_rolled_back_to_an_earlier_day(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    house.roll(LATE)
    house.roll(DUE)
    assert {point.rolled_to for point in house.projector.checkpoints()} == {LATE}
    assert overdue_row(house, "A-1")["days_past_due"] == 15


def test_a_poisoned_account_is_quarantined_and_the_others_go_on(house: House) -> None:
    house.record(*late_payer("A-1"), *late_payer("A-2"))
    house.poison("A-1")
    house.follow(LATE)
    [entry] = house.reader.quarantined()
    assert entry["account_id"] == "A-1"
    assert "draw.teleported" in entry["error"]
    assert house.reader.read("overdue", "A-2", LATE).source == "view"


def test_a_quarantined_account_is_shown_with_a_plain_mark(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    house.poison("A-1")
    house.follow(LATE)
    reading = house.reader.read("overdue", "A-1", LATE)
    assert reading.source == "stale_view"
    assert reading.note.startswith(f"NOT CURRENT: as of {LATE} and version 2 of 3")


def test_a_quarantined_account_is_tried_again_by_new_code(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.record(*late_payer("A-1"))
    with monkeypatch.context() as broken:
        broken.setattr(folding, "outcome_of", _explode)
        house.follow(LATE)
    assert [entry["account_id"] for entry in house.reader.quarantined()] == ["A-1"]
    assert house.projector.retry_quarantined(LATE) == 0, "the same code does not try again"
    fixed = Projector(house.pool, house.log, lambda: datetime.now(UTC), code="fixed")
    assert fixed.retry_quarantined(LATE) == 1
    assert house.reader.quarantined() == []


def _explode(*_: object) -> None:
    raise ZeroDivisionError("a fault of the code")


def test_a_lost_row_is_healed(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    assert house.execute("DELETE FROM overdue") == 1
    assert [found.view for found in house.differences(LATE)] == ["overdue"]
    house.projector.heal(["A-1"], LATE)
    assert house.differences(LATE) == []


def test_a_rebuild_brings_back_what_was_lost_and_takes_away_what_has_no_events(
    house: House,
) -> None:
    house.record(*late_payer("A-1"), *good_payer("A-2"))
    house.follow(LATE)
    house.execute("UPDATE overdue SET account_id = 'A-stranger' WHERE account_id = 'A-1'")
    house.execute("DELETE FROM repayment_schedule")
    house.rebuild(LATE)
    assert house.differences(LATE) == []
    assert house.execute("SELECT FROM overdue WHERE account_id = 'A-stranger'") == 0


def test_a_rebuild_goes_on_where_it_was_stopped(house: House) -> None:
    house.record(*(line for n in range(20) for line in late_payer(f"A-{n}")))
    shard, owed = house.log.shard_of("A-1"), Rebuilds(house.pool, chunk_accounts=2)
    owed.ask([shard])
    first = owed.build(house.projector, shard, LATE)
    assert first is not None
    assert first.accounts == 2
    rest = []
    while (step := Rebuilds(house.pool).build(house.projector, shard, LATE)) is not None:
        rest.append(step.accounts)
    assert first.accounts + sum(rest) == house.reader.account_count([shard])


def test_many_hands_rebuild_one_shard_in_place(house: House) -> None:
    house.record(*(line for n in range(80) for line in late_payer(f"A-{n}")))
    house.follow(LATE)
    owed = Rebuilds(house.pool, chunk_accounts=2)
    owed.ask(range(house.log.shards))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: house.build(owed, LATE), range(4)))
    assert owed.progress(1, range(house.log.shards)).done == 80
    assert house.differences(LATE) == []


def test_projectors_that_race_write_the_same_rows(house: House) -> None:
    accounts = [f"A-{n}" for n in range(60)]
    house.record(*(line for account in accounts for line in late_payer(account)))

    def work(number: int) -> None:
        if number % 2:
            house.follow(LATE)
        else:
            house.projector.heal(accounts, LATE)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(8)))
    house.follow(LATE)
    assert house.differences(LATE) == []


def facts_of(account: str) -> st.SearchStrategy[list[Line]]:
    """Histories of one account: payments, reversals, penalties, waivers, on any of sixty days."""
    days = st.dates(date(2026, 1, 6), date(2026, 3, 6)).map(str)
    cents = st.integers(1, 150_00).map(lambda minor: f"{minor // 100}.{minor % 100:02}")
    numbers = st.integers(1, 6)
    facts = st.one_of(
        st.builds(lambda n, c, d: paid(account, f"P-{n}", c, d), numbers, cents, days),
        st.builds(lambda n, d: reversed_(account, f"P-{n}", d), numbers, days),
        st.builds(lambda n, c, d: penalised(account, f"C-{n}", c, d), numbers, cents, days),
        st.builds(lambda n, c, d: waived(account, f"W-{n}", c, d), numbers, cents, days),
    )
    start = [opened(account), drawn(account)]
    return st.lists(facts, max_size=12).map(lambda lines: start + lines)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories=st.tuples(*(facts_of(f"A-{n}") for n in range(3))),
    pieces=st.integers(1, 7),
    today=st.dates(date(2026, 1, 6), date(2026, 5, 1)),
)
def test_projection_in_any_pieces_equals_rebuild_and_replay(
    pool: ConnectionPool[Connection],
    log: Log,
    histories: tuple[list[Line], ...],
    pieces: int,
    today: date,
) -> None:
    house = _emptied(House.over(pool, log))
    lines = [line for history in histories for line in history]
    taken = []
    for first in range(0, len(lines), pieces):
        piece = lines[first : first + pieces]
        answers = zip(piece, house.books.append_each(piece), strict=True)
        taken += [line for line, answer in answers if isinstance(answer, Taken)]
        house.follow(today)
    assert house.differences(today) == []
    followed = _all_rows(house)
    house.rebuild(today)
    assert _all_rows(house) == followed
    house.books.append_all(taken)
    house.follow(today)
    assert _all_rows(house) == followed, "a retry of every append changed the views"


def _all_rows(house: House) -> list[object]:
    """What the views say; what a row was first made from depends on the pieces."""
    with house.pool.connection() as conn:
        return [
            conn.execute(
                f"SELECT account_id, {', '.join(view.columns)} FROM {view.name}"
                " ORDER BY 1, 2, 3".encode()
            ).fetchall()
            for view in VIEWS
        ]


def _emptied(house: House) -> House:
    """Take everything out of the ledger again: one database serves all examples."""
    with house.pool.connection() as conn:
        conn.execute("SET session_replication_role = replica")  # The triggers would refuse.
        for name in ("events", "streams", "receipts", "quarantine", *(v.name for v in VIEWS)):
            conn.execute(f"DELETE FROM {name}".encode())
        conn.execute("UPDATE heads SET position = 0, recorded_at = NULL")
        conn.execute("UPDATE checkpoints SET position = 0, business_date = NULL, rolled_to = NULL")
        conn.execute("SET session_replication_role = origin")
    return house
