"""Answers: JSON with amounts as decimal strings, tags, and how fresh everything is."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from app.api.conditions import is_unchanged
from app.cli.output import plain
from ledger.books import Taken
from ledger.door import Line
from ledger.log.records import Recorded


def dumped(document: object) -> bytes:
    """A document as JSON."""
    return orjson.dumps(document, default=plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def answer(
    document: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A document as an answer."""
    return Response(dumped(document), status, dict(headers or {}), "application/json")


def tagged(request: Request, document: object, etag: str) -> Response:
    """The document, or 304 where the caller holds what bears the same tag."""
    headers = {"ETag": etag}
    if is_unchanged(etag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return answer(document, headers=headers)


def etag_of(version: int, *parts: object) -> str:
    """The tag of something that follows from an account at a version, and from these parts.

    It is weak: two answers with the same tag say the same, but need not be the same bytes.
    """
    digest = hashlib.sha256(dumped(parts)).hexdigest()[:24]
    return f'W/"{version}.{digest}"'


def recorded_document(one: Recorded) -> dict[str, Any]:
    """Where an event stands."""
    return {
        "shard": one.shard,
        "position": one.position,
        "version": one.version,
        "key": one.key,
        "recorded_at": one.recorded_at,
        "digest": one.digest,
    }


def taken_document(line: Line, taken: Taken) -> dict[str, Any]:
    """What became of a fact.  One may have made several events, or none to be made."""
    return {
        "account": line.account_id,
        "topic": line.topic,
        "is_retry": taken.is_retry,
        "recorded": [recorded_document(one) for one in taken.recorded],
    }
