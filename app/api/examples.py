"""What answers look like: examples of the OpenAPI document; a test holds them to its schemas."""

from typing import Any

Example = dict[str, Any]

_QUOTES: Example = {
    "account": "A-1",
    "on": "2026-02-15",
    "quotes": [
        {
            "account": "A-1",
            "draw_id": "D-1",
            "joined": [],
            "on": "2026-02-15",
            "currency": "CNY",
            "principal": "904.46",
            "interest": "3.23",
            "fee": "0.00",
            "penalty": "0.00",
            "total": "907.69",
            "from_credit": "92.46",
            "to_pay": "815.23",
            "unearned": "14.93",
        }
    ],
    "freshness": {
        "source": "replay",
        "as_of": "2026-02-15",
        "account_version": 3,
        "stream_version": 3,
        "staleness": None,
        "note": "replayed",
    },
}

_TRIAL_BALANCE: Example = {
    "account": None,
    "as_of": "2026-02-15",
    "balances": {
        "CNY": {
            "accounts": {"assets:cash": "-700.00", "assets:receivable:principal": "700.00"},
            "total": "0.00",
        }
    },
    "not_current": 0,
    "is_balanced": True,
}

_REBUILD: Example = {
    "generation": 2,
    "state": "building",
    "standing": "building, 20,000 of 100,000 accounts, 40 s left",
    "waits_for_confirmation": False,
    "begun_at": "2026-02-15T08:00:00Z",
    "compared_at": None,
    "live_since": None,
    "progress": {"accounts": 100000, "done": 20000, "quarantined": 0, "seconds_left": 40},
    "report": None,
}

_RECORDED: Example = {
    "shard": 0,
    "position": 4,
    "version": 4,
    "key": "payment:P-2",
    "recorded_at": "2026-02-19T10:15:00.123456Z",
    "digest": "9d2c8c2ee9e0d6c1cd94f1b0a3a3c35ea56b5b0a4a3a1e5a3e3b57a7be1d6a10",
}

_TAKEN: Example = {
    "account": "A-1",
    "topic": "payment.received",
    "is_retry": False,
    "recorded": [_RECORDED],
    "view": {"shows_the_fact": True, "account_version": 4, "waited_seconds": 0.031},
}

_READING: Example = {
    "account": "A-1",
    "view": "overdue",
    "rows": [
        {
            "draw_id": "D-1",
            "currency": "CNY",
            "status": "overdue",
            "days_late": 15,
            "days_past_due": 15,
            "bucket": "M1",
            "overdue_total": "410.44",
            "outstanding_total": "1231.34",
            "next_due_on": "2026-03-05",
        }
    ],
    "freshness": {
        "source": "view",
        "as_of": "2026-02-20",
        "account_version": 2,
        "stream_version": 2,
        "staleness": None,
        "note": "fresh",
    },
}

_PROBLEM: Example = {
    "type": "urn:duebook:problem:key_used_with_other_content",
    "title": "Key used with other content",
    "status": 409,
    "detail": "payment:P-2 is already recorded with other content (version 4); repeat it unchanged"
    " or choose another id",
    "code": "key_used_with_other_content",
    "first": {**_RECORDED, "topic": "payment.received", "effective_on": "2026-02-19"},
    "request_id": "6f1c2d3e4f5a6b7c",
}

_EVENTS: Example = {
    "shard": 0,
    "events": [
        {
            **_RECORDED,
            "stream": "A-1",
            "topic": "payment.received",
            "effective_on": "2026-02-19",
            "fact": {"effective_on": "2026-02-19", "payment_id": "P-2", "amount": "10.00"},
        }
    ],
    "next": 4,
    "head": 4,
}

#: Of each component that answers are made of.
EXAMPLES: dict[str, Example] = {
    "Quotes": _QUOTES,
    "TrialBalance": _TRIAL_BALANCE,
    "Rebuild": _REBUILD,
    "Rebuilds": {"rebuilds": [_REBUILD]},
    "Taken": _TAKEN,
    "Reading": _READING,
    "Page": {"as_of": "2026-02-20", "accounts": [_READING], "next": None},
    "Problem": _PROBLEM,
    "Events": _EVENTS,
}
