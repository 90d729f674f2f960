"""Teaches schemathesis that NDJSON is text, and its answers a list of documents."""

import json
from typing import Any

import schemathesis
from schemathesis import Response


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context: object, value: Any) -> bytes:
    """A text goes as it is; what is none becomes one line."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.deserializer("application/x-ndjson")
def from_lines(_context: object, response: Response) -> list[Any]:
    """Every line of an answer."""
    return [json.loads(line) for line in response.content.splitlines()]
