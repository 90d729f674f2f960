"""Pages that were read before, kept in Redis.  It makes a display faster and never makes it wrong.

An entry is found under everything that its page depends on: account, version, date, policy and
class of clients.  It carries the same once more as a stamp, so that an entry that somebody or
something put in the wrong place is recognised by itself; and a seal over stamp and content, made
with the digest of the account's last event, which stands in PostgreSQL and not in Redis.  Whatever
does not fit is counted and replaced.  The rows in it are those before the policy, which is applied
at every display.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

import orjson

from ledger.codec import adapter_of
from ledger.log.records import StreamHead
from projections.display.shapes import Content, Outcome
from projections.schema import PROJECTOR

#: How long an entry is kept; its date makes it useless after a day.
KEPT_SECONDS = 6 * 3_600
#: A larger page is read each time: Redis is also the doorbell, and shall not be filled by few.
ENTRY_BYTES_MAX = 200_000
#: Places that are looked at with one question to the store.
LOOK_MAX = 500


class StoreAway(Exception):
    """The store does not answer.  Pages are made without it."""


class Store(Protocol):
    """Where entries lie.  Whoever owns the connection gives one; each method may raise
    `StoreAway`, and answers soon in any case.
    """

    def get(self, key: str) -> bytes | None:
        """The bytes under a key."""

    def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The bytes under each of these keys."""

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes under a key, for so long."""

    def remove(self, key: str) -> None:
        """Keep nothing under it."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """All that a page depends on."""

    ledger_id: str
    account_id: str
    view: str
    version: int
    as_of: date
    policy_version: int
    client_class: str
    code: int = PROJECTOR

    @property
    def key(self) -> str:
        """Where its entry lies."""
        return (
            f"duebook:page:{self.ledger_id}:{self.account_id}:{self.view}:{self.version}"
            f":{self.as_of}:{self.policy_version}:{self.client_class}:{self.code}"
        )


class Found(NamedTuple):
    """What the cache had to say: a content only if it is a hit."""

    outcome: Outcome
    why: str
    content: Content | None = None


_MISS = Found("miss", "the cache does not hold the page")


class Cache:
    """Entries in a store.  Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: How often each outcome was had; threads may miscount it by a few.
        self.counts: Counter[str] = Counter()

    def find(self, stamp: Stamp, head: StreamHead) -> Found:
        """The entry of a page, if it is there and good."""
        found = self.look(stamp, head)
        self.counts[found.outcome] += 1
        return found

    def look(self, stamp: Stamp, head: StreamHead) -> Found:
        """What `find` would say, without counting it."""
        try:
            entry = self._store.get(stamp.key)
        except StoreAway as error:
            return Found(
                "away", f"the cache does not answer ({error}); the page was made without it"
            )
        if entry is None:
            return _MISS
        return _judged(entry, stamp, head)

    def look_at_many(self, places: Sequence[tuple[Stamp, StreamHead]]) -> Iterator[Found]:
        """What `find` would say of each place, without counting it.  Raises `StoreAway`."""
        for first in range(0, len(places), LOOK_MAX):
            batch = places[first : first + LOOK_MAX]
            entries = self._store.get_many([stamp.key for stamp, _ in batch])
            for (stamp, head), entry in zip(batch, entries, strict=True):
                yield _MISS if entry is None else _judged(entry, stamp, head)

    def keep(self, stamp: Stamp, head: StreamHead, content: Content) -> None:
        """Keep a page that is current."""
        entry = entry_of(stamp, head, content)
        if len(entry) > ENTRY_BYTES_MAX:
            self.counts["too_large"] += 1
            return
        try:
            self._store.put(stamp.key, entry, KEPT_SECONDS)
        except StoreAway:
            self.counts["not_kept"] += 1

    def purge(self, stamp: Stamp) -> None:
        """Forget a page.  Raises `StoreAway`."""
        self._store.remove(stamp.key)


def entry_of(stamp: Stamp, head: StreamHead, content: Content) -> bytes:
    """The bytes of an entry."""
    body = orjson.dumps({"stamp": asdict(stamp), "content": asdict(content)})
    return _seal(body, head).encode() + body


def _judged(entry: bytes, stamp: Stamp, head: StreamHead) -> Found:
    body = entry[_SEAL_LENGTH:]
    try:
        read: dict[str, Any] = orjson.loads(body)
        found: Stamp = adapter_of(Stamp).validate_python(read["stamp"])
        # Pydantic's own error is a ValueError, and orjson's too.
    except (ValueError, KeyError, TypeError) as error:
        return Found("broken", f"the entry cannot be read ({type(error).__name__}); it is replaced")
    if found != stamp:
        return Found("stale", f"the entry is stale by its own stamp: {_said(found, stamp)}")
    if not hmac.compare_digest(entry[:_SEAL_LENGTH], _seal(body, head).encode()):
        return Found("broken", "the seal of the entry is not that of its content; it is replaced")
    content: Content = adapter_of(Content).validate_python(read["content"])
    return Found("hit", f"the cache holds the page of version {stamp.version}", content)


def _said(found: Stamp, stamp: Stamp) -> str:
    """The first thing that differs."""
    for name, there in asdict(found).items():
        wanted = asdict(stamp)[name]
        if there != wanted:
            return f"its {name} is {there or 'none'}, wanted is {wanted or 'none'}"
    raise AssertionError("equal stamps have no difference")


#: Hexadecimal digits of a SHA-256.
_SEAL_LENGTH = 64


def _seal(body: bytes, head: StreamHead) -> str:
    return hmac.new(head.digest, body, hashlib.sha256).hexdigest()
