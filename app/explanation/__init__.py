"""Derive every amount of an account line by line, so that a person can follow it with a pencil.

`plans` says how each plan came about, `happenings` what each event did, `standings` what is open,
late and overdue.  All amounts are minor units; words hold them as people write them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from app.explanation.accruing import accruing_in_account
from app.explanation.courses import course_in_account
from app.explanation.happenings import Happening, happenings_of
from app.explanation.penalties import penalty_rules
from app.explanation.plans import DIGITS_SHOWN, Plan, PlanLine, Write
from app.explanation.shared import plan_in_account
from app.explanation.standings import (
    Standing,
    change_in_words,
    overdue_in_words,
    standings_of,
)
from ledger.domain.money import decimals_of, rounded, to_text
from ledger.domain.state import AccountState
from ledger.domain.steps import Step
from ledger.domain.terms import Terms
from ledger.replay import KnownFact, account_as_of, replay

__all__ = [
    "DrawExplained", "DrawUnknown", "Explanation", "Happening", "LeftOut", "Plan", "PlanLine",
    "Standing", "explain",
]  # fmt: skip


class DrawUnknown(Exception):
    """The draw that was asked for is not in the state."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A fact that the question leaves out, and why."""

    version: int
    key: str
    effective_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class DrawExplained:
    """A draw from its terms to its days past due."""

    draw_id: str
    plan: Plan
    #: The plan since it was changed; None is where it never was.
    course: Plan | None
    standings: tuple[Standing, ...]
    overdue: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The derivation of a state.  With a draw asked for, amounts are those of that draw."""

    account_id: str
    known_at: datetime | None
    state: AccountState
    happenings: tuple[Happening, ...]
    draws: tuple[DrawExplained, ...]
    left_out: tuple[LeftOut, ...]
    changes: str


def explain(
    account_id: str,
    facts: Sequence[KnownFact],
    as_of: date,
    known_at: datetime | None = None,
    draw_id: str | None = None,
) -> Explanation:
    """How the state as of a date, as known at an instant, comes from the facts.

    Raises `DrawUnknown` if `draw_id` was not made by then.
    """
    trace: list[Step] = []
    state = replay(facts, as_of, known_at, trace)
    write = _writer(state.currency)
    left_out = tuple(_left_out(facts, as_of, known_at))
    without = {one.version for one in left_out}
    counting = [fact for fact in facts if fact.version not in without]
    account = account_as_of(counting, as_of)
    if draw_id is not None and draw_id not in account.draws:
        made = ", ".join(account.draws) or "none"
        raise DrawUnknown(
            f"Draw {draw_id} was asked for; account {account_id} has made {made} by {as_of}."
        )
    draws = tuple(
        DrawExplained(
            draw.draw_id,
            _with_penalty_rules(plan_in_account(account, draw.draw_id, write), draw.terms, write),
            course_in_account(account, draw, write)
            if draw.accrual is None
            else accruing_in_account(draw, draw.accrual, as_of, write),
            tuple(standings_of(draw, as_of, write)),
            overdue_in_words(draw, as_of, write),
        )
        for draw in state.draws
        if draw_id is None or draw.holds(draw_id)
    )
    schedule = draw_id and account.schedule_of(draw_id)
    happenings = tuple(happenings_of(counting, account, trace, schedule, write))
    return Explanation(
        account_id, known_at, state, happenings, draws, left_out, change_in_words(state)
    )


def _with_penalty_rules(plan: Plan, terms: Terms, write: Write) -> Plan:
    return replace(plan, sentences=(*plan.sentences, *penalty_rules(terms, write)))


def _left_out(
    facts: Sequence[KnownFact], as_of: date, known_at: datetime | None
) -> Iterator[LeftOut]:
    for fact in facts:
        reason = None
        if known_at is not None and fact.recorded_at > known_at:
            reason = f"recorded at {fact.recorded_at:%Y-%m-%d %H:%M:%S}Z, not known before"
        elif fact.event.effective_on > as_of:
            reason = f"counts only from {fact.event.effective_on}"
        if reason is not None:
            yield LeftOut(fact.version, fact.event.key, fact.event.effective_on, reason)


def _writer(currency: str) -> Write:
    decimals = decimals_of(currency)

    def write(amount: int | Fraction) -> str:
        if isinstance(amount, int) or amount.denominator == 1:
            return to_text(int(amount), decimals)
        finer = rounded(amount * 10**DIGITS_SHOWN, "half_even")
        return to_text(finer, decimals + DIGITS_SHOWN)

    return write
