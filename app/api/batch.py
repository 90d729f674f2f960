"""`POST /v1/batch`: facts by the million, one NDJSON line each, answered while they are read.

Every line is taken or refused for itself, in order.  What came in is appended at once and answered
before more is read, so that the memory of the server stays flat and a caller who reads sees how far
it is.  The last line says that it was the last; without it, send all again: what is recorded
already is answered as a retry.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.access import check_still_welcome
from app.api.answers import dumped, taken_document
from app.api.bodies import NDJSON, Gone, check_media_type, pieces
from app.api.desk import Desk, desk_of
from app.api.document_parts import listed, ref
from app.api.faults import problem_of
from app.api.problems import Fault, Problem
from app.api.roles import Permission
from app.api.routing import add
from ledger.books import Answer, Taken
from ledger.domain import limits
from ledger.domain.rejections import Rejected, Rejection
from ledger.door import Line, parse_line

#: Lines of one append: more would keep others at the counter waiting.
APPEND_LINES_MAX = 500

EXAMPLE = (
    '{"account": "A-1", "topic": "payment.received", "effective_on": "2026-02-05",'
    ' "payment_id": "P-1", "amount": "100.00"}\n'
)


def router() -> APIRouter:
    """The route."""
    made = APIRouter(prefix="/v1", tags=["append"])
    # Whatever it is, it is lines, and each is judged for itself: no schema holds for the whole.
    lines = {"description": "Facts, one JSON object a line.", "examples": [EXAMPLE]}
    body = {"required": True, "content": {NDJSON: {"schema": lines}}}
    returns: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "An answer for each line, then a line that counts them.",
            "content": {NDJSON: {"schema": listed(ref("BatchLine"))}},
        }
    }
    add(
        made,
        "POST",
        "/batch",
        append_batch,
        needs=Permission.APPEND,
        may_end=(415,),
        returns=returns,
        extra={"requestBody": body},
        summary="Record many facts, each for itself",
    )
    return made


async def append_batch(request: Request) -> Response:
    """Record facts, one a line, as `duebook append --file` takes them; each gets its answer."""
    check_media_type(request, NDJSON)
    return BatchAnswer(request)


@dataclass(slots=True)
class Tally:
    """What became of the lines so far.  Empty lines count as lines, and have no answer."""

    lines: int = 0
    recorded: int = 0
    retries: int = 0
    refused: int = 0


class BatchAnswer(Response):
    """Reads and writes at the same time, which an ordinary answer does not."""

    media_type = NDJSON

    def __init__(self, request: Request) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until the lines, the caller's patience or the process's time are over."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        tally = Tally()
        try:
            async for said in _answers(self._request, tally):
                await send({"type": "http.response.body", "body": said, "more_body": True})
        except Gone:
            return
        finally:
            self._request.state.report = {
                "lines": tally.lines,
                "recorded": tally.recorded,
                "retries": tally.retries,
                "refused": tally.refused,
            }
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _answers(request: Request, tally: Tally) -> AsyncIterator[bytes]:
    """The answers, a piece of the body after the other, and the end."""
    desk = desk_of(request)
    try:
        async for lines in _lines(request):
            for first in range(0, len(lines), APPEND_LINES_MAX):
                await _check_may_go_on(desk, request)
                part = lines[first : first + APPEND_LINES_MAX]
                yield await run_in_threadpool(_appended, desk, part, tally)
    except Gone:
        raise
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        torn = problem.document(request.state.request_id)
        yield dumped({"torn_after_line": tally.lines, "problem": torn}) + b"\n"
        return
    counts = {
        "lines": tally.lines,
        "recorded": tally.recorded,
        "retries": tally.retries,
        "refused": tally.refused,
    }
    yield dumped({"end": counts}) + b"\n"


async def _check_may_go_on(desk: Desk, request: Request) -> None:
    """A key may be revoked, a token expire, the process be told to stop.  Raises `Problem`."""
    if desk.stopping.is_set():
        raise Problem(Fault.STOPPING, "the server stops; send the rest, or all again, elsewhere")
    await check_still_welcome(request)


async def _lines(request: Request) -> AsyncIterator[list[bytes]]:
    """The lines that each piece of the body completes.  Of one that is too long only a part is
    kept, as much as shows that it is.
    """
    rest = b""
    async for piece in pieces(request):
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > limits.LINE_BYTES_MAX:
            rest = rest[: limits.LINE_BYTES_MAX + 1]
        if whole:
            yield whole
    if rest:
        yield [rest]


def _appended(desk: Desk, raw_lines: Sequence[bytes], tally: Tally) -> bytes:
    """Append what can be read of some lines; the answers, one a line."""
    numbers = range(tally.lines + 1, tally.lines + 1 + len(raw_lines))
    read = [
        (number, _read(raw)) for number, raw in zip(numbers, raw_lines, strict=True) if raw.strip()
    ]
    lines = [line for _, line in read if isinstance(line, Line)]
    taken = iter(
        desk.counter.append_each(lines, seconds=desk.settings.append_seconds_max) if lines else ()
    )
    answers: list[tuple[int, Line | None, Answer]] = [
        (number, line, next(taken)) if isinstance(line, Line) else (number, None, line)
        for number, line in read
    ]
    only = [answer for _, _, answer in answers]
    desk.app.ring(only)
    desk.figures.count_answers(only)
    tally.lines += len(raw_lines)
    tally.recorded += sum(isinstance(one, Taken) and not one.is_retry for one in only)
    tally.retries += sum(isinstance(one, Taken) and one.is_retry for one in only)
    tally.refused += sum(isinstance(one, Rejection) for one in only)
    return b"".join(_said(*answer) for answer in answers)


def _read(raw: bytes) -> Line | Rejection:
    try:
        return parse_line(raw)
    except Rejected as error:
        return error.rejection


def _said(number: int, line: Line | None, answer: Answer) -> bytes:
    if isinstance(answer, Taken):
        assert line is not None  # Only what could be read was taken.
        return dumped({"line": number, **taken_document(line, answer)}) + b"\n"
    problem = Problem.of(answer, line.body if line else None)
    return dumped({"line": number, "problem": problem.document()}) + b"\n"
