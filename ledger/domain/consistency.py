"""Whether terms agree with themselves: dates, rate, rounding, rows, allocation, delinquency.

A check takes the terms and yields findings, (field, sentence); it never raises.  All are reported
at once, so a lender who sets up a product mends it in one go.  What only the plan itself can show
stands in `schedule.contradictions`, which is the door to all of them.
"""

from datetime import date
from itertools import pairwise

from ledger.domain.accruing_consistency import wrong_accruing
from ledger.domain.business_days import wrong_business_days
from ledger.domain.calendar import UNITS_PER_YEAR, due_dates
from ledger.domain.conventions import Findings, misfits
from ledger.domain.limits import (
    AMOUNT_MAX,
    BUCKETS_MAX,
    DAYS_OVERDUE_MAX,
    GRACE_DAYS_MAX,
    INSTALLMENTS_MAX,
    NAME_LENGTH_MAX,
    RATE_MAX,
    TERM_YEARS_MAX,
    YEAR_MAX,
    YEAR_MIN,
)
from ledger.domain.money import AmountError, to_rate
from ledger.domain.penalty_consistency import wrong_penalties
from ledger.domain.schedule_fees import wrong_fees
from ledger.domain.terms import COMPONENTS, Bucket, Delinquency, Row, Terms


def inconsistencies(terms: Terms, amount: int, drawn_on: date) -> Findings:
    """All findings about the terms of a draw of `amount` minor units."""
    count = list(_wrong_count(terms))
    # Dates can be counted only when their number and distance are sane.
    yield from count or _wrong_dates(terms, drawn_on)
    yield from count or wrong_business_days(terms, drawn_on)
    yield from misfits(terms, len(terms.rows or terms.due_dates) or terms.term_count)
    yield from wrong_accruing(terms)
    yield from _wrong_rate(terms)
    yield from _wrong_rounding(terms)
    yield from _wrong_down_payment(terms)
    yield from _wrong_rows(terms.rows, amount)
    yield from wrong_fees(terms)
    yield from _wrong_allocation(terms)
    yield from _wrong_delinquency(terms.delinquency)
    yield from wrong_penalties(terms)
    yield from _wrong_buckets(terms.delinquency.buckets, "buckets")
    yield from _wrong_buckets(terms.delinquency.risk_classes or (), "risk_classes")


def _wrong_count(terms: Terms) -> Findings:
    """The number of due dates and their distance."""
    agreed = terms.rows or terms.due_dates
    count = len(agreed) or terms.term_count
    if agreed and terms.term_count not in (0, count):
        yield "term_count", f"term_count is {terms.term_count}, but {count} due dates are given"
    follows = count == 0 and terms.method == "fixed_installment"
    if not (follows or 1 <= count <= INSTALLMENTS_MAX):
        yield "term_count", f"a draw has 1 to {INSTALLMENTS_MAX} installments, found {count}"
    if not agreed and terms.first_due_on is None:
        yield "first_due_on", "no due date is given; write first_due_on or due_dates"
    every, unit = terms.period.every, terms.period.unit
    if every < 1:
        yield "period", f"due dates are at least 1 {unit} apart, found {every}"
    elif max(1, count) * every > TERM_YEARS_MAX * UNITS_PER_YEAR[unit]:
        span = f"{count} times {every} {unit}s"
        yield "period", f"{span} is more than the {TERM_YEARS_MAX} years that a draw may last"
    anchor = terms.anchor_day
    if anchor is not None and not 1 <= anchor <= 31:
        yield "anchor_day", f"anchor_day is a day of the month from 1 to 31, found {anchor}"
    elif anchor is not None and unit != "month":
        yield "anchor_day", f"anchor_day is for periods of months; with {unit}s leave it out"


def _wrong_dates(terms: Terms, drawn_on: date) -> Findings:
    """The due dates themselves, once they can be counted."""
    first = terms.first_due_on
    for day in (drawn_on, first or drawn_on):
        if not YEAR_MIN <= day.year <= YEAR_MAX:
            yield "first_due_on", f"books speak of the years {YEAR_MIN} to {YEAR_MAX}, found {day}"
            return
    dates = due_dates(terms)
    if first not in (None, dates[0]):
        yield "first_due_on", f"first_due_on is {first}, but the due dates begin on {dates[0]}"
    # Rows agreed elsewhere may begin with a down payment, or hold two rows for the same day.
    same_day_allowed = bool(terms.rows)
    if dates[0] < drawn_on or (dates[0] == drawn_on and not same_day_allowed):
        yield "first_due_on", f"the first due date {dates[0]} is not after the draw of {drawn_on}"
    for one, other in pairwise(dates):
        if other < one or (other == one and not same_day_allowed):
            yield "due_dates", f"due dates must rise, but {other} follows {one}"
            break
    starts = terms.interest_from
    if starts is not None and starts >= dates[0]:
        yield "interest_from", f"interest_from is before the first due date, found {starts}"
    last = max(dates)
    # A term may run its full years only from the first due date on, hence the year more.
    if last.year > min(drawn_on.year + TERM_YEARS_MAX + 1, YEAR_MAX):
        limit = f"{TERM_YEARS_MAX} years after the draw and by {YEAR_MAX}"
        yield "due_dates", f"the last due date falls within {limit}, found {last}"


