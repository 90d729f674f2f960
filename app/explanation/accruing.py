"""A schedule whose interest accrues: what bore interest from which day on, and what that makes."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from app.explanation.plans import Plan, PlanLine, Write, price_of_a_day
from ledger.domain.calendar import year_fraction
from ledger.domain.interest import Span, is_simple, price_of_days
from ledger.domain.money import rounded
from ledger.domain.replanning import Bearing
from ledger.domain.state import Accruing, DrawState, Installment
from ledger.domain.terms import Terms


def accruing_in_account(draw: DrawState, accruing: Accruing, as_of: date, write: Write) -> Plan:
    """The schedule as it stands on a day, from the first period of the terms in force on."""
    return Plan(
        tuple(_sentences(draw, accruing, as_of, write)),
        tuple(_lines(draw, accruing, as_of, write)),
    )


def _sentences(draw: DrawState, accruing: Accruing, as_of: date, write: Write) -> Iterator[str]:
    if draw.restructurings:
        last = draw.restructurings[-1]
        yield (
            f"restructuring {last.restructure_id} of {last.on}: {write(last.principal)} is planned"
            " anew, as if it had been drawn on that day"
        )
    due = "day by day" if is_simple(draw.terms) else "with each installment"
    yield (
        f"interest accrues on the principal really outstanding and is asked for {due}; what is to"
        f" come is planned as if all that is due were paid on {as_of}"
    )
    if accruing.free_until is not None:
        yield f"the draw was closed by {accruing.free_until}: until then it costs no interest"
    elif accruing.grace_end is not None and as_of <= accruing.grace_end:
        yield (
            f"closing the draw by {accruing.grace_end} costs no interest; the schedule shows what"
            " is owed if it stays open"
        )
    if accruing.level:
        yield f"level installment: {write(accruing.level)}"
    if is_simple(draw.terms) and accruing.periods:
        since, balance = accruing.periods[-1].bearing[-1]
        exact = accruing.exact + balance * price_of_days(
            draw.terms, since, max(since, as_of), None, accruing.free_until
        )
        if exact < 0:
            yield f"paid or waived before it accrues, as of {as_of}: {write(-exact)}"
        else:
            yield f"accrued by {as_of} and not paid: {write(exact)}, before rounding"


def _lines(draw: DrawState, accruing: Accruing, as_of: date, write: Write) -> Iterator[PlanLine]:
    begun = {one.number: one for one in accruing.periods}
    first = min(begun, default=len(draw.installments) + 1)
    rows = [row for row in draw.installments if row.number >= first]
    start = begun[first].start if begun else as_of
    for row in rows:
        period = begun.get(row.number)
        if period is not None:
            start, bearing = period.start, list(period.bearing)
        else:
            bearing = [Bearing(start, row.balance + row.owed[3])]
        end = row.due_on if period is None else min(period.end, max(as_of, row.due_on))
        left = sum(other.open(3) for other in rows if other.number >= row.number)
        if period is not None and as_of < end and bearing[-1].balance != left:
            bearing.append(Bearing(max(as_of, bearing[-1].since), left))
        yield _line(draw, accruing, row, (start, end), bearing, write)
        start = end


def _line(
    draw: DrawState,
    accruing: Accruing,
    row: Installment,
    span: Span,
    bearing: list[Bearing],
    write: Write,
) -> PlanLine:
    (start, end), terms = span, draw.terms
    ends = [*(part.since for part in bearing[1:]), end]
    parts = [
        (part.balance, part.since, stop)
        for part, stop in zip(bearing, ends, strict=True)
        if part.balance and part.since < stop
    ]
    free = accruing.free_until
    exact = sum(
        (
            balance * price_of_days(terms, since, until, end, free)
            for balance, since, until in parts
        ),
        Fraction(0),
    )
    interest, principal = row.owed[2], row.owed[3]
    words = " + ".join(
        f"{write(balance)} × {_price(terms, since, until, end)}" for balance, since, until in parts
    )
    how = f"interest {words} = {write(interest)}" if words else f"interest {write(interest)}"
    mode = terms.interest_rounding or terms.money_rounding
    is_plain = rounded(exact, mode) == interest and not terms.round_each_segment
    if not is_plain:
        how += ", each part rounded" if terms.round_each_segment else ", with what is of other days"
    if row.balance == 0:
        how += f"; principal {write(principal)}: all that is left"
    elif accruing.level - interest == principal:
        how += f"; principal {write(accruing.level)} - {write(interest)} = {write(principal)}"
    else:
        how += f"; principal {write(principal)} of {write(row.balance + principal)}"
    return PlanLine(
        row.number, start, row.due_on, Fraction(row.balance + principal),
        exact if is_plain else None, interest, row.owed[1], principal, row.balance, how,
    )  # fmt: skip


def _price(terms: Terms, since: date, until: date, end: date) -> str:
    """What days cost, as an expression over the terms."""
    day_count = terms.interest_basis.day_count
    if is_simple(terms):
        windows = " (less or more in a window)" if terms.rate_windows else ""
        return price_of_a_day(terms, since, until) + windows
    if day_count is not None and terms.interest_basis.accrual == "daily":
        return f"{terms.annual_rate} × {year_fraction(day_count, since, until)}"
    return str(price_of_days(terms, since, until, end, None))
