"""Generations: readers see one build of the views, whole, whatever is built beside it."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from threading import Event

import pytest

from ledger.domain.outcome import Outcome
from ledger.replay import known_facts, outcome_of
from ledger.rights import Role
from projections import comparison, overdue, schema
from projections.diagnosis import diagnose
from projections.generations import GenerationRefused
from projections.overdue import OVERDUE
from projections.projector import OtherGeneration
from projections.repayment_schedule import REPAYMENT_SCHEDULE
from projections.schema import VIEWS
from projections.view import View, ViewRow, content_tag
from tests.house import House, make_views
from tests.lines import late_payer, paid
from tests.views.builds import LATE, built, compared, of_newer_code, switch
from workers.assessments import Assessments
from workers.broker import make_broker
from workers.crew import Crew
from workers.doorbell import Doorbell
from workers.rebuilds import Rebuilds

LATER = date(2026, 3, 20)


def crew_of(house: House, rebuilds: Rebuilds) -> Crew:
    """Workers whom nobody calls: a test does."""
    doorbell = Doorbell(make_broker("amqp://127.0.0.1:1/nowhere"))
    assessments = Assessments(house.pool, house.log, house.books)
    return Crew(
        house.log, house.projector, rebuilds, assessments, doorbell, None, None, lambda: LATE,
        Random(7),
    )  # fmt: skip


def with_overdue(view: View) -> tuple[View, ...]:
    """All views, that of what is overdue in another form."""
    return tuple(view if one is OVERDUE else one for one in VIEWS)


def row_count(house: House, relation: str) -> int:
    return house.execute(f"SELECT FROM {relation}")


def test_readers_see_one_generation_while_another_is_built(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    late.execute("UPDATE overdue SET days_past_due = 99 WHERE account_id = 'A-00'")
    assert built(late, rebuilds) == 2
    assert row_count(late, "overdue_v2") == 60
    assert row_count(late, "overdue") == row_count(late, "receipts") == 30
    assert [found.account_id for found in late.differences(LATE)] == ["A-00"]
    switch(late, rebuilds, 2)
    assert row_count(late, "overdue") == row_count(late, "receipts") == 30
    assert late.differences(LATE) == []


def test_the_report_names_what_somebody_has_changed(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    late.execute("UPDATE overdue SET days_past_due = 99 WHERE account_id = 'A-00'")
    late.execute("DELETE FROM repayment_schedule WHERE account_id = 'A-01' AND number = 2")
    built(late, rebuilds)
    report = compared(late, rebuilds)
    assert (report.accounts, report.changed, report.is_equal) == (30, 2, False)
    assert report.by_field == {"overdue.days_past_due": 1, "repayment_schedule.(row)": 1}
    [sample] = report.samples["overdue.days_past_due"]
    assert (sample.account_id, sample.row, sample.live, sample.new) == ("A-00", "D-1", "99", "15")
    [sample] = report.samples["repayment_schedule.(row)"]
    assert (sample.account_id, sample.row, sample.live, sample.new) == (
        "A-01", "D-1 2", None, "there",
    )  # fmt: skip


def test_a_live_generation_that_is_behind_is_not_said_to_be_wrong(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    late.record(paid("A-00", "P-1", "1.00", "2026-02-20"))
    built(late, rebuilds, LATER)
    report = compared(late, rebuilds, LATER)
    assert (report.changed, report.moved, report.is_equal) == (0, 30, True)


def test_an_account_that_only_the_live_one_has_reached_yet_is_not_said_to_go(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    built(late, rebuilds)
    late.record(*late_payer("A-99"))
    late.follow(LATE)
    live, new = rebuilds.generations.all()
    report = comparison.compared(late.log, live, new, VIEWS)
    assert (report.accounts, report.moved, report.removed, report.is_equal) == (31, 1, 0, True)


def test_rows_that_belong_to_no_account_are_told_before_they_go(late: House) -> None:
    late.execute("UPDATE all_receipts SET account_id = 'A-nobody' WHERE account_id = 'A-00'")
    rebuilds = Rebuilds(late.pool)
    built(late, rebuilds)
    report = compared(late, rebuilds)
    assert (report.added, report.removed, report.is_equal) == (1, 1, False)
    assert report.reasons == {"A-nobody": "it has no events"}


def test_a_generation_follows_the_log_from_where_it_began(late: House) -> None:
    rebuilds = Rebuilds(late.pool, chunk_accounts=2)
    rebuilds.begin(LATE, "withheld")
    for shard in range(late.log.shards):
        rebuilds.build(late.projector, shard, LATE)
    late.record(*late_payer("A-00a"), paid("A-03", "P-1", "100.00", "2026-02-20"))
    late.follow(LATE)
    number = built(late, rebuilds)
    late.record(*late_payer("A-99"), paid("A-06", "P-1", "100.00", "2026-02-20"))
    late.follow(LATER)
    late.roll(LATER)
    switch(late, rebuilds, number)
    assert late.differences(LATER) == []
    assert {point.rolled_to for point in late.projector.checkpoints()} == {LATER}
    assert row_count(late, "receipts") == 32


def test_a_new_version_of_the_fold_makes_every_row_again(
    late: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lenient(outcome: Outcome) -> list[ViewRow]:
        at = overdue.COLUMNS.index("days_past_due")
        rows = overdue.rows(outcome)
        return [(*row[:at], max(0, int(str(row[at])) - 1), *row[at + 1 :]) for row in rows]

    changed = replace(OVERDUE, rows=lenient)
    newer, rebuilds = of_newer_code(late, monkeypatch, with_overdue(changed))
    with pytest.raises(OtherGeneration, match="is not one that this code makes"):
        newer.follow(LATE)
    seen = newer.reader.read("overdue", "A-00", LATE)
    assert (seen.source, seen.staleness) == ("replay", "other_code")
    late.record(*late_payer("A-31"))
    for account, cause in (("A-00", "generation_not_switched"), ("A-31", "not_projected")):
        answer = diagnose(late.log, account, LATE)
        assert answer.finding is not None
        assert (answer.cause, answer.finding.remedy) == (cause, "duebook rebuild")
    number = built(newer, rebuilds)
    report = compared(newer, rebuilds)
    assert (report.by_field, report.added) == ({"overdue.days_past_due": 10}, 1)
    assert len(report.samples["overdue.days_past_due"]) == 3
    switch(newer, rebuilds, number)
    seen = newer.reader.read("overdue", "A-00", LATE)
    assert (seen.source, seen.dicts()[0]["days_past_due"]) == ("view", 14)


def test_a_view_of_another_version_is_made_anew_and_rebuilt(
    late: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    create = (OVERDUE.folder / "create.sql").read_text()
    create = create.replace("overdue_v2", "overdue_v3")
    create = create.replace("bucket            text", "draw_count        integer")
    (tmp_path / "create.sql").write_text(create)
    at = overdue.COLUMNS.index("bucket")
    columns = (*overdue.COLUMNS[:at], "draw_count", *overdue.COLUMNS[at + 1 :])

    def rows(outcome: Outcome) -> list[ViewRow]:
        count = len(outcome.state.draws)
        return [(*row[:at], count, *row[at + 1 :]) for row in overdue.rows(outcome)]

    second = replace(OVERDUE, version=3, folder=tmp_path, columns=columns, rows=rows)
    with monkeypatch.context() as newer_code:
        newer, rebuilds = of_newer_code(late, newer_code, with_overdue(second))
        number = built(newer, rebuilds)
        assert late.execute("SELECT bucket FROM overdue") == 30
        report = compared(newer, rebuilds)
        assert (report.changed, report.lost, report.is_equal) == (0, ["overdue.bucket"], False)
        switch(newer, rebuilds, number)
        assert newer.reader.read("overdue", "A-00", LATE).dicts()[0]["draw_count"] == 1
    assert late.execute("SELECT draw_count FROM overdue") == 30
    seen = late.reader.read("overdue", "A-00", LATE)
    assert (seen.source, seen.staleness) == ("replay", "other_code")


def test_a_view_that_somebody_built_on_ours_stops_a_switch_with_a_sentence(
    late: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    late.execute("CREATE VIEW worst AS SELECT max(days_late) FROM overdue")
    without = (REPAYMENT_SCHEDULE,)
    newer, rebuilds = of_newer_code(late, monkeypatch, without)
    number = built(newer, rebuilds)
    with pytest.raises(GenerationRefused, match="view worst depends on view overdue"):
        switch(newer, rebuilds, number)
    rebuilds.begin(LATE, "given")
    crew_of(newer, rebuilds).finish_rebuild()
    assert rebuilds.generations.live().number == 1
    assert not rebuilds.waits_for_workers(), "they do not try again at each tick"
    late.execute("DROP VIEW worst")
    switch(newer, rebuilds, number)
    assert rebuilds.generations.live().number == number


def test_older_code_never_takes_the_place_of_newer_code_by_itself(
    late: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Rebuilds(late.pool)
    assert older.begin_newer(LATE) is None, "its own generation is live"
    older.begin(LATE, "if_equal")
    with monkeypatch.context() as newer_code:
        newer, rebuilds = of_newer_code(late, newer_code)
        begun = rebuilds.begin_newer(LATE)
        assert begun is not None
        assert rebuilds.begin_newer(LATE) is None
        with pytest.raises(GenerationRefused, match=f"{begun.number} is being built already"):
            older.begin(LATE, "if_equal")
        assert older.owed() == [], "what newer code overtakes is given up"
        switch(newer, rebuilds, built(newer, rebuilds))
    assert older.begin_newer(LATE) is None


def test_what_nothing_changes_by_goes_live_by_itself_even_after_a_kill(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    rebuilds.begin(LATE, "if_equal")
    late.build(rebuilds, LATE)
    assert rebuilds.waits_for_workers()
    assert compared(late, rebuilds).is_equal
    assert rebuilds.waits_for_workers(), "a worker was killed between its report and the switch"
    late.execute("UPDATE overdue SET days_past_due = 99 WHERE account_id = 'A-00'")
    assert not compared(late, rebuilds).is_equal
    assert not rebuilds.waits_for_workers(), "from here on it is a matter of a command"


def test_a_switch_enters_the_log_of_days(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    number = built(late, rebuilds, LATER)
    assert late.execute("SELECT FROM day_rolls WHERE day > %s", LATE) == 0
    switch(late, rebuilds, number, LATER)
    days = (LATER - LATE).days * late.log.shards
    assert late.execute("SELECT FROM day_rolls WHERE day > %s", LATE) == days


def test_a_number_is_never_given_twice(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    given_up = rebuilds.begin(LATE, "given").number
    rebuilds.remove(given_up)
    assert rebuilds.owed() == []
    assert rebuilds.begin(LATE, "withheld").number > given_up


def test_two_who_ask_for_the_same_shards_at_once_get_one_rebuild(late: House) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(
            threads.map(
                lambda _: Rebuilds(late.pool, chunk_accounts=2).ask(range(late.log.shards)),
                range(16),
            )
        )
    owed = Rebuilds(late.pool)
    assert owed.progress(1, range(late.log.shards)).accounts == 30
    late.build(owed, LATE)
    assert owed.progress(1, range(late.log.shards)).done == 30


def test_old_generations_are_removed_and_the_live_one_never(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    switch(late, rebuilds, built(late, rebuilds))
    assert row_count(late, "overdue_v2") == 60
    with pytest.raises(GenerationRefused, match="Generation 2 is live"):
        rebuilds.remove(2)
    with pytest.raises(GenerationRefused, match="There is no generation 7; there are 1, 2"):
        rebuilds.remove(7)
    rebuilds.remove(1)
    assert [one.number for one in rebuilds.generations.all()] == [2]
    assert [row_count(late, name) for name in ("overdue_v2", "all_receipts")] == [30, 30]
    assert late.differences(LATE) == []


def test_a_generation_that_is_removed_under_the_hands_of_workers_is_no_error(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    number = rebuilds.begin(LATE, "given").number
    late.execute("DELETE FROM all_checkpoints WHERE generation = %s", number)
    crew_of(late, rebuilds).rebuild_shard(rebuilds.owed()[0])
    assert rebuilds.progress(number, range(late.log.shards)).done == 0


def test_a_removal_that_was_killed_is_found_and_repeated(late: House) -> None:
    def killed(table: str) -> None:
        raise KeyboardInterrupt(table)

    rebuilds = Rebuilds(late.pool)
    switch(late, rebuilds, built(late, rebuilds))
    with pytest.raises(KeyboardInterrupt):
        rebuilds.remove(1, killed)
    assert [(one.number, one.state) for one in rebuilds.generations.all()] == [
        (1, "old"), (2, "live"),
    ]  # fmt: skip
    rebuilds.remove(1)
    assert [one.number for one in rebuilds.generations.all()] == [2]
    assert [row_count(late, name) for name in ("overdue_v2", "all_receipts")] == [30, 30]


def test_a_generation_is_never_switched_to_before_it_is_built(late: House) -> None:
    rebuilds = Rebuilds(late.pool)
    number = rebuilds.begin(LATE, "given").number
    with rebuilds.turn_to_switch(wait=True) as new:
        assert new is None
    with pytest.raises(AssertionError, match="is behind the live one in shards"):
        rebuilds.generations.switch(late.projector, number, LATE)
    assert rebuilds.generations.live().number == 1


def test_the_tables_of_a_ledger_without_generations_are_made_anew(late: House) -> None:
    for view in VIEWS:
        late.execute(f"DROP VIEW {view.name} CASCADE")
        late.execute(f"DROP TABLE {view.table_name}")
    for name in ("receipts", "checkpoints", "quarantine"):
        late.execute(f"DROP VIEW {name} CASCADE")
    for name in ("overdue", "repayment_schedule", "receipts", "checkpoints", "quarantine"):
        late.execute(f"CREATE TABLE {name} (shard integer PRIMARY KEY)")
        late.execute(f"ALTER TABLE {name} OWNER TO {Role.OWNER}")
    late.execute("DROP TABLE generations, all_checkpoints, all_receipts, all_quarantine")
    make_views(late.pool, late.log.shards)
    late.follow(LATE)
    assert late.differences(LATE) == []


# Readers beside a rebuild


def test_readers_that_poll_see_only_whole_views_through_rebuilds_and_switches(late: House) -> None:
    end = Event()
    with ThreadPoolExecutor(3) as threads:
        polling = threads.submit(_poll, late, end)
        counting = threads.submit(_count, late, end)
        appending = threads.submit(_append, late, end)
        try:
            for _ in range(3):
                rebuilds = Rebuilds(late.pool, chunk_accounts=3)
                switch(late, rebuilds, built(late, rebuilds))
        finally:
            end.set()
        counts, seen = counting.result(), polling.result()
        assert appending.result() > 0
    assert counts == sorted(counts), "a reader saw fewer accounts than before"
    assert counts[0] >= 30
    assert len(seen) > 30
    for account_id, version, rows in seen:
        history = late.log.streams([account_id])[account_id][:version]
        outcome = outcome_of(known_facts(history), LATE)
        assert list(rows) == OVERDUE.ordered(overdue.rows(outcome))
    late.follow(LATE)
    assert late.differences(LATE) == []


def _poll(house: House, end: Event) -> list[tuple[str, int, tuple[ViewRow, ...]]]:
    """What a reader finds in the live views, with the receipt that vouches for it."""
    lots, seen = Random(7), []
    while not end.is_set():
        held = house.reader.held(OVERDUE, f"A-{lots.randrange(30):02}")
        assert held.receipt is not None
        assert held.receipt.contents[OVERDUE.table_name] == content_tag(held.rows)
        seen.append((held.receipt.account_id, held.receipt.account_version, held.rows))
    return seen


def _count(house: House, end: Event) -> list[int]:
    """What somebody finds who asks in SQL: how many accounts have rows."""
    counts = []
    while not end.is_set():
        counts.append(house.execute("SELECT FROM overdue"))
    return counts


def _append(house: House, end: Event) -> int:
    """Payments and new accounts, projected as they come."""
    number = 0
    while not end.is_set():
        number += 1
        house.record(*late_payer(f"B-{number}"))
        house.record(paid(f"A-{number % 30:02}", f"Q-{number}", "1.00", "2026-02-20"))
        house.follow(LATE)
    return number


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_no_statement_names_another_version_of_a_view(view: View) -> None:
    for file in Path(schema.__file__).parent.rglob("*.sql"):
        named = set(re.findall(rf"{view.name}_v\d+", file.read_text()))
        assert named <= {view.table_name}, file
