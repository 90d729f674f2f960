"""Facts that end a draw, as tests say them: more of the vocabulary of `tests.domain.dsl`."""

from ledger.domain.outcome_events import (
    CancellationReversed,
    DrawCancelled,
    DrawRefunded,
    DrawWrittenOff,
    WriteOffReversed,
    WrittenOff,
)
from tests.domain.dsl import day


def written_off(*, on: str, draw: str = "D-1", **amounts: int) -> DrawWrittenOff:
    """The books count on it no more: on all of it, or on some amounts by component."""
    return DrawWrittenOff(
        effective_on=day(on), draw_id=draw, amounts=WrittenOff(**amounts) if amounts else None
    )


def cancelled(*, on: str, draw: str = "D-1") -> DrawCancelled:
    """The draw is annulled."""
    return DrawCancelled(effective_on=day(on), draw_id=draw)


def write_off_undone(
    write_off_on: str, *, since: str | None = None, draw: str = "D-1", own_id: str | None = None
) -> WriteOffReversed:
    """The write-off of that day was a mistake, from a day on or altogether."""
    on = since or write_off_on
    return WriteOffReversed(
        effective_on=day(on), reversal_id=f"VR-{on}", draw_id=draw, write_off_id=own_id
    )


def cancellation_undone(
    cancelled_on: str, *, since: str | None = None, draw: str = "D-1", own_id: str | None = None
) -> CancellationReversed:
    """The cancellation of that day was a mistake, from a day on or altogether."""
    on = since or cancelled_on
    return CancellationReversed(
        effective_on=day(on), reversal_id=f"NR-{on}", draw_id=draw, cancellation_id=own_id
    )


def goods_back(amount: int | None = None, *, on: str, draw: str = "D-1") -> DrawRefunded:
    """The merchant gives the price back, or a part of it."""
    return DrawRefunded(effective_on=day(on), refund_id=f"B-{on}", draw_id=draw, amount=amount)
