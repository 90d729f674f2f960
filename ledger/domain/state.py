"""What the books say of an account on a day: the outcome of a replay.

Everything is a value; amounts are minor units, tuples of amounts are ordered as `COMPONENTS`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from ledger.domain.terms import COMPONENTS, Terms

#: One amount for each component: penalty, fee, interest, principal.
Amounts = tuple[int, int, int, int]
NOTHING: Amounts = (0, 0, 0, 0)

InstallmentStatus = Literal["settled", "upcoming", "due", "late", "overdue"]
DrawStatus = Literal["settled", "current", "within_grace", "below_tolerance", "overdue"]


class Installment(NamedTuple):
    """A row of a schedule as it stands.

    `late` is unpaid after its due date but within grace or tolerance; `overdue` is beyond both.
    """

    draw_id: str
    number: int
    due_on: date
    owed: Amounts
    paid: Amounts
    waived: Amounts
    paid_in_advance: int
    paid_late: int
    settled_on: date | None
    days_late: int
    status: InstallmentStatus
    #: Principal left after this row as planned.
    balance: int

    @property
    def outstanding(self) -> int:
        """What is still to be paid of it, due or not."""
        return sum(self.owed) - sum(self.paid) - sum(self.waived)


class DrawState(NamedTuple):
    """A draw and whether it is overdue.

    `days_late` counts from the oldest unpaid due date, grace or not; `days_past_due` counts from
    the oldest overdue one and is 0 while everything late is within grace or tolerance.
    """

    draw_id: str
    amount: int
    drawn_on: date
    terms: Terms
    installments: tuple[Installment, ...]
    status: DrawStatus
    days_late: int
    days_past_due: int
    late_since: date | None
    overdue_since: date | None
    late_total: int
    overdue: Amounts
    bucket: str | None
    next_due_on: date | None
    outstanding: Amounts

    @property
    def overdue_total(self) -> int:
        """What is overdue, over all components."""
        return sum(self.overdue)


class PaymentSplit(NamedTuple):
    """Where the money of a payment went, all later events considered."""

    payment_id: str
    effective_on: date
    counting: int
    paid: Amounts
    credit: int
    #: Principal outstanding right after it, in order of time.
    principal_balance: int


@dataclass(frozen=True, slots=True)
class AccountState:
    """The account as of a business date."""

    as_of: date
    is_open: bool
    borrower_ref: str
    currency: str
    time_zone: str
    tier: str
    credit_limit: int | None
    is_frozen: bool
    closed_on: date | None
    draws: tuple[DrawState, ...]
    payments: tuple[PaymentSplit, ...]
    #: Money received that waits for dues to come.
    credit_balance: int
    #: The next date on which this state changes with no new event; None is never.
    changes_on: date | None

    @property
    def outstanding(self) -> Amounts:
        """What all draws still owe, due or not."""
        return _summed([draw.outstanding for draw in self.draws])

    @property
    def overdue_total(self) -> int:
        """What is overdue over all draws."""
        return sum(draw.overdue_total for draw in self.draws)

    def draw(self, draw_id: str) -> DrawState | None:
        """The draw of that id, or None."""
        return next((draw for draw in self.draws if draw.draw_id == draw_id), None)


def _summed(rows: list[Amounts]) -> Amounts:
    penalty, fee, interest, principal = (
        sum(row[component] for row in rows) for component in range(len(COMPONENTS))
    )
    return penalty, fee, interest, principal
