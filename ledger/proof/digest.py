"""The digest of an event: what is hashed, byte by byte.

    SHA-256( previous digest | nine lengths, 4 bytes each, big-endian | the nine fields )

The fields are, in this order: shard, position, stream_id, version, topic, effective_on,
recorded_at, key, state.  Numbers are decimal ASCII, text is UTF-8, effective_on is `YYYY-MM-DD`,
recorded_at is the number of microseconds since 1970-01-01T00:00:00Z without leap seconds, negative
before, and the state is taken as it is stored.
The previous digest is that of the event before in the stream, and 32 zero bytes for the first.
The lengths stand before the fields, so no two different events give the same bytes.

Digests are stored for good: this format never changes.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from struct import Struct

NO_DIGEST = bytes(32)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTHS = Struct(">9I")


def event_digest(
    previous: bytes,
    shard: int,
    position: int,
    stream_id: str,
    version: int,
    topic: str,
    effective_on: date,
    recorded_at: datetime,
    key: str,
    state: bytes,
) -> bytes:
    """The 32 bytes that stand for this event and for all events before it in its stream."""
    shard_text, place, count = str(shard), str(position), str(version)
    on, at = effective_on.isoformat(), _microseconds(recorded_at)
    text = f"{shard_text}{place}{stream_id}{count}{topic}{on}{at}{key}"
    # Of plain ASCII, which is what nearly all are, a character is a byte.
    size: Callable[[str], int] = len if text.isascii() else _bytes_in
    lengths = _LENGTHS.pack(
        len(shard_text), len(place), size(stream_id), len(count), size(topic), len(on), len(at),
        size(key), len(state),
    )  # fmt: skip
    return sha256(previous + lengths + text.encode() + state).digest()


def _bytes_in(text: str) -> int:
    return len(text.encode())


@lru_cache(maxsize=64)
def _microseconds(recorded_at: datetime) -> str:
    """Since 1970.  Events of a request are recorded at the same time, so it is seldom new."""
    return str((recorded_at - _EPOCH) // _MICROSECOND)
