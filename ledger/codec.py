"""Events as bytes: a topic and canonical JSON.

Canonical JSON has sorted keys, no spaces, UTF-8, and leaves out what is null by default; these
exact bytes are stored and hashed.  `effective_on` is a column of the log and not repeated in them.
When the payload of a topic changes, its old form is upcast here; stored bytes are never rewritten.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from functools import cache
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from ledger.domain.event import Event
from ledger.domain.events import EVENT_TYPES, AccountEvent

E = TypeVar("E", bound=Event)


class CodecError(Exception):
    """Stored bytes that this code cannot read.  The account is quarantined, never skipped."""


@cache
def adapter_of(shape: type) -> TypeAdapter[Any]:
    """The validator of an event type, or of a wish: built once, at first use."""
    return TypeAdapter(shape)


@cache
def names_in(shape: type) -> frozenset[str]:
    """The fields of an event type or of a part of it."""
    return frozenset(field.name for field in fields(shape))


@cache
def always_written(shape: type) -> frozenset[str]:
    """The fields that are written even when null, because no default could stand for them."""
    return frozenset(
        field.name
        for field in fields(shape)
        if field.default is MISSING and field.default_factory is MISSING
    )


@cache
def _reader_of(shape: type) -> tuple[Callable[[dict[str, Any]], Any], frozenset[str]]:
    """What reads the fields of an event type, past all that a `TypeAdapter` has to ask first, and
    the names of the fields.
    """
    return adapter_of(shape).validator.validate_python, names_in(shape)


def encode(event: Event) -> bytes:
    """The canonical bytes of an event."""
    event_type: type = type(event)
    payload = adapter_of(event_type).dump_python(event, mode="json", exclude_none=True)
    payload = dict.fromkeys(always_written(event_type)) | payload
    del payload["effective_on"]
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)


def decode(topic: str, effective_on: date, state: bytes) -> AccountEvent:
    """The fact of an account that was stored.

    Raises `CodecError` for an unknown topic or bytes that do not fit it.
    """
    # Each member of the union is an event, which the type of the table cannot say.
    event: AccountEvent = decode_as(EVENT_TYPES, topic, effective_on, state)
    return event


def decode_as(
    event_types: Mapping[str, type[E]], topic: str, effective_on: date, state: bytes
) -> E:
    """The event that was stored in a stream where these topics may stand.

    Raises `CodecError` for an unknown topic or bytes that do not fit it.
    """
    if topic not in event_types:
        raise CodecError(
            f"topic {topic!r} is unknown to this version of duebook; it knows"
            f" {', '.join(sorted(event_types))}.  Upgrade duebook and heal the account."
        )
    event_type: type = event_types[topic]
    read, names = _reader_of(event_type)
    try:
        payload: dict[str, Any] = orjson.loads(state)
        if not payload.keys() <= names:
            unknown = payload.keys() - names
            raise TypeError(f"{', '.join(sorted(unknown))} is no field of it")
        payload["effective_on"] = effective_on
        event: E = read(payload)
        return event
    except (ValidationError, orjson.JSONDecodeError, TypeError, AttributeError) as error:
        raise CodecError(f"the stored bytes of a {topic} cannot be read: {error}") from error
