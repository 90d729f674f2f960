"""The terms of a draw: the whole contract, carried inside the event that made the draw.

A later change of a product never changes a signed draw, so nothing here is looked up elsewhere.
Field names are those of the trade and are stored data: never rename one.  Amounts are minor units,
rates are decimal strings (a fraction a year: "0.156" is 15.6 %).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from ledger.domain.money import Amount, Rounding

Method = Literal[
    "equal_installment", "equal_principal", "fixed_installment", "flat", "interest_only",
    "interest_free", "explicit",
]  # fmt: skip
Component = Literal["penalty", "fee", "interest", "principal"]
DayCount = Literal["act/365", "act/364", "act/360", "act/act", "30/360", "30e/360"]

#: The components in the order of every array of amounts in the ledger.
COMPONENTS: tuple[Component, ...] = ("penalty", "fee", "interest", "principal")


@dataclass(frozen=True, slots=True)
class Period:
    """The distance between two due dates."""

    every: int = 1
    unit: Literal["month", "week", "day"] = "month"


@dataclass(frozen=True, slots=True)
class InterestBasis:
    """How time becomes interest.

    `period`: every period costs rate / periods a year.  `daily`: its length by `day_count`.
    """

    accrual: Literal["period", "daily", "none"] = "period"
    day_count: DayCount | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An installment given outright, for schedules that were agreed or computed elsewhere."""

    due_on: date
    principal: Amount = 0
    interest: Amount = 0
    fee: Amount = 0


#: `penalty_due` and `fee_due` mean: only up to the charges whose own due date has come.
AllocationStep = Literal["penalty", "fee", "interest", "principal", "penalty_due", "fee_due"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """How a payment is spread: the twelve buckets {past due, due, in advance} x component.

    The default pays what is past due before what is due, oldest first, and keeps the rest as a
    credit balance that pays later dues on the day they fall due: `in_advance` is empty.
    """

    sequence: Literal[
        "installment", "status_then_installment", "status_component_then_installment"
    ] = "installment"
    past_due: tuple[AllocationStep, ...] = COMPONENTS
    due: tuple[AllocationStep, ...] = COMPONENTS
    in_advance: tuple[AllocationStep, ...] = ()
    in_advance_target: Literal["next_installment", "last_installment"] = "next_installment"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A class of days past due, `min` to `max` both included; `max` None is open."""

    name: str
    min: int
    max: int | None = None


#: Months past due as collectors count them: M1 is up to 30 days.
BUCKETS_BY_MONTH = (
    Bucket("M1", 1, 30), Bucket("M2", 31, 60), Bucket("M3", 61, 90), Bucket("M4", 91, 120),
    Bucket("M5", 121, 150), Bucket("M6", 151, 180), Bucket("M7+", 181),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delinquency:
    """When an unpaid installment counts as overdue.

    `grace_days`: days after the due date that are forgiven if it is paid within them.
    `day_one`: whether the due date itself has 0 days past due (`day_after_due`) or 1 (`due_date`).
    `tolerance`: an installment with no more than this unpaid is late, but not overdue.
    """

    grace_days: int = 0
    day_one: Literal["day_after_due", "due_date"] = "day_after_due"
    tolerance: Amount = 0
    buckets: tuple[Bucket, ...] = BUCKETS_BY_MONTH


@dataclass(frozen=True, slots=True)
class Terms:
    """The contract of one draw."""

    method: Method
    term_count: int = 0
    first_due_on: date | None = None
    due_dates: tuple[date, ...] = ()
    period: Period = Period()
    #: Day of the month the due dates return to after a short month; default: that of the first one.
    anchor_day: int | None = None
    annual_rate: str = "0"
    interest_basis: InterestBasis = InterestBasis()
    money_rounding: Rounding = "half_even"
    #: Installments are whole multiples of this; None is the minor unit.
    installment_multiple: Amount | None = None
    installment_rounding: Rounding | None = None
    #: True: nothing is rounded on the way, only the rows that come out.
    carry_unrounded: bool = False
    residue: Literal["last_installment"] = "last_installment"
    level_formula: Literal["nominal_period", "actual_periods"] = "nominal_period"
    #: The level amount where it was agreed and not computed.
    installment: Amount | None = None
    down_payment_percent: str | None = None
    rows: tuple[Row, ...] = ()
    charges_known: Literal["in_time_order", "upfront"] = "in_time_order"
    charge_placement: Literal["installment_period_containing_due_date"] = (
        "installment_period_containing_due_date"
    )
    allocation: Allocation = field(default_factory=Allocation)
    delinquency: Delinquency = field(default_factory=Delinquency)
