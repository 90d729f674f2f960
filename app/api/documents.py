"""What the OpenAPI document says beside routes: the shapes of answers, and how to begin."""

from typing import Any

from app.api.parameters import ID_PATTERN
from app.api.roles import ApiRole
from ledger.domain.limits import NAME_LENGTH_MAX
from ledger.domain.terms import COMPONENTS as COMPONENT_NAMES

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
NUMBER_OR_NONE: Schema = {"type": ["integer", "null"]}
DAY: Schema = {"type": "string", "format": "date"}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
INSTANT: Schema = {"type": "string", "format": "date-time"}


def object_of(properties: dict[str, Schema], *optional: str, is_open: bool = False) -> Schema:
    """An object with these members; all but the optional ones are always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": is_open,
    }


_object = object_of


def listed(item: Schema) -> Schema:
    """A list of them."""
    return {"type": "array", "items": item}


def ref(name: str) -> Schema:
    """One of the components by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def account_answer(name: str, *, is_list: bool = False) -> Schema:
    """Something about an account, whose own members its command line twin documents."""
    part = listed({"type": "object"}) if is_list else {"type": "object"}
    return _object({"account": TEXT, name: part, "freshness": ref("Freshness")})


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
        "fact": NUMBER,
        "request_id": TEXT,
    },
    "field",
    "found",
    "first",
    "fact",
    "request_id",
)

TAKEN = {
    "account": TEXT,
    "topic": TEXT,
    "is_retry": {"type": "boolean"},
    "recorded": listed(ref("Recorded")),
}

OPEN: Schema = {"type": "object"}

PAGE = {"account": TEXT, "view": TEXT, "rows": listed(OPEN), "freshness": ref("Freshness")}

#: Notices are on the pages of borrowers: that less than all is shown, or old rows.
READING = _object({**PAGE, "notices": listed(TEXT)}, "notices")

FINDING = _object(
    {
        "cause": TEXT,
        "sub_cause": TEXT_OR_NONE,
        "summary": TEXT,
        "evidence": listed(_object({"sentence": TEXT, "data": OPEN})),
        "remedy": TEXT_OR_NONE,
    }
)

ID: Schema = {"type": "string", "pattern": ID_PATTERN}

KEY_WANTED = {
    **_object(
        {
            "name": {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH_MAX},
            "role": {"enum": sorted(ApiRole)},
            "account": ID,
        },
        "account",
    ),
    "description": "For a borrower with the account, for all others without.",
    "examples": [{"name": "checkout", "role": "service"}],
}

SIMULATION_WANTED = {
    **_object({"facts": {**listed(OPEN), "minItems": 1, "maxItems": 500}, "as_of": DAY}, "as_of"),
    "description": "Facts as lines of a batch have them; whose they are does not matter.",
    "examples": [
        {
            "as_of": "2026-03-01",
            "facts": [
                {
                    "topic": "account.opened",
                    "effective_on": "2026-01-01",
                    "borrower_ref": "B-1",
                    "currency": "CNY",
                }
            ],
        }
    ],
}

KEY = _object(
    {
        "key_id": TEXT,
        "name": TEXT,
        "role": {"enum": sorted(ApiRole)},
        "account_id": TEXT_OR_NONE,
        "created_at": INSTANT,
        "revoked_at": TEXT_OR_NONE,
    }
)

QUOTE: dict[str, Schema] = {
    "account": TEXT,
    "draw_id": TEXT,
    "joined": listed(TEXT),
    "on": DAY,
    "currency": TEXT,
    **{str(name): AMOUNT for name in COMPONENT_NAMES},
    "total": AMOUNT,
    "from_credit": AMOUNT,
    "to_pay": AMOUNT,
    "unearned": AMOUNT,
}

