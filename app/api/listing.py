"""Lists over all accounts, in the order of ids, each row as true today.

The tables say which accounts may be on a page; accounts whose rows may not be trusted are looked at
as well; and every account is read before it is shown.  So a list is as fresh as a single reading,
and what it costs is bounded by the page: a page that meets too many stale accounts ends early.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api.answers import answer
from app.api.desk import Desk, desk_of
from app.api.document_parts import ref
from app.api.parameters import Cursor, Day, Limit
from app.api.problems import Fault, Problem
from app.api.reading import shown_document
from app.api.roles import Permission
from app.api.routing import add
from app.api.statements import SQL
from projections.reading import Reading
from projections.schema import PROJECTOR

#: Stale accounts that one page replays at most.
STALE_ACCOUNTS_MAX = 200

Row = Mapping[str, Any]
Bucket = Annotated[str | None, Query(max_length=60, description="The class of days past due.")]
Days = Annotated[int | None, Query(ge=0, le=100_000)]
DrawStatus = Annotated[
    Literal["settled", "current", "within_grace", "below_tolerance", "paused", "overdue"] | None,
    Query(),
]
InstallmentStatus = Annotated[
    Literal["settled", "upcoming", "due", "late", "overdue"] | None, Query()
]
DueFrom = Annotated[Day | None, Query(description="Due on this date or later.")]
DueTo = Annotated[Day | None, Query(description="Due on this date or before.")]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(prefix="/v1", tags=["read"])
    returns: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "A page, and the cursor of the next.",
            "content": {"application/json": {"schema": ref("Page")}},
        }
    }
    for path, endpoint in (("/overdue", list_overdue), ("/schedule", list_schedule)):
        add(
            made,
            "GET",
            path,
            endpoint,
            needs=Permission.READ_LISTS,
            may_end=(400, 409),
            returns=returns,
        )
    return made


def list_overdue(
    request: Request,
    status: DrawStatus = None,
    bucket: Bucket = None,
    days_past_due_min: Days = None,
    days_past_due_max: Days = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Draws by status, by bucket and by days past due; an account is on a page with all of them."""
    asked = {
        "status": status,
        "bucket": bucket,
        "days_min": days_past_due_min,
        "days_max": days_past_due_max,
    }

    def fits(row: Row) -> bool:
        days = row["days_past_due"]
        return (
            status in (None, row["status"])
            and bucket in (None, row["bucket"])
            and (days_past_due_min is None or days >= days_past_due_min)
            and (days_past_due_max is None or days <= days_past_due_max)
        )

    return _page(request, "overdue", SQL.overdue_accounts, asked, fits, limit, cursor)


def list_schedule(
    request: Request,
    status: InstallmentStatus = None,
    due_from: DueFrom = None,
    due_to: DueTo = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Installments by status and due date; of an account only those that fit are on the page."""
    if due_from is not None and due_to is not None and due_to < due_from:
        raise Problem(
            Fault.PARAMETER_INVALID, "due_to lies before due_from; exchange them", field="due_to"
        )
    asked = {"status": status, "due_from": due_from, "due_to": due_to}

    def fits(row: Row) -> bool:
        return status in (None, row["status"]) and (due_from or date.min) <= row["due_on"] <= (
            due_to or date.max
        )

    return _page(request, "repayment_schedule", SQL.schedule_accounts, asked, fits, limit, cursor)


def _page(
    request: Request,
    view: str,
    statement: bytes,
    asked: dict[str, Any],
    fits: Callable[[Row], bool],
    limit: int,
    cursor: str | None,
) -> Response:
    desk = desk_of(request)
    question = {"view": view, **asked}
    after = desk.cursors.read(cursor, question)
    account_ids, last = _candidates(desk, statement, asked, after, limit)
    readings = [desk.app.reader.read(view, one, desk.app.today()) for one in account_ids]
    fitting = [reading for reading in readings if any(map(fits, reading.dicts()))]
    currencies = desk.currencies.of(reading.account_id for reading in fitting)
    document = {
        "as_of": desk.app.today(),
        "accounts": [
            _fitting(reading, fits, currencies[reading.account_id]) for reading in fitting
        ],
        "next": None if last is None else desk.cursors.after(last, question),
    }
    return answer(document)


def _candidates(
    desk: Desk, statement: bytes, asked: dict[str, Any], after: str, limit: int
) -> tuple[list[str], str | None]:
    """The accounts that a page must look at, and the last of them if there may be more."""
    with desk.app.pool.connection() as conn:
        found = [
            row[0] for row in conn.execute(statement, {**asked, "after": after, "limit": limit})
        ]
        up_to = found[-1] if len(found) == limit else None
        looked_for = {
            "after": after,
            "up_to": up_to,
            "today": desk.app.today(),
            "projector": PROJECTOR,
            "limit": STALE_ACCOUNTS_MAX,
        }
        stale = [row[0] for row in conn.execute(SQL.stale_accounts, looked_for)]
    if len(stale) == STALE_ACCOUNTS_MAX:
        up_to = stale[-1]
    every = sorted({*found, *stale})
    return [one for one in every if up_to is None or one <= up_to], up_to


def _fitting(reading: Reading, fits: Callable[[Row], bool], currency: str) -> dict[str, Any]:
    """The rows that were asked for; the others stay out, of an account that is read as a whole."""
    keep = [fits(row) for row in reading.dicts()]
    document = shown_document(reading, currency)
    rows = zip(document["rows"], keep, strict=True)
    return {**document, "rows": [row for row, is_kept in rows if is_kept]}
