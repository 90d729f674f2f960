"""The resources that facts are posted to: one for each topic, named in the plural.

A fact's own id may be left out of the body where `Idempotency-Key` names it: the key of a request
and the key of the fact are one and the same.
"""

from dataclasses import dataclass
from typing import Any

from ledger.domain.events import EVENT_TYPES, AccountEvent


@dataclass(frozen=True, slots=True)
class Resource:
    """Where facts of one topic are posted to."""

    #: Behind /v1/accounts/{account}/; empty is /v1/accounts itself.
    path: str
    topic: str
    #: The field that tells facts of the topic apart; None where an account has but one.
    id_field: str | None
    example: dict[str, Any]

    @property
    def event_type(self) -> type[AccountEvent]:
        """The class of its facts."""
        return EVENT_TYPES[self.topic]


_TERMS = {
    "method": "equal_installment",
    "term_count": 3,
    "first_due_on": "2026-02-05",
    "annual_rate": "0.156",
}

RESOURCES = (
    Resource(
        "",
        "account.opened",
        None,
        {
            "account": "A-1",
            "effective_on": "2026-01-01",
            "borrower_ref": "B-1",
            "currency": "CNY",
            "credit_limit": "5000.00",
        },
    ),
    Resource(
        "limits",
        "account.limit_changed",
        "change_id",
        {"effective_on": "2026-01-02", "change_id": "L-1", "credit_limit": "8000.00"},
    ),
    Resource(
        "tiers",
        "account.tier_changed",
        "change_id",
        {"effective_on": "2026-01-02", "change_id": "T-1", "tier": "gold"},
    ),
    Resource(
        "freezes",
        "account.frozen",
        "change_id",
        {"effective_on": "2026-01-03", "change_id": "F-1", "reason": "lost phone"},
    ),
    Resource(
        "unfreezes",
        "account.unfrozen",
        "change_id",
        {"effective_on": "2026-01-04", "change_id": "U-1"},
    ),
    Resource(
        "draws",
        "draw.made",
        "draw_id",
        {
            "effective_on": "2026-01-05",
            "draw_id": "D-1",
            "amount": "1200.00",
            "terms": _TERMS,
        },
    ),
    Resource(
        "due-date-moves",
        "draw.due_date_moved",
        "move_id",
        {
            "effective_on": "2026-01-20",
            "move_id": "M-1",
            "draw_id": "D-1",
            "due_on": "2026-02-05",
            "new_due_on": "2026-02-10",
        },
    ),
    Resource(
        "pauses",
        "delinquency.paused",
        "pause_id",
        {"effective_on": "2026-02-12", "pause_id": "H-1", "until": "2026-02-20"},
    ),
    Resource(
        "payments",
        "payment.received",
        "payment_id",
        {"effective_on": "2026-02-10", "payment_id": "P-1", "amount": "410.44"},
    ),
    Resource(
        "reversals",
        "payment.reversed",
        "reversal_id",
        {"reversal_id": "R-1", "payment_id": "P-1", "amount": "10.44", "reason": "bounced"},
    ),
    Resource(
        "penalties",
        "penalty.charged",
        "charge_id",
        {
            "effective_on": "2026-02-25",
            "charge_id": "C-1",
            "draw_id": "D-1",
            "installment": 1,
            "amount": "6.00",
            "kind": "late_fee",
        },
    ),
    Resource(
        "fees",
        "fee.charged",
        "charge_id",
        {"effective_on": "2026-02-25", "charge_id": "C-2", "draw_id": "D-1", "amount": "2.00"},
    ),
    Resource(
        "waivers",
        "dues.waived",
        "waiver_id",
        {
            "effective_on": "2026-02-26",
            "waiver_id": "W-1",
            "draw_id": "D-1",
            "component": "penalty",
            "amount": "6.00",
            "reason": "goodwill",
        },
    ),
    Resource(
        "waiver-reversals",
        "waiver.reversed",
        "reversal_id",
        {"reversal_id": "WR-1", "waiver_id": "W-1", "effective_on": "2026-02-26"},
    ),
    Resource(
        "refunds",
        "payment.refunded",
        "refund_id",
        {"effective_on": "2026-02-27", "refund_id": "RF-1", "amount": "1.00"},
    ),
    Resource(
        "charge-reversals",
        "charge.reversed",
        "reversal_id",
        {
            "reversal_id": "CR-1",
            "charge_id": "C-2",
            "component": "fee",
            "effective_on": "2026-02-25",
            "reason": "charged by mistake",
        },
    ),
    Resource(
        "restructures",
        "draw.restructured",
        "restructure_id",
        {
            "effective_on": "2026-03-01",
            "restructure_id": "N-1",
            "draw_id": "D-1",
            "covers": "all_unpaid",
            "terms": {**_TERMS, "term_count": 6, "first_due_on": "2026-04-05"},
            "reason": "hardship",
        },
    ),
    Resource(
        "merchant-refunds",
        "draw.refunded",
        "refund_id",
        {"effective_on": "2026-03-02", "refund_id": "B-1", "draw_id": "D-1", "amount": "100.00"},
    ),
    Resource(
        "cancellations",
        "draw.cancelled",
        "draw_id",
        {"effective_on": "2026-06-01", "draw_id": "D-1", "reason": "the purchase was void"},
    ),
    Resource(
        "cancellation-reversals",
        "cancellation.reversed",
        "reversal_id",
        {"reversal_id": "NR-1", "draw_id": "D-1", "reason": "it was another purchase"},
    ),
    Resource(
        "write-offs",
        "draw.written_off",
        "draw_id",
        {"effective_on": "2026-06-02", "draw_id": "D-1", "reason": "bankruptcy"},
    ),
    Resource("closures", "account.closed", None, {"effective_on": "2026-06-30"}),
    Resource(
        "write-off-reversals",
        "write_off.reversed",
        "reversal_id",
        {"reversal_id": "VR-1", "draw_id": "D-1", "reason": "another borrower was bankrupt"},
    ),
)
