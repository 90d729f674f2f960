"""Episodes: the periods during which a draw was overdue, and how bad each of them was.

They are read off one settlement, as known now: an installment is overdue from a day that its due
date, the grace and the pauses fix, for as long as more than the tolerance of it is unpaid.  A
payment that was taken back has never interrupted an episode.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from ledger.domain.account import Account
from ledger.domain.calendar import days_late_of
from ledger.domain.events import DelinquencyPaused
from ledger.domain.journal import change_of_debt
from ledger.domain.statement import ONE_DAY
from ledger.domain.steps import Step
from ledger.domain.terms import Delinquency


class Episode(NamedTuple):
    """One period of being overdue, numbered from 1 within its draw.

    It began on the first day and ended on the first day that was not overdue any more; None is
    still open.  The worst figures are those of its worst days, not always the same day.
    """

    draw_id: str
    number: int
    began_on: date
    ended_on: date | None
    #: When the installment was due with which it began.
    due_on: date
    worst_days_past_due: int
    worst_overdue: int


def overdue_from(due_on: date, rule: Delinquency, pauses: Iterable[DelinquencyPaused]) -> date:
    """The first day on which something unpaid since `due_on` is overdue.

    Days of a pause that began before that day do not count towards it; no two pauses overlap.
    """
    first_day = 1 if rule.day_one == "due_date" else 0
    day = due_on + timedelta(days=rule.grace_days + 1 - first_day)
    for pause in sorted(pauses, key=lambda pause: pause.effective_on):
        if pause.effective_on < day:
            day += pause.until - pause.effective_on
    return day


def episodes_of(account: Account, steps: Iterable[Step], as_of: date) -> list[Episode]:
    """Every episode of every schedule, up to the end of `as_of`."""
    lines: dict[str, dict[int, list[Step]]] = {}
    for step in steps:
        if step.draw_id is not None and step.installment is not None:
            of_draw = lines.setdefault(step.draw_id, {})
            if step.installment in of_draw:
                of_draw[step.installment].append(step)
            else:
                of_draw[step.installment] = [step]
    found: list[Episode] = []
    for draw_id, of_draw in lines.items():
        rules = _rules(account, draw_id, of_draw, as_of + ONE_DAY)
        pauses = list(account.pauses_of(draw_id))
        spells = [
            spell
            for number, of_line in of_draw.items()
            for spell in _spells(number, of_line, rules, pauses, as_of + ONE_DAY)
        ]
        if spells:
            found += _episodes(draw_id, spells, as_of)
    return found


class _Rule(NamedTuple):
    """What counts as overdue from a day on, until the day on which a new agreement says other."""

    begin: date
    end: date
    terms: Delinquency


def _rules(
    account: Account, draw_id: str, of_draw: Mapping[int, list[Step]], end: date
) -> list[_Rule]:
    """The rules of a draw one after the other; an agreement that had nothing to change is none."""
    agreed = {date.min: account.draws[draw_id].terms.delinquency}
    events = account.restructured.get(draw_id, ())
    steps = (step for of_line in of_draw.values() if events for step in of_line)
    in_force = {step.fact_id for step in steps if step.kind == "restructured"}
    for event in events:
        if event.restructure_id in in_force:
            agreed[event.effective_on] = event.terms.delinquency
    days = [*sorted(agreed), max(end, *agreed)]
    return [_Rule(begin, until, agreed[begin]) for begin, until in pairwise(days)]


class _Spell(NamedTuple):
    """Days on which an installment is overdue with one amount; the end is the day after them."""

    begin: date
    end: date
    installment: int
    due_on: date
    amount: int
    rule: Delinquency


def _spells(
    installment: int,
    steps: list[Step],
    rules: list[_Rule],
    pauses: list[DelinquencyPaused],
    end: date,
) -> Iterator[_Spell]:
    """When an installment is overdue, from its steps in the order of time."""
    amount = 0
    days = [step.on for step in steps]
    for step, until in zip(steps, [*days[1:], end], strict=True):
        amount += change_of_debt(step)
        assert step.due_on is not None
        if until <= step.on or until <= step.due_on:
            continue  # Whatever the rule, nothing is overdue before it is due.
        for rule in rules:
            if amount > rule.terms.tolerance:
                first = overdue_from(step.due_on, rule.terms, pauses)
                begin, stop = max(step.on, rule.begin, first), min(until, rule.end)
                if begin < stop:
                    yield _Spell(begin, stop, installment, step.due_on, amount, rule.terms)


def _episodes(draw_id: str, spells: list[_Spell], as_of: date) -> Iterator[Episode]:
    """Days on which at least one installment is overdue follow each other in an episode."""
    begun: dict[date, list[_Spell]] = {}
    for spell in spells:
        begun.setdefault(spell.begin, []).append(spell)
    days = sorted({day for spell in spells for day in (spell.begin, spell.end)})
    overdue: dict[int, _Spell] = {}
    episode: Episode | None = None
    number = 0
    for day, until in pairwise(days):
        overdue = {n: spell for n, spell in overdue.items() if spell.end > day}
        overdue |= {spell.installment: spell for spell in begun.get(day, ())}
        if not overdue:
            if episode is not None:
                yield episode._replace(ended_on=day)
            episode = None
            continue
        oldest = overdue[min(overdue)]
        due_on = oldest.due_on
        if episode is None:
            number += 1
            episode = Episode(draw_id, number, day, None, due_on, 0, 0)
        days_past_due = days_late_of(due_on, until - ONE_DAY, oldest.rule)
        total = sum(spell.amount for spell in overdue.values())
        episode = episode._replace(
            worst_days_past_due=max(episode.worst_days_past_due, days_past_due),
            worst_overdue=max(episode.worst_overdue, total),
        )
    if episode is not None:
        yield episode if days[-1] > as_of else episode._replace(ended_on=days[-1])
