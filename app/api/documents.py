"""What the OpenAPI document says beside routes: the shapes of answers, and how to begin."""

from typing import Any

Schema = dict[str, Any]

DESCRIPTION = """\
The door of a loan ledger. Facts are appended, views are read, and every refusal says why.

Amounts are decimal strings, dates are business dates, instants are UTC. Send a key or a token as
`Authorization: Bearer`. A request that got no answer may be repeated unchanged: the key of a fact
is its identity, and a fact that is recorded already gets the first answer.
"""

TEXT: Schema = {"type": "string"}
TEXT_OR_NONE: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "integer"}
DAY: Schema = {"type": "string", "format": "date"}
INSTANT: Schema = {"type": "string", "format": "date-time"}


def _object(properties: dict[str, Schema], *optional: str, is_open: bool = False) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": is_open,
    }


def listed(item: Schema) -> Schema:
    """A list of them."""
    return {"type": "array", "items": item}


def ref(name: str) -> Schema:
    """One of the components by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


RECORDED = {
    "shard": NUMBER,
    "position": NUMBER,
    "version": NUMBER,
    "key": TEXT,
    "recorded_at": INSTANT,
    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}

FRESHNESS = _object(
    {
        "source": {"enum": ["view", "replay", "stale_view"]},
        "as_of": DAY,
        "account_version": NUMBER,
        "stream_version": NUMBER,
        "staleness": TEXT_OR_NONE,
        "note": TEXT,
    }
)

PROBLEM = _object(
    {
        "type": TEXT,
        "title": TEXT,
        "status": NUMBER,
        "detail": TEXT,
        "code": TEXT,
        "field": TEXT,
        "found": TEXT,
        "first": ref("First"),
        "request_id": TEXT,
    },
    "field",
    "found",
    "first",
    "request_id",
)

TAKEN = {
    "account": TEXT,
    "topic": TEXT,
    "is_retry": {"type": "boolean"},
    "recorded": listed(ref("Recorded")),
}

COMPONENTS: dict[str, Schema] = {
    "Problem": PROBLEM,
    "Freshness": FRESHNESS,
    "Recorded": _object(RECORDED),
    "First": _object({**RECORDED, "topic": TEXT, "effective_on": DAY}),
    "Taken": _object(
        {
            **TAKEN,
            "view": _object(
                {
                    "shows_the_fact": {"type": "boolean"},
                    "account_version": NUMBER,
                    "waited_seconds": {"type": "number"},
                }
            ),
        },
        "view",
    ),
    "BatchLine": {
        "anyOf": [
            _object({"line": NUMBER, **TAKEN}),
            _object({"line": NUMBER, "problem": ref("Problem")}),
            _object({"torn_after_line": NUMBER, "problem": ref("Problem")}),
            _object(
                {
                    "end": _object(
                        {"lines": NUMBER, "recorded": NUMBER, "retries": NUMBER, "refused": NUMBER}
                    )
                }
            ),
        ]
    },
}
