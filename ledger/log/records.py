"""What goes into the log and what comes out of it, and the reasons for which it refuses.

    LogError
    ├── EventMalformed         a name is empty, too long or not text; the state is too long
    ├── RequestTooLarge        more events than one request may carry
    ├── KeyUsed                the key stands for other content
    ├── StreamFull             the stream holds all events that a stream may hold
    ├── StreamMoved            the stream is not at the version that the caller saw
    └── RecordedTimeRefused    a recorded time that the log cannot take

A refused request has written nothing.

What the log gives out are named tuples: millions of them are made, and a tuple is made fastest.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact on its way into the log.  `key` is its natural identity within its stream."""

    stream_id: str
    topic: str
    effective_on: date
    key: str
    #: Canonical JSON, stored and hashed as it is.
    state: bytes


class Recorded(NamedTuple):
    """An event as the log holds it.  The order of the fields is the order of the columns."""

    shard: int
    position: int
    stream_id: str
    version: int
    topic: str
    effective_on: date
    #: Aware, in UTC.
    recorded_at: datetime
    key: str
    state: bytes
    digest: bytes

    def has_content_of(self, event: NewEvent) -> bool:
        """Is this the same fact?  The names and the place of an event are not its content."""
        return (
            self.state == event.state
            and self.topic == event.topic
            and self.effective_on == event.effective_on
        )


class Appended(NamedTuple):
    """The answer for one event of a request."""

    recorded: Recorded
    #: The event stood there already, with the same key and the same content.
    is_retry: bool


class Head(NamedTuple):
    """The end of a shard: `recorded_at` is None as long as the shard is empty."""

    shard: int
    position: int
    recorded_at: datetime | None


class StreamHead(NamedTuple):
    """The end of a stream: version 0 and 32 zero bytes where there is none."""

    version: int
    digest: bytes


class LogError(Exception):
    """Base of everything that the log refuses."""


class EventMalformed(LogError):
    """A part of an event that the log cannot hold."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class RequestTooLarge(LogError):
    """More events than one request may carry."""

    def __init__(self, events: int, events_max: int) -> None:
        super().__init__(
            f"The request has {events} events, but one request takes at most {events_max}."
            " Split it: each part is safe to repeat."
        )
        self.events = events


class KeyUsed(LogError):
    """The key stands for other content already."""

    def __init__(self, stream_id: str, key: str, first: Recorded) -> None:
        super().__init__(
            f"Key {key!r} of stream {stream_id!r} stands for other content: {first.topic},"
            f" effective on {first.effective_on}, version {first.version}."
            " Repeat it unchanged, or give the new fact a key of its own."
        )
        self.stream_id = stream_id
        self.key = key
        self.first = first


class StreamFull(LogError):
    """The stream holds all events that a stream may hold."""

    def __init__(self, stream_id: str, events_max: int) -> None:
        super().__init__(
            f"Stream {stream_id!r} holds {events_max} events, as many as a stream may hold."
            " Carry its balance over to a new account."
        )
        self.stream_id = stream_id


class StreamMoved(LogError):
    """The stream is not at the version that the caller decided upon."""

    def __init__(self, stream_id: str, expected: int, found: int) -> None:
        super().__init__(
            f"Stream {stream_id!r} was expected at version {expected}, but is at {found}."
            " Read it again and decide anew."
        )
        self.stream_id = stream_id
        self.expected = expected
        self.found = found


class RecordedTimeRefused(LogError):
    """A recorded time that the log cannot take.  `stream_id` and `key` name the event."""

    def __init__(self, event: NewEvent, message: str, *, is_open: bool) -> None:
        super().__init__(message)
        self.stream_id = event.stream_id
        self.key = event.key
        #: An open ledger refuses all recorded times, one that is loading only this.
        self.is_open = is_open
