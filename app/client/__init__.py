"""A typed client of the door for services, whose every request is safe to repeat.

    with Client("http://127.0.0.1:8080", key) as duebook:
        opening = {"effective_on": day, "borrower_ref": "B-1", "currency": "CNY"}
        duebook.open_account("A-1", opening)
        payment = {"effective_on": day, "payment_id": "P-1", "amount": "100.00"}
        duebook.append("A-1", "payments", payment)
        duebook.overdue("A-1").rows

A lost connection, a time-out and a server that asks for patience are met by sending the same again,
up to a deadline: the ids of facts make that harmless.
"""

from app.client.answers import (
    Appended,
    BatchLine,
    CaseShown,
    Event,
    Freshness,
    Quote,
    Reading,
    Rebuild,
    Recorded,
    TrialBalance,
)
from app.client.client import Client
from app.client.errors import Refused, Unanswered

__all__ = [
    "Appended", "BatchLine", "CaseShown", "Client", "Event", "Freshness", "Quote", "Reading",
    "Rebuild", "Recorded", "Refused", "TrialBalance", "Unanswered",
]  # fmt: skip
