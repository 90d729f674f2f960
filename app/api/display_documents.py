"""The shapes of what borrowers are shown, and of how it came to be."""

from app.api.document_parts import (
    DAY,
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

PAGE = {"account": TEXT, "view": TEXT, "rows": listed(OPEN), "freshness": ref("Freshness")}

#: Notices are on the pages of borrowers: that less than all is shown, or old rows.
READING = object_of({**PAGE, "notices": listed(TEXT)}, "notices")

IN_SHORT = {
    "anyOf": [object_of({"rows": NUMBER, "overdue": listed(TEXT)}), {"type": "null"}],
}

DISPLAY = object_of(
    {
        **PAGE,
        "notices": listed(TEXT),
        "viewer": TEXT,
        "client": TEXT,
        "client_class": TEXT,
        "policy": TEXT_OR_NONE,
        "policy_version": NUMBER,
        "digest": TEXT,
        "rulings": listed(
            object_of(
                {
                    "draw_id": TEXT,
                    "show": {"enum": ["full", "summary", "nothing"]},
                    "by": {"enum": ["no_policy", "no_rule", "rule", "mandatory"]},
                    "rule": {"type": ["object", "null"]},
                }
            )
        ),
        "steps": listed(
            object_of(
                {
                    "step": {"enum": ["replay", "view", "cache", "policy", "viewer", "client"]},
                    "outcome": TEXT,
                    "why": TEXT,
                    "got": IN_SHORT,
                    "gives": IN_SHORT,
                    "lost": listed(TEXT),
                }
            )
        ),
    }
)

SHOWN_TO_OTHERS = {
    "role": TEXT,
    "client_class": TEXT,
    "stream_version": NUMBER,
    "policy": TEXT_OR_NONE,
    "policy_version": NUMBER,
    "source": TEXT,
    "cache": TEXT,
    "withheld": listed(OPEN),
}

SHOWN_PAGE = object_of(
    {
        "shown_at": INSTANT,
        "changed_at": TEXT_OR_NONE,
        "view": TEXT,
        "viewer": TEXT,
        "client": TEXT,
        "as_of": DAY,
        "account_version": NUMBER,
        "is_current": {"type": "boolean"},
        "rows": listed(OPEN),
        "notices": listed(TEXT),
        "refused": TEXT_OR_NONE,
        "digest": TEXT,
        **SHOWN_TO_OTHERS,
    },
    *SHOWN_TO_OTHERS,
)

DISPLAY_COMPONENTS: dict[str, Schema] = {
    "Reading": READING,
    "Display": DISPLAY,
    "ShownThen": object_of({"account": TEXT, "at": INSTANT, "pages": listed(SHOWN_PAGE)}),
}
