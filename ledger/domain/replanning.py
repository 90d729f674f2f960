"""Planning anew what is still to come of a draw, as of a day.

A `Course` is the plan that a draw follows, period by period: what the period costs, and what falls
due at its end.  It begins as the plan of the terms.  Whoever repays principal early changes it: the
period at hand is split on that day, each part costs what was owed in it, and the periods to come
are planned for what is left, with fewer installments or with lower ones.

What a period costs is the terms' own rate where they have one (`ledger.domain.interest`).  Interest
that was agreed as an amount, flat or row by row, is taken as the price of what was to be owed in
its period.  Where days have no price of their own, each has the same share of that of the period.

Everything here is a value; lines, payments and events are the business of `ledger.domain.replans`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from ledger.domain.calendar import due_dates
from ledger.domain.interest import rate_between, rates_of_periods
from ledger.domain.money import rounded
from ledger.domain.schedule import Planned, charged_spans, level_installment, plan
from ledger.domain.terms import Method, Terms

#: What principal repaid early does to the installments to come: fewer of them, or lower ones.
Way = Literal["shorten", "lower"]

#: Methods whose interest is agreed as an amount and not as the price of time.
AGREED: tuple[Method, ...] = ("flat", "explicit")
#: Methods in which the installment stays and its principal follows.
_OF_AN_AMOUNT: tuple[Method, ...] = ("equal_installment", "fixed_installment")


class Period(NamedTuple):
    """A period of a course, and what falls due at its end."""

    start: date
    end: date
    #: What the whole of it costs, as a share of what is owed in it.
    rate: Fraction
    interest: int
    principal: int
    fee: int
    #: Interest that falls due with it and is of other days: those before the first regular period,
    #: or before the draw was planned anew.
    on_top: int


class Bearing(NamedTuple):
    """From this day on that much of the principal costs interest."""

    since: date
    balance: int


class _Row(NamedTuple):
    interest: int
    principal: int


@dataclass(frozen=True, slots=True)
class Course:
    """The plan that a draw follows."""

    terms: Terms
    periods: tuple[Period, ...]
    #: The amount due every time, for methods that have one.
    level: int
    #: How many lines of the draw come before that of the first period.
    lines_before: int
    #: What bore interest in the period in which principal was last repaid early.
    bearing: tuple[Bearing, ...] = ()


# --- the course of the terms ---------------------------------------------------------------------


def course_of(terms: Terms, amount: int, drawn_on: date, lines_before: int = 0) -> Course:
    """The course of a draw as its terms plan it, behind the line of a down payment, if any."""
    rows = plan(terms, amount, drawn_on)
    down = 0 if terms.down_payment_percent is None else 1
    regular = rows[down:]
    spans = charged_spans(terms, drawn_on)[: len(regular)]
    own = _interest_of_own_period(terms, regular, spans[0][0])
    if terms.method in AGREED:
        balances = _balances([row.principal for row in regular])
        rates = list(map(_as_rate, own, balances))
    else:
        rates = rates_of_periods(terms, spans)
    periods = tuple(
        Period(*span, rate, interest, row.principal, row.fee, row.interest - due)
        for span, rate, interest, row, due in zip(
            spans, rates, own, regular, _due(terms, own), strict=False
        )
    )
    level = 0
    if terms.method in _OF_AN_AMOUNT:
        exact = Fraction(level_installment(terms, amount, drawn_on))
        level = rounded(exact, terms.money_rounding)
    return Course(terms, periods, level, lines_before + down)


def with_on_top(course: Course, interest: int) -> Course:
    """The course with interest of earlier days on top of its first period."""
    first, *others = course.periods
    first = first._replace(on_top=first.on_top + interest)
    return replace(course, periods=(first, *others))


def _interest_of_own_period(terms: Terms, rows: Sequence[Planned], start: date) -> list[int]:
    """What each row's own period costs, whenever it falls due."""
    if not terms.broken_period and not (terms.grace and terms.grace.interest_payment_periods):
        return [row.interest for row in rows]
    at_once = replace(
        terms,
        grace=terms.grace and replace(terms.grace, interest_payment_periods=0),
        broken_period=None,
        interest_from=None,
        down_payment_percent=None,
    )
    return [row.interest for row in plan(at_once, sum(row.principal for row in rows), start)]


def _due(terms: Terms, own: Iterable[int]) -> Iterator[int]:
    """The interest of each period when it falls due: that of the first may wait."""
    deferred, held_back = terms.grace.interest_payment_periods if terms.grace else 0, 0
    for index, interest in enumerate(own):
        held_back += interest
        if index < deferred:
            yield 0
        else:
            yield held_back
            held_back = 0


def _balances(principals: Sequence[int]) -> list[int]:
    """The principal owed in each period, if every installment is paid when it falls due."""
    left = sum(principals)
    balances = []
    for principal in principals:
        balances.append(left)
        left -= principal
    return balances


