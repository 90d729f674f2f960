"""The books of an account with the penalties that its terms call for, as the days pass.

The rules look back: what was unpaid as a day ended makes the penalty that begins the next one.  So
the penalties up to a day hang on the days before it alone.  `PenaltyBooks` lives through the
account once, as the fold does, and makes the charges on its way; those recorded are left aside.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from ledger.domain.account import (
    END_OF_DAY,
    START_OF_DAY,
    Account,
    Fact,
    Move,
    Movement,
    evolve,
    move_of_charge,
)
from ledger.domain.accruals import ClosedInGrace, Grace
from ledger.domain.allocation import Line
from ledger.domain.events import PenaltyCharged, PenaltyRule
from ledger.domain.money import rounded
from ledger.domain.penalty import (
    COMPONENTS_OF_BASE,
    Arithmetic,
    Span,
    cap_of,
    fee_grace_days,
    first_day_overdue,
    interest_in_words,
    interest_of,
    is_charging_day,
    late_fee,
    next_charging_day,
    penalty_id,
    penalty_rate,
)
from ledger.domain.settlement import Settlement
from ledger.domain.statement import paused_days
from ledger.domain.terms import PenaltyInterest, Terms

ONE_DAY = timedelta(days=1)


class Slot(NamedTuple):
    """What a penalty is for: there is one of a rule for an installment and a day."""

    on: date
    rule: PenaltyRule
    draw_id: str
    installment: int | None


@dataclass(slots=True)
class Accrual:
    """The penalty interest of one installment on its way into the books."""

    line: Line
    rule: PenaltyInterest
    rate: Fraction
    #: In minor units: all that has accrued, what of it is charged, and the highest base so far.
    exact: Fraction = Fraction(0)
    charged: int = 0
    overdue_max: int = 0
    #: What rounding left open on the last charging day, and what has been overdue since.
    carried: Fraction = Fraction(0)
    spans: list[Span] = field(default_factory=list)

    def take(self, span: Span) -> None:
        """Interest of a span accrues."""
        self.exact += interest_of(self.rate, self.rule, [span])
        self.overdue_max = max(self.overdue_max, span.base)
        self.spans.append(span)


class Called(NamedTuple):
    """A penalty that the terms call for; that of interest is told only where it is asked for."""

    charge: PenaltyCharged
    made_of: Arithmetic | None = None

    def said(self, decimals: int) -> PenaltyCharged:
        """The charge with its arithmetic."""
        if self.made_of is None:
            return self.charge
        return replace(self.charge, basis=interest_in_words(self.made_of, decimals))


def slot_of(charge: PenaltyCharged) -> Slot:
    """What a charge that was made by a rule is for."""
    assert charge.rule is not None
    return Slot(charge.effective_on, charge.rule, charge.draw_id, charge.installment)


def penalties_called_for(
    account: Account, today: date, keys: Mapping[Slot, list[str]], decimals: int
) -> "PenaltyBooks":
    """The books up to the charges with which `today` begins.

    `account` holds the facts of the days before, without the charges that a rule has made; `keys`
    are those that such charges are recorded under, so that a waiver finds its charge; `decimals`
    are those of the currency.
    """
    early: list[PenaltyCharged] = []
    free = frozenset[Grace]()
    while True:
        books = PenaltyBooks(account, early, keys, decimals, free)
        try:
            books.run(today)
        except _CountsEarlier as found:
            early.append(found.charge)
        except ClosedInGrace as found:
            free |= {found.draw}
        else:
            return books


class _CountsEarlier(Exception):
    """A charge belongs before what was already applied: begin again, with it in its place."""

    def __init__(self, charge: PenaltyCharged) -> None:
        self.charge = charge


class PenaltyBooks(Settlement):
    """The books of an account with the penalties that its terms call for, as the days pass."""

    def __init__(
        self,
        account: Account,
        early: Iterable[PenaltyCharged],
        keys: Mapping[Slot, list[str]],
        decimals: int,
        free: frozenset[Grace] = frozenset(),
    ) -> None:
        own = replace(account, charges=dict(account.charges), moves=list(account.moves))
        super().__init__(own, free=free)
        self.called: dict[Slot, Called] = {}
        self._early = set[str]()
        for charge in early:
            evolve(own, Fact(charge, 0))
            self._early.add(charge.charge_id)
            self.called[slot_of(charge)] = Called(charge)
        self._decimals = decimals
        self._recorded_keys = keys
        self._first_days: dict[tuple[str, date, int], date] = {}
        self._accruals: dict[tuple[str, int], Accrual] = {}
        #: The day of the last movement that the account has had, and the place of the last charge.
        self._moved_on = date.min
        self._last_place: tuple[date, int, tuple[object, ...]] = (date.min, START_OF_DAY, ())

    def next_day(self, today: date) -> date | None:
        """The next day after `today` that may call for a penalty with no new fact."""
        return self._next_stop(today, date.max)

    def _apply(self, movement: Movement, on: date) -> None:
        super()._apply(movement, on)
        if isinstance(movement, PenaltyCharged) and movement.charge_id in self._early:
            self._know_by_recorded_keys(movement)

    def _let_time_pass(self, since: date, until: date) -> None:
        """From one day on which something is charged to the next."""
        self._moved_on = since
        while self.lines and (stop := self._next_stop(since, until)) is not None:
            super()._let_time_pass(since, stop)
            self._accrue(since, stop)
            late = [line for line in self._watched() if line.due_on < stop]
            fees = [self._late_fee_of(line, stop) for line in late]
            interest = [self._interest_of(line, stop) for line in late]
            called = [one for one in fees + interest if one is not None]
            for one in sorted(called, key=lambda one: self._move_of(one.charge).place):
                self._put(one)
            since = stop
        super()._let_time_pass(since, until)
        self._accrue(since, until)

    def _watched(self) -> list[Line]:
        """Installments by plan that may be charged for: open ones, and those with accruals."""
        watched = [
            line
            for line in self.open_lines()
            if line.open_total and self._terms_of(line) is not None
        ]
        pending = (accrual.line for accrual in self._accruals.values() if accrual.spans)
        return watched + [line for line in pending if not line.open_total]

    def _next_stop(self, since: date, until: date) -> date | None:
        """The first day after `since` and up to `until` on which something may be charged."""
        # A line that owes nothing yet may owe interest once its period has ended.
        ends = (accrual.next_end(since) for accrual in self.accruals.by_draw.values())
        found = min((day for day in ends if day is not None and day <= until), default=None)
        for line in self._watched():
            if line.due_on >= (found or until):
                continue
            for day in self._charging_days(line, since):
                if since < day <= (found or until):
                    found = day
        return found

    def _charging_days(self, line: Line, since: date) -> Iterator[date]:
        terms = self._terms_of(line)
        if terms is None:
            return
        if terms.late_fee is not None:
            yield self._first_day(line, fee_grace_days(terms, terms.late_fee))
        rule = terms.penalty_interest
        if rule is not None and not self._is_capped(line, rule):
            first = self._first_day(line, terms.delinquency.grace_days)
            yield first
            yield next_charging_day(rule, line.due_on, max(first, since + ONE_DAY))

    def _terms_of(self, line: Line) -> Terms | None:
        """The terms with the rules; None where no rule governs the installment.

        A row that charges made after the last installment is no installment.
        """
        terms = self.replans.terms_of(line.draw_id)
        if terms.late_fee is None and terms.penalty_interest is None:
            return None
        return terms if line.number <= self.planned_count[line.draw_id] else None

    def _first_day(self, line: Line, grace_days: int) -> date:
        asked = (line.draw_id, line.due_on, grace_days)
        if asked not in self._first_days:
            self._first_days[asked] = first_day_overdue(
                line.due_on, grace_days, lambda day: paused_days(self.account, line.draw_id, day)
            )
        return self._first_days[asked]

    # --- late fees -----------------------------------------------------------------------------

    def _late_fee_of(self, line: Line, day: date) -> Called | None:
        """The late fee that is incurred as a day begins, unless it is in the books from before."""
        terms = self._terms_of(line)
        rule = terms.late_fee if terms else None
        if terms is None or rule is None or line.open_total <= terms.delinquency.tolerance:
            return None
        if day != self._first_day(line, fee_grace_days(terms, rule)):
            return None
        amount, how = late_fee(terms, rule, line, self._decimals)
        on = line.due_on if rule.dated == "due_date" else day
        charge = _charge("late_fee", line, on, amount, line.planned_on, how)
        return Called(charge) if amount and charge.charge_id not in self._early else None

    # --- penalty interest ----------------------------------------------------------------------

    def _accrue(self, since: date, until: date) -> None:
        """Interest of the days after `since` up to `until`, in which nothing moved."""
        for line in self._watched():
            terms = self._terms_of(line)
            rule = terms.penalty_interest if terms else None
            if terms is None or rule is None or line.due_on >= until:
                continue
            base = sum(line.open(component) for component in COMPONENTS_OF_BASE[rule.base])
            start = max(since, line.due_on)
            if rule.accrues_from == "grace_end":
                start = max(start, self._first_day(line, terms.delinquency.grace_days) - ONE_DAY)
            if base <= 0 or start >= until or line.open_total <= terms.delinquency.tolerance:
                continue
            place = (line.draw_id, line.number)
            if place not in self._accruals:
                self._accruals[place] = Accrual(line, rule, penalty_rate(terms, rule))
            for first, last in self._unpaused(line.draw_id, start, until):
                self._accruals[place].take(Span(base, first, last))

    def _unpaused(self, draw_id: str, start: date, end: date) -> list[tuple[date, date]]:
        """The parts of a span in which ageing does not stand still."""
        parts = [(start, end)]
        for pause in self.account.pauses:
            if pause.draw_id is None or self.account.schedule_of(pause.draw_id) == draw_id:
                parts = [
                    (first, last)
                    for since, until in parts
                    for first, last in (
                        (since, min(until, pause.effective_on)),
                        (max(since, pause.until), until),
                    )
                    if first < last
                ]
        return parts

    def _interest_of(self, line: Line, day: date) -> Called | None:
        """What has accrued, if a day is one on which it is charged."""
        accrual = self._accruals.get((line.draw_id, line.number))
        if accrual is None:
            return None
        delinquency = self.replans.terms_of(line.draw_id).delinquency
        first = self._first_day(line, delinquency.grace_days)
        if day == first and line.open_total <= delinquency.tolerance:
            del self._accruals[line.draw_id, line.number]  # Paid in time: nothing is owed for it.
        elif day >= first and is_charging_day(accrual.rule, line.due_on, day):
            return self._charged(accrual, day)
        return None

    def _charged(self, accrual: Accrual, day: date) -> Called | None:
        line, rule = accrual.line, accrual.rule
        rounding = rule.rounding or self.replans.terms_of(line.draw_id).money_rounding
        asked = rounded(accrual.exact, rounding) - accrual.charged
        room = self._room(accrual)
        amount = asked if room is None else min(asked, room)
        made_of = Arithmetic(
            rule, accrual.rate, tuple(accrual.spans), accrual.carried, amount < asked
        )
        accrual.spans.clear()
        accrual.charged += amount
        accrual.carried = accrual.exact - accrual.charged
        charge = _charge("penalty_interest", line, day, amount, day)
        return Called(charge, made_of) if amount else None

    def _room(self, accrual: Accrual) -> int | None:
        """What the cap leaves; None is without cap."""
        draw_id = accrual.line.draw_id
        draws = [self.account.draws[draw_id], *self.account.joined.get(draw_id, ())]
        drawn = sum(draw.amount for draw in draws if draw.effective_on <= self._moved_on)
        cap = cap_of(accrual.rule, drawn, accrual.overdue_max)
        if cap is None:
            return None
        if accrual.rule.cap_base == "overdue":
            return max(0, cap - accrual.charged)
        others = (one.charged for one in self._accruals.values() if one.line.draw_id == draw_id)
        return max(0, cap - sum(others))

    def _is_capped(self, line: Line, rule: PenaltyInterest) -> bool:
        """Whether there is nothing more to come."""
        accrual = self._accruals.get((line.draw_id, line.number))
        return rule.cap_percent is not None and accrual is not None and self._room(accrual) == 0

    # --- into the books ------------------------------------------------------------------------

    def _put(self, called: Called) -> None:
        """A charge enters the books, in its place among the movements."""
        charge = called.charge
        move = self._move_of(charge)
        if move.place < max(self._last_place, (self._moved_on, END_OF_DAY - 1, ())):
            raise _CountsEarlier(charge)
        self._last_place = move.place
        self.called[slot_of(charge)] = called
        self.account.charges[charge.key] = charge
        self._apply(charge, move.on)
        self._know_by_recorded_keys(charge)

    def _move_of(self, charge: PenaltyCharged) -> Move:
        return move_of_charge(self.account, charge, START_OF_DAY)

    def _know_by_recorded_keys(self, charge: PenaltyCharged) -> None:
        """A waiver of a charge names it by the key that it is recorded under."""
        line = self.line_of_charge[charge.key]
        self.line_of_charge |= dict.fromkeys(self._recorded_keys.get(slot_of(charge), ()), line)


def _charge(
    rule: PenaltyRule, line: Line, on: date, amount: int, day: date, basis: str = ""
) -> PenaltyCharged:
    return PenaltyCharged(
        effective_on=on,
        charge_id=penalty_id(rule, line, day),
        draw_id=line.draw_id,
        amount=amount,
        due_on=on,
        installment=line.number,
        kind=rule,
        basis=basis,
        rule=rule,
    )
