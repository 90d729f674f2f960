"""The log's values as rows: what an append reads under its locks, and what it writes."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any

from psycopg import Connection, Copy, Cursor
from psycopg.rows import RowMaker
from psycopg.types.string import BytesBinaryDumper

from ledger.garbage import without_collector
from ledger.log.columns import (
    ELEMENTS,
    Bigints,
    Blobs,
    Column,
    Dates,
    Instants,
    Integers,
    Texts,
)
from ledger.log.planning import Asked, Ground, Plan
from ledger.log.records import Head, NewEvent, Recorded, StreamHead
from ledger.log.transactions import keeps_plans
from ledger.sql import SQL

#: Of `Recorded`, in the order of its fields.
_COLUMNS: tuple[type[Column], ...] = (
    Integers, Bigints, Texts, Integers, Texts, Dates, Instants, Texts, Blobs, Blobs,
)  # fmt: skip
_COLUMN_TYPES = [ELEMENTS[column] for column in _COLUMNS]
_RECORDED_AT, _STREAM_ID, _VERSION, _DIGEST = map(
    Recorded._fields.index, ("recorded_at", "stream_id", "version", "digest")
)


def recorded_row(cursor: Cursor[Any]) -> RowMaker[Recorded]:
    """Rows with the columns of `events`, in UTC whatever the time zone of the connection."""
    return _recorded


def _recorded(columns: Sequence[Any]) -> Recorded:
    values = list(columns)
    values[_RECORDED_AT] = values[_RECORDED_AT].astimezone(UTC)
    return Recorded._make(values)


def head_row(cursor: Cursor[Any]) -> RowMaker[Head]:
    """Rows with the columns of `heads`."""
    return _head


def _head(columns: Sequence[Any]) -> Head:
    shard, position, recorded_at = columns
    return Head(shard, position, recorded_at and recorded_at.astimezone(UTC))


def each_once(shards: Iterable[int]) -> dict[str, Integers]:
    """What `lock_heads` asks for."""
    return {"shards": Integers(sorted(set(shards)))}


def lock(conn: Connection, shards: Iterable[int]) -> dict[int, Head]:
    """Queue for the shards: until the transaction ends nobody else appends to them."""
    with conn.cursor(row_factory=head_row) as heads:
        heads.execute(SQL.lock_heads, each_once(shards))
        return {head.shard: head for head in heads}


def lock_and_look_up(conn: Connection, events: Sequence[NewEvent], shards: Sequence[int]) -> Ground:
    """Queue for the shards, then read what the log holds of the events: the ends of their streams
    and the events that have their keys already.

    Two statements, because the second must see what others committed while the first waited; both
    are sent before the first is read, so that in a pipeline they travel together.
    """
    of_streams = [event.stream_id for event in events]
    shard_of = dict(zip(of_streams, shards, strict=True))
    asked = {
        "stream_shards": Integers(shard_of.values()),
        "stream_ids": Texts(shard_of),
        "shards": Integers(shards),
        "of_streams": Texts(of_streams),
        "keys": Texts(event.key for event in events),
    }
    with conn.cursor(row_factory=head_row) as heads, conn.cursor(binary=True) as found:
        heads.execute(SQL.lock_heads, each_once(shards))
        found.execute(SQL.look_up_request, asked, prepare=keeps_plans(conn))
        ground = Ground({head.shard: head for head in heads})
        for ordinal, *row in found:
            if ordinal:
                event = events[ordinal - 1]
                ground.known[event.stream_id, event.key] = _recorded(row)
            else:
                ground.streams[row[_STREAM_ID]] = StreamHead(row[_VERSION], row[_DIGEST])
    return ground


def insert(conn: Connection, plan: Plan, asked: Iterable[Asked]) -> None:
    """Take a few events, then write what is new: unlike COPY, an INSERT travels in a pipeline."""
    new = [answer.recorded for answer in plan.taken(asked) if not answer.is_retry]
    if new:
        columns = zip(Recorded._fields, _COLUMNS, zip(*new, strict=True), strict=True)
        conn.execute(SQL.insert_events, {name: kind(values) for name, kind, values in columns})


def copy(conn: Connection, plan: Plan, asked: Iterable[Asked]) -> None:
    """Take many events while the server writes the first of them: the fastest way in.

    A refusal or a key that stands there already takes the events back, and nothing else of the
    caller's transaction.
    """
    with without_collector(), conn.transaction(), conn.cursor() as cur:
        with binary_copy(cur, SQL.copy_events) as into:
            for recorded, is_retry in plan.taken(asked):
                if not is_retry:
                    into.write_row(recorded)
        if plan.streams:
            _move_ends(conn, plan)


@contextmanager
def binary_copy(cur: Cursor[Any], statement: bytes) -> Iterator[Copy]:
    """A COPY that takes rows with the columns of `events`."""
    # The last that is registered for a type is taken, and psycopg's last for bytes is no C.
    cur.adapters.register_dumper(bytes, BytesBinaryDumper)
    with cur.copy(statement) as into:
        into.set_types(_COLUMN_TYPES)
        yield into


def _move_ends(conn: Connection, plan: Plan) -> None:
    """Move the ends of streams and shards to the new events."""
    streams, heads = plan.streams.values(), plan.heads.values()
    moved = {
        "stream_shards": Integers(last.shard for last in streams),
        "stream_ids": Texts(plan.streams),
        "versions": Integers(last.version for last in streams),
        "digests": Blobs(last.digest for last in streams),
        "shards": Integers(plan.heads),
        "positions": Bigints(last.position for last in heads),
        "recorded_ats": Instants(last.recorded_at for last in heads),
    }
    conn.execute(SQL.move_heads, moved)