# --- what it comes to ----------------------------------------------------------------------------


def interest_due(course: Course) -> list[int]:
    """The interest that falls due with each period."""
    due = _due(course.terms, [period.interest for period in course.periods])
    return [interest + period.on_top for interest, period in zip(due, course.periods, strict=True)]


def begun(course: Course, on: date) -> int:
    """The index of the period that a day lies in; a period ends with its last day."""
    for index, period in enumerate(course.periods):
        if period.end > on:
            return index
    return len(course.periods)


def bearing_in(course: Course, index: int) -> tuple[Bearing, ...]:
    """What bears interest in a period, from its start on."""
    start = course.periods[index].start
    if course.bearing and course.bearing[0].since == start:
        return course.bearing
    return (Bearing(start, sum(period.principal for period in course.periods[index:])),)


def price(course: Course, period: Period, since: date, until: date) -> Fraction:
    """What the days after `since` up to `until` cost, as a share of what is owed on them."""
    if until <= since:
        return Fraction(0)
    if counts_days(course.terms):
        return rate_between(course.terms, since, until, period.end)
    return period.rate * Fraction((until - since).days, (period.end - period.start).days)


def counts_days(terms: Terms) -> bool:
    """Whether days have a price of their own under the terms."""
    accrual = terms.interest_basis.accrual
    has_own = accrual in ("daily", "month_prorated") and terms.period_rates is None
    return has_own and terms.method not in AGREED


def cost(course: Course, period: Period, bearing: Sequence[Bearing], until: date) -> int:
    """The interest of a period up to a day, in minor units: its parts are rounded together."""
    ends = [*(part.since for part in bearing[1:]), until]
    exact = sum(
        (
            part.balance * price(course, period, part.since, min(end, until))
            for part, end in zip(bearing, ends, strict=True)
        ),
        Fraction(0),
    )
    return _rounded(course.terms, exact)


def _rounded(terms: Terms, interest: Fraction) -> int:
    return rounded(interest, terms.interest_rounding or terms.money_rounding)


# --- planned anew --------------------------------------------------------------------------------


def settled(course: Course, on: date, first: int) -> Course:
    """The course if the draw is settled on a day: what it costs then is what the terms say.

    The period at hand costs its days up to then, or all of it; flat interest and fees of periods to
    come are given up, or stay owed.
    """
    terms, ended = course.terms, closed(course, on, first)
    ahead = list(ended.periods[first:])
    if not ahead:
        return ended
    current = course.periods[first]
    if terms.payoff_interest_until == "period_end" and on > current.start:
        whole = cost(course, current, bearing_in(course, first), current.end)
        ahead[0] = ahead[0]._replace(interest=whole)
    if terms.unearned_charges == "owed":
        is_flat = terms.method == "flat"
        ahead = [
            new._replace(interest=old.interest if is_flat else new.interest, fee=old.fee)
            for new, old in zip(ahead, course.periods[first:], strict=True)
        ]
    return replace(ended, periods=course.periods[:first] + tuple(ahead))


def closed(course: Course, on: date, first: int) -> Course:
    """The course if it ends on a day; the periods before `first` are due as they are.

    The period at hand costs its days up to then, and its fee; those after it cost nothing.
    """
    if first == len(course.periods):
        return course
    current, bearing = course.periods[first], bearing_in(course, first)
    ahead = [period._replace(interest=0, principal=0, fee=0) for period in course.periods[first:]]
    ahead[0] = ahead[0]._replace(
        interest=cost(course, current, bearing, on), fee=current.fee if on > current.start else 0
    )
    return replace(
        course,
        periods=course.periods[:first] + tuple(ahead),
        bearing=(*bearing, Bearing(max(on, current.start), 0)),
    )


def replanned(
    course: Course, on: date, first: int, unpaid: Sequence[int], left: int, way: Way
) -> Course:
    """The course when of the principal to come only `left` remains from a day on.

    `unpaid` is the principal still open of each period from `first` on, before it was repaid.
    """
    ahead, terms, level = course.periods[first:], course.terms, course.level
    if terms.method in AGREED or (way == "shorten" and terms.method not in _OF_AN_AMOUNT):
        principals = _struck(unpaid, left) if way == "shorten" else _scaled(unpaid, left)
        interests = list(_interests(course, ahead, principals, way))
    else:
        agreed = _agreed(course, sum(unpaid), left, way)
        rows, level = _planned(course, first, left, agreed)
        principals = [row.principal for row in rows]
        interests = [row.interest for row in rows]
    is_kept = _keeps_amounts(terms, way) and (left > 0 or terms.unearned_charges == "owed")
    # An amount that stays as agreed is the price of the whole period, whatever is owed in it.
    borne = () if is_kept else bearing_in(course, first)
    since = ahead[0].start if is_kept else max(on, ahead[0].start)
    bearing = (*borne, Bearing(since, left))
    if not is_kept:
        interests[0] = cost(course, ahead[0], bearing, ahead[0].end)
    periods = []
    for period, interest, principal, balance, before in zip(
        ahead, interests, principals, _balances(principals), _balances(unpaid), strict=True
    ):
        rate = _as_rate(interest, balance) if is_kept else period.rate
        is_struck = before > 0 and balance == 0 and on <= period.start
        fee = 0 if is_struck and terms.unearned_charges != "owed" else period.fee
        periods.append(period._replace(rate=rate, interest=interest, principal=principal, fee=fee))
    return replace(
        course, periods=course.periods[:first] + tuple(periods), level=level, bearing=bearing
    )


