"""Stored events of the library as events of the log, and back.

An originator is a stream, and its version is the key: `v0000000007`.  The log refuses a key that
is used, which is the library's optimistic concurrency; its own version counts the events of the
stream, whether the library begins at 0 or 1, or leaves versions out, as snapshots do.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, LiteralString
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    DataError,
    IntegrityError,
    InterfaceError,
    Notification,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.utils import retry
from psycopg import Connection

from ledger.log.records import NewEvent
from ledger.persistence.place import SQL, Place, errors_of_the_library, now
from ledger.persistence.subscription import LedgerSubscription

VERSION_MAX = 9_999_999_999
POSITION_MAX = 2**63 - 1
#: Sort before and behind every key of a version.
BEFORE_ALL, BEHIND_ALL = "v", "v:"

#: A read may be repeated.  A write whose answer was lost may have happened: the caller must look.
again_if_lost = retry((InterfaceError, OperationalError), max_attempts=3, wait=0.2)


@dataclass(frozen=True, slots=True)
class Translation:
    """How ids and versions stand in the log."""

    originator_id_type: Literal["uuid", "text"]

    def stream_id(self, originator_id: UUID | str) -> str:
        """The stream of an aggregate."""
        if isinstance(originator_id, UUID) != (self.originator_id_type == "uuid"):
            raise DataError(
                f"The originator id {originator_id!r} is no {self.originator_id_type}."
                " Set ORIGINATOR_ID_TYPE to what the ids of this application are."
            )
        return str(originator_id)

    def new_event(self, stored: StoredEvent) -> NewEvent:
        """An event on its way in; it counts from the day on which it is recorded."""
        return NewEvent(
            self.stream_id(stored.originator_id),
            stored.topic,
            now().date(),
            key_of(stored.originator_version),
            stored.state,
        )

    def fields(self, stream_id: str, key: str, topic: str, state: bytes) -> dict[str, Any]:
        """The fields of a stored event."""
        is_uuid = self.originator_id_type == "uuid"
        return {
            "originator_id": UUID(stream_id) if is_uuid else stream_id,
            "originator_version": int(key[1:]),
            "topic": topic,
            "state": state,
        }


def key_of(version: int) -> str:
    """The key of a version: keys sort as their versions do."""
    if not 0 <= version <= VERSION_MAX:
        raise DataError(f"Version {version} cannot be recorded; versions are 0 to {VERSION_MAX}.")
    return f"v{version:010}"


class LedgerAggregateRecorder(AggregateRecorder):
    """Events by aggregate."""

    def __init__(self, place: Place, translation: Translation) -> None:
        self.place = place
        self._translation = translation

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Record all events or none."""
        self._append(stored_events)
        return None

    def _append(
        self, stored_events: Sequence[StoredEvent], conn: Connection | None = None
    ) -> list[int]:
        events = [self._translation.new_event(stored) for stored in stored_events]
        with errors_of_the_library():
            if conn is None:
                appended = self.place.gathering.append(events)
            else:
                appended = self.place.log.append(events, keys_must_be_new=True, conn=conn)
        return [answer.recorded.position for answer in appended]

    @again_if_lost
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of an aggregate between two versions."""
        asked = {
            "stream_id": self._translation.stream_id(originator_id),
            "after": BEFORE_ALL if gt is None or gt < 0 else key_of(gt),
            "upto": BEHIND_ALL if lte is None else key_of(lte),
            "limit": limit,
        }
        statement = SQL.stored_events_backwards if desc else SQL.stored_events
        with self.place.connection() as conn, conn.cursor(binary=True) as cur:
            return [
                StoredEvent(**self._translation.fields(*row))
                for row in cur.execute(statement, asked)
            ]


class LedgerApplicationRecorder(LedgerAggregateRecorder, ApplicationRecorder):
    """Events by aggregate and in the order of the log; a position is a notification id."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Record all events or none; answers their notification ids."""
        return self._append(stored_events)

    @again_if_lost
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The next events in the order of the log."""
        first = 0 if start is None else start
        asked = {
            "after": first - 1 if inclusive_of_start else first,
            "upto": POSITION_MAX if stop is None else stop,
            "topics": list(topics),
            "limit": limit,
        }
        with self.place.connection() as conn, conn.cursor(binary=True) as cur:
            return [
                Notification(id=position, **self._translation.fields(*row))
                for position, *row in cur.execute(SQL.notifications, asked)
            ]

    @again_if_lost
    def max_notification_id(self) -> int | None:
        """The end of the log; None where it is empty."""
        with self.place.connection() as conn:
            row = conn.execute(SQL.head).fetchone()
        return row[0] or None if row else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LedgerSubscription:
        """Notifications that are there and those that come."""
        return LedgerSubscription(self, gt, topics)


class LedgerTrackingRecorder(TrackingRecorder):
    """How far applications are followed.

    A projection makes a subclass: its tables in `create_statements`, and methods that write to
    them and `track` in one `transaction`, so that no event counts twice or not at all.
    """

    create_statements: ClassVar[Sequence[LiteralString]] = ()

    def __init__(self, place: Place) -> None:
        self.place = place

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing of what is done on the connection."""
        with self.place.connection() as conn, conn.transaction():
            yield conn

    def track(self, conn: Connection, tracking: Tracking) -> None:
        """Within a transaction: this notification is processed now, and was not before."""
        asked = {
            "application_name": tracking.application_name,
            "notification_id": tracking.notification_id,
        }
        if conn.execute(SQL.track, asked).fetchone() is None:
            raise IntegrityError(
                f"Notification {tracking.notification_id} of {tracking.application_name!r} is"
                " processed already. Go on with the one after max_tracking_id()."
            )

    def insert_tracking(self, tracking: Tracking) -> None:
        """This notification is processed, and nothing was to be written for it."""
        with self.transaction() as conn:
            self.track(conn, tracking)

    @again_if_lost
    def max_tracking_id(self, application_name: str) -> int | None:
        """The last notification that is processed."""
        with self.place.connection() as conn:
            row = conn.execute(SQL.tracked, {"application_name": application_name}).fetchone()
        return row[0] if row else None


class LedgerProcessRecorder(LedgerTrackingRecorder, LedgerApplicationRecorder, ProcessRecorder):
    """Events together with the position that they come from."""

    def __init__(self, place: Place, translation: Translation) -> None:
        LedgerApplicationRecorder.__init__(self, place, translation)

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Record all events and the `tracking` that they answer, or nothing."""
        tracking: Tracking | None = kwargs.get("tracking")
        if tracking is None:
            return super().insert_events(stored_events)
        with self.transaction() as conn:
            # The position first: two processes with the same event queue for it, not for the log.
            self.track(conn, tracking)
            return self._append(stored_events, conn)
