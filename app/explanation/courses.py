"""The plan as it stands since it was changed: by an early repayment, or by a new agreement."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from app.explanation.plans import Plan, PlanLine, Write, plan_of
from ledger.domain.account import Account
from ledger.domain.calendar import UNITS_PER_YEAR, year_fraction
from ledger.domain.money import rounded
from ledger.domain.replanning import (
    Course,
    Period,
    bearing_in,
    begun,
    counts_days,
    interest_due,
    price,
)
from ledger.domain.state import DrawState


def course_in_account(account: Account, draw: DrawState, write: Write) -> Plan | None:
    """The plan of a draw from the period on in which it was last changed; None is the first one."""
    course = draw.course
    if course is None:
        return None
    return Plan(tuple(_sentences(account, draw, course, write)), tuple(_lines(draw, course, write)))


def _sentences(account: Account, draw: DrawState, course: Course, write: Write) -> Iterator[str]:
    if draw.restructurings:
        last = draw.restructurings[-1]
        grown = f", {write(last.capitalised)} of it unpaid interest" if last.capitalised else ""
        yield (
            f"restructuring {last.restructure_id} of {last.on}: {write(last.principal)}{grown},"
            " is planned anew, as if it had been drawn on that day"
        )
        yield from plan_of(
            replace(
                account.draws[draw.draw_id],
                terms=course.terms,
                amount=last.principal,
                effective_on=last.on,
            ),
            write,
        ).sentences
    if course.bearing:
        changed = course.bearing[-1]
        left = write(changed.balance)
        yield f"planned anew on {changed.since}: {left} of the principal to come is left"
        if course.level and changed.balance:
            yield f"level installment: {write(course.level)}"


def _lines(draw: DrawState, course: Course, write: Write) -> Iterator[PlanLine]:
    first = begun(course, course.bearing[0].since) if course.bearing else 0
    left = sum(period.principal for period in course.periods[first:])
    due = interest_due(course)
    for index, period in enumerate(course.periods[first:], start=first):
        exact, how = _interest(course, index, write)
        row = draw.installments[course.lines_before + index]
        if due[index] != period.interest:
            how += f"; {write(due[index])} of interest falls due with it"
        how += f"; {_principal(course, period, left, write)}"
        yield PlanLine(
            row.number, period.start, row.due_on, Fraction(left), exact, period.interest,
            period.fee, period.principal, left - period.principal, how,
        )  # fmt: skip
        left -= period.principal


def _interest(course: Course, index: int, write: Write) -> tuple[Fraction | None, str]:
    """The interest of a period before rounding: each part of it at what was owed in it."""
    period = course.periods[index]
    bearing = bearing_in(course, index)
    ends = [*(part.since for part in bearing[1:]), period.end]
    exact, words = Fraction(0), []
    for part, end in zip(bearing, ends, strict=True):
        cost = part.balance * price(course, period, part.since, end)
        exact += cost
        if cost:
            words.append(f"{write(part.balance)} × {_price(course, period, part.since, end)}")
    interest = write(period.interest)
    mode = course.terms.interest_rounding or course.terms.money_rounding
    if rounded(exact, mode) != period.interest:
        return None, f"interest {interest} as agreed"
    return exact, f"interest {' + '.join(words)} = {interest}" if words else "no interest"


def _price(course: Course, period: Period, since: date, until: date) -> str:
    """What days cost, as an expression over the terms."""
    terms, days = course.terms, (period.end - period.start).days
    day_count = terms.interest_basis.day_count
    if counts_days(terms) and day_count is not None:
        return f"{terms.annual_rate} × {year_fraction(day_count, since, until)}"
    if counts_days(terms):
        return str(price(course, period, since, until))
    every, year = terms.period.every, UNITS_PER_YEAR[terms.period.unit]
    nominal = f"{terms.annual_rate} × {every} / {year}".replace(" × 1 /", " /")
    is_nominal = terms.interest_basis.accrual == "period" and terms.period_rates is None
    rate = nominal if is_nominal and terms.method not in ("flat", "explicit") else str(period.rate)
    part = (until - since).days
    return rate if part == days else f"{rate} × {part} / {days}"


def _principal(course: Course, period: Period, left: int, write: Write) -> str:
    principal = write(period.principal)
    if period.principal == left:
        return f"principal {principal}: all that is left"
    mode = course.terms.interest_rounding or course.terms.money_rounding
    whole = rounded(left * period.rate, mode)
    if course.level and course.level - whole == period.principal:
        return f"principal {write(course.level)} - {write(whole)} = {principal}"
    return f"principal {principal} of the {write(left)} left"
