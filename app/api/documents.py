"""What the OpenAPI document says beside routes: the shapes of answers, and how to begin."""

from app.api.display_documents import DISPLAY_COMPONENTS
from app.api.document_parts import (
    AMOUNT,
    DAY,
    ID,
    INSTANT,
    NUMBER,
    NUMBER_OR_NONE,
    OPEN,
    TEXT,
    TEXT_OR_NONE,
    Schema,
    listed,
    object_of,
    ref,
)
from app.api.roles import ApiRole
from ledger.domain.limits import NAME_LENGTH_MAX
from ledger.domain.terms import COMPONENTS as COMPONENT_NAMES

DESCRIPTION = """\
The door of a loan ledger. Facts are appended, views are read, and every refusal says why.

Amounts are decimal strings, dates are business dates, instants are UTC. Send a key or a token as
`Authorization: Bearer`. A request that got no answer may be repeated unchanged: the key of a fact
is its identity, and a fact that is recorded already gets the first answer.
"""


def account_answer(name: str, *, is_list: bool = False) -> Schema:
    """Something about an account, whose own members its command line twin documents."""
    part = listed({"type": "object"}) if is_list else {"type": "object"}
    return object_of({"account": TEXT, name: part, "freshness": ref("Freshness")})


RECORDED = {
    "shard": NUMBER,
    "position": NUMBER,
    "version": NUMBER,
    "key": TEXT,
    "recorded_at": INSTANT,
    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}

FRESHNESS = object_of(
    {
        "source": {"enum": ["view", "replay", "stale_view"]},
        "as_of": DAY,
        "account_version": NUMBER,
        "stream_version": NUMBER,
        "staleness": TEXT_OR_NONE,
        "note": TEXT,
    }
)

PROBLEM = object_of(
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

FINDING = object_of(
    {
        "cause": TEXT,
        "sub_cause": TEXT_OR_NONE,
        "summary": TEXT,
        "evidence": listed(object_of({"sentence": TEXT, "data": OPEN})),
        "remedy": TEXT_OR_NONE,
    }
)

KEY_WANTED = {
    **object_of(
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
    **object_of({"facts": {**listed(OPEN), "minItems": 1, "maxItems": 500}, "as_of": DAY}, "as_of"),
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

KEY = object_of(
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
    "progress": object_of(
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
    "Quotes": object_of(
        {
            "account": TEXT,
            "on": DAY,
            "quotes": listed(object_of(QUOTE)),
            "freshness": ref("Freshness"),
        }
    ),
    "TrialBalance": object_of(
        {
            "account": TEXT_OR_NONE,
            "as_of": DAY,
            "balances": {
                "type": "object",
                "additionalProperties": object_of(
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
    "Rebuild": object_of(REBUILD),
    "Rebuilds": object_of({"rebuilds": listed(ref("Rebuild"))}),
    "Problem": PROBLEM,
    "Freshness": FRESHNESS,
    "Recorded": object_of(RECORDED),
    "First": object_of({**RECORDED, "topic": TEXT, "effective_on": DAY}),
    "Taken": object_of(
        {
            **TAKEN,
            "view": object_of(
                {
                    "shows_the_fact": {"type": "boolean"},
                    "account_version": NUMBER,
                    "waited_seconds": {"type": "number"},
                }
            ),
        },
        "view",
    ),
    **DISPLAY_COMPONENTS,
    "Events": object_of(
        {
            "shard": NUMBER,
            "events": listed(
                object_of(
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
    "Simulated": object_of({"state": OPEN}),
    "Healed": object_of({"account": TEXT, "is_healed": {"type": "boolean"}}),
    "Verified": object_of(
        {
            "account": TEXT,
            "is_sound": {"type": "boolean"},
            "log": listed(
                object_of(
                    {
                        "stream_id": TEXT_OR_NONE,
                        "position": NUMBER_OR_NONE,
                        "version": NUMBER_OR_NONE,
                        "problem": TEXT,
                    }
                )
            ),
            "views": listed(object_of({"account_id": TEXT, "view": TEXT, "problem": TEXT})),
        }
    ),
    "Quarantine": object_of({"accounts": listed(OPEN)}),
    "Key": KEY,
    "Keys": object_of({"keys": listed(ref("Key"))}),
    "KeyMade": object_of({"key": ref("Key"), "text": TEXT}),
    "AccessLog": object_of(
        {
            "entries": listed(
                object_of(
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
    "Health": object_of({"is_alive": {"type": "boolean"}}),
    "Ready": object_of(
        {
            "is_ready": {"type": "boolean"},
            "phase": {"enum": ["loading", "open"]},
            "today": DAY,
            "rolled_to": TEXT_OR_NONE,
            "lag": NUMBER,
        }
    ),
    "Page": object_of({"as_of": DAY, "accounts": listed(ref("Reading")), "next": TEXT_OR_NONE}),
    "Finding": FINDING,
    "Diagnosis": object_of(
        {
            "cause": TEXT,
            "is_healthy": {"type": "boolean"},
            "of": object_of(
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
            object_of({"line": NUMBER, **TAKEN}),
            object_of({"line": NUMBER, "problem": ref("Problem")}),
            object_of({"torn_after_line": NUMBER, "problem": ref("Problem")}),
            object_of(
                {
                    "end": object_of(
                        {"lines": NUMBER, "recorded": NUMBER, "retries": NUMBER, "refused": NUMBER}
                    )
                }
            ),
        ]
    },
}
