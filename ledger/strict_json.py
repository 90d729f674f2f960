"""JSON that means one thing: what two readers could read differently is refused.

Plain JSON lets an object name a field twice, of which readers take the first, the last or both;
and it nests without end.  Neither has a place in a fact.
"""

import json
import re
from typing import Any

import orjson

from ledger.domain.limits import LINE_DEPTH_MAX

#: A quote, a colon: the end of a name, unless it stands inside of a text.
_END_OF_NAME = re.compile(rb'"\s*:')


class JsonRefused(ValueError):
    """Bytes that are no JSON, or JSON that could be read in more than one way."""


def loads(raw: bytes) -> Any:
    """Read JSON.  Raises `JsonRefused`."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        hint = "numbers are plain and text is UTF-8; NaN and torn lines are no JSON"
        raise JsonRefused(f"{error}; {hint}") from None
    # Counting brackets is quick, and seldom is one so full of them that it must be walked.
    if raw.count(b"{") + raw.count(b"[") > LINE_DEPTH_MAX and _depth(document) > LINE_DEPTH_MAX:
        raise JsonRefused(f"it nests deeper than {LINE_DEPTH_MAX} objects and lists")
    # As many names as fields: none came twice.  More: some are, or a text looks like a name.
    if len(_END_OF_NAME.findall(raw)) != _fields(document):
        json.loads(raw, object_pairs_hook=_each_once)
    return document


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in fields if names.count(name) > 1)
        raise JsonRefused(f"the field {twice!r:.60} is given twice; give it once")
    return fields


def _depth(document: Any) -> int:
    """How deep it nests, as far as it matters: no parser lets through more than a thousand."""
    level, depth = [document], 0
    while level := [part for whole in level for part in _parts(whole)]:
        depth += 1
    return depth + isinstance(document, dict | list)


def _fields(document: Any) -> int:
    if isinstance(document, dict):
        return len(document) + sum(map(_fields, document.values()))
    return sum(map(_fields, document)) if isinstance(document, list) else 0


def _parts(whole: Any) -> list[Any]:
    parts = whole.values() if isinstance(whole, dict) else whole
    return [part for part in parts if isinstance(part, dict | list)]
