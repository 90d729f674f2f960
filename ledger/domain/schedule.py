"""The repayment schedule of a draw: due dates and amounts, from its terms alone.

One algorithm serves all methods: going from row to row, take the interest, then the principal, and
let the last row take what is left over.  How a figure is rounded is handed in, so the plan and its
unrounded twin cannot drift apart.  Figures on the way are `Fraction`s; nothing is ever a float.
"""

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import lcm
from typing import NamedTuple

from ledger.domain.calendar import UNITS_PER_YEAR, due_dates, year_fraction
from ledger.domain.consistency import Findings, inconsistencies
from ledger.domain.money import rounded, to_rate
from ledger.domain.terms import Method, Terms

Span = tuple[date, date]

#: Plans kept in memory.  A fold asks for those of one account again and again; the longest
#: schedule is some 100 kB, so a full cache stays far below a hundred megabytes.
PLANS_CACHED_MAX = 256

#: Part of a minor unit to which unrounded figures are kept at least; shown are four digits at most.
FINEST = 10**30

#: The methods that exist so far; the first three are 等额本息, 等额本金 and 等本等费.
METHODS: tuple[Method, ...] = (
    "equal_installment", "equal_principal", "flat", "interest_free", "explicit",
)  # fmt: skip


class Planned(NamedTuple):
    """A row of the plan.  Amounts stand in the order of COMPONENTS; a plan has no penalties."""

    number: int
    from_on: date
    due_on: date
    penalty: int
    fee: int
    interest: int
    principal: int


class Unrounded(NamedTuple):
    """A row of the plan before its amounts are rounded."""

    number: int
    from_on: date
    due_on: date
    penalty: Fraction
    fee: Fraction
    interest: Fraction
    principal: Fraction


class Steps(NamedTuple):
    """How figures are rounded on the way from row to row."""

    money: Callable[[Fraction], Fraction]
    installment: Callable[[Fraction], Fraction]


# --- the plan ----------------------------------------------------------------------------------


@lru_cache(maxsize=PLANS_CACHED_MAX)
def plan(terms: Terms, amount: int, drawn_on: date) -> tuple[Planned, ...]:
    """The schedule in minor units.  The terms must be free of `contradictions`."""
    steps = _steps(terms, keep_fractions=terms.carry_unrounded)
    rows = _rows(terms, Fraction(amount), drawn_on, steps)
    return tuple(_in_minor_units(rows, terms, amount))


def unrounded(terms: Terms, amount: int, drawn_on: date) -> tuple[Unrounded, ...]:
    """The rows of the plan with nothing rounded but installments to a multiple agreed."""
    return tuple(_rows(terms, Fraction(amount), drawn_on, _steps(terms, keep_fractions=True)))


def level_installment(terms: Terms, amount: int, drawn_on: date) -> Fraction | int:
    """What is due on the first regular due date: in level plans, every time but the last."""
    source = unrounded if terms.carry_unrounded else plan
    first = source(terms, amount, drawn_on)[_rows_of_down_payment(terms)]
    return first.fee + first.interest + first.principal


def _rows_of_down_payment(terms: Terms) -> int:
    return 0 if terms.down_payment_percent is None else 1


def _in_minor_units(rows: list[Unrounded], terms: Terms, amount: int) -> Iterator[Planned]:
    """Round each figure; the principal of the last row is what the others have left."""
    left = amount
    for row in rows:
        fee, interest, principal = (rounded(x, terms.money_rounding) for x in row[4:])
        principal = left if row is rows[-1] else min(principal, left)
        left -= principal
        yield Planned(*row[:3], 0, fee, interest, principal)


def _steps(terms: Terms, *, keep_fractions: bool) -> Steps:
    """Money is rounded to the minor unit, installments to their multiple; an own mode is theirs."""
    multiple = terms.installment_multiple
    mode = terms.installment_rounding or terms.money_rounding

    def money(value: Fraction) -> Fraction:
        return _kept(value) if keep_fractions else Fraction(rounded(value, terms.money_rounding))

    def installment(value: Fraction) -> Fraction:
        if keep_fractions and multiple is None:
            return _kept(value)
        return Fraction(rounded(value, mode, multiple or 1))

    return Steps(money, installment)


def _kept(value: Fraction) -> Fraction:
    """Keep a fraction as it is, unless compounding has made it monstrous.

    Every period multiplies the denominator by that of the rate: the exact balance after 600 of them
    has tens of thousands of digits and takes seconds.  Such a figure is kept to its FINEST part.
    """
    if value.denominator <= FINEST:
        return value
    return Fraction(rounded(value * FINEST, "half_even"), FINEST)


def _rows(terms: Terms, amount: Fraction, drawn_on: date, steps: Steps) -> list[Unrounded]:
    """A down payment due on the day of the draw, if any; then one row a regular due date."""
    spans = list(pairwise([drawn_on, *due_dates(terms)]))
    nothing = Fraction(0)
    if terms.rows:
        parts = [(Fraction(x.fee), Fraction(x.interest), Fraction(x.principal)) for x in terms.rows]
    else:
        down = _down_payment(terms, amount, steps)
        parts = [(nothing, *part) for part in _amortised(terms, amount - down, spans, steps)]
        if terms.down_payment_percent is not None:
            spans.insert(0, (drawn_on, drawn_on))
            parts.insert(0, (nothing, nothing, down))
    numbered = enumerate(zip(spans, parts, strict=True), start=1)
    return [Unrounded(number, *span, nothing, *part) for number, (span, part) in numbered]


