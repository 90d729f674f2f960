"""The repayment schedule of a draw: due dates and amounts, from its terms alone.

One algorithm serves all methods: going from row to row, take the interest, then the principal, and
let the last row take what is left over.  How a figure is rounded is handed in, so the plan and its
unrounded twin cannot drift apart.  Figures on the way are whole numbers where they are rounded, and
`Fraction`s where not; nothing is ever a float.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, repeat
from math import lcm
from typing import NamedTuple

from ledger.domain.calendar import accrual_dates, due_dates, payment_and_accrual_dates
from ledger.domain.consistency import inconsistencies
from ledger.domain.conventions import Findings
from ledger.domain.interest import (
    Span,
    broken_days,
    nominal_rate,
    rate_between,
    rates_of_periods,
)
from ledger.domain.money import Exact, rounded, rounded_quotient, to_rate
from ledger.domain.schedule_fees import per_installment, rows_at_once, up_front
from ledger.domain.terms import Method, Terms

#: Interest and principal of a row.
Part = tuple[Exact, Exact]

#: The period of a row, and its fee, interest and principal.
_Row = tuple[Span, tuple[Exact, Exact, Exact]]

#: Plans kept in memory.  A fold asks for those of one account again and again; the longest
#: schedule is some 100 kB, so a full cache stays far below a hundred megabytes.
PLANS_CACHED_MAX = 256

#: The methods whose installments are equal; 等额本息 is the first of them.
LEVEL: tuple[Method, ...] = ("equal_installment", "fixed_installment", "flat", "interest_free")

#: Part of a minor unit to which unrounded figures are kept at least; shown are four digits at most.
FINEST = 10**30


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
    penalty: Exact
    fee: Exact
    interest: Exact
    principal: Exact


class Steps(NamedTuple):
    """How figures are rounded on the way from row to row."""

    money: Callable[[Exact], Exact]
    interest: Callable[[Exact], Exact]
    installment: Callable[[Exact], Exact]
    #: The interest of a balance at a rate.
    cost: Callable[[Exact, Fraction], Exact]


# --- the plan ----------------------------------------------------------------------------------


@lru_cache(maxsize=PLANS_CACHED_MAX)
def plan(terms: Terms, amount: int, drawn_on: date) -> tuple[Planned, ...]:
    """The schedule in minor units.  The terms must be free of `contradictions`."""
    steps = steps_of(terms, keep_fractions=terms.carry_unrounded)
    rows = _rows(terms, amount, drawn_on, steps)
    return tuple(_in_minor_units(rows, terms, amount))


def unrounded(terms: Terms, amount: int, drawn_on: date) -> tuple[Unrounded, ...]:
    """The rows of the plan with nothing rounded but installments to a multiple agreed."""
    rows = _rows(terms, amount, drawn_on, steps_of(terms, keep_fractions=True))
    return tuple(
        Unrounded(number, *span, 0, *part) for number, (span, part) in enumerate(rows, start=1)
    )


def level_installment(terms: Terms, amount: int, drawn_on: date) -> Exact:
    """What is due every time but the last; in plans that are not level, the first time."""
    source = unrounded if terms.carry_unrounded else plan
    down, *_ = rows = source(terms, amount, drawn_on)
    regular = rows[rows_at_once(terms) :]
    if len(regular) == 1 or terms.method not in LEVEL:
        return regular[0].fee + regular[0].interest + regular[0].principal
    financed = amount - (down.principal if len(regular) < len(rows) else 0)
    steps = steps_of(terms, keep_fractions=terms.carry_unrounded)
    rates = rates_of_periods(terms, charged_spans(terms, drawn_on))
    return level_amount(terms, financed, rates[_periods_of_grace(terms) :], steps)


def _periods_of_grace(terms: Terms) -> int:
    return terms.grace.principal_periods if terms.grace else 0


def charged_spans(terms: Terms, drawn_on: date) -> list[Span]:
    """The periods with the days that cost interest in their own row."""
    return _spans_until(accrual_dates(terms), terms, drawn_on)


def _spans_until(ends: Sequence[date], terms: Terms, drawn_on: date) -> list[Span]:
    start = max(drawn_on, terms.interest_from or drawn_on)
    broken = broken_days(terms, start)
    return list(pairwise([broken[1] if broken else start, *ends]))


def _in_minor_units(rows: list[_Row], terms: Terms, amount: int) -> Iterator[Planned]:
    """Round each figure; the principal of the last row is what the others have left."""
    mode, of_interest = terms.money_rounding, terms.interest_rounding or terms.money_rounding
    left = amount
    for number, ((from_on, due_on), (fee, interest, repaid)) in enumerate(rows, start=1):
        principal = left if number == len(rows) else min(rounded(repaid, mode), left)
        left -= principal
        yield Planned(
            number, from_on, due_on, 0, rounded(fee, mode), rounded(interest, of_interest),
            principal,
        )  # fmt: skip


def steps_of(terms: Terms, *, keep_fractions: bool = False) -> Steps:
    """Money is rounded to the minor unit, installments to their multiple; an own mode is theirs."""
    multiple = terms.installment_multiple
    mode = terms.installment_rounding or terms.money_rounding
    of_interest = terms.interest_rounding or terms.money_rounding

    def money(value: Exact) -> Exact:
        return _kept(value) if keep_fractions else rounded(value, terms.money_rounding)

    def interest(value: Exact) -> Exact:
        return _kept(value) if keep_fractions else rounded(value, of_interest)

    def installment(value: Exact) -> Exact:
        if keep_fractions and multiple is None:
            return _kept(value)
        return rounded(value, mode, multiple or 1)

    def cost(balance: Exact, rate: Fraction) -> Exact:
        if keep_fractions:
            return _kept(balance * rate)
        # The product as two whole numbers: to reduce a fraction takes longer than to round it.
        numerator = balance.numerator * rate.numerator
        return rounded_quotient(numerator, balance.denominator * rate.denominator, of_interest)

    return Steps(money, interest, installment, cost)


def _kept(value: Exact) -> Exact:
    """Keep a fraction as it is, unless compounding has made it monstrous.

    Every period multiplies the denominator by that of the rate: the exact balance after 600 of them
    has tens of thousands of digits and takes seconds.  Such a figure is kept to its FINEST part.
    """
    if value.denominator <= FINEST:
        return value
    return Fraction(rounded(value * FINEST, "half_even"), FINEST)


def _rows(terms: Terms, amount: int, drawn_on: date, steps: Steps) -> list[_Row]:
    """A row for what is due on the day of the draw, if any; then one row a regular due date."""
    payments, accruals = payment_and_accrual_dates(terms)
    spans = list(pairwise([drawn_on, *payments]))
    parts: list[tuple[Exact, Exact, Exact]]
    if terms.rows:
        parts = [(row.fee, row.interest, row.principal) for row in terms.rows]
    else:
        down = _down_payment(terms, amount, steps)
        charged = _spans_until(accruals, terms, drawn_on)
        repaid = list(_repaid(terms, amount - down, drawn_on, charged, steps))
        fees = per_installment(terms, amount, down, [principal for _, principal in repaid])
        parts = [(steps.money(fee), *part) for fee, part in zip(fees, repaid, strict=True)]
        if rows_at_once(terms):
            spans.insert(0, (drawn_on, drawn_on))
            parts.insert(0, (steps.money(up_front(terms, amount)), 0, down))
    # Where the amount is agreed and the number follows, there are more days than rows.
    return list(zip(spans, parts, strict=False))


def _down_payment(terms: Terms, amount: int, steps: Steps) -> Exact:
    """The part of the draw that is due at once; it is rounded like an installment."""
    if terms.down_payment_percent is None:
        return 0
    percent = to_rate(terms.down_payment_percent)
    return min(steps.installment(amount * percent / 100), amount)


def _repaid(
    terms: Terms, amount: Exact, drawn_on: date, spans: list[Span], steps: Steps
) -> Iterator[Part]:
    """The rows as they fall due: interest may fall due later than it is earned, or spread."""
    parts = list(_amortised(terms, amount, spans, steps))
    broken = broken_days(terms, max(drawn_on, terms.interest_from or drawn_on))
    on_top: Iterable[Exact] = repeat(0, len(parts))
    if broken:
        rate = rate_between(terms, *broken, due_on=broken[1])
        on_top = _evenly(amount * rate, len(parts), steps)
    deferred = terms.grace.interest_payment_periods if terms.grace else 0
    held_back: Exact = 0
    for index, ((interest, principal), extra) in enumerate(zip(parts, on_top, strict=True)):
        held_back += interest + extra
        if index < deferred:
            yield 0, principal
        else:
            yield held_back, principal
            held_back = 0


def _evenly(total: Fraction, count: int, steps: Steps) -> Iterator[Exact]:
    """Equal parts of an amount of interest, each rounded; the last takes the residue."""
    share, left = steps.interest(total / count), steps.interest(total)
    for _ in range(count - 1):
        part = min(share, left)
        left -= part
        yield part
    yield left


def _amortised(terms: Terms, amount: Exact, spans: list[Span], steps: Steps) -> Iterator[Part]:
    """Interest and principal of every row until `amount` is repaid: the one algorithm.

    No row takes more principal than is left, nor less than nothing, whatever rounding made of the
    level amount; the last row takes the residue.
    """
    rates = rates_of_periods(terms, spans)
    grace = _periods_of_grace(terms)
    level = level_amount(terms, amount, rates[grace:], steps)
    is_flat, is_equal = terms.method == "flat", terms.method == "equal_principal"
    share = Fraction(amount, len(rates) - grace) if is_equal else Fraction(0)
    flat = _evenly(amount * sum(rates, Fraction(0)), len(rates), steps) if is_flat else iter(())
    allowed = _interest_allowed(terms, amount)
    balance = amount
    for index, rate in enumerate(rates):
        is_last = index == len(rates) - 1
        interest = next(flat) if is_flat else steps.cost(balance, rate)
        if allowed is not None:
            interest = min(interest, allowed)
            allowed -= interest
        principal: Exact
        if index < grace or terms.method in ("interest_only", "bullet"):
            principal = 0
        elif not is_equal:
            principal = level - interest
        elif terms.installment_multiple is None:
            principal = steps.money(share)
        else:
            principal = steps.installment(share + interest) - interest
        principal = balance if is_last else max(0, min(principal, balance))
        balance -= principal
        yield interest, principal
        if terms.method == "fixed_installment" and not balance:
            return


def _interest_allowed(terms: Terms, amount: Exact) -> Exact | None:
    """What all interest together may come to; None is without a limit."""
    if terms.interest_total_cap_percent is None:
        return None
    return amount * to_rate(terms.interest_total_cap_percent) / 100


def level_amount(terms: Terms, amount: Exact, rates: list[Fraction], steps: Steps) -> Exact:
    """The amount due every time: as agreed, else computed and rounded as the terms say."""
    if terms.installment is not None:
        return terms.installment
    if terms.method == "flat":
        return steps.installment(amount * sum(rates, Fraction(1)) / len(rates))
    counts_days = terms.interest_basis.accrual in ("daily", "month_prorated")
    if terms.level_formula == "first_period_rate":
        rates = [rates[0]] * len(rates)
    elif terms.level_formula == "nominal_period" and counts_days and terms.period_rates is None:
        rates = [nominal_rate(terms)] * len(rates)
    return steps.installment(annuity(amount, rates))


def annuity(amount: Exact, rates: list[Fraction]) -> Fraction:
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
    return Fraction(amount.numerator * growth, amount.denominator * payments)


# --- terms that cannot be followed --------------------------------------------------------------


def contradictions(terms: Terms, amount: int, drawn_on: date) -> Findings:
    """What is wrong with the terms, as (field, sentence); nothing if the books can follow them."""
    found = list(inconsistencies(terms, amount, drawn_on))
    # A level amount can be judged only when the rest of the plan can be made.
    yield from found or wrong_level(terms, amount, drawn_on)


def wrong_level(terms: Terms, amount: int, drawn_on: date) -> Findings:
    """A level amount agreed that cannot repay the draw in just its number of installments."""
    level = terms.installment
    if level is None:
        return
    rows = plan(terms, amount, drawn_on)[rows_at_once(terms) :]
    first_to_repay = rows[_periods_of_grace(terms)]
    count, last = len(due_dates(terms)), rows[-1]
    if len(rows) > 1 and first_to_repay is not last and first_to_repay.principal == 0:
        yield (
            "installment",
            f"an installment of {level} minor units repays nothing: the interest of the first"
            f" period alone is {first_to_repay.interest}; agree on more",
        )
    elif terms.method == "fixed_installment" and last.interest + last.principal > level:
        yield (
            "installment",
            f"{len(rows)} installments of {level} minor units leave"
            f" {last.interest + last.principal - level}; agree on more of them, or leave"
            " term_count and due_dates out: their number follows",
        )
    elif terms.method == "fixed_installment":
        if count != len(rows) and (terms.term_count or terms.due_dates):
            found = f"found {count}"
            yield "term_count", f"installments of {level} minor units are {len(rows)}, {found}"
    elif len(rows) > 1 and last.principal == 0:
        yield (
            "installment",
            f"installments of {level} minor units repay the draw before the last of"
            f" {len(rows)}; agree on less, or lower term_count",
        )
