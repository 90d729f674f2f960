"""Interest that accrues by the day: the schedule follows the principal really outstanding.

A plan knows only its terms.  Under terms that `accrues` names, principal that is overdue goes on
bearing interest, principal repaid early stops, and the installments to come follow.  An `Accrual`
is one draw on its way through time: it knows what bore interest since when, and lays the lines that
are not due yet anew.  From the day that is asked for on it assumes that everything due is paid.

Two customs of the trade differ in when interest is asked for:

    recalculation   each period is rounded by itself, and its interest falls due at its end
    daily_simple    interest is owed day by day and kept exact until it is paid or asked for; paid
                    in full, the fraction of a minor unit that rounding left is dropped

It changes lines and knows no events; those are the business of `ledger.domain.accruals`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from ledger.domain.allocation import FEE, INTEREST, PRINCIPAL, Line
from ledger.domain.interest import Span, is_simple, price_of_days, rate_between, rates_of_periods
from ledger.domain.money import rounded, to_rate
from ledger.domain.replanning import Bearing
from ledger.domain.schedule import annuity, level_amount, level_installment, steps_of
from ledger.domain.schedule_fees import rows_at_once
from ledger.domain.state import Accrued, Accruing
from ledger.domain.terms import Terms

ONE_DAY = timedelta(days=1)
NO_INTEREST = Fraction(0)


class Accrual:
    """One draw whose interest accrues.  Its lines are those of its plan, in order of due date."""

    def __init__(
        self, terms: Terms, amount: int, on: date, lines: Sequence[Line], on_top: int = 0
    ) -> None:
        self.terms = terms
        self.amount = amount
        self.lines = list(lines[rows_at_once(terms) :])
        starts = max(on, terms.interest_from or on)
        ends = [line.due_on for line in self.lines]
        self.spans: list[Span] = list(pairwise([starts, *ends]))
        self.rates = rates_of_periods(terms, self.spans)
        self._steps = steps_of(terms)
        self._mode = terms.interest_rounding or terms.money_rounding
        self._level = int(level_installment(terms, amount, on))
        #: Fees of the plan, which are given up where the draw is settled before they are earned.
        self._fees = [line.owed[FEE] for line in self.lines]
        self._asked = list(self._fees)
        #: When it began, and how far it has come.
        self.began = self.day = on
        #: Interest of earlier days that falls due with the first line.
        self._on_top = on_top
        #: The period at hand; those before it are due.
        self.index = 0
        self._bearing = [Bearing(starts, sum(line.open(PRINCIPAL) for line in self.lines))]
        self.past: list[Accrued] = []
        #: The period from which on the level amount is solved anew; or solved for all it ends with.
        self._solve_at: int | None = None
        self._drawn_in: int | None = None
        #: Of `daily_simple`: accrued up to the last change and not paid, and all that ever accrued.
        self._exact = Fraction(on_top)
        self._total = NO_INTEREST
        self._settled = 0
        days = terms.settlement_grace_days
        #: The last day on which closing the draw costs no interest.
        self.grace_end = None if days is None else on + timedelta(days=days)
        #: Until this day nothing is charged, for the draw is closed by then.
        self.free_until: date | None = None
        #: What was changed of each line and is not told yet.
        self.pending: dict[tuple[Line, int], int] = {}

    # --- what it says ----------------------------------------------------------------------------

    @property
    def current(self) -> Line | None:
        """The line of the period at hand; None once all are due."""
        return self.lines[self.index] if self.index < len(self.lines) else None

    @property
    def planned(self) -> int:
        """The principal that is not due yet."""
        return sum(line.open(PRINCIPAL) for line in self.lines[self.index :])

    @property
    def balance(self) -> int:
        """What bears interest now."""
        return self._bearing[-1].balance

    @property
    def told(self) -> Accruing:
        """How its figures came about."""
        periods, planned = self.past, self.planned
        if (line := self.current) is not None:
            periods = [*periods, Accrued(line.number, *self._span, tuple(self._bearing))]
        elif is_simple(self.terms) and any(part.balance for part in self._bearing):
            # What the last line still owed went on bearing interest.
            *periods, last = periods
            bearing = (*last.bearing, *self._bearing)
            periods = [*periods, last._replace(end=date.max, bearing=bearing)]
        bearing_any = [one for one in periods if any(part.balance for part in one.bearing)]
        level = self._solved(self.index, planned) if self._solve_at == self.index else self._level
        return Accruing(
            tuple(bearing_any),
            self._exact if is_simple(self.terms) else NO_INTEREST,
            level if planned else 0,
            self.grace_end,
            self.free_until,
        )

    def exact(self, on: date) -> Fraction:
        """The interest that has accrued by a day and is not paid, before any rounding."""
        if is_simple(self.terms):
            return self._exact + self._since_change(on)
        return Fraction(self.owed(on))

    def payable(self, on: date) -> int:
        """The interest of the period at hand up to a day that is not settled, in minor units."""
        if is_simple(self.terms):
            paid_now = self._settled_so_far() - self._settled
            return max(0, self._rounded([self.exact(on)]) - paid_now - _interest_of(self.due))
        line = self.current
        if line is None:
            return 0
        costs = self._costs(on, on, 0)
        return max(0, self._rounded(costs) + self._extra - _settled(line, INTEREST))

    def owed(self, on: date) -> int:
        """All interest that has accrued by a day and is not settled, in minor units."""
        return self.payable(on) + _interest_of(self.due)

    @property
    def due(self) -> list[Line]:
        """The lines before that at hand, which is for ever the last where interest is simple."""
        last = len(self.lines) - is_simple(self.terms)
        return self.lines[: min(self.index, last)]

    def next_change(self, on: date) -> date | None:
        """The next day on which time alone changes what the lines owe; None is never."""
        if not self.balance:
            return None
        if is_simple(self.terms) and self._is_capped(on):
            return self.next_end(on)
        is_over = self.index == len(self.lines)
        if is_simple(self.terms) if is_over else self.balance != self.planned:
            return on + ONE_DAY
        end = self.next_end(on)
        for window in self.terms.rate_windows or ():
            day = max(window.from_on, on + ONE_DAY)
            while day <= window.to_on and (end is None or day < end):
                if self._open_interest(day, self.planned) != self._open_interest(on, self.planned):
                    return day
                day += ONE_DAY
        return end

    def next_end(self, on: date) -> date | None:
        """The next day after `on` on which a period ends; None is after the last."""
        return next((end for _, end in self.spans[self.index :] if end > on), None)

    @property
    def _span(self) -> Span:
        """The period at hand; that after the last one has no end."""
        last = self.spans[-1][1]
        return self.spans[self.index] if self.index < len(self.spans) else (last, date.max)

    # --- time passes -----------------------------------------------------------------------------

    def pass_to(self, on: date) -> None:
        """Let a day come, on the way to which nothing moved and no period ended but on it."""
        self.day = on
        if self._solve_at == self.index < len(self.lines) and on > self._span[0]:
            self._level, self._solve_at = self._solved(self.index, self.planned), None
        self._lay_anew(on)
        while self.index < len(self.lines) and self.spans[self.index][1] <= on:
            self._end_period()
            self._lay_anew(on)

    def _end_period(self) -> None:
        (start, end), line = self.spans[self.index], self.lines[self.index]
        self.past.append(Accrued(line.number, start, end, tuple(self._bearing)))
        balance = self.balance
        self._keep(end)
        self._bearing = [Bearing(end, balance)]
        self.index += 1
        self._drawn_in = None
        if (begun := self.current) is not None:
            # What is settled of it already is paid of what is going to accrue.
            settled = _settled(begun, INTEREST)
            self._exact -= settled
            self._settled += settled

    def _keep(self, on: date) -> None:
        """Count what has accrued by a day: from now on something else bears interest."""
        cost = self._since_change(on)
        self._exact += cost
        self._total += cost

    def moved(self, on: date, balance: int) -> None:
        """Something was paid, waived or drawn: `balance` bears interest from this day on."""
        settled = self._settled_so_far()
        since = max(on, self._bearing[-1].since)
        if settled != self._settled or balance != self.balance:
            self._keep(since)
            part = settled - self._settled
            is_all = part == self._rounded([self._exact])
            self._exact = NO_INTEREST if is_all else self._exact - part
            self._settled = settled
            if self._bearing[-1].since == since:
                self._bearing.pop()
            if is_simple(self.terms) or not self._bearing or self.balance != balance:
                self._bearing.append(Bearing(since, balance))
        self._lay_anew(on)

    def repaid_early(self, on: date, *, is_lowering: bool) -> None:
        """Principal that is not due is about to be paid: the level amount may follow."""
        if is_lowering:
            is_within = self.index == 0 or on > self._span[0]
            self._solve_at = self.index + is_within

    def drawn_more(self, on: date, amount: int) -> None:
        """Another draw is repaid by the same lines."""
        self.amount += amount
        self._put(self.lines[-1], PRINCIPAL, amount, on)
        if on > self._span[0]:
            self._drawn_in = self.index
        else:
            self._solve_at = self.index

    def closing(self, on: date, *, is_settled: bool) -> Iterator[tuple[Line, int, int]]:
        """What the lines to come owe more or less, by component, if the draw ends on a day."""
        start, _ = self._span
        for index, line in enumerate(self.lines[self.index :], start=self.index):
            interest, fee = 0, self._asked[index]
            if index == self.index:
                interest = self.payable(on)
                if is_settled and self.terms.payoff_interest_until == "period_end" and on > start:
                    interest = self._open_interest(on, self.balance)
            if self.terms.unearned_charges == "owed" or (index == self.index and on > start):
                fee = 0
            yield line, INTEREST, interest - line.open(INTEREST)
            yield line, FEE, -min(fee, line.open(FEE))

    # --- lines laid anew -------------------------------------------------------------------------

    def _lay_anew(self, on: date) -> None:
        """What the lines to come owe, if everything that is due by `on` is paid on it."""
        left, level = self.planned, self._level
        if self.index == len(self.lines):
            if is_simple(self.terms):
                last = self.lines[-1]
                interest = self._rounded([self.exact(on)]) - _interest_of(self.due)
                self._put(last, INTEREST, max(0, interest) - last.open(INTEREST), on)
            return
        room = self._room(on)
        for index, line in enumerate(self.lines[self.index :], start=self.index):
            if index == self.index:
                interest = self._open_interest(on, left)
                if self._drawn_in == index:
                    level = self._level = self._solved_within(on, left)
            else:
                cost = rounded(left * self.rates[index], self._mode)
                cost = cost if room is None else min(cost, rounded(room, self._mode))
                interest = max(0, cost - _settled(line, INTEREST))
            room = None if room is None else max(NO_INTEREST, room - interest)
            if self._solve_at == index:
                level = self._solved(index, left)
            wanted = level - interest - _settled(line, INTEREST) - _settled(line, PRINCIPAL)
            wanted += self._on_top if index == 0 else 0
            is_last = index == len(self.lines) - 1
            if index > self.index:
                self._ask_fee(index, on, is_struck=not left)
            principal = left if is_last else max(0, min(wanted, left))
            left -= principal
            self._put(line, INTEREST, interest - line.open(INTEREST), on)
            self._put(line, PRINCIPAL, principal - line.open(PRINCIPAL), on)

    def _ask_fee(self, index: int, on: date, *, is_struck: bool) -> None:
        """The fee of the plan, unless there is nothing left that the installment could repay."""
        line, is_owed = self.lines[index], self.terms.unearned_charges == "owed"
        asked = self._fees[index] if is_owed or not is_struck else 0
        change = max(asked - self._asked[index], -line.open(FEE))
        self._asked[index] += change
        self._put(line, FEE, change, on)

    def _put(self, line: Line, component: int, amount: int, on: date) -> None:
        if amount:
            line.adjust(component, amount, on)
            self.pending[line, component] = self.pending.get((line, component), 0) + amount

    def move(self, to: Line, amount: int, on: date) -> None:
        """Let a line carry so much principal that is not due, taken from the last ones."""
        need = amount
        if to in self.lines[self.index :]:
            need -= min(need, to.open(PRINCIPAL))
        self._put(to, PRINCIPAL, need, on)
        to.repaid_early += need
        for line in reversed(self.lines[self.index :]):
            if line is not to:
                part = min(need, line.open(PRINCIPAL))
                self._put(line, PRINCIPAL, -part, on)
                need -= part

    def _solved(self, index: int, balance: int) -> int:
        """The level amount that repays a balance from a period on."""
        if not balance:
            return 0
        return int(
            level_amount(self.terms, Fraction(balance), self._rates_from(index), self._steps)
        )

    def _solved_within(self, on: date, balance: int) -> int:
        """The level amount that repays what the period at hand ends with."""
        ends_with = balance + sum(self._costs(on, self._span[1], balance), NO_INTEREST)
        rates = [NO_INTEREST, *self._rates_from(self.index)[1:]]
        return int(self._steps.installment(annuity(ends_with, rates)))

    def _rates_from(self, index: int) -> list[Fraction]:
        rates = self.rates[index:]
        if self.terms.level_formula == "first_period_rate":
            return [self.rates[0]] * len(rates)
        return rates

    # --- what days cost --------------------------------------------------------------------------

    def _open_interest(self, on: date, balance: int) -> int:
        """What the line at hand owes of interest, if `balance` bears it from `on` to the end."""
        end, line = self._span[1], self.lines[self.index]
        if not is_simple(self.terms):
            costs = self._costs(on, end, balance)
            return max(0, self._rounded(costs) + self._extra - _settled(line, INTEREST))
        # A window changes what accrues, not what is agreed for days to come.
        to_come = balance * rate_between(self.terms, max(on, self._span[0]), end, end)
        whole = self.exact(on) + _at_most(to_come, self._room(on))
        return max(0, self._rounded([whole]) - _interest_of(self.due))

    def _settled_so_far(self) -> int:
        return sum(_settled(line, INTEREST) for line in self.lines[: self.index + 1])

    @property
    def _extra(self) -> int:
        return 0 if self.index else self._on_top

    def _costs(self, on: date, until: date, balance: int) -> list[Fraction]:
        """The parts of the period at hand up to `until`, where `balance` counts from `on` on."""
        parts, end = list(self._bearing), self._span[1]
        if on < until and parts[-1].balance != balance:
            parts.append(Bearing(max(on, parts[-1].since), balance))
        ends = [*(part.since for part in parts[1:]), until]
        return [
            part.balance * price_of_days(self.terms, part.since, stop, end)
            for part, stop in zip(parts, ends, strict=True)
            if part.since < stop
        ]

    def _since_change(self, on: date) -> Fraction:
        """Of `daily_simple`: what has accrued since something last changed."""
        since = self._bearing[-1].since
        if not is_simple(self.terms) or on <= since or not self.balance:
            return NO_INTEREST
        return _at_most(
            self.balance * price_of_days(self.terms, since, on, None, self.free_until),
            self._room_before(),
        )

    def _room_before(self) -> Fraction | None:
        """What a cap on all interest together had left when something last changed."""
        cap = self.terms.interest_total_cap_percent
        return None if cap is None else self.amount * to_rate(cap) / 100 - self._total

    def _room(self, on: date) -> Fraction | None:
        """What a cap on all interest together leaves from a day on."""
        room = self._room_before()
        return None if room is None else room - self._since_change(on)

    def _is_capped(self, on: date) -> bool:
        room = self._room(on)
        return room is not None and room <= 0

    def _rounded(self, costs: Iterable[Fraction]) -> int:
        """Interest in minor units; its parts are rounded singly where the terms say so."""
        if self.terms.round_each_segment:
            return sum(rounded(cost, self._mode) for cost in costs)
        return rounded(sum(costs, NO_INTEREST), self._mode)


def _settled(line: Line, component: int) -> int:
    """What of a line was paid, waived or otherwise taken off."""
    return line.owed[component] - line.open(component)


def _interest_of(lines: Iterable[Line]) -> int:
    return sum(line.open(INTEREST) for line in lines)


def _at_most(cost: Fraction, room: Fraction | None) -> Fraction:
    return cost if room is None else min(cost, room)