REBUILD = {
    "generation": NUMBER,
    "state": {"enum": ["building", "live", "old"]},
    "standing": TEXT,
    "waits_for_confirmation": {"type": "boolean"},
    "begun_at": INSTANT,
    "compared_at": TEXT_OR_NONE,
    "live_since": TEXT_OR_NONE,
    "progress": _object(
        {
            "accounts": NUMBER,
            "done": NUMBER,
            "quarantined": NUMBER,
            "seconds_left": NUMBER_OR_NONE,
        }
    ),
    "report": {"type": ["object", "null"]},
}

COMPONENTS: dict[str, Schema] = {
    "Quotes": _object(
        {
            "account": TEXT,
            "on": DAY,
            "quotes": listed(_object(QUOTE)),
            "freshness": ref("Freshness"),
        }
    ),
    "TrialBalance": _object(
        {
            "account": TEXT_OR_NONE,
            "as_of": DAY,
            "balances": {
                "type": "object",
                "additionalProperties": _object(
                    {
                        "accounts": {"type": "object", "additionalProperties": AMOUNT},
                        "total": AMOUNT,
                    }
                ),
            },
            "not_current": NUMBER,
            "is_balanced": {"type": "boolean"},
        }
    ),
    "Rebuild": _object(REBUILD),
    "Rebuilds": _object({"rebuilds": listed(ref("Rebuild"))}),
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
    "Reading": READING,
    "Events": _object(
        {
            "shard": NUMBER,
            "events": listed(
                _object(
                    {
                        "stream": TEXT,
                        "topic": TEXT,
                        "effective_on": DAY,
                        "fact": {"type": ["object", "null"]},
                        **RECORDED,
                    }
                )
            ),
            "next": NUMBER,
            "head": NUMBER,
        }
    ),
    "Simulated": _object({"state": OPEN}),
    "Healed": _object({"account": TEXT, "is_healed": {"type": "boolean"}}),
    "Verified": _object(
        {
            "account": TEXT,
            "is_sound": {"type": "boolean"},
            "log": listed(
                _object(
                    {
                        "stream_id": TEXT_OR_NONE,
                        "position": NUMBER_OR_NONE,
                        "version": NUMBER_OR_NONE,
                        "problem": TEXT,
                    }
                )
            ),
            "views": listed(_object({"account_id": TEXT, "view": TEXT, "problem": TEXT})),
        }
    ),
    "Quarantine": _object({"accounts": listed(OPEN)}),
    "Key": KEY,
    "Keys": _object({"keys": listed(ref("Key"))}),
    "KeyMade": _object({"key": ref("Key"), "text": TEXT}),
    "AccessLog": _object(
        {
            "entries": listed(
                _object(
                    {
                        "number": NUMBER,
                        "at": INSTANT,
                        "act": {"enum": ["refused", "operated"]},
                        "caller": TEXT_OR_NONE,
                        "role": TEXT_OR_NONE,
                        "method": TEXT,
                        "path": TEXT,
                        "account_id": TEXT_OR_NONE,
                        "outcome": TEXT,
                        "request_id": TEXT,
                    }
                )
            ),
            "next": NUMBER,
        }
    ),
    "Health": _object({"is_alive": {"type": "boolean"}}),
    "Ready": _object(
        {
            "is_ready": {"type": "boolean"},
            "phase": {"enum": ["loading", "open"]},
            "today": DAY,
            "rolled_to": TEXT_OR_NONE,
            "lag": NUMBER,
        }
    ),
    "Page": _object({"as_of": DAY, "accounts": listed(ref("Reading")), "next": TEXT_OR_NONE}),
    "Finding": FINDING,
    "Diagnosis": _object(
        {
            "cause": TEXT,
            "is_healthy": {"type": "boolean"},
            "of": _object(
                {
                    "account_id": TEXT,
                    "draw_id": TEXT_OR_NONE,
                    "as_of": DAY,
                    "known_at": TEXT_OR_NONE,
                    "finding": {"anyOf": [ref("Finding"), {"type": "null"}]},
                    "noticed": listed(ref("Finding")),
                    "incomplete": listed(TEXT),
                    "question": {"enum": ["not_shown", "although_paid"]},
                }
            ),
        }
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
