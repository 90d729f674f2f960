"""The figures of an answer: what of the account a borrower is told."""

from dataclasses import dataclass
from datetime import date

from ledger.domain.state import AccountState


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as its borrower looks at it.  Amounts are in minor units of its currency."""

    as_of: date
    currency: str
    #: What is overdue, since when, and for how many days that count.
    overdue: int = 0
    overdue_since: date | None = None
    days: int = 0
    #: What is unpaid beyond its due date, overdue or not, and until when grace lasts.
    late: int = 0
    late_since: date | None = None
    grace_until: date | None = None
    next_due_on: date | None = None
    next_due: int = 0
    written_off: int = 0
    last_paid: int = 0
    last_paid_on: date | None = None


def standing_of(state: AccountState) -> Standing:
    """The figures of a replay."""
    late = [draw for draw in state.draws if draw.late_since is not None]
    overdue = [draw for draw in state.draws if draw.status == "overdue"]
    due_days = [draw.next_due_on for draw in state.draws if draw.next_due_on is not None]
    next_due_on = min(due_days, default=None)
    rows = [row for draw in state.draws for row in draw.installments]
    payments = [one for one in state.payments if one.counting > 0]
    last = max(payments, key=lambda one: one.effective_on, default=None)
    return Standing(
        as_of=state.as_of,
        currency=state.currency,
        overdue=sum(draw.overdue_total for draw in overdue),
        overdue_since=min((d.overdue_since for d in overdue if d.overdue_since), default=None),
        days=max((draw.days_past_due for draw in overdue), default=0),
        late=sum(draw.late_total for draw in late),
        late_since=min((draw.late_since for draw in late if draw.late_since), default=None),
        grace_until=max((d.delinquent_since for d in late if d.delinquent_since), default=None),
        next_due_on=next_due_on,
        next_due=sum(row.outstanding for row in rows if row.due_on == next_due_on),
        written_off=sum(state.written_off),
        last_paid=last.counting if last else 0,
        last_paid_on=last.effective_on if last else None,
    )
