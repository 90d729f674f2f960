"""Incidents: what the monitor found wrong, whom it concerns, what was done, and why it is over.

`record` opens, joins, clears and closes; each of these is one transaction, with its step in the
history and its message for the webhook.  `reading` shows them, also to the diagnosis of a past
instant.  `outbox` holds the messages until their receiver has them.
"""

from projections.incidents.outbox import Message, Outbox
from projections.incidents.reading import Affliction, Incident, Incidents, IncidentUnknown
from projections.incidents.record import Member, Record, Suspect
from projections.incidents.tables import create

__all__ = [
    "Affliction", "Incident", "IncidentUnknown", "Incidents", "Member", "Message", "Outbox",
    "Record", "Suspect", "create",
]  # fmt: skip
