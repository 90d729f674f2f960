"""The draws of an account whose interest accrues, while its movements are applied.

`ledger.domain.accrual` says what a draw owes as days pass; here the books let the days come, spread
money over such draws, and tell what changed by time or by what moved.  A day is told by itself, so
that the derivation of a day stays what it was when the next one comes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ledger.domain.accrual import Accrual
from ledger.domain.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Line,
    Share,
    component_of,
    principal_first,
    shares,
)
from ledger.domain.events import PaymentReceived
from ledger.domain.interest import accrues, is_simple
from ledger.domain.money import Rounding
from ledger.domain.terms import Allocation, AllocationStep, Terms

if TYPE_CHECKING:
    from ledger.domain.settlement import Settlement


class ClosedInGrace(Exception):
    """A draw turns out to be closed within the days that cost nothing: begin again, knowing it."""

    def __init__(self, draw: "Grace") -> None:
        super().__init__(draw)
        self.draw = draw


#: A draw that pays no interest, and the day on which it came under its terms.
Grace = tuple[str, date]


class Accruals:
    """The accruing draws of one account."""

    def __init__(self, books: "Settlement", note: Callable[..., None], *, is_told: bool) -> None:
        self._books = books
        self._note = note
        self._is_told = is_told
        self.by_draw: dict[str, Accrual] = {}

    def begin(
        self,
        draw_id: str,
        terms: Terms,
        amount: int,
        on: date,
        lines: list[Line],
        on_top: int = 0,
    ) -> None:
        """From now on a draw follows terms, which may or may not let its interest accrue.

        `on_top` is interest of earlier days that falls due with the first line.
        """
        self.by_draw.pop(draw_id, None)
        if not accrues(terms):
            return
        accrual = self.by_draw[draw_id] = Accrual(terms, amount, on, lines, on_top)
        if (draw_id, on) in self._books.free:
            accrual.free_until = accrual.grace_end

    def join(self, schedule: str, amount: int, on: date) -> None:
        """Another draw is repaid by the schedule of an accruing one."""
        if (accrual := self.by_draw.get(schedule)) is not None:
            accrual.drawn_more(on, amount)

    def close(self, draw_id: str, on: date) -> None:
        """Give up what a draw has not earned by a day, for it ends there."""
        if (accrual := self.by_draw.get(draw_id)) is not None:
            for line, component, amount in accrual.closing(on, is_settled=False):
                line.adjust(component, amount, on)
                self._note(on, "accrued", draw_id, line, component, amount)

    def end(self, draw_id: str) -> None:
        """Nothing accrues on a draw any more."""
        self.by_draw.pop(draw_id, None)

    def shown(self, draw_id: str, lines: Sequence[Line]) -> Sequence[Line]:
        """The lines of a draw without those at the end that have come to owe nothing."""
        count = len(lines)
        if draw_id in self.by_draw:
            while count > 1 and not any(lines[count - 1].owed):
                count -= 1
        return lines[:count]

    # --- time passes -----------------------------------------------------------------------------

    def pass_time(self, until: date) -> None:
        """Let the days up to `until` come."""
        while self.by_draw:
            stop = min(map(self._next_stop, self.by_draw.values()), default=until)
            stop = min(stop, until)
            for accrual in self.by_draw.values():
                accrual.pass_to(stop)
            self._tell(stop)
            if stop == until:
                return

    def _next_stop(self, accrual: Accrual) -> date:
        """The next day that must come by itself: one that is told, or the end of a period."""
        on = accrual.day
        day = accrual.next_change(on) if self._is_told else accrual.next_end(on)
        return day or date.max

    def follow(self, on: date) -> None:
        """Something moved on a day: what is owed bears interest from then on."""
        for draw_id, accrual in self.by_draw.items():
            lines = self._books.lines_by_draw[draw_id]
            accrual.moved(on, sum(line.open(PRINCIPAL) for line in lines))
        self._tell(on)

    def _tell(self, on: date) -> None:
        for draw_id, accrual in self.by_draw.items():
            for line, component in sorted(accrual.pending, key=_place):
                amount = accrual.pending[line, component]
                self._note(on, "accrued", draw_id, line, component, amount)
                self._books.reopened(line)
            accrual.pending.clear()

    # --- money -----------------------------------------------------------------------------------

    def shares(
        self,
        lines: Sequence[Line],
        money: int,
        on: date,
        allocation: Allocation,
        rounding: Rounding,
        *,
        is_old: bool,
    ) -> Iterator[Share]:
        """Spread money as `allocation.shares` does, where some lines are of accruing draws.

        What is in advance of those is spread last, as their own terms say.
        """
        draws = [self.by_draw[name] for name in dict.fromkeys(line.draw_id for line in lines)
                 if name in self.by_draw]  # fmt: skip
        plain = [line for line in lines if line.due_on <= on or line.draw_id not in self.by_draw]
        if allocation.sequence == "component_then_installment":
            order = principal_first(allocation.past_due) if is_old else allocation.past_due
            due = [line for line in plain if line.due_on <= on]
            plain = [line for line in plain if line.due_on > on]
            for share in self._owed_by_component(draws, due, order, on, money):
                money -= share.amount
                yield share
        for share in shares(plain, money, on, allocation, rounding, is_old=is_old):
            money -= share.amount
            yield share
        for accrual in draws:
            for share in self._in_advance(accrual, money, on):
                money -= share.amount
                yield share

    def _owed_by_component(
        self,
        draws: Sequence[Accrual],
        due: Sequence[Line],
        order: Sequence[AllocationStep],
        on: date,
        money: int,
    ) -> Iterator[Share]:
        """What is due or has accrued, a component after the other."""
        for step in order:
            component = component_of(step)
            places = [(line, line.open(component)) for line in due]
            for accrual in draws:
                line = accrual.current
                if line is not None and is_simple(accrual.terms):
                    places.append((line, self._accrued(accrual, component, on)))
            for line, owed in places:
                amount = min(money, owed)
                if amount > 0:
                    money -= amount
                    yield Share(line, component, amount)

    def _accrued(self, accrual: Accrual, component: int, on: date) -> int:
        """What the line at hand owes already, though it is not due."""
        line = accrual.current
        assert line is not None
        if component == INTEREST:
            return accrual.payable(on)
        if component in (PENALTY, FEE):
            return line.payable("penalty_due" if component == PENALTY else "fee_due", on)
        return 0

    def _in_advance(self, accrual: Accrual, money: int, on: date) -> Iterator[Share]:
        """Money beyond the dues: interest up to the day, and principal, which stops bearing it."""
        for step in accrual.terms.allocation.in_advance:
            component = component_of(step)
            if component == PRINCIPAL:
                found: Iterable[Share] = self.early(
                    accrual, money, on, is_lowering=_lowers(accrual.terms)
                )
            elif component == INTEREST:
                line = accrual.current
                amount = min(money, accrual.payable(on))
                found = [Share(line, component, amount)] if line and amount else []
            else:
                found = self._charges(accrual, step, money, on)
            for share in found:
                money -= share.amount
                yield share

    def early(
        self, accrual: Accrual, money: int, on: date, *, is_lowering: bool
    ) -> Iterator[Share]:
        """Repay principal that is not due: it is that of the line due on the day, or the next."""
        amount = min(money, accrual.planned)
        due_today = next((line for line in accrual.lines if line.due_on == on), None)
        line = due_today or accrual.current
        if amount and line is not None:
            accrual.repaid_early(on, is_lowering=is_lowering)
            accrual.move(line, amount, on)
            yield Share(line, PRINCIPAL, amount)

    def _charges(
        self, accrual: Accrual, step: AllocationStep, money: int, on: date
    ) -> Iterator[Share]:
        for line in self._books.lines_by_draw[accrual.lines[0].draw_id]:
            amount = min(money, line.payable(step, on)) if line.due_on > on else 0
            if amount > 0:
                money -= amount
                yield Share(line, component_of(step), amount)

    def watch_grace(self, payment: PaymentReceived, money: int, on: date) -> None:
        """Whoever closes a draw within its days of grace owes no interest, nor has owed any.

        Raises `ClosedInGrace` where the books have charged some.
        """
        if not self.by_draw:
            return
        if payment.intent == "settle":
            money += self._books.credit_balance
        for draw_id in self._meant(payment):
            accrual = self.by_draw[draw_id]
            grace_end = accrual.grace_end
            if accrual.free_until is not None or grace_end is None or on > grace_end:
                continue
            if payment.intent == "due" and not accrual.terms.allocation.in_advance:
                continue  # Such money waits for dues to come.
            lines = self._books.lines_by_draw[draw_id]
            owed = sum(line.open_total - line.open(INTEREST) for line in lines)
            given_up = accrual.closing(on, is_settled=True)
            owed += sum(amount for _, component, amount in given_up if component == FEE)
            paid = sum(line.paid[INTEREST] for line in lines)
            if owed and money + paid >= owed:
                raise ClosedInGrace((draw_id, accrual.began))

    def _meant(self, payment: PaymentReceived) -> list[str]:
        """The accruing draw that a payment is for; without a name, the one that owes anything."""
        if payment.draw_id is not None:
            owing = {self._books.account.schedule_of(payment.draw_id)}
        else:
            owing = {line.draw_id for line in self._books.open_lines() if line.open_total}
        return [name for name in owing if name in self.by_draw] if len(owing) == 1 else []


def _lowers(terms: Terms) -> bool:
    """Whether principal repaid early makes the installments to come lower, and not fewer."""
    return not is_simple(terms) and terms.prepayment != "reduce_term"


def _place(change: tuple[Line, int]) -> tuple[int, int]:
    line, component = change
    return line.number, component
