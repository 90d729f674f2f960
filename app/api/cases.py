"""Cases: a borrower, or support for him, asks why a page does not show what it should.

A borrower sees his answer; what was found and how stands behind it, for support.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from app.api.access import caller_of
from app.api.answers import answer
from app.api.bodies import JSON, json_object
from app.api.case_documents import CASE_WANTED, CLOSURE_WANTED
from app.api.conditions import with_idempotency_key
from app.api.desk import desk_of
from app.api.document_parts import ref
from app.api.parameters import ID_PATTERN, Account, Day, IdempotencyKey, Limit
from app.api.roles import Permission
from app.api.routing import add
from app.cases import CaseDesk, CaseFile, Payment
from ledger.domain.rejections import Code, Rejected, Rejection
from projections.reading import AccountUnknown

CaseId = Annotated[str, Path(pattern=ID_PATTERN, description="The id of the case.")]
BeforeCase = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="The last case of the page before.")
]
_A_DAY: TypeAdapter[date] = TypeAdapter(Day)
Body = Annotated[dict[str, Any], Depends(json_object)]

_ONE, _OF_ACCOUNT = "/accounts/{account}/cases/{case_id}", "/accounts/{account}/cases"
_WITH_BODY = (400, 404, 408, 409, 413, 415)


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(prefix="/v1", tags=["cases"])
    use, handle = Permission.USE_CASES, Permission.HANDLE_CASES
    for method, path, endpoint, needs, schema, wanted, may_end in (
        ("POST", _OF_ACCOUNT, open_case, use, "Case", CASE_WANTED, _WITH_BODY),
        ("GET", _OF_ACCOUNT, list_cases_of_account, use, "Cases", None, (404,)),
        ("GET", _ONE, read_case, use, "Case", None, (404,)),
        ("POST", f"{_ONE}/diagnosis", diagnose_case, handle, "Case", None, (404, 409)),
        ("POST", f"{_ONE}/closure", close_case, handle, "Case", CLOSURE_WANTED, _WITH_BODY),
        ("GET", "/cases", list_cases, handle, "Cases", None, (404,)),
    ):
        statuses = (200, 201) if endpoint is open_case else (200,)
        content = {JSON: {"schema": ref(schema)}}
        body = {"requestBody": {"required": True, "content": {JSON: {"schema": wanted}}}}
        add(
            made,
            method,
            path,
            endpoint,
            needs=needs,
            may_end=may_end,
            returns={
                status: {"description": "As asked.", "content": content} for status in statuses
            },
            extra=body if wanted else None,
        )
    return made


def open_case(
    request: Request, account: Account, body: Body, idempotency_key: IdempotencyKey = None
) -> Response:
    """Open a case; it is diagnosed and answered at once.  The same again gets the same case."""
    wanted = with_idempotency_key(body, "case_id", idempotency_key)
    words, case_id, language, question, payment_id, amount, on = _texts(
        wanted, "words", "case_id", "language", "question", "payment", "amount", "on"
    )
    payment = Payment(payment_id, amount, None if on is None else _day(on))
    desk = CaseDesk(desk_of(request).app)
    found = desk.open(
        account, words or "", "en" if language is None else language, case_id,
        "not_shown" if question is None else question, payment,
    )  # fmt: skip
    return answer(_recorded(request, found), 200 if found.is_retry else 201)


def list_cases_of_account(
    request: Request, account: Account, before: BeforeCase = None, limit: Limit = 100
) -> Response:
    """The cases of an account, the newest first."""
    app = desk_of(request).app
    if app.log.versions([account])[account].version == 0:
        raise AccountUnknown(account)
    found = CaseDesk(app).page(account, before=before, limit=limit)
    return answer({"cases": [_document(request, one) for one in found]})


def read_case(request: Request, account: Account, case_id: CaseId) -> Response:
    """A case with its answer."""
    found = CaseDesk(desk_of(request).app).find(case_id, account)
    return answer(_document(request, found))


def diagnose_case(request: Request, account: Account, case_id: CaseId) -> Response:
    """Diagnose the account anew, as after a remedy, and answer anew."""
    desk = CaseDesk(desk_of(request).app)
    desk.find(case_id, account)
    return answer(_recorded(request, desk.diagnose_again(case_id)))


def close_case(request: Request, account: Account, case_id: CaseId, body: Body) -> Response:
    """End a case, with a reason."""
    [reason] = _texts(body, "reason")
    desk = CaseDesk(desk_of(request).app)
    desk.find(case_id, account)
    return answer(_recorded(request, desk.close(case_id, reason or "")))


def list_cases(request: Request, before: BeforeCase = None, limit: Limit = 100) -> Response:
    """The cases of all accounts, the newest first."""
    found = CaseDesk(desk_of(request).app).page(before=before, limit=limit)
    return answer({"cases": [_document(request, one) for one in found]})


def _recorded(request: Request, found: CaseFile) -> dict[str, Any]:
    """A case to which something was recorded; the log of operations says where."""
    last = found.entries[-1].recorded
    request.state.report = {"shard": last.shard, "position": last.position, "key": last.key}
    return _document(request, found)


def _document(request: Request, found: CaseFile) -> dict[str, Any]:
    """A case as its reader may see it."""
    is_support = caller_of(request).may(Permission.HANDLE_CASES)
    return found.for_support() if is_support else found.for_borrower()


def _day(text: str) -> date:
    try:
        return _A_DAY.validate_python(text)
    except ValidationError:
        sentence = f"on is {text[:60]!r}; give a date such as 2026-02-05"
        raise Rejected(Rejection(Code.FIELD_INVALID, sentence, "on")) from None


def _texts(body: dict[str, Any], *names: str) -> list[str | None]:
    """The fields of a body, which has no others and holds texts only.  Raises `Rejected`."""
    for name, value in body.items():
        if name not in names or not isinstance(value, str):
            sentence = f"{name[:60]!r} is no text of this request; it takes {', '.join(names)}"
            raise Rejected(Rejection(Code.FIELD_INVALID, sentence, name[:60]))
    return [body.get(name) for name in names]
