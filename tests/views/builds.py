"""What tests do to generations: build them, compare them, switch to them, and write newer code."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from projections import held, reading, schema, writing
from projections import projector as projector_module
from projections.comparison import Report
from projections.diagnosis import causes
from projections.projector import Projector
from projections.reading import Reader
from projections.schema import VIEWS
from projections.view import View
from tests.house import House, make_views
from workers.rebuilds import Rebuilds

LATE = date(2026, 2, 20)


def built(house: House, rebuilds: Rebuilds, today: date = LATE) -> int:
    """Begin a generation, or go on with it, and build all of it."""
    number = rebuilds.begin(today, "withheld").number
    house.build(rebuilds, today)
    assert rebuilds.is_built(number)
    return number


def compared(house: House, rebuilds: Rebuilds, today: date = LATE) -> Report:
    """Catch up, and say what a switch would change."""
    with rebuilds.turn_to_switch(wait=True) as new:
        assert new is not None
        return rebuilds.compare(house.log, house.projector, new, today)


def switch(house: House, rebuilds: Rebuilds, number: int, today: date = LATE) -> None:
    """Let readers see it."""
    with rebuilds.turn_to_switch(wait=True) as new:
        assert new is not None
        rebuilds.generations.switch(house.projector, number, today)


def of_newer_code(
    house: House, monkeypatch: pytest.MonkeyPatch, views: tuple[View, ...] = VIEWS
) -> tuple[House, Rebuilds]:
    """The same ledger, seen by the next version of duebook."""
    newer = schema.PROJECTOR + 1
    for module in (projector_module, writing, reading, held, schema, causes):
        monkeypatch.setattr(module, "PROJECTOR", newer)
    make_views(house.pool, house.log.shards, views)
    projector = Projector(house.pool, house.log, lambda: datetime.now(UTC), views, code="newer")
    reader = Reader(house.pool, house.log, views)
    return replace(house, projector=projector, reader=reader), Rebuilds(house.pool, views)
