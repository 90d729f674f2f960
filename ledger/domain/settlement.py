"""What the facts of an account amount to on a day: movements applied in the order they count.

This is the heart of the ledger.  Time passes between movements: on the day a due date comes,
money held as credit pays it.  A reversed payment is not applied at all, so everything after it
falls as if it had never been.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import assert_never

from ledger.domain.account import Account, Movement
from ledger.domain.accruals import Accruals, Grace
from ledger.domain.allocation import (
    FEE,
    PENALTY,
    PRINCIPAL,
    ChargeShare,
    Line,
    Share,
    due_order,
    is_principal_first,
    oldest_open,
    shares,
)
from ledger.domain.events import (
    DrawMade,
    DrawRestructured,
    DuesWaived,
    FeeCharged,
    PaymentReceived,
    PaymentRefunded,
    PenaltyCharged,
)
from ledger.domain.interest import accrues
from ledger.domain.outcome_events import DrawCancelled, DrawRefunded, DrawWrittenOff
from ledger.domain.outcomes import Outcomes
from ledger.domain.replans import Replans
from ledger.domain.schedule import plan
from ledger.domain.splits import Lot, Split
from ledger.domain.spreading import put_by, shared_rows
from ledger.domain.state import NOTHING, Amounts
from ledger.domain.steps import Step, StepKind, planned
from ledger.domain.terms import COMPONENTS, Terms


class Settlement:
    """The books of one account while its movements are applied."""

    __deletable__ = ("outcomes", "replans", "accruals")  # A compiled class must be told.

    def __init__(
        self,
        account: Account,
        trace: list[Step] | None = None,
        free: frozenset[Grace] = frozenset(),
    ) -> None:
        self.account = account
        self.free = free
        #: All lines in order of due date; those before the first open one are settled.
        self.lines: list[Line] = []
        self._first_open = 0
        self.lines_by_draw: dict[str, list[Line]] = {}
        self.planned_count: dict[str, int] = {}
        #: What a draw that joined a schedule puts on its lines when its day comes.
        self._joining: dict[str, list[tuple[Line, Amounts]]] = {}
        self.line_of_charge: dict[str, Line] = {}
        self.splits: dict[str, Split] = {}
        self.credit: deque[Lot] = deque()
        self.credit_balance = 0
        #: Principal of all draws that is neither paid nor waived.
        self.principal_balance = 0
        self.outcomes = Outcomes(self, self._note)
        self.replans = Replans(self, self._note, self._pay)
        self.accruals = Accruals(self, self._note, is_told=trace is not None)
        self._trace = trace

    def run(self, as_of: date) -> None:
        """Apply every movement, then let time pass until the end of `as_of`."""
        since = date.min
        for on, _version, movement in sorted(self.account.moves, key=attrgetter("place")):
            self._let_time_pass(since, on)
            self._apply(movement, on)
            self.accruals.follow(on)
            since = on
        self._let_time_pass(since, as_of)
        self._note_taken_back()

    def open_lines(self) -> list[Line]:
        """The lines from the oldest that owes anything on, in order of due date."""
        while self._first_open < len(self.lines) and not self.lines[self._first_open].open_total:
            self._first_open += 1
        return self.lines[self._first_open :]

    def _let_time_pass(self, since: date, until: date) -> None:
        """Credit pays what falls due, on the day it falls due.

        What fell due before `since` and is still open is paid then: money left over by a payment
        to another draw pays it on its own day, not before it came.
        """
        while self.credit_balance:
            lines = self.open_lines()
            held = self.credit_balance
            if lines and lines[0].due_on <= until:
                on = max(lines[0].due_on, since)
                self.accruals.pass_time(on)
                self._use_credit(on)
                self.accruals.follow(on)
            if self.credit_balance == held:
                break
        self.accruals.pass_time(until)

    def _apply(self, movement: Movement, on: date) -> None:
        match movement:
            case PaymentReceived():
                self._receive(movement, on)
            case DrawMade():
                self._draw(movement)
                self._use_credit(on)
            case PenaltyCharged() | FeeCharged():
                self._charge(movement, on)
                self._use_credit(on, as_it_came=True)
            case DuesWaived():
                self._waive(movement, on)
            case PaymentRefunded():
                self._refund(movement, on)
            case DrawWrittenOff() | DrawCancelled() | DrawRefunded():
                self.outcomes.apply(movement, on)
                self._use_credit(on)
            case DrawRestructured():
                self.replans.restructure(movement, on)
            case _:
                assert_never(movement)

    def _draw(self, draw: DrawMade) -> None:
        on = draw.effective_on
        self.principal_balance += draw.amount
        if self._trace is not None:
            schedule = draw.joins_draw_id or draw.draw_id
            self._trace.append(Step(on, "drawn", draw.draw_id, schedule, None, None, draw.amount))
        if draw.joins_draw_id is None:
            self._lay_out(draw)
            return
        self.accruals.join(draw.joins_draw_id, draw.amount, on)
        for line, amounts in self._joining.get(draw.draw_id, ()):
            for component, amount in enumerate(amounts):
                line.owe(component, amount)
                self._note(on, "planned", draw.draw_id, line, component, amount)
            self.reopened(line)

    def _lay_out(self, draw: DrawMade) -> None:
        """The lines of a schedule, also those that a draw to come will put something on.

        So numbers and due dates are the same from the beginning to the end.
        """
        joined = [] if accrues(draw.terms) else self.account.joined.get(draw.draw_id, [])
        moved = self.account.moved.get(draw.draw_id, [])
        if joined or moved:
            rows = shared_rows([draw, *joined], moved)
            lines = [
                Line(draw.draw_id, number, row.from_on, row.due_on, put_by(row, draw.draw_id),
                     row.planned_on)
                for number, row in enumerate(rows, start=1)
            ]  # fmt: skip
            for other in joined:
                put = [put_by(row, other.draw_id) for row in rows]
                self._joining[other.draw_id] = list(zip(lines, put, strict=True))
        else:
            lines = [
                Line(draw.draw_id, row.number, row.from_on, row.due_on, row[3:])
                for row in plan(draw.terms, draw.amount, draw.effective_on)
            ]
        self.lines_by_draw[draw.draw_id] = lines
        self.planned_count[draw.draw_id] = len(lines)
        for line in lines:
            self._insert(line)
        if self._trace is not None:
            self._trace += planned(draw.draw_id, draw.effective_on, lines)
        self.accruals.begin(draw.draw_id, draw.terms, draw.amount, draw.effective_on, lines)

    def _receive(self, payment: PaymentReceived, on: date) -> None:
        money = self.account.counting_amount(payment.payment_id)
        split = self.splits[payment.payment_id] = Split(payment.payment_id, on, money)
        self._note(on, "suspended", payment.payment_id, None, None, payment.amount - money)
        self.accruals.watch_grace(payment, money, on)
        if payment.intent == "due":
            money = self._pay_dues(payment, split, money, on)
        else:
            money = self.replans.repay_early(payment, split, money, on)
        money -= self.outcomes.recovered(split, money, on, payment.draw_id)
        if money:
            self.hold(payment.payment_id, money)
            self._note(on, "credited", payment.payment_id, None, None, money)
            if self.outcomes.has_written_off:
                self._use_credit(on)
        # Money may have come before a draw on whose installments it is spread in advance.
        split.principal_balance = max(0, self.principal_balance)

    def _pay_dues(self, payment: PaymentReceived, split: Split, money: int, on: date) -> int:
        """Spread a payment as the terms say; answer what is left of it."""
        lines = self.open_lines()
        if payment.draw_id is not None:
            lines = self.lines_by_draw[self.account.schedule_of(payment.draw_id)]
        for share in self._shares(lines, money, on, payment):
            self._pay(share, split, on)
            money -= share.amount
            self._note(on, "paid", payment.payment_id, share.line, share.component, share.amount)
        return money

    def _use_credit(self, on: date, *, as_it_came: bool = False) -> None:
        """Spread the money held, oldest payment first.

        A charge that comes to be known is paid as it would have been, had it been known when the
        money came: on that day, where the terms let money pay in advance (`as_it_came`).
        """
        while self.credit:
            payment_id, money = self.credit[0]
            split, rest = self.splits[payment_id], money
            lines = self.open_lines()
            terms = self._governing(lines)
            is_early = as_it_came and terms is not None and bool(terms.allocation.in_advance)
            for share in self._shares(lines, money, on):
                self._pay(share, split, split.on if is_early else on)
                rest -= share.amount
                self._note(
                    on, "paid_from_credit", payment_id, share.line, share.component, share.amount
                )
            rest -= self.outcomes.recovered(split, rest, on, from_credit=True)
            self.credit_balance -= money - rest
            if rest:
                self.credit[0] = Lot(payment_id, rest)
                return
            self.credit.popleft()

    def hold(self, payment_id: str, money: int) -> None:
        """Keep money of a payment as credit."""
        self.credit.append(Lot(payment_id, money))
        self.credit_balance += money

    def _pay(self, share: Share, split: Split, on: date) -> None:
        line, component, amount = share
        line.pay(component, amount, on)
        split.paid[component] += amount
        self.outcomes.remember(split, share, on)
        if component == PRINCIPAL:
            self.principal_balance -= amount

    def _refund(self, refund: PaymentRefunded, on: date) -> None:
        """Give back credit, the oldest first; what credit does not cover is owed again."""
        left = refund.amount
        while left and self.credit:
            payment_id, held = self.credit[0]
            part = min(left, held)
            self.splits[payment_id].refunded += part
            left -= part
            self.credit_balance -= part
            if part < held:
                self.credit[0] = Lot(payment_id, held - part)
            else:
                self.credit.popleft()
        self._note(on, "refunded", refund.refund_id, None, None, refund.amount - left)
        if left:
            draw_id = refund.draw_id or next(reversed(self.lines_by_draw))
            line = self._line_containing(self.account.schedule_of(draw_id), on)
            line.owe(PRINCIPAL, left)
            line.refund_owed += left
            self.principal_balance += left
            self.reopened(line)
            self._note(on, "refund_owed", refund.refund_id, line, PRINCIPAL, left)

    def _charge(self, charge: PenaltyCharged | FeeCharged, on: date) -> None:
        amount = self.account.counting_charge(charge.key)
        if not amount:
            return  # It was reversed altogether: it never was.
        component = PENALTY if isinstance(charge, PenaltyCharged) else FEE
        due_on = charge.due_on or charge.effective_on
        draw_id = self.account.schedule_of(charge.draw_id)
        if charge.installment is None:
            line = self._line_containing(draw_id, due_on)
        else:
            # Before a draw joined the schedule, it had fewer lines than the number may count on.
            lines = self.lines_by_draw[draw_id]
            line = lines[min(charge.installment, len(lines)) - 1]
        line.charge(ChargeShare(due_on, component, amount))
        self.reopened(line)
        self.line_of_charge[charge.key] = line
        self._note(on, "charged", charge.charge_id, line, component, amount)
        self.outcomes.charged(charge.key, line, component, amount, on)

    def _line_containing(self, draw_id: str, day: date) -> Line:
        """The installment whose period contains a day.

        The first period includes its first day, so a down payment, whose period has no length,
        is never meant.  A day after the last installment makes an extra one of its own.
        """
        lines = self.lines_by_draw[draw_id]
        for line in lines:
            if line.from_on < line.due_on and day <= line.due_on:
                return line
        last = lines[-1]
        if last.number > self.planned_count[draw_id]:
            last.due_on = last.planned_on = day
        else:
            last = Line(draw_id, last.number + 1, last.due_on, day, NOTHING)
            lines.append(last)
            self.lines.append(last)
        self._in_due_order()
        return last

    def _waive(self, waiver: DuesWaived, on: date) -> None:
        """Take off the debt, oldest installment first; never more than is owed."""
        if waiver.waiver_id in self.account.reversed_waivers:
            return
        component = COMPONENTS.index(waiver.component)
        left = waiver.amount
        for line in self._lines_waived(waiver):
            amount = min(left, line.open(component))
            if amount:
                line.waive(component, amount, on)
                left -= amount
                if component == PRINCIPAL:
                    self.principal_balance -= amount
                self._note(on, "waived", waiver.waiver_id, line, component, amount)

    def _lines_waived(self, waiver: DuesWaived) -> list[Line]:
        if waiver.charge_id is not None:
            line = self.line_of_charge.get(f"{waiver.component}:{waiver.charge_id}")
            return [] if line is None else [line]
        lines = self.lines_by_draw[self.account.schedule_of(waiver.draw_id)]
        return [line for line in lines if waiver.installment in (None, line.number)]

    def _shares(
        self, lines: list[Line], money: int, on: date, payment: PaymentReceived | None = None
    ) -> Iterator[Share]:
        """Spread money by the governing terms; a payment may say where it goes in advance."""
        oldest = oldest_open(lines)
        if oldest is None:
            return iter(())  # Nothing is owed: the money is kept as credit.
        terms = self.replans.terms_of(oldest.draw_id)
        allocation = terms.allocation
        if payment is not None and payment.in_advance_target is not None:
            allocation = replace(allocation, in_advance_target=payment.in_advance_target)
        is_old = is_principal_first(on, terms, oldest.due_on)
        spread = self.accruals.shares if self.accruals.by_draw else shares
        return spread(lines, money, on, allocation, terms.money_rounding, is_old=is_old)

    def _governing(self, lines: Sequence[Line]) -> Terms | None:
        """The terms of the draw that owes the oldest installment; None if nothing is owed."""
        oldest = oldest_open(lines)
        return None if oldest is None else self.replans.terms_of(oldest.draw_id)

    def reline(self, draw_id: str, lines: list[Line], planned_count: int) -> None:
        """From now on these are the lines of a draw, so many of them by plan."""
        self.lines_by_draw[draw_id] = lines
        self.planned_count[draw_id] = planned_count
        self.lines = [line for line in self.lines if line.draw_id != draw_id] + lines
        self._in_due_order()

    def _insert(self, line: Line) -> None:
        """To sort all lines at every draw would cost more the more draws there are."""
        order, place = due_order(line), len(self.lines)
        if self.lines and order < due_order(self.lines[-1]):  # Most lines are the last to come.
            place = bisect_right(self.lines, order, key=due_order)
        self.lines.insert(place, line)
        self._first_open = min(self._first_open, place)

    def _in_due_order(self) -> None:
        self.lines.sort(key=due_order)
        self._first_open = 0

    def reopened(self, line: Line) -> None:
        """A line owes more than before: it may be the oldest that owes anything."""
        place = bisect_left(self.lines, due_order(line), key=due_order)
        self._first_open = min(self._first_open, place)

    def _note(
        self,
        on: date,
        kind: StepKind,
        fact_id: str,
        line: Line | None,
        component: int | None,
        amount: int,
    ) -> None:
        if self._trace is not None and amount:
            draw_id = number = due_on = None
            if line is not None:
                draw_id, number, due_on = line.draw_id, line.number, line.due_on
            self._trace.append(Step(on, kind, fact_id, draw_id, number, component, amount, due_on))

    def _note_taken_back(self) -> None:
        """Say when money went back that never counted: nothing else happens on that day."""
        if self._trace is not None and self.account.taken_back:
            for taken in self.account.taken_back:
                self._note(taken.on, "taken_back", taken.fact_id, None, None, taken.amount)
            self._trace.sort(key=attrgetter("on"))