def _wrong_rate(terms: Terms) -> Findings:
    """The rate, and the way it becomes interest."""
    basis = terms.interest_basis
    try:
        rate = to_rate(terms.annual_rate)
    except AmountError as error:
        yield "annual_rate", f"annual_rate: {error}"
        return
    if rate > RATE_MAX:
        yield (
            "annual_rate",
            f"annual_rate {terms.annual_rate} is more than {RATE_MAX * 100} % a year;"
            " it is a fraction: write 15.6 % as 0.156",
        )
    if rate and (basis.accrual == "none" or terms.method == "interest_free"):
        yield (
            "annual_rate",
            f"annual_rate is {terms.annual_rate}, but method {terms.method} with accrual"
            f" {basis.accrual} charges no interest; write 0, or another method and accrual",
        )


def _wrong_rounding(terms: Terms) -> Findings:
    """The amounts that shape installments."""
    for name in ("installment_multiple", "installment"):
        figure: int | None = getattr(terms, name)
        if figure is not None and not 1 <= figure <= AMOUNT_MAX:
            yield name, f"{name} is 1 to {AMOUNT_MAX} minor units, found {figure}"


def _wrong_down_payment(terms: Terms) -> Findings:
    percent = terms.down_payment_percent
    if percent is None:
        return
    if terms.rows:
        yield "down_payment_percent", "rows are given: write the down payment as the first of them"
    try:
        share = to_rate(percent)
    except AmountError as error:
        yield "down_payment_percent", f"down_payment_percent: {error}"
        return
    if not 0 < share < 100:
        yield "down_payment_percent", f"a down payment is between 0 and 100 %, found {percent}"


def _wrong_rows(rows: tuple[Row, ...], amount: int) -> Findings:
    """Installments given outright."""
    for number, row in enumerate(rows, start=1):
        figures = {"fee": row.fee, "interest": row.interest, "principal": row.principal}
        for component, figure in figures.items():
            place = f"row {number} of {row.due_on} has {component} {figure} minor units"
            if figure < 0:
                mend = "net it against the rows beside it before it is recorded"
                yield "rows", f"{place}: an installment never pays out; {mend}"
            elif figure > AMOUNT_MAX:
                yield "rows", f"{place}, more than the {AMOUNT_MAX} of any amount"
    principal = sum(row.principal for row in rows)
    if rows and principal != amount:
        found = f"found {principal} for a draw of {amount}"
        yield "rows", f"the principal of all rows is the draw, in minor units; {found}"


def _wrong_allocation(terms: Terms) -> Findings:
    """Orders in which a component is missing, stands twice, or cannot stand."""
    allocation, complete = terms.allocation, sorted(COMPONENTS)
    once_each = "penalty, fee, interest and principal once each"
    for name, order in (("past_due", allocation.past_due), ("due", allocation.due)):
        if sorted(order) != complete:
            yield f"allocation.{name}", f"{name} is {once_each}, found {', '.join(order)}"
    early = allocation.in_advance
    plain = sorted(step for step in early if step in COMPONENTS)
    if early and (plain != complete or len(set(early)) < len(early)):
        yield (
            "allocation.in_advance",
            f"in_advance is empty, or {once_each} with penalty_due and fee_due where wanted;"
            f" found {', '.join(early)}",
        )

    if allocation.in_advance_target != "next_installment" and (
        allocation.sequence == "installment" or not early
    ):
        found = f"found sequence {allocation.sequence} and in_advance of {len(early)} steps"
        yield (
            "allocation.in_advance_target",
            f"in_advance_target {allocation.in_advance_target} needs a sequence by status and an"
            f" order in_advance, {found}",
        )
    after = allocation.principal_first_after_days
    if after is not None and not 0 <= after <= DAYS_OVERDUE_MAX:
        yield (
            "allocation.principal_first_after_days",
            f"principal comes first after 0 to {DAYS_OVERDUE_MAX} days, found {after}",
        )


def _wrong_delinquency(delinquency: Delinquency) -> Findings:
    """Grace and tolerance."""
    grace, tolerance = delinquency.grace_days, delinquency.tolerance
    if not 0 <= grace <= GRACE_DAYS_MAX:
        yield "delinquency.grace_days", f"grace is 0 to {GRACE_DAYS_MAX} days, found {grace}"
    if not 0 <= tolerance <= AMOUNT_MAX:
        limit = f"0 to {AMOUNT_MAX} minor units"
        yield "delinquency.tolerance", f"tolerance is {limit}, found {tolerance}"


def _wrong_buckets(buckets: tuple[Bucket, ...], name: str) -> Findings:
    """Classes of days past due; they may leave gaps, but not overlap."""
    field = f"delinquency.{name}"
    if len(buckets) > BUCKETS_MAX:
        yield field, f"there are at most {BUCKETS_MAX} {name}, found {len(buckets)}"
    if len({bucket.name for bucket in buckets}) < len(buckets):
        yield field, "every bucket has a name of its own, found one twice"
    for bucket in buckets:
        if not 1 <= len(bucket.name) <= NAME_LENGTH_MAX:
            yield field, f"a bucket's name has 1 to {NAME_LENGTH_MAX} letters: {bucket.name!r}"
        if bucket.min < 1 or (bucket.max is not None and bucket.max < bucket.min):
            span = f"{bucket.min} to {bucket.max}"
            yield (
                field,
                f"bucket {bucket.name} begins at 1 day or later and ends after, found {span}",
            )
    for one, other in pairwise(buckets):
        if one.max is None or other.min <= one.max:
            overlap = f"{other.name} from day {other.min}, {one.name} until {one.max or 'ever'}"
            yield field, f"buckets follow each other without overlap, found {overlap}"
