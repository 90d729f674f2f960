"""How money is spread over installments: which one next, and which component of it.

The order is that of the twelve buckets {past due, due, in advance} x {penalty, fee, interest,
principal}, as Apache Fineract's "advanced payment allocation" documents them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from operator import attrgetter
from typing import NamedTuple

from ledger.domain.calendar import days_late_of
from ledger.domain.money import Rounding, rounded
from ledger.domain.terms import COMPONENTS, Allocation, AllocationStep, Terms

PENALTY, FEE, INTEREST, PRINCIPAL = range(len(COMPONENTS))

_COMPONENT_OF_STEP: dict[AllocationStep, int] = {
    "penalty": PENALTY, "fee": FEE, "interest": INTEREST, "principal": PRINCIPAL,
    "penalty_due": PENALTY, "fee_due": FEE,
}  # fmt: skip
_ONLY_CHARGES_DUE: frozenset[AllocationStep] = frozenset({"penalty_due", "fee_due"})


def component_of(step: AllocationStep) -> int:
    """The component that a step of an allocation order is about."""
    return _COMPONENT_OF_STEP[step]


class ChargeShare(NamedTuple):
    """The part of an installment that a charge makes."""

    due_on: date
    component: int
    amount: int


class Line:
    """An installment while money moves: what is owed, paid and waived, by component."""

    __slots__ = (
        "cancelled", "charges", "draw_id", "due_on", "from_on", "number", "open_total", "owed",
        "paid", "paid_in_advance", "paid_late", "planned_on", "recovered", "refund_owed",
        "repaid_early", "settled_on", "waived", "written_off",
    )  # fmt: skip

    def __init__(
        self,
        draw_id: str,
        number: int,
        from_on: date,
        due_on: date,
        owed: Sequence[int],
        planned_on: date | None = None,
    ) -> None:
        self.draw_id = draw_id
        self.number = number
        self.from_on = from_on
        self.due_on = due_on
        #: The due date before it was moved.
        self.planned_on = planned_on or due_on
        self.owed = list(owed)
        self.paid = [0, 0, 0, 0]
        self.waived = [0, 0, 0, 0]
        #: Taken out of the books, and of it what came in all the same.
        self.written_off = [0, 0, 0, 0]
        self.recovered = [0, 0, 0, 0]
        #: Owed no more, because the draw was cancelled or the purchase refunded.
        self.cancelled = [0, 0, 0, 0]
        self.open_total = sum(owed)
        self.charges: list[ChargeShare] = []
        #: Principal that no plan knows of: credit given back that a reversal then took away.
        self.refund_owed = 0
        #: Principal of later installments that was repaid with this one, early.
        self.repaid_early = 0
        self.paid_in_advance = 0
        self.paid_late = 0
        self.settled_on: date | None = None

    def open(self, component: int) -> int:
        """What is still owed of a component, in minor units."""
        settled = self.paid[component] + self.waived[component] + self.cancelled[component]
        return self.owed[component] - settled - self.written_off[component]

    def recoverable(self, component: int) -> int:
        """What was written off of a component and did not come in yet."""
        return self.written_off[component] - self.recovered[component]

    def owe(self, component: int, amount: int) -> None:
        """Owe more."""
        self.owed[component] += amount
        self.open_total += amount
        if amount:
            self.settled_on = None

    def adjust(self, component: int, amount: int, on: date) -> None:
        """Owe more or less, because what was to come has been planned anew."""
        if amount:
            self.owed[component] += amount
            self.open_total += amount
            self.settled_on = None if self.open_total else on

    def charge(self, share: ChargeShare) -> None:
        """Owe more, because of a charge."""
        self.charges.append(share)
        self.owe(share.component, share.amount)

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

    def write_off(self, component: int, amount: int, on: date) -> None:
        """Count on it no more; the claim remains."""
        self.written_off[component] += amount
        self._reduce(amount, on)

    def recover(self, component: int, amount: int, on: date) -> None:
        """Take what came in of it all the same."""
        self.recovered[component] += amount
        if not self.open_total and self.recovered == self.written_off:
            self.settled_on = on

    def cancel(self, component: int, amount: int, on: date) -> None:
        """Owe less, because what was bought was given back."""
        self.cancelled[component] += amount
        self._reduce(amount, on)

    def cancel_written_off(self, component: int, amount: int, on: date) -> None:
        """Give up the claim to what was written off."""
        self.written_off[component] -= amount
        self.cancelled[component] += amount
        self._annulled(on)

    def give_back(self, component: int, amount: int, paid_on: date, on: date) -> None:
        """Owe what was paid no more: the money is the customer's again."""
        self.paid[component] -= amount
        self.cancelled[component] += amount
        self._annulled(on)
        if paid_on < self.due_on:
            self.paid_in_advance -= amount
        elif paid_on > self.due_on:
            self.paid_late -= amount

    def _annulled(self, on: date) -> None:
        """A line of which nothing stays paid or claimed is done with on the day that made it so."""
        if not (self.open_total or any(self.paid) or any(self.written_off)):
            self.settled_on = on

    def _reduce(self, amount: int, on: date) -> None:
        self.open_total -= amount
        if self.open_total == 0:
            self.settled_on = on

    def payable(self, step: AllocationStep, on: date) -> int:
        """How much a step of an allocation order may take from this installment."""
        component = _COMPONENT_OF_STEP[step]
        amount = self.open(component)
        if amount and step in _ONLY_CHARGES_DUE:
            charges = [share for share in self.charges if share.component == component]
            come = sum(share.amount for share in charges if share.due_on <= on)
            amount = min(amount, max(0, come - self.owed[component] + self.open(component)))
        return amount


