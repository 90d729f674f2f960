"""Draws whose interest accrues by the day, one thing at a time."""

from dataclasses import replace

from ledger.replay import replay
from tests.domain.accruing import SIMPLE
from tests.domain.dsl import day, drawn, given, opened, paid


def test_once_all_is_paid_time_changes_nothing_any_more() -> None:
    story = given(opened(), drawn(1000_00, over=2, **SIMPLE))
    story.when(paid(1100_00, on="2026-02-10"))
    after, long_after = (replay(story.facts, day(on)) for on in ("2026-02-11", "2027-01-05"))
    assert sum(row.outstanding for row in after.draws[0].installments) == 0
    assert after.changes_on is None
    assert long_after == replace(after, as_of=day("2027-01-05"))
