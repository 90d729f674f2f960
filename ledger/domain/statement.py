"""Read the state of an account off its settled books: what is late, what is overdue, what comes.

Days are counted as the terms say (`Delinquency`); nothing here moves money.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from ledger.domain.account import Account
from ledger.domain.allocation import Line
from ledger.domain.events import AccountOpened, DrawMade
from ledger.domain.settlement import Settlement, Step
from ledger.domain.state import (
    AccountState,
    Amounts,
    DrawState,
    DrawStatus,
    Installment,
    InstallmentStatus,
    PaymentSplit,
)
from ledger.domain.terms import Bucket, Delinquency

ONE_DAY = timedelta(days=1)


def settled(
    account: Account,
    as_of: date,
    next_fact_on: date | None = None,
    trace: list[Step] | None = None,
) -> AccountState:
    """The state of `account` at the end of `as_of`.

    `next_fact_on` is the earliest later date on which a known fact begins to count.  With `trace`
    the steps of the derivation are appended to it, in the order they were made.
    """
    books = Settlement(account, trace)
    books.run(as_of)
    draws = tuple(
        _draw_state(draw, books.lines_by_draw[draw_id], as_of)
        for draw_id, draw in account.draws.items()
    )
    opened = account.opened or _NEVER_OPENED
    return AccountState(
        as_of=as_of,
        is_open=account.opened is not None and account.closed_on is None,
        borrower_ref=opened.borrower_ref,
        currency=opened.currency,
        time_zone=opened.time_zone,
        tier=account.tier,
        credit_limit=account.credit_limit,
        is_frozen=account.is_frozen,
        closed_on=account.closed_on,
        draws=draws,
        payments=tuple(
            PaymentSplit(
                payment_id, split.on, split.counting, _amounts(split.paid),
                split.counting - sum(split.paid), split.principal_balance,
            )
            for payment_id, split in books.splits.items()
        ),
        credit_balance=books.credit_balance,
        changes_on=_changes_on(books.lines, as_of, next_fact_on),
    )  # fmt: skip


_NEVER_OPENED = AccountOpened(effective_on=date.min, borrower_ref="", currency="")


def days_late_of(due_on: date, as_of: date, delinquency: Delinquency) -> int:
    """Days from a due date by the terms' `day_one`; 0 when it has not passed."""
    first_day = 1 if delinquency.day_one == "due_date" else 0
    return max(0, (as_of - due_on).days + first_day)


def bucket_of(days_past_due: int, buckets: Iterable[Bucket]) -> str | None:
    """The name of the bucket that contains `days_past_due`, or None."""
    for bucket in buckets:
        if bucket.min <= days_past_due and (bucket.max is None or days_past_due <= bucket.max):
            return bucket.name
    return None


def _draw_state(draw: DrawMade, lines: list[Line], as_of: date) -> DrawState:
    delinquency = draw.terms.delinquency
    rows: list[Installment] = []
    balance = draw.amount
    for line in lines:
        balance -= line.owed[3]
        rows.append(_installment(line, as_of, delinquency, balance))
    late = [row for row in rows if row.status in ("late", "overdue")]
    overdue = [row for row in rows if row.status == "overdue"]
    days_past_due = overdue[0].days_late if overdue else 0
    return DrawState(
        draw_id=draw.draw_id,
        amount=draw.amount,
        drawn_on=draw.effective_on,
        terms=draw.terms,
        installments=tuple(rows),
        status=_draw_status(rows, late, overdue, delinquency),
        days_late=late[0].days_late if late else 0,
        days_past_due=days_past_due,
        late_since=late[0].due_on if late else None,
        overdue_since=overdue[0].due_on if overdue else None,
        late_total=sum(row.outstanding for row in late),
        overdue=_open_amounts(overdue),
        bucket=bucket_of(days_past_due, delinquency.buckets) if overdue else None,
        next_due_on=next((r.due_on for r in rows if r.status in ("upcoming", "due")), None),
        outstanding=_open_amounts(rows),
    )


def _installment(line: Line, as_of: date, delinquency: Delinquency, balance: int) -> Installment:
    days_late = days_late_of(line.due_on, as_of, delinquency) if line.open_total else 0
    return Installment(
        line.draw_id, line.number, line.due_on, _amounts(line.owed), _amounts(line.paid),
        _amounts(line.waived), line.paid_in_advance, line.paid_late, line.settled_on, days_late,
        _installment_status(line, as_of, days_late, delinquency), balance,
    )  # fmt: skip


def _installment_status(
    line: Line, as_of: date, days_late: int, delinquency: Delinquency
) -> InstallmentStatus:
    if not line.open_total:
        return "settled"
    if days_late > delinquency.grace_days and line.open_total > delinquency.tolerance:
        return "overdue"
    if days_late:
        return "late"
    return "due" if line.due_on <= as_of else "upcoming"


def _draw_status(
    rows: list[Installment],
    late: list[Installment],
    overdue: list[Installment],
    delinquency: Delinquency,
) -> DrawStatus:
    if overdue:
        return "overdue"
    if any(row.outstanding > delinquency.tolerance for row in late):
        return "within_grace"
    if late:
        return "below_tolerance"
    return "current" if any(row.status != "settled" for row in rows) else "settled"


def _changes_on(lines: list[Line], as_of: date, next_fact_on: date | None) -> date | None:
    """The first later day on which a status, a count of days or a fact changes the state."""
    candidates = [] if next_fact_on is None else [next_fact_on]
    for line in lines:
        if line.open_total and as_of < date.max:
            # What is due today is late tomorrow, and what is late is one day later tomorrow.
            candidates.append(max(line.due_on, as_of + ONE_DAY))
            break
    return min(candidates, default=None)


def _open_amounts(rows: list[Installment]) -> Amounts:
    """Outstanding by component over `rows`."""
    penalty = fee = interest = principal = 0
    for row in rows:
        owed, paid, waived = row.owed, row.paid, row.waived
        penalty += owed[0] - paid[0] - waived[0]
        fee += owed[1] - paid[1] - waived[1]
        interest += owed[2] - paid[2] - waived[2]
        principal += owed[3] - paid[3] - waived[3]
    return penalty, fee, interest, principal


def _amounts(values: list[int]) -> Amounts:
    penalty, fee, interest, principal = values
    return penalty, fee, interest, principal
