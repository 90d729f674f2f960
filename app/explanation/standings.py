"""Where each installment stands, and the arithmetic of being late and being overdue."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.explanation.plans import Write
from ledger.domain.state import AccountState, DrawState, Installment
from ledger.domain.statement import installment_buckets
from ledger.domain.terms import Delinquency


@dataclass(frozen=True, slots=True)
class Standing:
    """An installment: owed - paid - waived - written off - cancelled = open, and what it makes."""

    number: int
    due_on: date
    owed: int
    paid: int
    waived: int
    open: int
    status: str
    why: str
    written_off: int = 0
    cancelled: int = 0


def standings_of(draw: DrawState, as_of: date, write: Write) -> Iterator[Standing]:
    """Every installment of a draw."""
    for row in draw.installments:
        yield Standing(
            number=row.number,
            due_on=row.due_on,
            owed=sum(row.owed),
            paid=sum(row.paid),
            waived=sum(row.waived),
            open=row.outstanding,
            status=row.status,
            why=_why(row, draw, as_of, write),
            written_off=sum(row.written_off),
            cancelled=sum(row.cancelled),
        )


def _why(row: Installment, draw: DrawState, as_of: date, write: Write) -> str:
    delinquency = draw.terms.delinquency
    if row.status == "settled":
        return f"settled on {row.settled_on}" if row.settled_on else "nothing was ever owed"
    if row.status == "written_off":
        return f"of {write(sum(row.written_off))} written off {write(sum(row.recovered))} came in"
    if row.status == "cancelled":
        return f"owed no more since {row.settled_on}"
    if row.status == "upcoming":
        return f"due after {as_of}"
    if row.status == "due":
        return "due this very day"
    days = _days_in_words(row, as_of, delinquency)
    grace, tolerance = delinquency.grace_days, delinquency.tolerance
    if row.status == "overdue":
        days += f", {draw.paused_days} of them paused" if draw.paused_days else ""
        return (
            f"{days}, more than {grace} days of grace;"
            f" {write(row.outstanding)} is more than the tolerance of {write(tolerance)}"
        )
    if row.days_late <= grace:
        return f"{days}, within {grace} days of grace"
    if row.days_late - draw.paused_days <= grace:
        return f"{days}; less {draw.paused_days} days of pause, no more than {grace} of grace"
    return f"{days}; {write(row.outstanding)} is within the tolerance of {write(tolerance)}"


def _days_in_words(row: Installment, as_of: date, delinquency: Delinquency) -> str:
    """The count of days with its ends."""
    both = ", both counted" if delinquency.day_one == "due_date" else ""
    return f"{row.due_on} to {as_of}{both}: {row.days_late} days late"


def overdue_in_words(draw: DrawState, as_of: date, write: Write) -> tuple[str, ...]:
    """Why a draw is overdue, or why it is not."""
    overdue = [row for row in draw.installments if row.status == "overdue"]
    status = draw.status.replace("_", " ")
    if not overdue:
        late = [row for row in draw.installments if row.status == "late"]
        if not late:
            return (f"nothing is late on {as_of}: the draw is {status}, 0 days past due",)
        return (
            f"{write(draw.late_total)} is {draw.days_late} days late, but {status}:"
            " 0 days past due",
        )
    oldest = overdue[0]
    total = " + ".join(write(row.outstanding) for row in overdue)
    days = _days_in_words(oldest, as_of, draw.terms.delinquency)
    bucket = next((b for b in draw.terms.delinquency.buckets if b.name == draw.bucket), None)
    off = draw.days_past_due - draw.delinquent_days
    aged = f", {draw.delinquent_days} of them beyond grace and pauses" if off else ""
    span = "" if bucket is None else f", in bucket {bucket.name} ({bucket.min} to {bucket.max})"
    return (
        f"overdue: {total} = {write(draw.overdue_total)}",
        f"days past due: of the oldest overdue installment {oldest.number}, {days}"
        + aged
        + span.replace(" to None)", " and more)"),
        f"tier of risk: {draw.risk_class.replace('_', ' ')}{_ages_in_words(draw, write)}",
    )


def _ages_in_words(draw: DrawState, write: Write) -> str:
    """What is unpaid by the age of each installment, where they differ in age."""
    ages = installment_buckets(draw)
    if len(ages) < 2:
        return ""
    parts = ", ".join(f"{write(amount)} {name}" for name, amount in ages.items())
    return f"; by the age of each installment {parts}"


def change_in_words(state: AccountState) -> str:
    """When the state changes next without a new event, and why."""
    on = state.changes_on
    if on is None:
        return "no day alone changes this state: nothing is open"
    rows = [row for draw in state.draws for row in draw.installments if row.outstanding]
    due = [row for row in rows if row.due_on == on]
    if due:
        why = f"installment {due[0].number} of {due[0].draw_id} falls due"
    elif any(row.due_on < on for row in rows):
        why = "what is late is then one day later"
    elif any(
        window.from_on <= on <= window.to_on
        for draw in state.draws
        for window in draw.terms.rate_windows or ()
    ):
        why = "interest accrues at another rate than that of the plan"
    else:
        why = "a fact that is already recorded begins to count"
    return f"changes on {on}: {why}"
