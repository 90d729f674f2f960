"""What the facts of an account amount to on a day: movements applied in the order they count.

This is the heart of the ledger.  Time passes between movements: on the day a due date comes,
money held as credit pays it.  A reversed payment is not applied at all, so everything after it
falls as if it had never been.
"""

from collections import deque
from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple, assert_never

from ledger.domain.account import Account, Move, Movement
from ledger.domain.allocation import FEE, PENALTY, PRINCIPAL, ChargeShare, Line, shares
from ledger.domain.events import DrawMade, DuesWaived, FeeCharged, PaymentReceived, PenaltyCharged
from ledger.domain.schedule import plan
from ledger.domain.state import NOTHING
from ledger.domain.terms import COMPONENTS, Allocation

StepKind = Literal["planned", "charged", "paid", "credited", "paid_from_credit", "waived"]


class Step(NamedTuple):
    """One line of the derivation: on this day, this much, for this reason."""

    on: date
    kind: StepKind
    fact_id: str
    draw_id: str | None
    installment: int | None
    component: int | None
    amount: int


class Lot(NamedTuple):
    """Money held as credit, and the payment it came from."""

    payment_id: str
    amount: int


class Split:
    """Where one payment's money has gone so far."""

    __slots__ = ("counting", "on", "paid", "principal_balance")

    def __init__(self, on: date, counting: int) -> None:
        self.on = on
        self.counting = counting
        self.paid = [0, 0, 0, 0]
        self.principal_balance = 0


