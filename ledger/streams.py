"""The streams of the log: an account has its bare id, all others a kind and a slash before it.

    A-1                 the facts of the account A-1
    rules/disclosure    what borrowers are shown: one stream for the whole ledger
    cases/A-1/C-1       a stream about the account A-1, in the shard of that account
    ledger/phase        the ledger itself

An id holds no slash, so no account can have the name of another stream; and no door takes a fact
of an account for a stream with one.  What stands between the first slash and the next says in which
shard a stream lies: streams about an account lie with it.

A kind of stream is a row of `KINDS`: the topics that may stand in it.  Its events are classes in a
module of `ledger.domain` with an `EVENT_TYPES` of its own, as in `ledger.domain.disclosure`; they
are appended by `Books.record` and read by `entries`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from ledger import codec
from ledger.domain import cases, disclosure
from ledger.domain.bounds import is_id
from ledger.domain.event import Event
from ledger.domain.rejections import Code, Rejection
from ledger.log.records import NewEvent, Recorded

E = TypeVar("E", bound=Event)

#: The topics of each kind of stream.  The log writes the phase of the ledger itself.
KINDS: Mapping[str, Mapping[str, type[Event]]] = {
    "cases": cases.EVENT_TYPES,
    "ledger": {},
    "rules": disclosure.EVENT_TYPES,
}

#: What borrowers are shown, for the whole ledger.
DISCLOSURE_RULES = "rules/disclosure"


class Entry(NamedTuple, Generic[E]):
    """An event of a stream that is no account, and how the log holds it."""

    event: E
    recorded: Recorded


def is_account(stream_id: str) -> bool:
    """Streams of accounts have no slash; only they are projected, replayed and assessed."""
    return "/" not in stream_id


def name(kind: str, *ids: str) -> str:
    """The name of a stream, such as `cases/A-1/C-1`.  Raises `ValueError` for what is no name."""
    if kind not in KINDS or not ids or not all(map(is_id, ids)):
        raise ValueError(
            f"{'/'.join((kind, *ids))[:80]!r} names no stream; a name is one of"
            f" {', '.join(sorted(KINDS))}, a slash, and ids of letters, digits and . _ : @ + -"
        )
    return "/".join((kind, *ids))


def kind_of(stream_id: str) -> str:
    """The kind of a stream that is no account."""
    return stream_id.partition("/")[0]


def as_written(recorded: Recorded) -> dict[str, Any]:
    """An event of a stream that is no account as the doors write it."""
    payload = orjson.loads(recorded.state)
    return {"topic": recorded.topic, "effective_on": recorded.effective_on, **payload}


def new_event(stream_id: str, event: Event) -> NewEvent:
    """An event on its way into a stream that is no account.

    Raises `ValueError` where it does not belong there: that is a fault of the program.
    """
    types = {} if is_account(stream_id) else KINDS.get(kind_of(stream_id), {})
    if types.get(event.TOPIC) is not type(event):
        raise ValueError(f"a {event.TOPIC} does not belong in the stream {stream_id!r}")
    return NewEvent(stream_id, event.TOPIC, event.effective_on, event.key, codec.encode(event))


def other_content(events: Sequence[NewEvent], history: Iterable[Recorded]) -> Rejection | None:
    """The refusal of the first event whose key is recorded with other content."""
    by_key = {one.key: one for one in history}
    for event in events:
        first = by_key.get(event.key)
        if first is not None and not first.has_content_of(event):
            return Rejection(
                Code.KEY_USED_WITH_OTHER_CONTENT,
                f"{event.key} is already recorded with other content (version {first.version});"
                " repeat it unchanged or choose another id",
                version=first.version,
            )
    return None


def entries(
    history: Iterable[Recorded],
    event_types: Mapping[str, type[E]],
    known_at: datetime | None = None,
) -> list[Entry[E]]:
    """The events of a stream that were recorded by `known_at`, in their order.

    Raises `CodecError` for a topic that is none of these types.
    """
    return [
        Entry(codec.decode_as(event_types, one.topic, one.effective_on, one.state), one)
        for one in history
        if known_at is None or one.recorded_at <= known_at
    ]
