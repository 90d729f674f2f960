"""Read the state of an account off its settled books: what is late, what is overdue, what comes.

Days are counted as the terms say (`Delinquency`); nothing here moves money.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from ledger.domain.account import Account
from ledger.domain.accruals import ClosedInGrace, Grace
from ledger.domain.allocation import Line
from ledger.domain.calendar import days_late_of
from ledger.domain.events import AccountOpened, DrawMade
from ledger.domain.settlement import Settlement
from ledger.domain.state import (
    LOSS,
    NORMAL,
    NOTHING,
    AccountState,
    Amounts,
    DrawState,
    DrawStatus,
    Installment,
    InstallmentStatus,
    PaymentSplit,
    Restructuring,
)
from ledger.domain.steps import Step
from ledger.domain.terms import COMPONENTS, RISK_CLASSES_CN, Bucket, Delinquency

ONE_DAY = timedelta(days=1)

_NOTHING_OPEN: frozenset[InstallmentStatus] = frozenset({"settled", "written_off", "cancelled"})


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
    books = books_of(account, as_of, trace)
    draws = tuple(
        _draw_state(books, draw_id, books.accruals.shown(draw_id, lines), as_of)
        for draw_id, lines in books.lines_by_draw.items()
    )
    opened = account.opened or _NEVER_OPENED
    state = AccountState(
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
                split.counting - sum(split.paid) - sum(split.recovered) - split.refunded,
                split.principal_balance, split.refunded, _amounts(split.recovered),
            )
            for payment_id, split in books.splits.items()
        ),
        credit_balance=books.credit_balance,
        changes_on=_changes_on(books, as_of, next_fact_on),
        installment_of_charge={key: line.number for key, line in books.line_of_charge.items()},
    )  # fmt: skip
    _let_go(books)
    return state


def books_of(account: Account, as_of: date, trace: list[Step] | None) -> Settlement:
    """The books at the end of a day, begun again for each draw that turns out to cost nothing."""
    free, told = frozenset[Grace](), 0 if trace is None else len(trace)
    while True:
        books = Settlement(account, trace, free)
        try:
            books.run(as_of)
        except ClosedInGrace as found:
            _let_go(books)
            free |= {found.draw}
            if trace is not None:
                del trace[told:]
        else:
            return books


def _let_go(books: Settlement) -> None:
    """Take from books that nobody asks any more what refers back to them.

    So the memory of an account is free at once, and not only when the collector of cyclic garbage
    has looked for it.
    """
    del books.outcomes, books.replans, books.accruals


_NEVER_OPENED = AccountOpened(effective_on=date.min, borrower_ref="", currency="")


def bucket_of(days_past_due: int, buckets: Iterable[Bucket]) -> str | None:
    """The name of the bucket that contains `days_past_due`, or None."""
    for bucket in buckets:
        if bucket.min <= days_past_due and (bucket.max is None or days_past_due <= bucket.max):
            return bucket.name
    return None


def risk_class_of(days_past_due: int, delinquency: Delinquency) -> str:
    """The tier of risk of so many days past due."""
    classes = RISK_CLASSES_CN if delinquency.risk_classes is None else delinquency.risk_classes
    return bucket_of(days_past_due, classes) or NORMAL


def installment_buckets(draw: DrawState) -> dict[str, int]:
    """What is unpaid by bucket, every installment by its own days, whatever the grace.

    Nothing is sorted while the draw itself is not overdue.
    """
    found: dict[str, int] = {}
    for row in draw.installments if draw.delinquent_days else ():
        days = row.days_late - draw.paused_days
        name = bucket_of(days, draw.terms.delinquency.buckets) if days > 0 else None
        if name is not None:
            found[name] = found.get(name, 0) + row.outstanding
    return found


def _draw_state(books: Settlement, draw_id: str, lines: Sequence[Line], as_of: date) -> DrawState:
    account, replans = books.account, books.replans
    accrual = books.accruals.by_draw.get(draw_id)
    draws = account.draws_of(draw_id)
    first = draws[0]
    terms = replans.terms_of(draw_id)
    delinquency = terms.delinquency
    restructurings = tuple(replans.restructurings.get(draw_id, ()))
    paused = paused_days(account, draw_id, as_of)
    rows = [
        _installment(line, as_of, delinquency, paused, balance)
        for line, balance in zip(lines, _balances(draws, lines, restructurings), strict=True)
    ]
    late = [row for row in rows if row.status in ("late", "overdue")]
    overdue = [row for row in rows if row.status == "overdue"]
    days_past_due = overdue[0].days_late if overdue else 0
    written_off = _written_off(rows)
    delinquent_days = days_past_due - delinquency.grace_days - paused if overdue else 0
    return DrawState(
        draw_id=draw_id,
        amount=sum(draw.amount for draw in draws),
        drawn_on=first.effective_on,
        terms=terms,
        installments=tuple(rows),
        status=_draw_status(rows, late, overdue, delinquency)
        or _ending(
            rows,
            has_ended=draw_id in books.outcomes.ended,
            is_cancelled=account.cancellation_of(draw_id) is not None,
        ),
        days_late=late[0].days_late if late else 0,
        days_past_due=days_past_due,
        late_since=late[0].due_on if late else None,
        overdue_since=overdue[0].due_on if overdue else None,
        late_total=sum(row.outstanding for row in late),
        overdue=_open_amounts(overdue),
        bucket=bucket_of(delinquent_days, delinquency.buckets) if overdue else None,
        next_due_on=next((r.due_on for r in rows if r.status in ("upcoming", "due")), None),
        outstanding=_open_amounts(rows),
        delinquent_days=delinquent_days,
        paused_days=paused if late else 0,
        joined=tuple(draw.draw_id for draw in draws[1:]),
        written_off=written_off,
        risk_class=LOSS if any(written_off) else risk_class_of(days_past_due, delinquency),
        restructurings=restructurings,
        course=replans.courses.get(draw_id),
        accrual=None if accrual is None else accrual.told,
    )


def paused_days(account: Account, draw_id: str, as_of: date) -> int:
    """Days that passed within the pauses of a draw until `as_of`, its due dates regardless."""
    return sum(
        max(0, (min(as_of, pause.until) - pause.effective_on).days)
        for pause in account.pauses_of(draw_id)
    )


def _balances(
    draws: Sequence[DrawMade], lines: Sequence[Line], restructurings: Sequence[Restructuring]
) -> Iterator[int]:
    """The principal left after each line as planned: what was drawn until it, less what is due.

    A draw made on a due date comes after the installment of that day, if it puts nothing on it.
    Interest that became principal was lent as if it had been drawn.
    """
    first, *later = draws
    is_sum = first.terms.draw_spread == "sum_then_level"
    # What was cancelled is as if it had never been drawn, and is due nowhere.
    planned = sum(line.cancelled[3] for line in lines)
    for line in lines:
        planned += line.owed[3] - line.refund_owed - line.cancelled[3]
        is_down_payment = line.from_on == line.due_on
        drawn = first.amount
        for draw in later:
            is_of_day = draw.effective_on == line.due_on and (is_sum or is_down_payment)
            if draw.effective_on < line.due_on or is_of_day:
                drawn += draw.amount
        for one in restructurings:
            if one.on < line.due_on:
                drawn += one.capitalised
        yield max(0, drawn - planned)


def _installment(
    line: Line, as_of: date, delinquency: Delinquency, paused: int, balance: int
) -> Installment:
    days_late = days_late_of(line.due_on, as_of, delinquency) if line.open_total else 0
    return Installment(
        line.draw_id, line.number, line.due_on, _amounts(line.owed), _amounts(line.paid),
        _amounts(line.waived), line.paid_in_advance, line.paid_late, line.settled_on, days_late,
        _installment_status(line, as_of, days_late, delinquency, paused), balance,
        None if line.planned_on == line.due_on else line.planned_on, line.repaid_early,
        _amounts(line.written_off), _amounts(line.recovered), _amounts(line.cancelled),
    )  # fmt: skip


def _installment_status(
    line: Line, as_of: date, days_late: int, delinquency: Delinquency, paused: int
) -> InstallmentStatus:
    if not line.open_total:
        return _status_when_nothing_is_open(line)
    is_old = days_late - paused > delinquency.grace_days
    if is_old and line.open_total > delinquency.tolerance:
        return "overdue"
    if days_late:
        return "late"
    return "due" if line.due_on <= as_of else "upcoming"


def _status_when_nothing_is_open(line: Line) -> InstallmentStatus:
    if line.written_off != line.recovered:
        return "written_off"
    is_settled = any(line.paid) or any(line.waived) or any(line.recovered)
    return "cancelled" if any(line.cancelled) and not is_settled else "settled"


def _draw_status(
    rows: list[Installment],
    late: list[Installment],
    overdue: list[Installment],
    delinquency: Delinquency,
) -> DrawStatus | None:
    """How a draw that owes something stands; None if nothing of it is open."""
    if overdue:
        return "overdue"
    beyond_tolerance = [row for row in late if row.outstanding > delinquency.tolerance]
    if any(row.days_late > delinquency.grace_days for row in beyond_tolerance):
        return "paused"
    if beyond_tolerance:
        return "within_grace"
    if late:
        return "below_tolerance"
    return "current" if any(row.status in ("upcoming", "due") for row in rows) else None


def _ending(rows: list[Installment], *, has_ended: bool, is_cancelled: bool) -> DrawStatus:
    """Why nothing of a draw is open."""
    if has_ended:
        return "cancelled" if is_cancelled else "refunded"
    is_written_off = any(row.status == "written_off" for row in rows)
    return "written_off" if is_written_off else "settled"


def _changes_on(books: Settlement, as_of: date, next_fact_on: date | None) -> date | None:
    """The first later day on which a status, a count of days, interest or a fact changes it."""
    candidates = [] if next_fact_on is None else [next_fact_on]
    changes = (accrual.next_change(as_of) for accrual in books.accruals.by_draw.values())
    candidates += [day for day in changes if day is not None]
    for line in books.open_lines():
        if line.open_total and as_of < date.max:
            # What is due today is late tomorrow, and what is late is one day later tomorrow.
            candidates.append(max(line.due_on, as_of + ONE_DAY))
            break
    return min(candidates, default=None)


def _open_amounts(rows: list[Installment]) -> Amounts:
    """Outstanding by component over `rows`."""
    penalty = fee = interest = principal = 0
    for row in rows:
        if row.status not in _NOTHING_OPEN:
            penalty += row.open(0)
            fee += row.open(1)
            interest += row.open(2)
            principal += row.open(3)
    return penalty, fee, interest, principal


def _written_off(rows: list[Installment]) -> Amounts:
    """What was written off and did not come in, by component over `rows`."""
    touched = [row for row in rows if row.written_off != NOTHING]
    if not touched:
        return NOTHING
    penalty, fee, interest, principal = (
        sum(row.written_off[component] - row.recovered[component] for row in touched)
        for component in range(len(COMPONENTS))
    )
    return penalty, fee, interest, principal


def _amounts(values: list[int]) -> Amounts:
    penalty, fee, interest, principal = values
    return penalty, fee, interest, principal