class Settlement:
    """The books of one account while its movements are applied."""

    def __init__(self, account: Account, trace: list[Step] | None = None) -> None:
        self.account = account
        self.lines: list[Line] = []
        self.lines_by_draw: dict[str, list[Line]] = {}
        self.planned_count: dict[str, int] = {}
        self.splits: dict[str, Split] = {}
        self.credit: deque[Lot] = deque()
        self.credit_balance = 0
        self._trace = trace

    def run(self, as_of: date) -> None:
        """Apply every movement, then let time pass until the end of `as_of`."""
        since = date.min
        for on, _version, movement in sorted(self.account.moves, key=_place_in_time):
            self._let_time_pass(since, on)
            self._apply(movement, on)
            since = on
        self._let_time_pass(since, as_of)

    def _let_time_pass(self, since: date, until: date) -> None:
        """Credit pays what falls due, on the day it falls due.

        What fell due before `since` and is still open is paid then: money left over by a payment
        to another draw pays it on its own day, not before it came.
        """
        while self.credit_balance:
            due = next((x for x in self.lines if x.open_total and x.due_on <= until), None)
            held = self.credit_balance
            if due is not None:
                self._use_credit(max(due.due_on, since))
            if self.credit_balance == held:
                return

    def _apply(self, movement: Movement, on: date) -> None:
        match movement:
            case PaymentReceived():
                self._receive(movement, on)
            case DrawMade():
                self._plan(movement)
                self._use_credit(on)
            case PenaltyCharged() | FeeCharged():
                self._charge(movement, on)
                self._use_credit(on)
            case DuesWaived():
                self._waive(movement, on)
            case _:
                assert_never(movement)

    def _plan(self, draw: DrawMade) -> None:
        lines = [
            Line(draw.draw_id, row.number, row.from_on, row.due_on, row[3:])
            for row in plan(draw.terms, draw.amount, draw.effective_on)
        ]
        self.lines_by_draw[draw.draw_id] = lines
        self.planned_count[draw.draw_id] = len(lines)
        self.lines += lines
        self.lines.sort(key=_due_order)
        if self._trace is not None:
            for line in lines:
                for component, amount in enumerate(line.owed):
                    self._note(draw.effective_on, "planned", draw.draw_id, line, component, amount)

    def _receive(self, payment: PaymentReceived, on: date) -> None:
        money = self.account.counting_amount(payment.payment_id)
        split = self.splits[payment.payment_id] = Split(on, money)
        lines = self.lines if payment.draw_id is None else self.lines_by_draw[payment.draw_id]
        for line, component, amount in shares(lines, money, on, self._allocation(lines)):
            line.pay(component, amount, on)
            split.paid[component] += amount
            money -= amount
            self._note(on, "paid", payment.payment_id, line, component, amount)
        if money:
            self.credit.append(Lot(payment.payment_id, money))
            self.credit_balance += money
            self._note(on, "credited", payment.payment_id, None, None, money)
        split.principal_balance = self.principal_outstanding()

    def _use_credit(self, on: date) -> None:
        """Spread the money held, oldest payment first."""
        allocation = self._allocation(self.lines)
        while self.credit:
            payment_id, money = self.credit[0]
            rest = money
            for line, component, amount in shares(self.lines, money, on, allocation):
                line.pay(component, amount, on)
                self.splits[payment_id].paid[component] += amount
                rest -= amount
                self._note(on, "paid_from_credit", payment_id, line, component, amount)
            self.credit_balance -= money - rest
            if rest:
                self.credit[0] = Lot(payment_id, rest)
                return
            self.credit.popleft()

    def _charge(self, charge: PenaltyCharged | FeeCharged, on: date) -> None:
        component = PENALTY if isinstance(charge, PenaltyCharged) else FEE
        due_on = charge.due_on or charge.effective_on
        line = self._line_of_charge(charge, due_on)
        line.charge(ChargeShare(due_on, component, charge.amount))
        self._note(on, "charged", charge.charge_id, line, component, charge.amount)

    def _line_of_charge(self, charge: PenaltyCharged | FeeCharged, due_on: date) -> Line:
        """The installment named, or the one whose period contains the due date of the charge.

        The first period includes its first day, so a down payment, whose period has no length,
        takes none.  A charge due after the last installment makes an extra one of its own.
        """
        lines = self.lines_by_draw[charge.draw_id]
        for line in lines:
            is_named = line.number == charge.installment
            contains = line.from_on < line.due_on and due_on <= line.due_on
            if is_named if charge.installment else contains:
                return line
        last = lines[-1]
        if last.number > self.planned_count[charge.draw_id]:
            last.due_on = due_on
        else:
            last = Line(charge.draw_id, last.number + 1, last.due_on, due_on, NOTHING)
            lines.append(last)
            self.lines.append(last)
        self.lines.sort(key=_due_order)
        return last

    def _waive(self, waiver: DuesWaived, on: date) -> None:
        """Take off the debt, oldest installment first; never more than is owed."""
        component = COMPONENTS.index(waiver.component)
        left = waiver.amount
        for line in self.lines_by_draw[waiver.draw_id]:
            if waiver.installment in (None, line.number):
                amount = min(left, line.open(component))
                if amount:
                    line.waive(component, amount, on)
                    left -= amount
                    self._note(on, "waived", waiver.waiver_id, line, component, amount)

    def _allocation(self, lines: Sequence[Line]) -> Allocation:
        """The terms of the draw that owes the oldest installment govern the payment."""
        oldest = next((line for line in lines if line.open_total), None)
        if oldest is None:
            return _NOTHING_OWED
        return self.account.draws[oldest.draw_id].terms.allocation

    def principal_outstanding(self) -> int:
        """Principal of all draws that is neither paid nor waived."""
        return sum(line.open(PRINCIPAL) for line in self.lines if line.open_total)

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
            draw_id, number = (line.draw_id, line.number) if line else (None, None)
            self._trace.append(Step(on, kind, fact_id, draw_id, number, component, amount))


#: What governs money while no draw owes anything: it is kept as credit.
_NOTHING_OWED = Allocation()


def _place_in_time(move: Move) -> tuple[date, int]:
    return move.on, move.version


def _due_order(line: Line) -> tuple[date, str, int]:
    return line.due_on, line.draw_id, line.number
