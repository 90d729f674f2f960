"""The schedule when interest follows the principal really outstanding.

A plan knows only its terms.  Here draws and payments come in as dated movements, and the rows are
worked out period by period: principal that is overdue goes on bearing interest, principal paid
early or drawn later changes the interest of its period from its day on, and the level amount is
solved anew.  From `as_of` on the schedule assumes that everything due is paid.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from ledger.domain.calendar import due_dates
from ledger.domain.interest import Span, rate_between, rates_of_periods
from ledger.domain.schedule import Steps, annuity, level_amount, steps_of
from ledger.domain.terms import Terms


class Movement(NamedTuple):
    """A draw or a payment."""

    on: date
    amount: int


class Payoff(NamedTuple):
    """What settles everything on a day."""

    principal: int
    interest: int


@dataclass(slots=True)
class Row:
    """An installment, with what was paid of it."""

    number: int
    due_on: date
    interest: int = 0
    principal: int = 0
    #: The principal left after it, as planned.
    balance: int = 0
    interest_paid: int = 0
    principal_paid: int = 0
    paid_in_advance: int = 0
    paid_late: int = 0
    settled_on: date | None = None

    @property
    def outstanding(self) -> int:
        """What is still to be paid of it."""
        return self.interest + self.principal - self.interest_paid - self.principal_paid

    def take(self, on: date, interest: int, principal: int) -> None:
        """Count a part of a payment."""
        self.interest_paid += interest
        self.principal_paid += principal
        if on < self.due_on:
            self.paid_in_advance += interest + principal
        elif on > self.due_on:
            self.paid_late += interest + principal


class Recalculated(NamedTuple):
    """The rows, the first level amount, what no row could take, and the payoff on `as_of`."""

    rows: tuple[Row, ...]
    level: int
    overpaid: int
    payoff: Payoff


def recalculated(
    terms: Terms,
    draws: Sequence[Movement],
    payments: Sequence[Movement] = (),
    as_of: date | None = None,
) -> Recalculated:
    """The schedule of one or more draws, after the payments up to `as_of`.

    Without `as_of` every installment is taken to be paid on its due date.
    """
    counted = [payment for payment in payments if as_of is None or payment.on <= as_of]
    spans = list(pairwise([terms.interest_from or draws[0].on, *due_dates(terms)]))
    run = _Run(terms, steps_of(terms), spans, rates_of_periods(terms, spans), as_of)
    for number, span in enumerate(spans, start=1):
        if run.rows and not run.planned and terms.prepayment == "reduce_term":
            break
        run.period(number, span, draws, counted)
    for payment in counted:
        if payment.on > spans[-1][1]:
            run.overpaid += run.pay_overdue(payment)
    overdue = sum(
        row.interest - row.interest_paid for row in run.rows if as_of and row.due_on <= as_of
    )
    payoff = Payoff(run.outstanding, overdue + run.accrued)
    return Recalculated(tuple(run.rows), run.first_level, run.overpaid, payoff)


@dataclass(slots=True)
class _Run:
    """The work in hand.  `planned` is the principal left if all that fell due had been paid."""

    terms: Terms
    steps: Steps
    spans: list[Span]
    rates: list[Fraction]
    as_of: date | None
    rows: list[Row] = field(default_factory=list)
    planned: int = 0
    outstanding: int = 0
    overpaid: int = 0
    level: int = 0
    first_level: int = 0
    #: Whether principal was paid early, so that the level amount is to be solved anew.
    is_lowered: bool = False
    #: The interest of the period that holds `as_of`, up to the day.
    accrued: int = 0

    def period(
        self, number: int, span: Span, draws: Iterable[Movement], payments: Sequence[Movement]
    ) -> None:
        """Work out one row: the movements of its period, its interest, its principal."""
        start, end = span
        row, is_last = Row(number, end), number == len(self.spans)
        drawn = [draw for draw in draws if draw.on < end and (draw.on >= start or number == 1)]
        early = [x for x in payments if x.on < end and (x.on > start or number == 1)]
        rates = self.rates[number - 1 :]
        if self.terms.level_formula == "first_period_rate":
            rates = [self.rates[0]] * len(rates)
        self._set_level(rates, sum(draw.amount for draw in drawn if draw.on <= start))
        pieces = self._interest_bearing(row, span, drawn, early)
        costs = [balance * rate_between(self.terms, *days, end) for days, balance in pieces]
        row.interest = self._rounded(costs)
        self._accrue(span, pieces)
        if any(draw.on > start for draw in drawn):
            # Solved for what the period really ends with, so that the last balance is zero.
            owed = self.planned + sum(costs, Fraction(0))
            self.level = int(self.steps.installment(annuity(owed, [Fraction(0), *rates[1:]])))
        self.first_level = self.first_level or self.level
        # What was paid early has already left `planned`.
        wanted = self.level - row.interest - row.principal_paid
        rest = self.planned if is_last else max(0, min(wanted, self.planned))
        row.principal = row.principal_paid + rest
        self.planned -= rest
        self.rows.append(row)
        self.is_lowered |= row.principal_paid > 0
        for payment in payments:
            if payment.on == end:
                self._pay_on_due_date(payment, row)
        row.balance = self.planned

    def pay_overdue(self, payment: Movement) -> int:
        """Pay the rows that exist so far, oldest first, interest first; return what is left."""
        left = payment.amount
        for row in self.rows:
            interest = min(left, row.interest - row.interest_paid)
            principal = min(left - interest, row.principal - row.principal_paid)
            if interest or principal:
                row.take(payment.on, interest, principal)
                self.outstanding -= principal
                left -= interest + principal
                if not row.outstanding:
                    row.settled_on = payment.on
        return left

    def _interest_bearing(
        self, row: Row, span: Span, drawn: list[Movement], early: list[Movement]
    ) -> list[tuple[Span, int]]:
        """What bears interest from when to when, as the movements of the period change it."""
        start, end = span
        days = {start, *(x.on for x in (*drawn, *early))}
        if self.as_of is not None and start < self.as_of < end:
            days.add(self.as_of)
        changes: list[tuple[date, int]] = []
        for day in sorted(days):
            for draw in drawn:
                if draw.on == day:
                    self.planned += draw.amount
                    self.outstanding += draw.amount
            for payment in early:
                if payment.on == day:
                    self._pay_early(payment, row)
            is_assumed = self.as_of is None or day >= self.as_of
            balance = self.planned if is_assumed else self.outstanding
            if not changes or changes[-1][1] != balance:
                changes.append((max(day, start), balance))
        ends = [day for day, _ in changes[1:]] + [end]
        return [
            ((day, until), balance) for (day, balance), until in zip(changes, ends, strict=True)
        ]

    def _pay_early(self, payment: Movement, row: Row) -> None:
        """What is left of a payment before the due date is principal only."""
        left = self.pay_overdue(payment)
        principal = min(left, self.planned)
        row.take(payment.on, 0, principal)
        self.planned -= principal
        self.outstanding -= principal
        self.overpaid += left - principal

    def _pay_on_due_date(self, payment: Movement, row: Row) -> None:
        """What is left of a payment on the due date raises the principal of that installment."""
        left = self.pay_overdue(payment)
        more = min(left, self.planned)
        if more:
            row.principal += more
            row.take(payment.on, 0, more)
            self.planned -= more
            self.outstanding -= more
            self.is_lowered = True
        self.overpaid += left - more

    def _set_level(self, rates: list[Fraction], drawn_at_start: int) -> None:
        """The level amount from this period on, where a draw or an early payment changes it."""
        is_lowered = self.is_lowered and self.terms.prepayment != "reduce_term"
        if drawn_at_start or is_lowered:
            amount = Fraction(self.planned + drawn_at_start)
            self.level = int(level_amount(self.terms, amount, rates, self.steps))
        self.is_lowered = False

    def _rounded(self, costs: Iterable[Fraction]) -> int:
        """Interest of a period; its parts are rounded singly where the terms say so."""
        if self.terms.round_each_segment:
            return sum(int(self.steps.interest(cost)) for cost in costs)
        return int(self.steps.interest(sum(costs, Fraction(0))))

    def _accrue(self, span: Span, pieces: list[tuple[Span, int]]) -> None:
        """The interest of the period that holds `as_of`, as far as a payoff on the day owes it."""
        if self.as_of is None or not span[0] <= self.as_of < span[1]:
            return
        until = [(start, min(end, self.as_of), balance) for (start, end), balance in pieces]
        if self.terms.payoff_interest_until == "period_end":
            until.append((self.as_of, span[1], self.outstanding))
        self.accrued = self._rounded(
            balance * rate_between(self.terms, start, end, span[1])
            for start, end, balance in until
            if start < end
        )
