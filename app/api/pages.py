"""What borrowers see: the display at the door, the same page as others look at it, and receipts.

Nothing else decides what a borrower sees.
"""

from datetime import date, datetime
from typing import Any, Literal

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.access import caller_of
from app.api.answers import answer, etag_of, tagged
from app.api.desk import Desk, desk_of
from app.api.document_parts import ref
from app.api.parameters import Account, AsClient, AsOf, At, KnownAt, OfView
from app.api.problems import Fault, Problem
from app.api.roles import ApiRole, Caller, Permission
from app.api.routing import add
from app.displaying import (
    VIEWS,
    chain_document,
    client_of,
    future_refused,
    page_document,
    receipt_document,
)
from app.wiring import now
from projections.display import Client, Question, Shown, Viewer
from projections.display.receipts import Written
from projections.reading import AccountUnknown

_logger = structlog.get_logger("app.api")


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(prefix="/v1/accounts/{account}", tags=["display"])
    for path, endpoint, needs, schema in (
        ("/display", read_display, Permission.DIAGNOSE, "Display"),
        ("/shown", read_shown, Permission.READ_SHOWN, "ShownThen"),
    ):
        returns: dict[int | str, dict[str, Any]] = {
            200: {
                "description": "As asked.",
                "content": {"application/json": {"schema": ref(schema)}},
            }
        }
        add(made, "GET", path, endpoint, needs=needs, may_end=(404, 409), returns=returns)
    return made


def read_display(
    request: Request,
    account: Account,
    view: OfView = "overdue",
    client: AsClient = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """What the borrower sees with such a client, and every step that led to it."""
    desk = desk_of(request)
    with_what = (
        Client() if client is None else asked_client(client, Fault.PARAMETER_INVALID, "client")
    )
    viewer = Viewer.borrower_of(account)
    shown = desk.app.display.show(
        _question(desk, VIEWS[view], account, viewer, with_what, as_of, known_at)
    )
    return answer(chain_document(shown))


def read_shown(request: Request, account: Account, at: At = None) -> Response:
    """What the account's pages said at an instant: to whom, from what, with which digest."""
    desk, caller, today = desk_of(request), caller_of(request), now()
    instant = at or today
    refusal = future_refused(instant, today)
    if refusal is not None:
        raise Problem(Fault.PARAMETER_INVALID, refusal, field="at")
    if desk.app.log.versions([account])[account].version == 0:
        raise AccountUnknown(account)
    receipts = desk.app.receipts.at(account, instant)
    is_borrower = caller.role is ApiRole.BORROWER
    pages = [receipt_document(one, to_borrower=is_borrower) for one in receipts]
    return answer({"account": account, "at": instant, "pages": pages})


def borrowers_page(
    request: Request,
    caller: Caller,
    view: str,
    account: str,
    as_of: date | None,
    known_at: datetime | None,
    client: str | None,
) -> Response:
    """What is shown to a borrower, with a receipt of it where it is another page than before."""
    desk = desk_of(request)
    with_what = (
        Client() if client is None else asked_client(client, Fault.HEADER_INVALID, "Duebook-Client")
    )
    viewer = Viewer(caller.name, caller.role.value, caller.accounts)
    shown = desk.app.display.show_no_more_than(
        _question(desk, view, account, viewer, with_what, as_of, known_at), desk.app.today()
    )
    _keep_receipt(desk, shown)
    desk.figures.pages.count_page(shown)
    refusal = shown.refusal
    if refusal is not None:
        fault = Fault.FORBIDDEN if refusal.outcome == "not_permitted" else Fault.CLIENT_TOO_OLD
        raise Problem(fault, refusal.why)
    content = shown.content
    etag = etag_of(content.stream_version, view, content.as_of, content.is_current, shown.digest)
    return tagged(request, page_document(shown), etag)


def _keep_receipt(desk: Desk, shown: Shown) -> None:
    """Pages of another day, or of an earlier knowledge, say so themselves and have no receipt.

    A receipt that cannot be written is counted and logged; the page is shown all the same.
    """
    if not shown.question.is_live:
        return
    outcome: Written | Literal["failed"]
    try:
        outcome = desk.app.receipts.write(shown)
    except Exception as error:  # Whatever it is, the borrower's page is worth more.
        outcome = "failed"
        _logger.error("receipt_not_written", account=shown.question.account_id, error=repr(error))
    if outcome == "full":
        _logger.warning("receipts_of_the_day_full", account=shown.question.account_id)
    desk.figures.pages.count_receipt(outcome)


def _question(
    desk: Desk,
    view: str,
    account: str,
    viewer: Viewer,
    client: Client,
    as_of: date | None,
    known_at: datetime | None,
) -> Question:
    today = desk.app.today()
    is_live = as_of is None and known_at is None
    return Question(account, view, viewer, client, as_of or today, known_at, is_live)


def asked_client(text: str, fault: Fault, field: str) -> Client:
    """The client that a text names; otherwise this fault."""
    try:
        return client_of(text)
    except ValueError as error:
        raise Problem(fault, f"{field}: {error}", field=field) from None
