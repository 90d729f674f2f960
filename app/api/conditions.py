"""What headers ask for: idempotency, an expected version, and nothing where nothing has changed."""

import re
from collections.abc import Mapping
from typing import Any

from app.api.problems import Fault, Problem
from ledger.domain.bounds import is_id

#: A string of structured fields (RFC 8941), as the draft on Idempotency-Key wants it; or bare.
_KEY = re.compile(r'"([^"\\]*)"|([^"\\\s]+)')
#: The tag of an account version, alone or at the head of the tag of something read.
_VERSION = re.compile(r'(?:W/)?"(\d{1,9})(?:\.[^"]*)?"')


def with_idempotency_key(
    body: Mapping[str, Any], name: str | None, header: str | None
) -> dict[str, Any]:
    """The body with the fact's own id, the field `name`, which the header may give.

    The id is what the fact is known by in its account, so header and body must agree.  Raises
    `Problem`.
    """
    if header is None:
        return dict(body)
    match = _KEY.fullmatch(header.strip())
    key = match and (match[1] or match[2])
    if not key or not is_id(key):
        raise Problem(
            Fault.HEADER_INVALID,
            f'Idempotency-Key is {header!r:.60}; give an id in quotes, such as "P-1"',
            field="Idempotency-Key",
        )
    if name is None:  # The account itself is the key: it is opened once and closed once.
        return dict(body)
    if body.get(name, key) != key:
        raise Problem(
            Fault.HEADER_INVALID,
            f"Idempotency-Key is {key!r}, {name} is {body[name]!r:.60}; they are one and the same,"
            " so leave one of them out",
            field="Idempotency-Key",
        )
    return {name: key, **body}


def expected_version(header: str | None) -> int | None:
    """The account version that `If-Match` names; None where any will do.  Raises `Problem`."""
    if header is None or header.strip() == "*":
        return None
    match = _VERSION.fullmatch(header.strip())
    if match is None:
        raise Problem(
            Fault.HEADER_INVALID,
            f'If-Match is {header!r:.60}; give an account version such as "3", or the ETag of what'
            " was read of the account",
            field="If-Match",
        )
    return int(match[1])


def is_unchanged(etag: str, header: str | None) -> bool:
    """Whether `If-None-Match` names this tag.  What is no tag at all matches nothing."""
    if header is None:
        return False
    known = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag.removeprefix("W/") in known or known == ["*"]
