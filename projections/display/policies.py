"""The policy in force: read from `rules/disclosure`, on the same two axes of time as accounts."""

from datetime import date, datetime
from typing import NamedTuple

from ledger.codec import CodecError
from ledger.domain.disclosure import EVENT_TYPES, DisclosureEvent, DisclosurePublished, in_force
from ledger.log.log import Log
from ledger.streams import DISCLOSURE_RULES, Entry, entries


class InForce(NamedTuple):
    """The policy of a day, and its version in the stream; None and 0 where there is none.

    `unreadable` says why the rules cannot be read, where they cannot: then nothing is withheld.
    """

    policy: DisclosurePublished | None
    version: int
    unreadable: str | None = None


class Policies:
    """The published policies of a ledger.  Safe to share between threads."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._read: tuple[int, list[Entry[DisclosureEvent]]] = (0, [])

    def published(self, version: int | None = None) -> list[Entry[DisclosureEvent]]:
        """All of them in the order in which they were published.

        Whoever has just read the version of the stream gives it: what is read is kept until it
        moves.  Raises `CodecError`.
        """
        kept_version, kept = self._read
        if version is not None and version == kept_version:
            return kept
        history = self._log.streams([DISCLOSURE_RULES])[DISCLOSURE_RULES]
        found = entries(history, EVENT_TYPES)
        self._read = (len(history), found)
        return found

    def in_force(
        self, on: date, known_at: datetime | None = None, version: int | None = None
    ) -> InForce:
        """The policy that counts on a day, with what was published by an instant."""
        try:
            published = self.published(version)
        except CodecError as error:
            return InForce(None, version or 0, str(error))
        known = [
            one for one in published if known_at is None or one.recorded.recorded_at <= known_at
        ]
        policy = in_force((one.event for one in known), on)
        if policy is None:
            return InForce(None, 0)
        return InForce(policy, next(o.recorded.version for o in known if o.event is policy))
