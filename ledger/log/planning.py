"""What an append writes: decided here without a database, from what the log holds.

`log` reads the ground under its locks, `Plan` takes the events one by one, `rows` writes them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from ledger.domain.limits import EVENTS_PER_STREAM_MAX, ID_LENGTH_MAX, STATE_BYTES_MAX
from ledger.log.records import (
    Appended,
    EventMalformed,
    Head,
    KeyUsed,
    NewEvent,
    Recorded,
    RecordedTimeRefused,
    StreamFull,
    StreamHead,
    StreamMoved,
)
from ledger.proof.digest import NO_DIGEST, event_digest

NO_EVENTS = StreamHead(0, NO_DIGEST)

#: An event, its shard, and the recorded time that it brings.
Asked = tuple[NewEvent, int, datetime | None]

#: A kind, a separator and an id, as in `notices/A-1` or `payment:P-1`.
NAME_LENGTH_MAX = 2 * ID_LENGTH_MAX

# Two names of four-byte characters and two numbers fit the 2,704 bytes of a B-tree entry.
assert 2 * NAME_LENGTH_MAX * 4 + 64 <= 2_704


@dataclass(slots=True)
class Ground:
    """What the log holds of a request."""

    heads: dict[int, Head]
    streams: dict[str, StreamHead] = field(default_factory=dict)
    known: dict[tuple[str, str], Recorded] = field(default_factory=dict)
    #: By shard, what is remembered of it, for this request alone.
    recalled: dict[int, dict[str, StreamHead]] = field(default_factory=dict)


def check_shape(event: NewEvent) -> None:
    """Refuse an event that the log cannot hold, whatever else it holds."""
    if not _is_sound(event):
        _refuse_shape(event)


def _is_sound(event: NewEvent) -> bool:
    """Nearly every event is, by this one look; whether the others are takes a second one."""
    names = event.stream_id + event.topic + event.key
    return (
        names.isascii()
        and "\0" not in names
        and 0 < len(event.stream_id) <= NAME_LENGTH_MAX
        and 0 < len(event.topic) <= NAME_LENGTH_MAX
        and 0 < len(event.key) <= NAME_LENGTH_MAX
        and type(event.effective_on) is date
        and len(event.state) <= STATE_BYTES_MAX
    )


def _refuse_shape(event: NewEvent) -> None:
    """Say what the log cannot hold of an event, if there is anything."""
    for name, text in (
        ("stream_id", event.stream_id),
        ("topic", event.topic),
        ("key", event.key),
    ):
        if not 0 < len(text) <= NAME_LENGTH_MAX:
            raise EventMalformed(
                name,
                f"The {name} has {len(text)} characters; it takes 1 to {NAME_LENGTH_MAX}."
                f" It begins with {text[:20]!r}.",
            )
        if not text.isascii():
            _check_unicode(name, text)
        if "\0" in text:
            raise EventMalformed(name, f"The {name} {text!r} has a NUL character. Remove it.")
    if type(event.effective_on) is not date:
        raise EventMalformed(
            "effective_on",
            f"effective_on of {event.key!r} is {event.effective_on!r}; give a plain date.",
        )
    if len(event.state) > STATE_BYTES_MAX:
        raise EventMalformed(
            "state",
            f"The state of {event.key!r} in stream {event.stream_id!r} has {len(event.state)}"
            f" bytes; an event takes at most {STATE_BYTES_MAX}. Split the fact.",
        )


def _check_unicode(name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise EventMalformed(
            name, f"The {name} {text!r} is not text: {error.reason}. Decode it as UTF-8."
        ) from None


class Plan:
    """Takes events one by one: each is answered, and those that are new are to be written."""

    def __init__(
        self,
        ground: Ground,
        expected_versions: Mapping[str, int],
        *,
        now: datetime,
        times_may_be_given: bool,
        keys_must_be_new: bool = False,
    ) -> None:
        self.answers: list[Appended] = []
        #: The last new event of each shard and of each stream that has new ones.
        self.heads: dict[int, Recorded] = {}
        self.streams: dict[str, Recorded] = {}
        self.ground = ground
        self._known = dict(ground.known)
        self._expected_versions = expected_versions
        self._now = now
        self._times_may_be_given = times_may_be_given
        self._keys_must_be_new = keys_must_be_new

    def taken(self, asked: Iterable[Asked]) -> Iterator[Appended]:
        """Take the events as they are asked for; the answers are kept."""
        for event, shard, recorded_at in asked:
            answer = self._take(event, shard, recorded_at)
            self.answers.append(answer)
            yield answer

    def _take(self, event: NewEvent, shard: int, asked: datetime | None) -> Appended:
        """Answer one event: it stands there already, or it comes next in its stream and shard."""
        stream_id, key = name = event.stream_id, event.key
        known = self._known.get(name)
        if known is not None:
            return self._taken_before(event, known)
        stream = self.streams.get(stream_id) or self._stream_to_extend(stream_id)
        if stream.version >= EVENTS_PER_STREAM_MAX:
            raise StreamFull(stream_id, EVENTS_PER_STREAM_MAX)
        head = self.heads.get(shard) or self.ground.heads[shard]
        if asked is None:
            # A clock that was set back must not make the log run backwards.
            recorded_at = max(self._now, head.recorded_at or self._now)
        else:
            self._check_given_time(event, head, asked)
            recorded_at = asked.astimezone(UTC)
        position, version = head.position + 1, stream.version + 1
        topic, effective_on, state = event.topic, event.effective_on, event.state
        digest = event_digest(
            stream.digest, shard, position, stream_id, version, topic, effective_on, recorded_at,
            key, state,
        )  # fmt: skip
        recorded = Recorded(
            shard, position, stream_id, version, topic, effective_on, recorded_at, key, state,
            digest,
        )  # fmt: skip
        self.heads[shard] = self.streams[stream_id] = self._known[name] = recorded
        return Appended(recorded, False)

    def _taken_before(self, event: NewEvent, known: Recorded) -> Appended:
        """The answer to a fact whose key is there already."""
        if self._keys_must_be_new or not known.has_content_of(event):
            raise KeyUsed(event.stream_id, event.key, known)
        return Appended(known, True)

    def _stream_to_extend(self, stream_id: str) -> StreamHead:
        """The end of a stream before the request, if it is the one that the caller expected."""
        stream = self.ground.streams.get(stream_id, NO_EVENTS)
        expected = self._expected_versions.get(stream_id, stream.version)
        if stream.version != expected:
            raise StreamMoved(stream_id, expected, stream.version)
        return stream

    def _check_given_time(self, event: NewEvent, head: Head | Recorded, asked: datetime) -> None:
        if not self._times_may_be_given:
            problem = "the ledger is open, and then only its own clock says when"
            remedy = "Append it without a recorded time."
        elif asked.tzinfo is None:
            problem = "it has no time zone"
            remedy = "Give an instant, such as 2026-03-01T12:00:00Z."
        elif asked > self._now:
            problem = f"that lies after now, {self._now.isoformat()}"
            remedy = "Correct the time, or the clock of this machine."
        elif head.recorded_at is not None and asked < head.recorded_at:
            problem = f"shard {head.shard} has come to {head.recorded_at.isoformat()} already"
            remedy = "Bring history in in the order in which it was recorded."
        else:
            return
        raise RecordedTimeRefused(
            event,
            f"Event {event.key!r} of stream {event.stream_id!r} cannot be recorded at"
            f" {asked.isoformat()}: {problem}. {remedy}",
            is_open=not self._times_may_be_given,
        )
