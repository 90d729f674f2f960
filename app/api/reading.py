"""What the books say of one account: views, events, replay, derivation, diagnosis.

A borrower gets what the display shows him, as `app.api.pages` answers it; everybody else gets the
reading.
"""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.access import caller_of
from app.api.answers import etag_of, tagged
from app.api.desk import Desk, desk_of
from app.api.document_parts import ref
from app.api.documents import account_answer
from app.api.pages import asked_client, borrowers_page
from app.api.parameters import (
    Account,
    AmountMeant,
    AsClient,
    AsOf,
    ClientHeader,
    DayMeant,
    Draw,
    KnownAt,
    PaymentMeant,
    Question,
)
from app.api.problems import Fault, Problem
from app.api.roles import ApiRole, Permission
from app.api.routing import add
from app.asking import Asked
from app.cli.explain import document as explanation_document
from app.cli.history import documents as event_documents
from app.cli.rendering import reading_document, state_document
from app.displaying import VIEWS as PAGES
from app.explanation import DrawUnknown
from app.explanation import explain as derived
from ledger.log.records import Recorded
from ledger.replay import known_facts, replay
from projections.reading import AccountUnknown, Reading
from projections.view import content_tag


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(prefix="/v1/accounts/{account}", tags=["read"])
    for path, endpoint, needs, schema in (
        ("/schedule", read_schedule, Permission.READ_ACCOUNT, ref("Reading")),
        ("/overdue", read_overdue, Permission.READ_ACCOUNT, ref("Reading")),
        ("/activity", read_activity, Permission.READ_ACCOUNT, ref("Reading")),
        ("/episodes", read_episodes, Permission.READ_ACCOUNT, ref("Reading")),
        ("/journal", read_journal, Permission.READ_HISTORY, ref("Reading")),
        ("/history", read_history, Permission.READ_HISTORY, account_answer("events", is_list=True)),
        ("/replay", read_replay, Permission.READ_HISTORY, account_answer("state")),
        ("/explain", read_explanation, Permission.READ_HISTORY, account_answer("explanation")),
        ("/diagnosis", read_diagnosis, Permission.DIAGNOSE, ref("Diagnosis")),
    ):
        returns: dict[int | str, dict[str, Any]] = {
            200: {
                "description": "As asked, with how fresh it is.",
                "content": {"application/json": {"schema": schema}},
                "headers": {"ETag": {"schema": {"type": "string"}}},
            },
            304: {"description": "What the caller holds still says the same."},
        }
        may_end = (400, 404, 406, 409) if needs is Permission.READ_ACCOUNT else (404, 409)
        add(made, "GET", path, endpoint, needs=needs, may_end=may_end, returns=returns)
    return made


def read_schedule(
    request: Request,
    account: Account,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    client: ClientHeader = None,
) -> Response:
    """The repayment schedule: each installment with what is paid and what is open."""
    return _view(request, "repayment_schedule", account, as_of, known_at, client)


def read_overdue(
    request: Request,
    account: Account,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    client: ClientHeader = None,
) -> Response:
    """Each draw: whether it is overdue, since when, by how much."""
    return _view(request, "overdue", account, as_of, known_at, client)


def read_activity(
    request: Request,
    account: Account,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    client: ClientHeader = None,
) -> Response:
    """Each movement of money with the balance after it."""
    return _view(request, "activity", account, as_of, known_at, client)


def read_episodes(
    request: Request,
    account: Account,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    client: ClientHeader = None,
) -> Response:
    """Each period of being overdue, with its worst day."""
    return _view(request, "episodes", account, as_of, known_at, client)