def lessened(course: Course, off: Sequence[tuple[int, int]]) -> Course:
    """The course when principal and interest were taken off each period, as by a merchant's refund.

    Of the period at hand the whole is cheaper: the money it was lent for was never spent.
    """
    taken = sum(principal for _, principal in off)
    periods = [
        period._replace(interest=period.interest - interest, principal=period.principal - principal)
        for period, (interest, principal) in zip(course.periods, off, strict=True)
    ]
    if course.terms.method in AGREED:
        balances = _balances([period.principal for period in periods])
        periods = [
            period._replace(rate=_as_rate(period.interest, balance))
            for period, balance in zip(periods, balances, strict=True)
        ]
    bearing = (part._replace(balance=max(0, part.balance - taken)) for part in course.bearing)
    return replace(course, periods=tuple(periods), bearing=tuple(bearing))


def _as_rate(interest: int, balance: int) -> Fraction:
    """An amount agreed as the price of what is owed; without a balance it is a price of nothing."""
    return Fraction(interest, balance) if balance else Fraction(0)


def _keeps_amounts(terms: Terms, way: Way) -> bool:
    """Whether flat interest stays as agreed for each installment that remains."""
    return terms.method == "flat" and (way == "shorten" or terms.unearned_charges == "owed")


def _agreed(course: Course, whole: int, left: int, way: Way) -> int | None:
    """The installment that is agreed on from now on; None is to be worked out, if there is one.

    To shorten keeps it, and the number of installments follows.  Where it was agreed and not worked
    out, to lower takes the share of it that is left of the principal.
    """
    if way == "shorten":
        return course.level
    if course.terms.method == "fixed_installment":
        return rounded(Fraction(course.level * left, whole), "ceiling")
    return None


def _planned(
    course: Course, first: int, left: int, installment: int | None
) -> tuple[Sequence[_Row], int]:
    """The plan of what is left over the periods to come, and its level amount."""
    terms, ahead = course.terms, course.periods[first:]
    method = terms.method if installment is None else "fixed_installment"
    grace = terms.grace and replace(
        terms.grace,
        principal_periods=max(0, terms.grace.principal_periods - first),
        interest_payment_periods=0,
    )
    is_prorated = terms.interest_basis.accrual == "month_prorated"
    fresh = replace(
        terms,
        method=method,
        installment=installment,
        due_dates=tuple(period.end for period in ahead),
        first_due_on=None,
        term_count=0,
        # A period already ends where the contract has its interest end.
        business_days=None,
        anchor_day=terms.anchor_day or (due_dates(terms)[0].day if is_prorated else None),
        period_rates=terms.period_rates and terms.period_rates[first:],
        grace=grace,
        interest_from=None,
        broken_period=None,
        down_payment_percent=None,
    )
    level = installment or 0
    if method == "equal_installment":
        exact = Fraction(level_installment(fresh, left, ahead[0].start))
        level = rounded(exact, terms.money_rounding)
    rows = [_Row(row.interest, row.principal) for row in plan(fresh, left, ahead[0].start)]
    return rows + [_Row(0, 0)] * (len(ahead) - len(rows)), level


def _struck(unpaid: Sequence[int], left: int) -> list[int]:
    """The principal of each period as it was, as far as what is left goes: the last are struck."""
    principals = []
    for principal in unpaid:
        principals.append(min(principal, left))
        left -= principals[-1]
    return principals


def _scaled(unpaid: Sequence[int], left: int) -> list[int]:
    """The same share of the principal of each period; the last takes what rounding left."""
    whole, come, principals = sum(unpaid), 0, list[int]()
    for principal in unpaid:
        come += principal
        until = rounded(Fraction(left * come, whole), "half_even") if whole else 0
        principals.append(until - sum(principals))
    return principals


def _interests(
    course: Course, ahead: Sequence[Period], principals: Sequence[int], way: Way
) -> Iterator[int]:
    """The interest of whole periods with that principal to come."""
    terms = course.terms
    for period, balance in zip(ahead, _balances(principals), strict=True):
        if _keeps_amounts(terms, way):
            is_owed = balance or terms.unearned_charges == "owed"
            yield period.interest if is_owed else 0
        elif not period.rate and terms.method in AGREED:
            yield period.interest  # It was the price of nothing that can be repaid.
        else:
            yield _rounded(terms, balance * period.rate)
