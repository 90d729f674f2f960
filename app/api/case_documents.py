"""What the OpenAPI document says of incidents and cases."""

from app.api.document_parts import (
    AMOUNT,
    DAY,
    ID,
    INSTANT,
    NUMBER,
    OPEN,
    TEXT,
    TEXT_OR_NONE,
    Schema,
    listed,
    object_of,
    ref,
)
from ledger.domain.cases import LANGUAGES, QUESTIONS
from ledger.domain.limits import TEXT_LENGTH_MAX, WORDS_LENGTH_MAX

INCIDENT = object_of(
    {
        "number": NUMBER,
        "cause": TEXT,
        "scope": {"enum": ["account", "shard", "portfolio"]},
        "group": TEXT,
        "members": NUMBER,
        "ill": NUMBER,
        "opened_at": INSTANT,
        "closed_at": TEXT_OR_NONE,
    }
)

#: The last members are for support alone.
CASE = object_of(
    {
        "case_id": TEXT,
        "account": TEXT,
        "status": {"enum": ["opened", "answered", "closed"]},
        "language": {"enum": list(LANGUAGES)},
        "question": {"enum": list(QUESTIONS)},
        "opened_at": INSTANT,
        "answer": TEXT_OR_NONE,
        "words": TEXT_OR_NONE,
        "words_erased_at": TEXT_OR_NONE,
        "diagnoses": listed(OPEN),
        "closing": {"type": ["object", "null"]},
        "history": listed(OPEN),
    },
    "words",
    "words_erased_at",
    "diagnoses",
    "closing",
    "history",
)

CASE_WANTED = {
    **object_of(
        {
            "words": {"type": "string", "minLength": 1, "maxLength": WORDS_LENGTH_MAX},
            "language": {"enum": list(LANGUAGES)},
            "question": {"enum": list(QUESTIONS)},
            "case_id": ID,
            "payment": ID,
            "amount": AMOUNT,
            "on": DAY,
        },
        "language",
        "question",
        "case_id",
        "payment",
        "amount",
        "on",
    ),
    "description": (
        "What the borrower says.  A case_id of one's own makes it safe to repeat.  Who asks"
        " although_paid may name the payment: by its id, or by amount and day."
    ),
    "examples": [{"words": "My page shows no overdue plan", "language": "en", "case_id": "C-1"}],
}

CLOSURE_WANTED = {
    **object_of({"reason": {"type": "string", "minLength": 1, "maxLength": TEXT_LENGTH_MAX}}),
    "description": "Why nobody works at it any more; without naming the borrower.",
    "examples": [{"reason": "the plan is shown again"}],
}

CASE_COMPONENTS: dict[str, Schema] = {
    "Incident": INCIDENT,
    "Incidents": object_of({"incidents": listed(ref("Incident"))}),
    "IncidentShown": object_of(
        {**INCIDENT["properties"], "concerns": listed(OPEN), "steps": listed(OPEN)}
    ),
    "Case": CASE,
    "Cases": object_of({"cases": listed(ref("Case"))}),
}
