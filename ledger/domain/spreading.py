"""Schedules beyond the plan of one draw: several draws repaid together, and due dates moved.

`ledger.domain.schedule` plans a single draw; here such plans are laid over each other.  Amounts
never follow a due date that moves, so moving one needs no new plan.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ledger.domain.calendar import due_dates
from ledger.domain.events import DrawMade, DueDateMoved
from ledger.domain.replanning import Course, Period
from ledger.domain.schedule import Planned, plan
from ledger.domain.schedule_fees import rows_at_once
from ledger.domain.state import NOTHING, Amounts
from ledger.domain.terms import Terms


class SharedRow(NamedTuple):
    """A row of a schedule: its period, and what each draw puts on it, by draw id."""

    from_on: date
    due_on: date
    #: The due date by the plan, before any was moved.
    planned_on: date
    amounts: dict[str, Amounts]


def shared_rows(draws: Sequence[DrawMade], moved: Iterable[DueDateMoved]) -> list[SharedRow]:
    """The schedule of the first draw with those that joined it, in order of due date.

    With `sum_then_level` everything is put on by the first draw: the schedule is that of the sum.
    With `each_draw_level` a later draw is spread over the installments due after its day.
    """
    first, *others = draws
    if others and first.terms.draw_spread == "sum_then_level":
        down, regular = _planned_sum(draws)
    else:
        down, regular = _planned(first)
    dates = moved_dates(first.terms, [row.due_on for row in regular], moved)
    rows = [
        SharedRow(from_on, due_on, row.due_on, {first.draw_id: row[3:]})
        for from_on, due_on, row in zip([first.effective_on, *dates], dates, regular, strict=False)
    ]
    down_rows = [SharedRow(row.from_on, row.due_on, row.due_on, {first.draw_id: row[3:]})
                 for row in down]  # fmt: skip
    if first.terms.draw_spread == "sum_then_level":
        return sorted(down_rows + rows, key=_due_on)
    for draw in others:
        down_rows += _spread(draw, first.terms, rows)
    # The down payment of a later draw stands after the installment of the same day.
    return sorted(down_rows[: len(down)] + rows + down_rows[len(down) :], key=_due_on)


def shared_course(draws: Sequence[DrawMade], moved: Iterable[DueDateMoved]) -> Course:
    """The course of a schedule that several draws share: a period for each of its rows.

    Such draws bear no interest: a period has no price, and only says what falls due at its end.
    """
    periods, start = [], draws[0].effective_on
    for row in shared_rows(draws, moved):
        _, fee, _, principal = (sum(parts) for parts in zip(*row.amounts.values(), strict=True))
        if is_down_payment(row):
            periods.append(Period(row.due_on, row.due_on, Fraction(0), 0, principal, fee, 0))
        else:
            periods.append(Period(start, row.planned_on, Fraction(0), 0, principal, fee, 0))
            start = row.planned_on
    return Course(draws[0].terms, tuple(periods), level=0, lines_before=0)


def is_down_payment(row: SharedRow) -> bool:
    """Whether a row is what a draw has due at once; its period has no length."""
    return row.from_on == row.due_on


def regular_dates(draw: DrawMade, moved: Iterable[DueDateMoved]) -> list[date]:
    """The due dates of a draw without that of a down payment, after all moves."""
    return moved_dates(draw.terms, [row.due_on for row in _planned(draw)[1]], moved)


def moved_dates(terms: Terms, dates: list[date], moved: Iterable[DueDateMoved]) -> list[date]:
    """The regular due dates after all moves, in the order in which the moves were made."""
    for move in moved:
        if move.due_on in dates:
            place = dates.index(move.due_on)
            dates = dates[:place] + _following(terms, dates[place:], move.new_due_on)
    return dates


def _following(terms: Terms, dates: list[date], first: date) -> list[date]:
    """As many dates from `first` on: at the normal distance, or at their own if rows were given."""
    if terms.rows:
        return [first + (day - dates[0]) for day in dates]
    return list(due_dates(replace(
        terms, due_dates=(), first_due_on=first, term_count=len(dates), anchor_day=None
    )))  # fmt: skip


def _planned(draw: DrawMade) -> tuple[tuple[Planned, ...], tuple[Planned, ...]]:
    """What is due on the day of the draw, if anything, and the regular rows of a draw by itself."""
    rows = plan(draw.terms, draw.amount, draw.effective_on)
    count = rows_at_once(draw.terms)
    return rows[:count], rows[count:]


def _planned_sum(draws: Sequence[DrawMade]) -> tuple[tuple[Planned, ...], tuple[Planned, ...]]:
    """A down payment for each draw; what they leave is one sum, planned over all due dates."""
    first = draws[0]
    down = tuple(row for draw in draws for row in _planned(draw)[0])
    rest = sum(draw.amount for draw in draws) - sum(row.principal for row in down)
    terms = replace(first.terms, down_payment_percent=None)
    return down, plan(terms, rest, first.effective_on)


def _spread(draw: DrawMade, terms: Terms, rows: list[SharedRow]) -> list[SharedRow]:
    """Put a later draw on the rows due after its day; its down payment is a row of its own."""
    later = [row for row in rows if row.due_on > draw.effective_on] or rows[-1:]
    dates = tuple(row.due_on for row in later)
    alone = replace(terms, due_dates=dates, first_due_on=None, term_count=0, business_days=None)
    down, parts = _planned(replace(draw, terms=alone))
    for row, part in zip(later, parts, strict=True):
        row.amounts[draw.draw_id] = part[3:]
    return [SharedRow(row.from_on, row.due_on, row.due_on, {draw.draw_id: row[3:]}) for row in down]


def put_by(row: SharedRow, draw_id: str) -> Amounts:
    """What a draw puts on a row."""
    return row.amounts.get(draw_id, NOTHING)


def _due_on(row: SharedRow) -> date:
    return row.due_on