def due_order(line: Line) -> tuple[date, str, int]:
    """The order in which lines fall due."""
    return line.due_on, line.draw_id, line.number


def oldest_open(lines: Sequence[Line]) -> Line | None:
    """The first of some lines that owes anything."""
    for line in lines:
        if line.open_total:
            return line
    return None


def is_principal_first(day: date, terms: Terms, oldest_due_on: date) -> bool:
    """Whether the oldest unpaid due date is so far back on a day that principal comes first."""
    after = terms.allocation.principal_first_after_days
    return after is not None and days_late_of(oldest_due_on, day, terms.delinquency) > after


def principal_first(steps: Sequence[AllocationStep]) -> tuple[AllocationStep, ...]:
    """The same steps with principal before all others."""
    return "principal", *(step for step in steps if step != "principal")


class Share(NamedTuple):
    """A part of a payment and where it goes."""

    line: Line
    component: int
    amount: int


def shares(
    lines: Sequence[Line],
    money: int,
    on: date,
    allocation: Allocation,
    rounding: Rounding = "half_even",
    *,
    is_old: bool = False,
) -> Iterator[Share]:
    """Spread `money`, paid `on` a day, over `lines` (in order of due date).

    Each share must be taken (`Line.pay`) before the next is asked for.  What no share takes is
    the caller's to keep as credit.  Of debt that is old (`is_principal_first`) the principal of
    all that is due is paid before anything else; what is in advance stays as it is.
    """
    first_due = bisect_left(lines, on, key=_due_on)
    first_later = bisect_right(lines, on, lo=first_due, key=_due_on)
    groups = (
        (0, first_due, allocation.past_due),
        (first_due, first_later, allocation.due),
        (first_later, len(lines), allocation.in_advance),
    )
    if allocation.sequence == "component_then_installment":
        groups = (0, first_later, allocation.past_due), (0, 0, ()), groups[IN_ADVANCE]
    for status, (begin, end, steps) in enumerate(groups):
        if begin == end or not steps:
            continue
        group = lines[begin:end]
        is_free = status == IN_ADVANCE and allocation.sequence != "installment"
        if is_free and allocation.in_advance_target == "all_evenly":
            yield from _even_shares(group, steps, money, on, rounding)
            return
        if is_free and allocation.in_advance_target == "last_installment":
            group = group[::-1]
        by_component = allocation.sequence in _BY_COMPONENT
        if is_old and status != IN_ADVANCE:
            steps, by_component = principal_first(steps), True
        for line, step in places(group, steps, by_component=by_component):
            if money == 0:
                return
            component = _COMPONENT_OF_STEP[step]
            if line.open_total and line.owed[component]:
                amount = min(money, line.payable(step, on))
                if amount > 0:
                    money -= amount
                    yield Share(line, component, amount)


_BY_COMPONENT = ("status_component_then_installment", "component_then_installment")

#: The place of money in advance among the three statuses.
IN_ADVANCE = 2

_due_on = attrgetter("due_on")


def places(
    lines: Sequence[Line], steps: Sequence[AllocationStep], *, by_component: bool
) -> Iterable[tuple[Line, AllocationStep]]:
    """The order of lines and steps within one status."""
    if by_component:
        return ((line, step) for step, line in product(steps, lines))
    return product(lines, steps)


def _even_shares(
    lines: Sequence[Line],
    steps: Sequence[AllocationStep],
    money: int,
    on: date,
    rounding: Rounding,
) -> Iterator[Share]:
    """Component by component the same share for every line that owes it.

    The last line takes what rounding left; what a line cannot take is shared anew.
    """
    for step in steps:
        while money and (owing := [line for line in lines if line.payable(step, on) > 0]):
            even = rounded(Fraction(money, len(owing)), rounding)
            last = max(0, money - even * (len(owing) - 1))
            for line in owing:
                share = last if line is owing[-1] else even
                amount = min(share, money, line.payable(step, on))
                if amount > 0:
                    money -= amount
                    yield Share(line, _COMPONENT_OF_STEP[step], amount)
