"""Events as bytes: a topic and canonical JSON.

Canonical JSON has sorted keys, no spaces, UTF-8, and leaves out what is null; these exact bytes are
stored and hashed.  `effective_on` is a column of the log and not repeated in them.  When the payload
of a topic changes, its old form is upcast here; stored bytes are never rewritten.
"""

from datetime import date
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from ledger.domain.events import EVENT_TYPES, AccountEvent


class CodecError(Exception):
    """Stored bytes that this code cannot read.  The account is quarantined, never skipped."""


@cache
def adapter_of(event_type: type[AccountEvent]) -> TypeAdapter[AccountEvent]:
    """The validator of an event type: built once, at first use."""
    return TypeAdapter(event_type)


def encode(event: AccountEvent) -> bytes:
    """The canonical bytes of an event."""
    payload = adapter_of(type(event)).dump_python(event, mode="json", exclude_none=True)
    del payload["effective_on"]
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)


def decode(topic: str, effective_on: date, state: bytes) -> AccountEvent:
    """The event that was stored.

    Raises `CodecError` for an unknown topic or bytes that do not fit it.
    """
    event_type = EVENT_TYPES.get(topic)
    if event_type is None:
        raise CodecError(
            f"topic {topic!r} is unknown to this version of duebook; it knows"
            f" {', '.join(sorted(EVENT_TYPES))}.  Upgrade duebook and heal the account."
        )
    try:
        payload: dict[str, Any] = orjson.loads(state)
        payload["effective_on"] = effective_on
        return adapter_of(event_type).validate_python(payload)
    except (ValidationError, orjson.JSONDecodeError, TypeError) as error:
        raise CodecError(f"the stored bytes of a {topic} cannot be read: {error}") from error