def read_journal(
    request: Request, account: Account, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Each posting, in double entry."""
    return _view(request, "journal", account, as_of, known_at)


def read_history(request: Request, account: Account, known_at: KnownAt = None) -> Response:
    """The events in the order in which they were recorded."""
    desk = desk_of(request)
    history = history_of(desk, account)
    known = _known(history, known_at)
    freshness = replayed(history, known, desk.app.today(), known_at)
    document = {"account": account, "events": event_documents(known), "freshness": freshness}
    return tagged(request, document, etag_of(len(history), "history", len(known)))


def read_replay(
    request: Request, account: Account, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """The truth: the events folded as of a date, as known at an instant."""
    desk = desk_of(request)
    history = history_of(desk, account)
    day = as_of or desk.app.today()
    known = _known(history, known_at)
    document = {
        "account": account,
        "state": state_document(replay(known_facts(known), day)),
        "freshness": replayed(history, known, day, known_at),
    }
    return tagged(request, document, etag_of(len(history), "replay", day, len(known)))


def read_explanation(
    request: Request,
    account: Account,
    draw: Draw = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """Every amount derived from events, to be followed with a pencil."""
    desk = desk_of(request)
    history = history_of(desk, account)
    day = as_of or desk.app.today()
    try:
        explanation = derived(account, known_facts(history), day, known_at, draw)
    except DrawUnknown as error:
        raise Problem(Fault.PARAMETER_INVALID, str(error), field="draw") from None
    known = _known(history, known_at)
    document = {
        "account": account,
        "explanation": explanation_document(explanation),
        "freshness": replayed(history, known, day, known_at),
    }
    return tagged(request, document, etag_of(len(history), "explain", draw, day, known_at))


def read_diagnosis(
    request: Request,
    account: Account,
    draw: Draw = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    question: Question = "not_shown",
    payment: PaymentMeant = None,
    amount: AmountMeant = None,
    on: DayMeant = None,
    client: AsClient = None,
) -> Response:
    """Why an overdue state is not shown, or is although it was paid: one cause, and its remedy."""
    app = desk_of(request).app
    with_what = client and asked_client(client, Fault.PARAMETER_INVALID, "client")
    asked = Asked(
        account, as_of or app.today(), known_at, draw, question, payment, amount, on,
        client=with_what or None,
    )  # fmt: skip
    found = asked.of(app)
    document = {"cause": found.cause, "is_healthy": found.is_healthy, "of": found}
    version = app.log.versions([account])[account].version
    return tagged(request, document, etag_of(version, document))


def _view(
    request: Request,
    view: str,
    account: str,
    as_of: date | None,
    known_at: datetime | None,
    client: str | None = None,
) -> Response:
    """The view for today; for another date or an earlier knowledge, replay is the only witness."""
    desk, caller = desk_of(request), caller_of(request)
    if caller.role is ApiRole.BORROWER and view in PAGES.values():
        return borrowers_page(request, caller, view, account, as_of, known_at, client)
    if as_of is None and known_at is None:
        reading = desk.app.reader.read(view, account, desk.app.today())
    else:
        day = as_of or desk.app.today()
        reading = desk.app.reader.replayed_reading(view, account, day, known_at)
    return _shown(request, reading)


def _shown(request: Request, reading: Reading) -> Response:
    """A reading as the caller gets to see it.  Rows that are not current are never to be kept."""
    currency = desk_of(request).currencies.of([reading.account_id])[reading.account_id]
    document = shown_document(reading, currency)
    etag = etag_of(
        reading.stream_version, reading.view, reading.as_of, reading.source == "stale_view",
        content_tag(reading.rows),
    )  # fmt: skip
    return tagged(request, document, etag)


def shown_document(reading: Reading, currency: str) -> dict[str, Any]:
    """Rows with how fresh they are."""
    flat = reading_document(reading, currency)
    return {
        "account": flat.pop("account"),
        "view": flat.pop("view"),
        "rows": flat.pop("rows"),
        "freshness": flat,
    }


def history_of(desk: Desk, account: str) -> list[Recorded]:
    """The events of an account.  Raises `AccountUnknown`."""
    history = desk.app.log.streams([account])[account]
    if not history:
        raise AccountUnknown(account)
    return history


def _known(history: list[Recorded], known_at: datetime | None) -> list[Recorded]:
    return [one for one in history if known_at is None or one.recorded_at <= known_at]


def replayed(
    history: list[Recorded], known: list[Recorded], as_of: date, known_at: datetime | None
) -> dict[str, Any]:
    """How fresh a replay is: always as fresh as was asked for."""
    return {
        "source": "replay",
        "as_of": as_of,
        "account_version": len(known),
        "stream_version": len(history),
        "staleness": None,
        "note": "replayed" if known_at is None else f"replayed as known at {known_at.isoformat()}",
    }
