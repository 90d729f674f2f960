"""How the plan of a draw came about: every figure of it as an expression over figures before it.

The expressions are worked out here once more from the terms, beside `ledger.domain.schedule`, so
that an explanation that agrees with the plan is a second opinion and no copy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ledger.annual_rate import shown_rates
from ledger.domain.calendar import UNITS_PER_YEAR, accrual_dates, due_dates, year_fraction
from ledger.domain.events import DrawMade
from ledger.domain.interest import Span, broken_days, is_charged, is_simple, rate_between
from ledger.domain.money import rounded, to_rate
from ledger.domain.schedule import Planned, level_installment, plan, unrounded
from ledger.domain.schedule_fees import rows_at_once
from ledger.domain.terms import BusinessDays, Grace, ScheduleFee, Terms

#: Writes minor units as a decimal string; of a fraction, with four digits below the minor unit.
Write = Callable[[int | Fraction], str]

#: Digits of a figure that was not rounded, where one is shown.
DIGITS_SHOWN = 4

_METHODS = {
    "equal_installment": "equal installments (等额本息)",
    "equal_principal": "equal principal (等额本金)",
    "flat": "flat interest (等本等费)",
    "fixed_installment": "installments of an amount agreed",
    "interest_only": "interest first, principal at the end (先息后本)",
    "bullet": "all at the end (一次性还本付息)",
    "interest_free": "equal installments without interest",
    "explicit": "installments agreed row by row",
}
_WITHOUT_LEVEL = ("equal_principal", "interest_only", "bullet")
#: Days of a year by convention; act/act has two kinds of years and is written as one fraction.
_DAYS_OF_YEAR = {"act/365": 365, "act/364": 364, "act/360": 360, "30/360": 360, "30e/360": 360}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """An installment as planned.  `balance_before` is what its interest was taken of."""

    number: int
    from_on: date
    due_on: date
    balance_before: Fraction
    #: The interest before it was rounded; None where it was agreed or is what others left.
    exact_interest: Fraction | None
    interest: int
    fee: int
    principal: int
    balance_after: int
    how: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in words and numbers."""

    sentences: tuple[str, ...]
    lines: tuple[PlanLine, ...]


def plan_of(draw: DrawMade, write: Write) -> Plan:
    """How the schedule of a draw comes from its terms."""
    rows = plan(draw.terms, draw.amount, draw.effective_on)
    return Plan(tuple(_sentences(draw, rows, write)), tuple(_lines(draw, rows, write)))


def _sentences(draw: DrawMade, rows: tuple[Planned, ...], write: Write) -> Iterator[str]:
    terms = draw.terms
    every, unit = terms.period.every, terms.period.unit
    apart = f"every {unit}" if every == 1 else f"every {every} {unit}s"
    regular = _regular(terms, rows)
    spacing = "" if terms.rows or terms.due_dates else f", {apart}"
    agreed = f"{terms.annual_rate} a year" if not terms.daily_rate else f"{terms.daily_rate} a day"
    rate = "" if _is_free(terms) else f", at {agreed}"
    yield (
        f"{write(draw.amount)} drawn on {draw.effective_on}: {_METHODS[terms.method]},"
        f" {len(regular)} of them{spacing}{rate}"
    )
    if terms.down_payment_percent is not None:
        down = rows[0]
        yield (
            f"down payment: {terms.down_payment_percent} % of {write(draw.amount)}"
            f" = {write(down.principal)}, due at once"
        )
    yield from (_fee_in_words(fee, draw, write) for fee in terms.fees or ())
    if terms.business_days is not None:
        yield _business_days_in_words(terms.business_days, due_dates(terms))
    if terms.method == "explicit":
        return
    interest = terms.interest_rounding
    yield (
        f"amounts are rounded {terms.money_rounding.replace('_', ' ')}"
        + (", but only at the end: on the way nothing is" if terms.carry_unrounded else "")
        + (f", interest {interest.replace('_', ' ')}" if interest else "")
    )
    if terms.grace is not None:
        yield _grace_in_words(terms.grace)
    if terms.broken_period == "spread":
        yield "interest of the days before the first regular period comes on top of every row"
    if terms.method not in _WITHOUT_LEVEL:
        yield f"level installment: {_level_in_words(draw, regular, write)}"
    if not _is_free(terms) or terms.fees:
        rates = shown_rates(terms, draw.amount, draw.effective_on)
        yield (
            f"annual rate paid as planned: {_percent(rates.nominal)} nominal,"
            f" {_percent(rates.effective)} effective (IRR)"
        )


