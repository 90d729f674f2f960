"""Recompute the digests of the log and name every place where it does not fit itself.

A check returns findings and goes on; a sound log gives none.  Each finding stands alone: after an
event that does not fit, the chain is taken up again from the digest that is stored with it.

What this cannot find is a chain that somebody rewrote to its end, together with the stream's head:
that takes checkpoints kept outside the database.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from psycopg import Connection

from ledger.log.log import Log
from ledger.log.planning import NO_EVENTS
from ledger.log.records import Recorded, StreamHead
from ledger.log.rows import recorded_row
from ledger.proof.digest import event_digest
from ledger.sql import SQL

#: Streams compared in one snapshot, and events in memory at a time.
STREAMS_PER_PAGE = 500
EVENTS_PER_FETCH = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where the log does not fit itself; None where the problem is not within a stream."""

    stream_id: str | None
    position: int | None
    version: int | None
    problem: str


def verify_streams(log: Log, stream_ids: Sequence[str] | None = None) -> Iterator[Finding]:
    """Check these streams from their first event on; without `stream_ids`, the whole log."""
    if stream_ids is not None:
        yield from _verify_page(log, stream_ids)
        return
    for shard in range(log.shards):
        yield from verify_positions(log, shard)
        after = ""
        while page := log.stream_ids(shard, after, STREAMS_PER_PAGE):
            yield from _verify_page(log, page)
            after = page[-1]


def verify_positions(log: Log, shard: int) -> Iterator[Finding]:
    """Positions run from 1 to the head without a gap, and every event belongs to a stream."""
    with log.snapshot() as conn:
        for stream_id, position, problem in conn.execute(SQL.shard_findings, {"shard": shard}):
            yield Finding(stream_id, position, None, problem)


def _verify_page(log: Log, stream_ids: Sequence[str]) -> Iterator[Finding]:
    with log.snapshot() as conn:
        heads = log.versions(stream_ids, conn)
        for stream_id, events in groupby(_events(log, conn, heads), attrgetter("stream_id")):
            yield from chain_findings(stream_id, events, heads.pop(stream_id))
        for stream_id, head in heads.items():
            yield from chain_findings(stream_id, (), head)


def _events(log: Log, conn: Connection, stream_ids: Iterable[str]) -> Iterator[Recorded]:
    """The events of the streams, fetched piece by piece."""
    ids = list(stream_ids)
    with conn.cursor("verify", row_factory=recorded_row) as cur:
        cur.itersize = EVENTS_PER_FETCH
        asked = {"shards": [log.shard_of(stream_id) for stream_id in ids], "stream_ids": ids}
        yield from cur.execute(SQL.stream_events, asked, binary=True)


def chain_findings(
    stream_id: str, events: Iterable[Recorded], head: StreamHead
) -> Iterator[Finding]:
    """Compare a stream with its digests, and its end with the head that is kept of it."""
    last = NO_EVENTS
    for event in events:
        if event.version != last.version + 1:
            yield _finding(event, f"version {last.version + 1} was expected here")
        elif event.digest != _digest_after(last.digest, event):
            yield _finding(event, "its digest is not that of its content and the event before it")
        last = StreamHead(event.version, event.digest)
    if last.version != head.version:
        problem = f"the stream ends at version {last.version}, but its head is at {head.version}"
        yield Finding(stream_id, None, last.version, problem)
    elif last.digest != head.digest:
        problem = "the digest of the last event is not that of the stream's head"
        yield Finding(stream_id, None, last.version, problem)


def _digest_after(previous: bytes, event: Recorded) -> bytes:
    return event_digest(
        previous,
        shard=event.shard,
        position=event.position,
        stream_id=event.stream_id,
        version=event.version,
        topic=event.topic,
        effective_on=event.effective_on,
        recorded_at=event.recorded_at,
        key=event.key,
        state=event.state,
    )


def _finding(event: Recorded, problem: str) -> Finding:
    return Finding(event.stream_id, event.position, event.version, problem)
