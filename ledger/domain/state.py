"""What the books say of an account on a day: the outcome of a replay.

Everything is a value; amounts are minor units, tuples of amounts are ordered as `COMPONENTS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple

from ledger.domain.replanning import Bearing, Course
from ledger.domain.terms import COMPONENTS, Terms

#: One amount for each component: penalty, fee, interest, principal.
Amounts = tuple[int, int, int, int]
NOTHING: Amounts = (0, 0, 0, 0)

#: The tier of a draw of which nothing is overdue.
NORMAL = "normal"
LOSS = "loss"

InstallmentStatus = Literal[
    "settled", "upcoming", "due", "late", "overdue", "written_off", "cancelled"
]  # fmt: skip
DrawStatus = Literal[
    "settled", "current", "within_grace", "below_tolerance", "paused", "overdue", "written_off",
    "cancelled", "refunded",
]  # fmt: skip


class Installment(NamedTuple):
    """A row of a schedule as it stands.

    `late` is unpaid after its due date but within grace, tolerance or a pause; `overdue` is beyond
    all of them.  Of one that is `written_off` or `cancelled` nothing else is left.
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
    #: The due date that it had by the plan, if it was moved.
    moved_from: date | None = None
    #: Of its principal, what was repaid early and fell due later by the plan before.
    repaid_early: int = 0
    #: Taken out of the books, and of it what came in all the same.
    written_off: Amounts = NOTHING
    recovered: Amounts = NOTHING
    #: Owed no more, because the draw was cancelled or the purchase refunded.
    cancelled: Amounts = NOTHING

    def open(self, component: int) -> int:
        """What is still to be paid of a component."""
        settled = self.paid[component] + self.waived[component] + self.cancelled[component]
        return self.owed[component] - settled - self.written_off[component]

    @property
    def outstanding(self) -> int:
        """What is still to be paid of it, due or not."""
        settled = sum(self.paid) + sum(self.waived) + sum(self.cancelled)
        return sum(self.owed) - settled - sum(self.written_off)


class Accrued(NamedTuple):
    """What bore interest in a period, from which day on, until its end or until now."""

    number: int
    start: date
    end: date
    bearing: tuple[Bearing, ...]


class Accruing(NamedTuple):
    """How the interest of a draw came about that follows the principal really outstanding.

    `periods` are those that have begun.  `exact` is the simple interest that had accrued and was
    not paid when something last changed (nothing is kept exact where each period is rounded),
    `level` the amount due every time from now on.  Closing the draw by `grace_end` costs no
    interest; until `free_until` it costs nothing, for it was closed by then.
    """

    periods: tuple[Accrued, ...]
    exact: Fraction
    level: int
    grace_end: date | None = None
    free_until: date | None = None


class Restructuring(NamedTuple):
    """What was unpaid of a draw on a day was planned anew, under new terms.

    `principal` is what the new plan repays, `capitalised` the part of it that was unpaid interest,
    `overdue` what was past due until then, over all components.
    """

    on: date
    restructure_id: str
    principal: int
    capitalised: int
    overdue: int


class DrawState(NamedTuple):
    """A draw and whether it is overdue.

    `days_late` counts from the oldest unpaid due date, grace or not; `days_past_due` counts from
    the oldest overdue one and is 0 while everything late is within grace, tolerance or a pause.
    `delinquent_days` are the days past due beyond grace and without paused days: they sort the
    draw into its bucket.  Draws that joined this one are repaid by its installments.  `terms` are
    those in force: the last restructuring brought its own.
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
    delinquent_days: int = 0
    #: Days of pause up to now; 0 while nothing is late.
    paused_days: int = 0
    joined: tuple[str, ...] = ()
    #: What was written off and did not come in yet; it is not part of `outstanding`.
    written_off: Amounts = NOTHING
    #: The tier of risk, by the days past due; what is written off is a loss.
    risk_class: str = NORMAL
    restructurings: tuple[Restructuring, ...] = ()
    #: The plan that it follows since the last early repayment or restructuring; None is the first.
    course: Course | None = None
    #: What bore interest since when, where that follows the principal really outstanding.
    accrual: Accruing | None = None

    @property
    def overdue_total(self) -> int:
        """What is overdue, over all components."""
        return sum(self.overdue)

    @property
    def delinquent_since(self) -> date | None:
        """The day on which the grace of the oldest late installment ends."""
        if self.late_since is None:
            return None
        return self.late_since + timedelta(days=self.terms.delinquency.grace_days)

    def holds(self, draw_id: str) -> bool:
        """Whether that draw is repaid by this schedule."""
        return draw_id == self.draw_id or draw_id in self.joined


class PaymentSplit(NamedTuple):
    """Where the money of a payment went, all later events considered."""

    payment_id: str
    effective_on: date
    counting: int
    paid: Amounts
    credit: int
    #: Principal outstanding right after it, in order of time.
    principal_balance: int
    #: Of the credit it left, what was given back.
    refunded: int = 0
    #: What it brought in of debt that was written off.
    recovered: Amounts = NOTHING


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
    #: The installment that each charge lies on, by the key of the charge.
    installment_of_charge: Mapping[str, int] = field(default_factory=dict)

    @property
    def outstanding(self) -> Amounts:
        """What all draws still owe, due or not."""
        return _summed([draw.outstanding for draw in self.draws])

    @property
    def written_off(self) -> Amounts:
        """What was written off of all draws and did not come in yet."""
        return _summed([draw.written_off for draw in self.draws])

    @property
    def overdue_total(self) -> int:
        """What is overdue over all draws."""
        return sum(draw.overdue_total for draw in self.draws)

    def draw(self, draw_id: str) -> DrawState | None:
        """The draw of that id, or the one whose schedule it joined, or None."""
        return next((draw for draw in self.draws if draw.holds(draw_id)), None)


def _summed(rows: list[Amounts]) -> Amounts:
    penalty, fee, interest, principal = (
        sum(row[component] for row in rows) for component in range(len(COMPONENTS))
    )
    return penalty, fee, interest, principal
