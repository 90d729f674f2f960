"""Decisions about how draws end: written off, cancelled, refunded by the merchant."""

from dataclasses import astuple
from datetime import date

from ledger.domain.account import Account
from ledger.domain.money import to_text
from ledger.domain.outcome_events import DrawCancelled, DrawRefunded, DrawWrittenOff
from ledger.domain.refusals import (
    Decision,
    StateOn,
    before_draw,
    cancelled,
    decimals_in,
    unknown_draw,
)
from ledger.domain.rejections import Code, Rejection
from ledger.domain.terms import COMPONENTS


def written_off(account: Account, event: DrawWrittenOff, state_on: StateOn) -> Decision:
    """Once a schedule, and never more of a component than is owed of it on the day."""
    refused = _not_a_draw(account, event.draw_id, event.effective_on)
    if refused is not None:
        return refused
    schedule = account.schedule_of(event.draw_id)
    other = account.write_off_of(schedule)
    if other is not None:
        return Rejection(
            Code.DRAW_ALREADY_WRITTEN_OFF,
            f"draw {schedule} was written off on {other.effective_on}; what is owed since then"
            " can be waived, and a write-off that was a mistake be reversed",
            "draw_id",
        )
    draw = state_on(event.effective_on).draw(schedule)
    assert draw is not None
    owed, decimals = draw.outstanding, decimals_in(account)
    asked = owed if event.amounts is None else astuple(event.amounts)
    if not any(asked):
        return Rejection(
            Code.WRITE_OFF_EXCEEDS_DEBT,
            f"nothing of draw {schedule} was to be written off, {to_text(sum(owed), decimals)} is"
            f" owed on {event.effective_on}; name an amount that is owed",
            "amounts",
        )
    for component, amount, most in zip(COMPONENTS, asked, owed, strict=True):
        if amount > most:
            return Rejection(
                Code.WRITE_OFF_EXCEEDS_DEBT,
                f"{to_text(amount, decimals)} of {component} was to be written off,"
                f" {to_text(most, decimals)} of it is owed on {event.effective_on}",
                f"amounts.{component}",
            )
    return (event,)


def draw_cancelled(account: Account, event: DrawCancelled) -> Decision:
    """A draw with a schedule of its own, and only once."""
    refused = _not_a_draw(account, event.draw_id, event.effective_on)
    if refused is not None:
        return refused
    schedule = account.schedule_of(event.draw_id)
    others = [d.draw_id for d in account.draws_of(schedule) if d.draw_id != event.draw_id]
    if others:
        return Rejection(
            Code.DRAW_SHARES_SCHEDULE,
            f"draw {event.draw_id} is repaid together with {', '.join(others)}; record its price as"
            " draw.refunded",
            "draw_id",
        )
    return (event,)


def draw_refunded(account: Account, event: DrawRefunded) -> Decision:
    """No more than was drawn is given back, all refunds together."""
    refused = _not_a_draw(account, event.draw_id, event.effective_on)
    if refused is not None:
        return refused
    left = account.draws[event.draw_id].amount
    for other in account.draw_refunds:
        if other.draw_id == event.draw_id:
            left -= left if other.amount is None else other.amount
    asked = left if event.amount is None else event.amount
    if asked == 0 or asked > left:
        decimals = decimals_in(account)
        what = "all that is left" if event.amount is None else to_text(asked, decimals)
        return Rejection(
            Code.REFUND_EXCEEDS_DRAW,
            f"{what} of draw {event.draw_id} was to be refunded, {to_text(left, decimals)} of it is"
            " not refunded yet",
            "amount",
        )
    return (event,)


def _not_a_draw(account: Account, draw_id: str, on: date) -> Rejection | None:
    """The refusal of an ending for a draw that is not there on the day, or was cancelled."""
    return (
        unknown_draw(account, draw_id)
        or cancelled(account, draw_id)
        or before_draw(account.draws[draw_id], on)
    )
