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
    "bullet", "interest_free", "explicit",
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
    `month_prorated`: a whole month costs rate / 12, a part of it its share of the month's days.
    `daily_simple`: every day costs the same share of what is owed on it, never interest on
    interest; the figure is kept unrounded until it is paid.
    """

    accrual: Literal["period", "daily", "month_prorated", "daily_simple", "none"] = "period"
    day_count: DayCount | None = None


BusinessDayConvention = Literal["FOLLOWING", "PRECEDING", "MODFOLLOWING", "NONE"]


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """Due dates that fall on no business day move to one.  Names are those of FpML.

    `convention`: to the next business day (FOLLOWING), to the one before (PRECEDING), or to the
    next unless that is in another month (MODFOLLOWING).  `period_adjustment`: interest runs to the
    agreed date all the same (`unadjusted`), or to the day on which it falls due (`adjusted`).

    `due_dates` are the days that came out, one for every date agreed.  The doors work them out by
    the calendar and write them into the contract: no later change of a calendar moves them.
    """

    calendar: str
    convention: BusinessDayConvention = "FOLLOWING"
    period_adjustment: Literal["unadjusted", "adjusted"] = "unadjusted"
    due_dates: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Grace:
    """Periods at the beginning in which less is asked for; nothing of it is forgiven.

    `principal_periods`: the first installments carry interest only.  `interest_payment_periods`:
    the interest of the first periods falls due together with that of the period after them.
    """

    principal_periods: int = 0
    interest_payment_periods: int = 0


@dataclass(frozen=True, slots=True)
class RateWindow:
    """Another rate between two dates, both included, such as that of a promotion.

    It changes what accrues, not the installments agreed.
    """

    from_on: date
    to_on: date
    annual_rate: str
    days_per_year: str = "365"


@dataclass(frozen=True, slots=True)
class Row:
    """An installment given outright, for schedules that were agreed or computed elsewhere."""

    due_on: date
    principal: Amount = 0
    interest: Amount = 0
    fee: Amount = 0


#: `penalty_due` and `fee_due` mean: only up to the charges whose own due date has come.
AllocationStep = Literal["penalty", "fee", "interest", "principal", "penalty_due", "fee_due"]

#: Which installments money in advance goes to; `all_evenly` gives each of them the same share.
InAdvanceTarget = Literal["next_installment", "last_installment", "all_evenly"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """How a payment is spread: the twelve buckets {past due, due, in advance} x component.

    The default pays what is past due before what is due, oldest first, and keeps the rest as a
    credit balance that pays later dues on the day they fall due: `in_advance` is empty.

    `component_then_installment` is of interest that is owed day by day (`daily_simple`): all that
    is due or has accrued of a component is paid before the next, as `past_due` orders them.

    `principal_first_after_days`: money that comes when the oldest unpaid installment is more days
    late than that pays the principal of all that is due before anything else.  《金融企业会计制度》
    (Ministry of Finance of China, 2001, No. 49) asks it of banks for loans that are overdue by 90
    days; None never switches.
    """

    sequence: Literal[
        "installment", "status_then_installment", "status_component_then_installment",
        "component_then_installment",
    ] = "installment"  # fmt: skip
    past_due: tuple[AllocationStep, ...] = COMPONENTS
    due: tuple[AllocationStep, ...] = COMPONENTS
    in_advance: tuple[AllocationStep, ...] = ()
    in_advance_target: InAdvanceTarget = "next_installment"
    principal_first_after_days: int | None = None


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


#: The five tiers by days past due; before the first of them a debt is `normal`.  The days are
#: those of 《商业银行金融资产风险分类办法》 (CBIRC and PBOC, order 1 of 2023).
RISK_CLASSES_CN = (
    Bucket("special_mention", 1, 90), Bucket("substandard", 91, 270),
    Bucket("doubtful", 271, 360), Bucket("loss", 361),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delinquency:
    """When an unpaid installment counts as overdue.

    `grace_days`: days after the due date that are forgiven if it is paid within them.
    `day_one`: whether the due date itself has 0 days past due (`day_after_due`) or 1 (`due_date`).
    `tolerance`: an installment with no more than this unpaid is late, but not overdue.
    `risk_classes`: tiers of risk by days past due.  Once a debt is overdue, days of grace and of
    pauses count for them like any other: a tier serves the regulator, not the borrower.  None is
    `RISK_CLASSES_CN`.
    """

    grace_days: int = 0
    day_one: Literal["day_after_due", "due_date"] = "day_after_due"
    tolerance: Amount = 0
    buckets: tuple[Bucket, ...] = BUCKETS_BY_MONTH
    risk_classes: tuple[Bucket, ...] | None = None


@dataclass(frozen=True, slots=True)
class ScheduleFee:
    """A fee that is agreed with the draw: `amount`, or `percent` of a base.

    `up_front` is due on the day of the draw, once; `per_installment` with every installment.  The
    base is what was drawn, or the principal that is left before the installment as planned.
    """

    due: Literal["up_front", "per_installment"]
    amount: Amount | None = None
    #: "1.5" is 1.5 %.
    percent: str | None = None
    base: Literal["draw", "outstanding_principal"] = "draw"
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Refunds:
    """What a draw owes less when the merchant gives the price back, in whole or in part.

    `target`: the installments that carry less principal.  `future_interest`: what is planned for
    days after the refund falls in proportion to the principal then open, or is kept.  A refund of
    the whole price closes the draw, whatever stands here.
    """

    target: InAdvanceTarget = "last_installment"
    future_interest: Literal["in_proportion", "kept"] = "in_proportion"


@dataclass(frozen=True, slots=True)
class LateFee:
    """A penalty once for each installment: an amount, a share of the installment, or both.

    It is incurred by whoever has not paid when the last day of grace ends.
    """

    #: A fraction of the base, of the installment as planned: "0.015" is 1.5 %.
    rate: str = "0"
    base: Literal["principal", "principal_and_interest"] = "principal"
    once_per: Literal["overdue_installment"] = "overdue_installment"
    #: The day it counts from: the due date that was missed, or the first day after the grace.
    dated: Literal["due_date", "first_overdue_day"] = "due_date"
    #: What it costs besides the share.
    amount: Amount = 0
    minimum: Amount = 0
    maximum: Amount | None = None
    #: Days after the due date without a fee; None is the grace of the delinquency.
    grace_days: int | None = None


@dataclass(frozen=True, slots=True)
class PenaltyInterest:
    """Interest on what is overdue (罚息), while it is overdue.

    By a rate of its own or by a multiple of the contract's: the People's Bank of China allows 30 to
    50 % on top of it (notice Yinfa [2003] 251), a multiple of "1.3" to "1.5".  It is the whole
    price of the days overdue, for a plan charges nothing on what was missed.
    """

    annual_rate: str | None = None
    multiple: str | None = None
    #: What of an installment bears it.  With its interest: interest on unpaid interest (复利).
    #: Fees and penalties never do.
    base: Literal["principal", "principal_and_interest"] = "principal"
    day_count: Literal["act/365", "act/360", "act/act"] = "act/365"
    #: Whoever outlasts the grace pays for its days too, or only for those after it.
    accrues_from: Literal["due_date", "grace_end"] = "due_date"
    #: When it enters the books: every day, or in each month on the day of the due date.
    charged_every: Literal["day", "month"] = "day"
    #: It never exceeds this percentage: of the draw (all installments together), or of the base
    #: that an installment was overdue with at the most.
    cap_percent: str | None = None
    cap_base: Literal["draw", "overdue"] | None = None
    #: Default: as `money_rounding`.
    rounding: Rounding | None = None


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
    #: What the level amount is computed from: the nominal rate of a period, whatever its length;
    #: the rates really charged (two names of the trade for it); or the rate of the first period.
    level_formula: Literal[
        "nominal_period", "actual_periods", "period_rates", "first_period_rate"
    ] = "nominal_period"
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
    #: How draws that join this one change its schedule: it becomes that of the sum of all draws, or
    #: each later draw is spread evenly over the installments due after its day.
    draw_spread: Literal["sum_then_level", "each_draw_level"] | None = None
    late_fee: LateFee | None = None
    business_days: BusinessDays | None = None
    fees: tuple[ScheduleFee, ...] | None = None
    #: What a merchant's refund does to the schedule; None is the default of `Refunds`.
    refunds: Refunds | None = None
    penalty_interest: PenaltyInterest | None = None
    grace: Grace | None = None
    #: Where the interest of the days before the first regular period goes: it makes the first
    #: installment dearer (the default), or an equal part of it comes on top of every installment.
    broken_period: Literal["first_installment", "spread"] | None = None
    #: What each period costs, where that was agreed and not computed.
    period_rates: tuple[str, ...] | None = None
    #: The day from which interest is charged, where that is after the day of the draw; money that
    #: is not lent yet costs nothing, so an earlier day is the day of the draw.
    interest_from: date | None = None

    #: What early repayment does to flat interest, and to fees of the plan, of periods to come: they
    #: are given up as far as they are not earned (`rebated`, the default), or stay owed.
    unearned_charges: Literal["rebated", "owed"] | None = None
    #: Whether who settles owes interest up to the day (the default) or up to the end of the period.
    payoff_interest_until: Literal["payoff_date", "period_end"] | None = None

    # --- of `daily_simple` ----------------------------------------------------------------------
    #: The rate of one day; without it `annual_rate` / `days_per_year`.
    daily_rate: str | None = None
    days_per_year: str | None = None
    #: How interest is rounded when it is paid or quoted; default: as `money_rounding`.
    interest_rounding: Rounding | None = None
    #: All interest together never exceeds this percentage of the draw.
    interest_total_cap_percent: str | None = None
    rate_windows: tuple[RateWindow, ...] | None = None
    #: Whoever closes the draw within so many days of it pays no interest.
    settlement_grace_days: int | None = None

    # --- of recalculation: interest follows the principal really outstanding ---------------------
    #: What principal paid early does: the installments left become smaller, or fewer.
    prepayment: Literal["reduce_installment", "reduce_term"] | None = None
    #: True: the parts of a period before and after a payment are rounded each for itself.
    round_each_segment: bool | None = None
