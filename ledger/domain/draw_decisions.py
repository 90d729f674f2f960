"""Decisions about draws and their schedules: made, joined, due dates moved, ageing paused."""

from ledger.domain import limits
from ledger.domain.account import Account
from ledger.domain.events import DelinquencyPaused, DrawMade, DueDateMoved
from ledger.domain.interest import accrues
from ledger.domain.money import to_text
from ledger.domain.refusals import (
    Decision,
    StateOn,
    before_draw,
    cancelled,
    decimals_in,
    unknown_draw,
)
from ledger.domain.rejections import Code, Rejection
from ledger.domain.replan_decisions import is_replanned
from ledger.domain.schedule import contradictions
from ledger.domain.spreading import moved_dates, regular_dates
from ledger.domain.state import AccountState


def draw_made(account: Account, draw: DrawMade, state_on: StateOn) -> Decision:
    """A draw follows its own terms, or those of the draw it joins, and fits the limit."""
    if draw.joins_draw_id is None:
        for field, sentence in contradictions(draw.terms, draw.amount, draw.effective_on):
            return Rejection(Code.TERMS_CONTRADICTORY, sentence, f"terms.{field}")
    elif refused := _not_joining(account, draw, draw.joins_draw_id):
        return refused
    if account.credit_limit is not None:
        # A back-dated draw must fit on its own day and also beside every draw that came after it.
        drawn_on = (other.effective_on for other in account.draws.values())
        days = {draw.effective_on, *(day for day in drawn_on if day > draw.effective_on)}
        used = max(_used(state_on(day)) for day in days)
        if used + draw.amount > account.credit_limit:
            decimals = decimals_in(account)
            return Rejection(
                Code.LIMIT_EXCEEDED,
                f"a draw of {to_text(draw.amount, decimals)} was asked for;"
                f" {to_text(used, decimals)} of the limit"
                f" {to_text(account.credit_limit, decimals)} is in use,"
                f" {to_text(max(0, account.credit_limit - used), decimals)} is free",
                "amount",
            )
    if len(account.draws) >= limits.DRAWS_PER_ACCOUNT_MAX:
        return Rejection(
            Code.STREAM_FULL, f"an account has at most {limits.DRAWS_PER_ACCOUNT_MAX} draws"
        )
    return (draw,)


def _used(state: AccountState) -> int:
    """The principal that takes up a limit: what was written off is a claim until it comes in."""
    return state.outstanding[3] + state.written_off[3]


def _not_joining(account: Account, draw: DrawMade, joins: str) -> Rejection | None:
    """Why a draw cannot be repaid by the schedule of another."""
    leader = account.draws.get(joins)
    if leader is None:
        return unknown_draw(account, joins)
    if leader.joins_draw_id is not None:
        sentence = f"draw {joins} has joined {leader.joins_draw_id}: join that one"
        return Rejection(Code.TERMS_CONTRADICTORY, sentence, "joins_draw_id")
    if refused := cancelled(account, joins):
        return refused
    terms = leader.terms
    last = regular_dates(leader, account.moved.get(joins, ()))[-1]
    for is_wrong, field, sentence in (
        (draw.terms != terms, "terms", f"terms are those of {joins}, repeated or left out"),
        (
            terms.draw_spread is None,
            "terms.draw_spread",
            f"the terms of {joins} name no draw_spread, so no draw may join it",
        ),
        (
            terms.method != "interest_free" and not accrues(terms),
            "terms.method",
            "only a draw of method interest_free, or whose interest is recalculated, may be joined,"
            f" {joins} is {terms.method}",
        ),
        (
            is_replanned(account, joins, draw.effective_on),
            "joins_draw_id",
            f"{joins} was repaid early or restructured, so its schedule takes no other draw;"
            " leave joins_draw_id out",
        ),
        (
            last <= draw.effective_on,
            "effective_on",
            f"the last installment of {joins} falls due on {last}, not after {draw.effective_on}",
        ),
    ):
        if is_wrong:
            return Rejection(Code.TERMS_CONTRADICTORY, sentence, field)
    return before_draw(leader, draw.effective_on)


def due_date_moved(account: Account, move: DueDateMoved, state_on: StateOn) -> Decision:
    """Something unpaid falls due that day, and the order of due dates stays."""
    refused = unknown_draw(account, move.draw_id)
    if refused is not None:
        return refused
    draw = account.draws[account.schedule_of(move.draw_id)]
    earlier = account.moved.get(draw.draw_id, [])
    dates = regular_dates(draw, earlier)
    before = before_draw(account.draws[move.draw_id], move.effective_on)
    if refused := before or _restructured(account, draw.draw_id):
        return refused
    if move.due_on not in dates:
        last = f"its due dates run from {dates[0]} to {dates[-1]}"
        return Rejection(
            Code.DUE_DATE_UNKNOWN,
            f"no installment of draw {draw.draw_id} falls due on {move.due_on}; {last}",
            "due_on",
        )
    if move.due_on == move.new_due_on:
        return ()
    place = dates.index(move.due_on)
    previous = dates[place - 1] if place else draw.effective_on
    rows = state_on(move.effective_on).draw(draw.draw_id)
    assert rows is not None
    last_on = moved_dates(draw.terms, dates, [move])[-1]
    for is_wrong, field, sentence in (
        (
            any(move.effective_on < other.effective_on for other in earlier),
            "effective_on",
            f"a move that counts from a later day than {move.effective_on} is recorded already",
        ),
        (
            move.new_due_on <= previous,
            "new_due_on",
            f"{move.new_due_on} is not after {previous}, which comes before it in the schedule",
        ),
        (
            last_on.year > limits.YEAR_MAX,
            "new_due_on",
            f"the last due date would be {last_on}; books speak of years up to {limits.YEAR_MAX}",
        ),
        (
            not any(row.outstanding for row in rows.installments if row.due_on == move.due_on),
            "due_on",
            f"nothing is owed on {move.effective_on} of what falls due on {move.due_on}",
        ),
    ):
        if is_wrong:
            return Rejection(Code.DUE_DATE_REFUSED, sentence, field)
    return (move,)


def _restructured(account: Account, draw_id: str) -> Rejection | None:
    """The refusal to move due dates that the terms of the draw no longer say."""
    if draw_id not in account.restructured:
        return None
    return Rejection(
        Code.DUE_DATE_REFUSED,
        f"draw {draw_id} was restructured; restructure it again to move its due dates",
        "draw_id",
    )


def paused(account: Account, pause: DelinquencyPaused) -> Decision:
    """A pause has a first and a last day, and no day is paused twice."""
    if pause.until < pause.effective_on:
        return Rejection(
            Code.FIELD_INVALID,
            f"until is {pause.until}, before the first day of the pause, {pause.effective_on}",
            "until",
        )
    refused = unknown_draw(account, pause.draw_id)
    if refused is None and pause.draw_id is not None:
        refused = before_draw(account.draws[pause.draw_id], pause.effective_on)
    if refused is not None:
        return refused
    for other in account.pauses:
        schedules = {account.schedule_of(x.draw_id) for x in (pause, other) if x.draw_id}
        is_apart = pause.until < other.effective_on or other.until < pause.effective_on
        if len(schedules) < 2 and not is_apart:
            return Rejection(
                Code.PAUSE_OVERLAPS,
                f"pause {other.pause_id} lasts from {other.effective_on} to {other.until}; choose"
                " days outside of it",
                "until",
            )
    return (pause,)
