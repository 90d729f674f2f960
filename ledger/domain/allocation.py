"""How money is spread over installments: which one next, and which component of it.

The order is that of the twelve buckets {past due, due, in advance} x {penalty, fee, interest,
principal}, as Apache Fineract's "advanced payment allocation" documents them.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from ledger.domain.terms import COMPONENTS, Allocation, AllocationStep

PENALTY, FEE, INTEREST, PRINCIPAL = range(len(COMPONENTS))

_COMPONENT_OF_STEP: dict[AllocationStep, int] = {
    "penalty": PENALTY, "fee": FEE, "interest": INTEREST, "principal": PRINCIPAL,
    "penalty_due": PENALTY, "fee_due": FEE,
}  # fmt: skip
_ONLY_CHARGES_DUE: frozenset[AllocationStep] = frozenset({"penalty_due", "fee_due"})


class ChargeShare(NamedTuple):
    """The part of an installment that a charge makes."""

    due_on: date
    component: int
    amount: int


class Line:
    """An installment while money moves: what is owed, paid and waived, by component."""

    __slots__ = (
        "charges", "draw_id", "due_on", "from_on", "number", "open_total", "owed", "paid",
        "paid_in_advance", "paid_late", "settled_on", "waived",
    )  # fmt: skip

    def __init__(
        self, draw_id: str, number: int, from_on: date, due_on: date, owed: Sequence[int]
    ) -> None:
        self.draw_id = draw_id
        self.number = number
        self.from_on = from_on
        self.due_on = due_on
        self.owed = list(owed)
        self.paid = [0, 0, 0, 0]
        self.waived = [0, 0, 0, 0]
        self.open_total = sum(owed)
        self.charges: list[ChargeShare] = []
        self.paid_in_advance = 0
        self.paid_late = 0
        self.settled_on: date | None = None

    def open(self, component: int) -> int:
        """What is still owed of a component, in minor units."""
        return self.owed[component] - self.paid[component] - self.waived[component]

    def charge(self, share: ChargeShare) -> None:
        """Owe more."""
        self.charges.append(share)
        self.owed[share.component] += share.amount
        self.open_total += share.amount
        if share.amount:
            self.settled_on = None

    def pay(self, component: int, amount: int, on: date) -> None:
        """Owe less, because money came."""
        self.paid[component] += amount
        if on < self.due_on:
            self.paid_in_advance += amount
        elif on > self.due_on:
            self.paid_late += amount
        self._reduce(amount, on)

    def waive(self, component: int, amount: int, on: date) -> None:
        """Owe less, because the lender gave it up."""
        self.waived[component] += amount
        self._reduce(amount, on)

    def _reduce(self, amount: int, on: date) -> None:
        self.open_total -= amount
        if self.open_total == 0:
            self.settled_on = on

    def payable(self, step: AllocationStep, on: date) -> int:
        """How much a step of an allocation order may take from this installment."""
        component = _COMPONENT_OF_STEP[step]
        amount = self.open(component)
        if step in _ONLY_CHARGES_DUE:
            charges = [share for share in self.charges if share.component == component]
            come = sum(share.amount for share in charges if share.due_on <= on)
            amount = min(amount, max(0, come - self.paid[component] - self.waived[component]))
        return amount


class Share(NamedTuple):
    """A part of a payment and where it goes."""

    line: Line
    component: int
    amount: int


def shares(lines: Sequence[Line], money: int, on: date, allocation: Allocation) -> Iterator[Share]:
    """Spread `money`, paid `on` a day, over `lines` (in order of due date).

    Each share must be taken (`Line.pay`) before the next is asked for.  What no share takes is
    the caller's to keep as credit.
    """
    for line, step in _places(lines, on, allocation):
        if money == 0:
            return
        amount = min(money, line.payable(step, on))
        if amount > 0:
            money -= amount
            yield Share(line, _COMPONENT_OF_STEP[step], amount)


def _places(
    lines: Sequence[Line], on: date, allocation: Allocation
) -> Iterator[tuple[Line, AllocationStep]]:
    past_due = [line for line in lines if line.open_total and line.due_on < on]
    due = [line for line in lines if line.open_total and line.due_on == on]
    in_advance = [line for line in lines if line.open_total and line.due_on > on]
    by_installment = allocation.sequence == "installment"
    if allocation.in_advance_target == "last_installment" and not by_installment:
        in_advance.reverse()
    for group, steps in (
        (past_due, allocation.past_due),
        (due, allocation.due),
        (in_advance, allocation.in_advance),
    ):
        if allocation.sequence == "status_component_then_installment":
            yield from ((line, step) for step in steps for line in group)
        else:
            yield from ((line, step) for line in group for step in steps)