def _percent(rate: Decimal | None) -> str:
    return "none" if rate is None else f"{rate:.2%}"


def _fee_in_words(fee: ScheduleFee, draw: DrawMade, write: Write) -> str:
    """What a fee of the contract comes to, and when."""
    when = "due at once" if fee.due == "up_front" else "with every installment"
    named = f"fee {fee.kind}".rstrip()
    if fee.amount is not None:
        return f"{named}: {write(fee.amount)}, {when}"
    if fee.base == "outstanding_principal" and fee.due == "per_installment":
        return f"{named}: {fee.percent} % of the principal left before it, {when}"
    amount = draw.amount * to_rate(fee.percent or "0") / 100
    return f"{named}: {fee.percent} % of {write(draw.amount)} = {write(amount)}, {when}"


def _grace_in_words(grace: Grace) -> str:
    """What is asked for later than without a grace."""
    return (
        f"grace: {grace.principal_periods} installments without principal; the interest of the"
        f" first {grace.interest_payment_periods} periods falls due with that of the next"
    )


def _level_in_words(draw: DrawMade, regular: tuple[Planned, ...], write: Write) -> str:
    terms = draw.terms
    if terms.installment is not None:
        return f"{write(terms.installment)} as agreed"
    financed = write(sum(row.principal for row in regular))
    level = write(level_installment(terms, draw.amount, draw.effective_on))
    count = len(regular) - (terms.grace.principal_periods if terms.grace else 0)
    rate = _nominal_in_words(terms)
    if _is_free(terms):
        return f"{financed} / {count} = {level}"
    if terms.method == "flat":
        return f"({financed} + its flat interest) / {count} = {level}"
    counts_days = terms.interest_basis.accrual in ("daily", "month_prorated")
    if terms.level_formula == "first_period_rate":
        rate = _rate(terms, regular[0])[1]
    elif (
        terms.period_rates
        or is_simple(terms)
        or (counts_days and terms.level_formula != "nominal_period")
    ):
        return f"{level}, which repays {financed} when every period costs its own rate"
    return f"{financed} × r / (1 - (1 + r)^-{count}) with r = {rate}, which is {level}"


def _lines(draw: DrawMade, rows: tuple[Planned, ...], write: Write) -> Iterator[PlanLine]:
    terms = draw.terms
    repaid = _repaid(draw, rows)
    regular = _regular(terms, rows)
    level = level_installment(terms, draw.amount, draw.effective_on)
    left: int = draw.amount
    base = Fraction(draw.amount)
    for row, off in zip(rows, repaid, strict=True):
        is_at_once = row not in regular
        interest, how_interest = (
            (None, "") if is_at_once else _interest(draw, row, base, regular, write)
        )
        left -= row.principal
        if is_at_once:
            how = "due at once" if terms.down_payment_percent is None else "down payment"
        elif terms.method == "explicit":
            how = "as agreed in the terms"
        else:
            principal = _principal_in_words(draw, row, regular, level, write)
            how = f"{how_interest}; {principal}"
        yield PlanLine(
            row.number, row.from_on, row.due_on, base, interest, row.interest, row.fee,
            row.principal, left, how,
        )  # fmt: skip
        base -= off


def _repaid(draw: DrawMade, rows: tuple[Planned, ...]) -> list[Fraction]:
    """What each row takes off the balance that later interest is taken of."""
    if draw.terms.carry_unrounded:
        exact = unrounded(draw.terms, draw.amount, draw.effective_on)
        return [Fraction(row.principal) for row in exact]
    return [Fraction(row.principal) for row in rows]


def _interest(
    draw: DrawMade, row: Planned, base: Fraction, regular: tuple[Planned, ...], write: Write
) -> tuple[Fraction | None, str]:
    """The interest of a row before rounding, and the expression that gives it."""
    terms = draw.terms
    if terms.method == "explicit":
        return None, ""
    if _is_free(terms):
        return Fraction(0), "no interest"
    if terms.method == "flat":
        if row is regular[-1]:
            return None, f"interest {write(row.interest)}: what is left of all of it"
        financed = sum(other.principal for other in regular)
        share = sum((_rate(terms, other)[0] for other in regular), Fraction(0)) / len(regular)
        how = f"interest {write(financed)} × {share} = {write(row.interest)}"
        return financed * share, how
    deferred = terms.grace.interest_payment_periods if terms.grace else 0
    if row.number - regular[0].number < deferred:
        return None, "interest falls due later"
    if deferred and row.number - regular[0].number == deferred:
        return None, f"interest {write(row.interest)}: that of {deferred + 1} periods"
    rate, words = _rate(terms, row)
    if broken_days(terms, draw.effective_on):
        return None, f"interest {write(row.interest)}: its own, and a part of that before it"
    return base * rate, f"interest {write(base)} × {words} = {write(row.interest)}"


