"""Facts that end a draw, as tests say them: more of the vocabulary of `tests.domain.dsl`."""

from ledger.domain.outcome_events import DrawCancelled, DrawRefunded, DrawWrittenOff, WrittenOff
from tests.domain.dsl import day


def written_off(*, on: str, draw: str = "D-1", **amounts: int) -> DrawWrittenOff:
    """The books count on it no more: on all of it, or on some amounts by component."""
    return DrawWrittenOff(
        effective_on=day(on), draw_id=draw, amounts=WrittenOff(**amounts) if amounts else None
    )


def cancelled(*, on: str, draw: str = "D-1") -> DrawCancelled:
    """The draw is annulled."""
    return DrawCancelled(effective_on=day(on), draw_id=draw)


def goods_back(amount: int | None = None, *, on: str, draw: str = "D-1") -> DrawRefunded:
    """The merchant gives the price back, or a part of it."""
    return DrawRefunded(effective_on=day(on), refund_id=f"B-{on}", draw_id=draw, amount=amount)
