"""What the penalty rules of the terms come to for one installment: days, amounts, ids, arithmetic.

Everything is exact until it is rounded once.  When a rule is asked, and of what, is the affair of
`ledger.domain.assessment`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from ledger.domain.allocation import INTEREST, PRINCIPAL, Line
from ledger.domain.calendar import add_months, year_fraction
from ledger.domain.events import PenaltyRule
from ledger.domain.interest import daily_rate
from ledger.domain.money import rounded, to_rate, to_text
from ledger.domain.terms import DayCount, LateFee, PenaltyInterest, Terms

#: What of an installment bears penalty interest.
COMPONENTS_OF_BASE = {
    "principal": (PRINCIPAL,),
    "principal_and_interest": (INTEREST, PRINCIPAL),
}

#: The longest id of a draw that is repeated within the id of a charge.
DRAW_ID_REPEATED_MAX = 64
#: Digits shown below the minor unit.
DIGITS_SHOWN = 6
#: Spans that an arithmetic names one by one.
SPANS_SHOWN_MAX = 5

#: Spans of days whose price is remembered.
PRICES_KEPT_MAX = 10_000

_DAYS_OF_YEAR = {"act/365": 365, "act/360": 360}


class Span(NamedTuple):
    """Days after `start` up to `end` with the same amount overdue, in minor units."""

    base: int
    start: date
    end: date


class Arithmetic(NamedTuple):
    """What a charge of penalty interest is made of."""

    rule: PenaltyInterest
    rate: Fraction
    spans: tuple[Span, ...]
    #: What rounding left open at the charge before, in minor units.
    carried: Fraction
    #: Whether a cap made it less.
    is_capped: bool


def penalty_id(rule: PenaltyRule, line: Line, day: date) -> str:
    """The id of the charge that a rule makes for an installment and a day.

    It is made of what the charge is for, so that nothing is charged twice.
    """
    name = line.draw_id
    if len(name) > DRAW_ID_REPEATED_MAX:
        name = sha256(name.encode()).hexdigest()[:16]
    return f"{rule}:{name}:{line.number}:{day}"


def first_day_overdue(due_on: date, grace_days: int, paused: Callable[[date], int]) -> date:
    """The first day that begins with the grace over, if days of pause do not count.

    Whoever has not paid by the day before is overdue, whatever he pays on the day itself.
    """
    day = due_on
    while (left := grace_days + 1 - ((day - due_on).days - paused(day))) > 0:
        day += timedelta(days=left)
    return day


def fee_grace_days(terms: Terms, rule: LateFee) -> int:
    """Days after the due date without a late fee."""
    return terms.delinquency.grace_days if rule.grace_days is None else rule.grace_days


def late_fee(terms: Terms, rule: LateFee, line: Line, decimals: int) -> tuple[int, str]:
    """What a missed installment costs in minor units, and how that comes about."""
    interest = (
        line.owed[INTEREST] - line.cancelled[INTEREST]
        if rule.base == "principal_and_interest"
        else 0
    )
    # Neither what was repaid before it fell due nor what a refund took off was missed.
    base = line.owed[PRINCIPAL] - line.cancelled[PRINCIPAL] - line.repaid_early + interest
    share = rounded(base * to_rate(rule.rate), terms.money_rounding)
    amount = max(rule.amount + share, rule.minimum)
    if rule.maximum is not None:
        amount = min(amount, rule.maximum)

    def write(minor: int) -> str:
        return to_text(minor, decimals)

    parts = [write(rule.amount)] if rule.amount else []
    if share or not parts:
        parts.append(f"{rule.rate} × {write(base)} {rule.base.replace('_', ' ')}")
    how = f"{' + '.join(parts)} = {write(rule.amount + share)}"
    if amount != rule.amount + share:
        bound = "at least" if amount == rule.minimum else "at most"
        how += f", {bound} {write(amount)}"
    return amount, how


def penalty_rate(terms: Terms, rule: PenaltyInterest) -> Fraction:
    """The penalty rate of a year."""
    if rule.annual_rate is not None:
        return to_rate(rule.annual_rate)
    assert rule.multiple is not None  # The door takes one of the two.
    return to_rate(rule.multiple) * contract_rate(terms)


def contract_rate(terms: Terms) -> Fraction:
    """The rate of the contract for a year; one agreed by the day costs it every day of a year."""
    if terms.daily_rate is None:
        return to_rate(terms.annual_rate)
    return daily_rate(terms) * to_rate(terms.days_per_year or "365")


def interest_of(rate: Fraction, rule: PenaltyInterest, spans: Iterable[Span]) -> Fraction:
    """The penalty interest of some spans in minor units, not rounded."""
    prices = (span.base * _price(rate, rule.day_count, span.start, span.end) for span in spans)
    return sum(prices, Fraction(0))


@lru_cache(maxsize=PRICES_KEPT_MAX)
def _price(rate: Fraction, day_count: DayCount, start: date, end: date) -> Fraction:
    """What a minor unit costs; the same days come again with every installment."""
    return rate * year_fraction(day_count, start, end)


def is_charging_day(rule: PenaltyInterest, due_on: date, day: date) -> bool:
    """Whether what has accrued since the last charging day enters the books on a day."""
    return next_charging_day(rule, due_on, day) == day


def next_charging_day(rule: PenaltyInterest, due_on: date, day: date) -> date:
    """The first charging day that is not before `day`, which is after the due date."""
    if rule.charged_every == "day":
        return day
    months = (day.year - due_on.year) * 12 + day.month - due_on.month
    found = add_months(due_on, months, due_on.day)
    return found if found >= day else add_months(due_on, months + 1, due_on.day)


def cap_of(rule: PenaltyInterest, drawn: int, overdue_max: int) -> int | None:
    """The most that penalty interest may come to, in minor units; None is without cap."""
    if rule.cap_percent is None:
        return None
    base = drawn if rule.cap_base == "draw" else overdue_max
    return rounded(base * to_rate(rule.cap_percent) / 100, "floor")


def interest_in_words(made_of: Arithmetic, decimals: int) -> str:
    """The arithmetic of a charge: amount overdue × rate × days, span by span."""
    rule, rate, spans, carried, is_capped = made_of

    def write(minor: Fraction) -> str:
        return to_text(rounded(minor * 10**DIGITS_SHOWN, "half_even"), decimals + DIGITS_SHOWN)

    merged = _merged(spans)
    amounts = [to_text(span.base, decimals) for span in merged]
    years = [_years(rule, span) for span in merged]
    if len(merged) == 1:
        said = f"{amounts[0]} × {_decimal(rate)} × {years[0]}"
    elif len(merged) <= SPANS_SHOWN_MAX:
        terms = " + ".join(f"{base} × {part}" for base, part in zip(amounts, years, strict=True))
        said = f"({terms}) × {_decimal(rate)}"
    else:
        said = f"{len(merged)} amounts from {merged[0].start} to {merged[-1].end}"
        said += f" × their days × {_decimal(rate)}"
    exact = interest_of(rate, rule, merged)
    words = f"overdue {said} = {write(exact)}"
    if carried:
        sign, amount = ("+", carried) if carried > 0 else ("-", -carried)
        words += f", {sign} {write(amount)} carried by rounding = {write(exact + carried)}"
    if is_capped:
        base = "the draw" if rule.cap_base == "draw" else "what was overdue"
        words += f", but {rule.cap_percent} % of {base} is reached"
    return words


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Spans that follow each other with the same amount overdue, as one."""
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].base == span.base and merged[-1].end == span.start:
            merged[-1] = merged[-1]._replace(end=span.end)
        else:
            merged.append(span)
    return merged


def _years(rule: PenaltyInterest, span: Span) -> str:
    """The length of a span as days over the days of a year."""
    if rule.day_count in _DAYS_OF_YEAR:
        return f"{(span.end - span.start).days}/{_DAYS_OF_YEAR[rule.day_count]}"
    years = year_fraction(rule.day_count, span.start, span.end)
    return f"{years.numerator}/{years.denominator}"


def _decimal(rate: Fraction) -> str:
    """A rate as a decimal; one that never ends, as a fraction."""
    for digits in range(31):
        scaled = rate * 10**digits
        if scaled.denominator == 1:
            return to_text(scaled.numerator, digits)
    return str(rate)
