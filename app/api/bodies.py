"""What comes in: the bytes of a body, within its bounds, as the media type that it claims to be."""

import asyncio
from collections.abc import AsyncIterator
from email.message import Message

from starlette.requests import ClientDisconnect, Request

from app.api.desk import desk_of
from app.api.problems import Fault, Problem
from ledger.door import parse_object

JSON = "application/json"
NDJSON = "application/x-ndjson"


class Gone(Exception):
    """The caller hung up in the middle of his request: there is nobody to answer."""


def check_media_type(request: Request, wanted: str) -> None:
    """Raises `Problem` (415) unless the body says that it is of this type, in UTF-8."""
    header = Message()
    header["content-type"] = given = request.headers.get("content-type", "")
    charset = header.get_content_charset("utf-8")
    if not given or header.get_content_type() != wanted or charset != "utf-8":
        raise Problem(
            Fault.MEDIA_TYPE_UNSUPPORTED,
            f"the body is {given[:60]!r}; send it as {wanted}, in UTF-8",
            headers={"Accept-Post": wanted},
        )
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(Fault.MEDIA_TYPE_UNSUPPORTED, "the body is compressed; send it as it is")


async def json_object(request: Request) -> dict[str, object]:
    """The body as one strict JSON object.  Raises `Problem` or `Rejected`."""
    check_media_type(request, JSON)
    bytes_max = desk_of(request).settings.body_bytes_max
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > bytes_max:
        raise _too_large(bytes_max)
    body = bytearray()
    async for piece in pieces(request):
        body += piece
        if len(body) > bytes_max:
            raise _too_large(bytes_max)
    found = parse_object(bytes(body))
    request.state.body = dict(found)  # A refusal repeats what it found there.
    return found


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes in.  Raises `Problem` (408) if it does not, and `Gone`."""
    seconds = desk_of(request).settings.body_seconds_max
    stream = aiter(request.stream())
    try:
        while True:
            async with asyncio.timeout(seconds):
                piece = await anext(stream)
            if piece:
                yield piece
    except StopAsyncIteration:
        return
    except TimeoutError:
        raise Problem(
            Fault.REQUEST_TIMEOUT,
            f"no more of the body came for {seconds:g} s; nothing of it was written",
            headers={"Connection": "close"},
        ) from None
    except ClientDisconnect:
        raise Gone from None


def _too_large(bytes_max: int) -> Problem:
    return Problem(
        Fault.BODY_TOO_LARGE,
        f"the body is larger than {bytes_max} bytes; many facts go to POST /v1/batch",
        headers={"Connection": "close"},
    )