def _principal_in_words(
    draw: DrawMade,
    row: Planned,
    regular: tuple[Planned, ...],
    level: int | Fraction,
    write: Write,
) -> str:
    terms = draw.terms
    principal = write(row.principal)
    if row is regular[-1]:
        return f"principal {principal}: all that is left"
    in_grace = terms.grace.principal_periods if terms.grace else 0
    if terms.method in ("interest_only", "bullet") or row.number - regular[0].number < in_grace:
        return f"principal {principal}: not yet"
    if terms.method == "equal_principal":
        financed = write(sum(other.principal for other in regular))
        if terms.installment_multiple is None:
            return f"principal {financed} / {len(regular) - in_grace} = {principal}"
        due = write(row.principal + row.interest)
        return f"principal {due} (rounded to the multiple agreed) - interest = {principal}"
    exact = level - row.interest
    if terms.carry_unrounded or rounded(exact, terms.money_rounding) == row.principal:
        return f"principal {write(level)} - {write(row.interest)} = {principal}"
    return f"principal {principal}: no more than is left, no less than nothing"


def _rate(terms: Terms, row: Planned) -> tuple[Fraction, str]:
    """What the period of a row costs, as a number and as an expression."""
    day_count = terms.interest_basis.day_count
    yearly = to_rate(terms.annual_rate)
    if terms.interest_basis.accrual == "none":
        return Fraction(0), "0"
    if terms.period_rates is not None:
        number = row.number - rows_at_once(terms)
        agreed = terms.period_rates[number - 1]
        return to_rate(agreed), agreed
    start, end = _charged_days(terms, row)
    if terms.interest_basis.accrual == "month_prorated":
        rate = rate_between(terms, start, end, end)
        months = rate * 12 / yearly
        return rate, f"{terms.annual_rate} × {months} / 12"
    if is_simple(terms):
        return rate_between(terms, start, end, end), price_of_a_day(terms, start, end)
    if day_count is None:
        every, year = terms.period.every, UNITS_PER_YEAR[terms.period.unit]
        return yearly * every / year, _nominal_in_words(terms)
    years = year_fraction(day_count, start, end)
    days_of_year = _DAYS_OF_YEAR.get(day_count, years.denominator)
    return yearly * years, f"{terms.annual_rate} × {years * days_of_year} / {days_of_year}"


def price_of_a_day(terms: Terms, start: date, end: date) -> str:
    """What days of simple interest cost, as an expression over the terms."""
    yearly = f"{terms.annual_rate} / {terms.days_per_year or '365'}"
    return f"{terms.daily_rate or yearly} × {(end - start).days} days"


def _charged_days(terms: Terms, row: Planned) -> Span:
    """The days that cost interest in the period of a row, whether or not its due date moved."""
    number = row.number - rows_at_once(terms)
    dates = accrual_dates(terms)
    start = row.from_on if number == 1 else dates[number - 2]
    start = start if terms.interest_from is None else max(start, terms.interest_from)
    return start, dates[number - 1]


def _business_days_in_words(rules: BusinessDays, agreed: tuple[date, ...]) -> str:
    """Which due dates moved, and what that costs."""
    moved = [
        f"{one} to {other}"
        for one, other in zip(agreed, rules.due_dates, strict=True)
        if one != other
    ]
    cost = "interest runs with them" if rules.period_adjustment == "adjusted" else "at no interest"
    which = f"{', '.join(moved)}, {cost}" if moved else "none had to"
    return f"due dates move to business days of {rules.calendar} ({rules.convention}): {which}"


def _nominal_in_words(terms: Terms) -> str:
    every, year = terms.period.every, UNITS_PER_YEAR[terms.period.unit]
    return f"{terms.annual_rate} × {every} / {year}".replace(" × 1 /", " /")


def _is_free(terms: Terms) -> bool:
    return not is_charged(terms)


def _regular(terms: Terms, rows: tuple[Planned, ...]) -> tuple[Planned, ...]:
    """The rows without that of the day of the draw."""
    return rows[rows_at_once(terms) :]
