"""Why not: every refusal as `application/problem+json` (RFC 9457).

A rejection of the catalogue keeps its code and its sentence and gets a status here, at the edge;
the domain knows of none.  What only HTTP can go wrong in has codes of its own, in `Fault`.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import orjson
from starlette.responses import Response

from app.cli.output import plain
from ledger.domain.rejections import Code, Rejection

MEDIA_TYPE = "application/problem+json"

#: What was found is repeated up to so many characters.
FOUND_LENGTH_MAX = 200

#: The status of each rejection that is not simply a fact that cannot be processed (422).
_STATUS_OF_CODE = {
    Code.LINE_MALFORMED: 400,
    Code.ACCOUNT_UNKNOWN: 404,
    Code.ACCOUNT_UNREADABLE: 409,
    Code.KEY_USED_WITH_OTHER_CONTENT: 409,
    Code.ACCOUNT_CLOSED: 409,
    Code.ACCOUNT_FROZEN: 409,
    Code.LIMIT_EXCEEDED: 409,
    Code.PAYMENT_ALREADY_REVERSED: 409,
    Code.REFUND_EXCEEDS_CREDIT: 409,
    Code.WAIVER_ALREADY_REVERSED: 409,
    Code.WAIVER_EXCEEDS_DEBT: 409,
    Code.PAUSE_OVERLAPS: 409,
    Code.DEBT_OUTSTANDING: 409,
    Code.STREAM_FULL: 409,
    Code.VERSION_MISMATCH: 412,
}
UNPROCESSABLE = 422


def status_of(code: Code) -> int:
    """The HTTP status of a rejection."""
    return _STATUS_OF_CODE.get(code, UNPROCESSABLE)


class Fault(Enum):
    """What can go wrong in HTTP itself: its code and its status."""

    HEADER_INVALID = "header_invalid", 400
    CURSOR_INVALID = "cursor_invalid", 400
    UNAUTHENTICATED = "unauthenticated", 401
    FORBIDDEN = "forbidden", 403
    ROUTE_UNKNOWN = "route_unknown", 404
    KEY_UNKNOWN = "key_unknown", 404
    CASE_UNKNOWN = "case_unknown", 404
    INCIDENT_UNKNOWN = "incident_unknown", 404
    REBUILD_UNKNOWN = "rebuild_unknown", 404
    METHOD_NOT_ALLOWED = "method_not_allowed", 405
    NOT_ACCEPTABLE = "not_acceptable", 406
    #: The client cannot show what is overdue, and is told so: a page without it would be a lie.
    CLIENT_TOO_OLD = "client_too_old", 406
    REQUEST_TIMEOUT = "request_timeout", 408
    REBUILD_REFUSED = "rebuild_refused", 409
    BODY_TOO_LARGE = "body_too_large", 413
    MEDIA_TYPE_UNSUPPORTED = "media_type_unsupported", 415
    PARAMETER_INVALID = "parameter_invalid", 422
    CASE_REFUSED = "case_refused", 422
    KEY_REFUSED = "key_refused", 422
    TOO_MANY_REQUESTS = "too_many_requests", 429
    INTERNAL = "internal", 500
    UNAVAILABLE = "unavailable", 503
    OVERLOADED = "overloaded", 503
    STOPPING = "stopping", 503
    #: Nobody can tell whether it was written: the one answer after which to repeat is a must.
    MAY_BE_WRITTEN = "may_be_written", 504

    def __init__(self, code: str, status: int) -> None:
        self.code = code
        self.status = status


class Problem(Exception):
    """Raised where a request ends without what it asked for."""

    def __init__(
        self,
        fault: Fault,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = fault.code
        self.status = fault.status
        self.field = field
        self.headers = dict(headers or {})
        #: What else there is to say, by the names of the problem's extension members.
        self.members = dict(members or {})

    @classmethod
    def of(
        cls, rejection: Rejection, body: object = None, members: Mapping[str, Any] | None = None
    ) -> "Problem":
        """A rejection of the catalogue; what was found in `body`, if it is given, is repeated."""
        problem = cls(Fault.INTERNAL, rejection.message, field=rejection.field, members=members)
        problem.code = rejection.code.value
        problem.status = status_of(rejection.code)
        problem.find_in(body)
        return problem

    def find_in(self, body: object, asked: Mapping[str, str] | None = None) -> None:
        """Repeat what stands where the field is: in the body, as JSON, or else in what was `asked`
        by parameters and headers, as it came.

        Of what there is not nothing is repeated: whatever was asked for, the answer is the same.
        """
        if "found" in self.members or self.status == Fault.ROUTE_UNKNOWN.status:
            return
        found = _found(body, self.field)
        if found is None and asked is not None and self.field is not None:
            found = asked.get(self.field)
        if found is not None:
            is_short = len(found) <= FOUND_LENGTH_MAX
            self.members["found"] = found if is_short else f"{found[:FOUND_LENGTH_MAX]}…"

    def document(self, request_id: str | None = None) -> dict[str, Any]:
        """The members of the problem; of those without a value none is written."""
        document = {
            "type": f"urn:duebook:problem:{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": str(self),
            "code": self.code,
            "field": self.field,
            **self.members,
            "request_id": request_id,
        }
        return {name: value for name, value in document.items() if value is not None}

    def response(self, request_id: str | None = None) -> Response:
        """The problem as an answer."""
        body = orjson.dumps(self.document(request_id), default=plain)
        return Response(body, self.status, self.headers, MEDIA_TYPE)


def _found(body: object, path: str | None) -> str | None:
    """What stands in the body at the path of the field, as JSON."""
    if path is None:
        return None
    for name in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(body, list) and name.isdigit() and int(name) < len(body):
            body = body[int(name)]
        elif isinstance(body, Mapping) and name in body:
            body = body[name]
        else:
            return None
    return orjson.dumps(body).decode()