def _down_payment(terms: Terms, amount: Fraction, steps: Steps) -> Fraction:
    """The part of the draw that is due at once; it is rounded like an installment."""
    percent = to_rate(terms.down_payment_percent or "0")
    return min(steps.installment(amount * percent / 100), amount)


def _amortised(
    terms: Terms, amount: Fraction, spans: list[Span], steps: Steps
) -> Iterator[tuple[Fraction, Fraction]]:
    """Interest and principal of every row until `amount` is repaid: the one algorithm.

    No row takes more principal than is left, nor less than nothing, whatever rounding made of the
    level amount; the last row takes the residue.
    """
    rates = _rates(terms, spans)
    level = _level(terms, amount, rates, steps)
    share = amount / len(rates)
    flat_share = share * sum(rates)
    flat_left = steps.money(flat_share * len(rates))
    balance = amount
    for left, rate in zip(range(len(rates) - 1, -1, -1), rates, strict=True):
        if terms.method == "flat":
            interest = min(steps.money(flat_share), flat_left) if left else flat_left
            flat_left -= interest
        else:
            interest = steps.money(balance * rate)
        if terms.method != "equal_principal":
            principal = level - interest
        elif terms.installment_multiple is None:
            principal = steps.money(share)
        else:
            principal = steps.installment(share + interest) - interest
        principal = max(Fraction(0), min(principal, balance)) if left else balance
        balance -= principal
        yield interest, principal


def _level(terms: Terms, amount: Fraction, rates: list[Fraction], steps: Steps) -> Fraction:
    """The amount due every time: as agreed, else computed and rounded as the terms say."""
    if terms.installment is not None:
        return Fraction(terms.installment)
    if terms.method == "flat":
        return steps.installment(amount * (1 + sum(rates)) / len(rates))
    if terms.interest_basis.accrual == "daily" and terms.level_formula == "nominal_period":
        rates = [_nominal_rate(terms)] * len(rates)
    return steps.installment(annuity(amount, rates))


def annuity(amount: Fraction, rates: list[Fraction]) -> Fraction:
    """The level payment that repays `amount` exactly when period k costs `rates[k]`.

    It solves balance[k] = balance[k-1] * (1 + rates[k]) - level for a last balance of zero.  With
    one rate r for n periods that is the annuity formula amount * r / (1 - (1 + r) ** -n) of every
    textbook (等额本息), and with r = 0 an even split.  Whole numbers over the common denominator
    of the rates keep hundreds of periods fast.
    """
    unit = lcm(*(rate.denominator for rate in rates))
    scale, growth, payments = 1, 1, 0
    for rate in rates:
        factor = unit + rate.numerator * (unit // rate.denominator)
        scale *= unit
        growth *= factor
        payments = payments * factor + scale
    return amount * Fraction(growth, payments)


def _rates(terms: Terms, spans: list[Span]) -> list[Fraction]:
    """What each period costs, as a share of what is owed in it."""
    basis = terms.interest_basis
    if basis.accrual == "none":
        return [Fraction(0)] * len(spans)
    if basis.accrual == "period" or basis.day_count is None:
        return [_nominal_rate(terms)] * len(spans)
    yearly = to_rate(terms.annual_rate)
    return [yearly * year_fraction(basis.day_count, *span) for span in spans]


def _nominal_rate(terms: Terms) -> Fraction:
    """The rate of a year over the periods of a year, whatever the length of the period at hand."""
    return to_rate(terms.annual_rate) * terms.period.every / UNITS_PER_YEAR[terms.period.unit]


# --- terms that cannot be followed --------------------------------------------------------------


def contradictions(terms: Terms, amount: int, drawn_on: date) -> Findings:
    """What is wrong with the terms, as (field, sentence); nothing if `plan` can follow them."""
    found = [*_wrong_method(terms), *inconsistencies(terms, amount, drawn_on)]
    # A level amount can be judged only when the rest of the plan can be made.
    yield from found or _wrong_level(terms, amount, drawn_on)


def _wrong_method(terms: Terms) -> Findings:
    if terms.method not in METHODS:
        choice = ", ".join(METHODS)
        yield "method", f"method {terms.method} is not offered yet; choose one of {choice}"
    if terms.method == "explicit" and not terms.rows:
        yield "rows", "method explicit takes its installments from rows, but there are none"
    if terms.method != "explicit" and terms.rows:
        yield "rows", f"rows are given, but method is {terms.method}; write explicit or drop rows"
    if terms.method != "equal_installment" and terms.installment is not None:
        yield (
            "installment",
            f"method {terms.method} has no level installment to agree on; leave installment out",
        )


def _wrong_level(terms: Terms, amount: int, drawn_on: date) -> Findings:
    """A level amount agreed that cannot repay the draw in just its number of installments."""
    level = terms.installment
    if level is None:
        return
    first, *later = plan(terms, amount, drawn_on)[_rows_of_down_payment(terms) :]
    if later and first.principal == 0:
        yield (
            "installment",
            f"an installment of {level} minor units repays nothing: the interest of the first"
            f" period alone is {first.interest}; agree on more",
        )
    elif later and later[-1].principal == 0:
        yield (
            "installment",
            f"installments of {level} minor units repay the draw before the last of"
            f" {1 + len(later)}; agree on less, or lower term_count",
        )
