"""The log by position, for consumers of their own: `GET /v1/events`, as pages or as a stream.

Within a shard positions are 1, 2, 3 without gaps, and whoever sees one has seen all before it.  A
consumer keeps the last position that it has done with, and goes on behind it, whenever and
wherever; there is nothing to acknowledge and nothing to lose.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.access import check_still_welcome
from app.api.answers import answer, dumped
from app.api.desk import Desk, desk_of
from app.api.document_parts import ref
from app.api.parameters import Limit
from app.api.problems import Fault, Problem
from app.api.roles import Permission
from app.api.routing import add
from ledger import streams
from ledger.codec import CodecError, decode
from ledger.door import as_written
from ledger.log.records import Recorded

EVENT_STREAM = "text/event-stream"

#: Seconds between two looks at a shard that has nothing new.
LOOK_SECONDS = 0.5
#: After so long a silence a comment shows that the connection lives.
SILENCE_SECONDS_MAX = 15.0
PAGE_EVENTS = 500
#: How long a consumer that was cut off waits before it comes again.
RETRY_MILLISECONDS = 1_000

Shard = Annotated[int, Query(ge=0, description="One of the logs that the ledger is made of.")]
After = Annotated[int, Query(ge=0, le=2**62, description="The last position that was seen.")]
LastEventId = Annotated[
    str | None, Header(pattern=r"^\d{1,18}$", description="As `after`; what an EventSource sends.")
]


def router() -> APIRouter:
    """The route."""
    made = APIRouter(prefix="/v1", tags=["follow"])
    returns: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "The next events; with Accept: text/event-stream, for ever.",
            "content": {
                "application/json": {"schema": ref("Events")},
                EVENT_STREAM: {"schema": {"type": "string"}},
            },
        }
    }
    add(
        made,
        "GET",
        "/events",
        follow_events,
        needs=Permission.FOLLOW,
        returns=returns,
    )
    return made


def follow_events(
    request: Request,
    shard: Shard,
    after: After = 0,
    limit: Limit = 100,
    last_event_id: LastEventId = None,
) -> Response:
    """The events of a shard behind a position, in their order."""
    desk = desk_of(request)
    if shard >= desk.app.log.shards:
        last = desk.app.log.shards - 1
        sentence = f"there is no shard {shard}; the ledger has 0 to {last}"
        raise Problem(Fault.PARAMETER_INVALID, sentence, field="shard")
    if EVENT_STREAM in request.headers.get("accept", ""):
        return EventStream(request, shard, int(last_event_id or after))
    events = _documents(desk, desk.app.log.follow(shard, after, limit))
    heads = {head.shard: head.position for head in desk.app.log.heads()}
    document = {
        "shard": shard,
        "events": events,
        "next": events[-1]["position"] if events else after,
        "head": heads[shard],
    }
    return answer(document)


class EventStream(Response):
    """Server-sent events, until the consumer leaves, loses his right, or the process stops."""

    media_type = EVENT_STREAM

    def __init__(self, request: Request, shard: int, after: int) -> None:
        super().__init__(headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._request = request
        self._shard = shard
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; a consumer who hangs up is noticed at once."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        leaving = asyncio.create_task(_left(receive))
        try:
            async for said in _said(self._request, self._shard, self._after, leaving):
                await send({"type": "http.response.body", "body": said, "more_body": True})
        finally:
            leaving.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _said(
    request: Request, shard: int, after: int, leaving: asyncio.Task[None]
) -> AsyncIterator[bytes]:
    """What the consumer hears."""
    desk = desk_of(request)
    yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
    heard = time.monotonic()
    while not leaving.done() and await _may_go_on(desk, request):
        page = await run_in_threadpool(_page, desk, shard, after)
        if page:
            after = page[-1]["position"]
            heard = time.monotonic()
            yield b"".join(map(_frame, page))
        elif time.monotonic() - heard > SILENCE_SECONDS_MAX:
            heard = time.monotonic()
            yield b": nothing new\n\n"
        if len(page) < PAGE_EVENTS:
            await asyncio.wait([leaving], timeout=LOOK_SECONDS)


async def _may_go_on(desk: Desk, request: Request) -> bool:
    if desk.stopping.is_set():
        return False
    try:
        await check_still_welcome(request)
    except Problem:
        return False
    return True


def _page(desk: Desk, shard: int, after: int) -> list[dict[str, Any]]:
    return _documents(desk, desk.app.log.follow(shard, after, PAGE_EVENTS))


def _frame(event: dict[str, Any]) -> bytes:
    head = f"id: {event['position']}\nevent: {event['topic']}\ndata: "
    return head.encode() + dumped(event) + b"\n\n"


def _documents(desk: Desk, recorded: list[Recorded]) -> list[dict[str, Any]]:
    """Events with their facts as the doors write them."""
    currencies = desk.currencies.of(one.stream_id for one in recorded)
    return [
        {
            "shard": one.shard,
            "position": one.position,
            "stream": one.stream_id,
            "version": one.version,
            "topic": one.topic,
            "effective_on": one.effective_on,
            "recorded_at": one.recorded_at,
            "key": one.key,
            "digest": one.digest,
            "fact": _fact(one, currencies[one.stream_id]),
        }
        for one in recorded
    ]


def _fact(one: Recorded, currency: str) -> dict[str, Any] | None:
    """The content; None where this version cannot read it: an event is never left out."""
    if not streams.is_account(one.stream_id):
        return streams.as_written(one)
    try:
        return as_written(decode(one.topic, one.effective_on, one.state), currency)
    except CodecError:
        return None
