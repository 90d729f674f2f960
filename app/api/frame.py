"""Around every request: its id, its line in the log, its figures, and an answer in any case."""

import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.faults import problem_of
from app.api.figures import Figures
from app.api.lingering import Lingering
from app.api.problems import Fault, Problem

#: What a caller may call his request, so that both sides find it in their logs.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:@+-]{1,64}")

#: No answer is a page: nothing in it may be run, framed, guessed at or kept by those between us.
_SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"Authorization, Accept, Duebook-Client"),
)

_logger = structlog.get_logger("app.api")


class Frame:
    """The application as the server sees it."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whatever becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0
        ends = Lingering(receive, send)

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], (b"x-request-id", request_id.encode())]
                given = {name for name, _ in headers}
                headers += [pair for pair in _SAFE_HEADERS if pair[0] not in given]
                message = {**message, "headers": headers}
            await (ends.send if status == Fault.BODY_TOO_LARGE.status else send)(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, ends.receive, send_framed)
        except Exception as error:  # Nobody above could answer any more.
            if status == 0:
                problem = problem_of(error) or _ours(error)
                problem.find_in(scope["state"].get("body"), _asked(scope))
                await problem.response(request_id)(scope, receive, send_framed)
            else:
                _logger.exception("answer_torn")
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
            self._report(scope, request_id, status, time.perf_counter() - began)

    def _report(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        state: dict[str, Any] = scope["state"]
        self._figures.requests.labels(scope["method"], route, status).inc()
        self._figures.request_seconds.labels(scope["method"], route).observe(seconds)
        _logger.info(
            "request",
            request_id=request_id,
            method=scope["method"],
            route=route,
            account=scope.get("path_params", {}).get("account"),
            caller=getattr(state.get("caller"), "name", None),
            status=status,
            milliseconds=round(seconds * 1_000, 1),
            **state.get("report", {}),
        )


def _request_id(scope: Scope) -> str:
    named = dict(scope["headers"]).get(b"x-request-id", b"")
    return named.decode() if _REQUEST_ID.fullmatch(named) else secrets.token_hex(8)


def _asked(scope: Scope) -> dict[str, str]:
    """The parameters and headers of the request, by the names that refusals call them by."""
    headers = ((name.title(), one) for name, one in Headers(scope=scope).items())
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return {**dict(headers), **dict(query)}


def _ours(error: Exception) -> Problem:
    _logger.exception("unforeseen", error=repr(error))
    return Problem(Fault.INTERNAL, "this is a fault of ours; name the request_id to us")
