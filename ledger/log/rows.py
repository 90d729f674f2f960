"""The log's values as rows: what an append reads under its locks, and what it writes."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from psycopg import Connection, Cursor
from psycopg.rows import RowMaker

from ledger.log.planning import Ground, Plan
from ledger.log.records import Head, NewEvent, Recorded, StreamHead
from ledger.sql import SQL

_COLUMN_TYPES = "int4 int8 text int4 text date timestamptz text bytea bytea".split()
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


def lock_and_look_up(conn: Connection, events: Sequence[NewEvent], shards: Sequence[int]) -> Ground:
    """Queue for the shards, then read what the log holds of the events.

    Two statements, because the second must see what others committed while the first waited; both
    are sent before the first is read, so that in a pipeline they travel together.
    """
    of_streams = [event.stream_id for event in events]
    shard_of = dict(zip(of_streams, shards, strict=True))
    asked = {
        "stream_shards": list(shard_of.values()),
        "stream_ids": list(shard_of),
        "shards": shards,
        "of_streams": of_streams,
        "keys": [event.key for event in events],
    }
    with conn.cursor(row_factory=head_row) as heads, conn.cursor(binary=True) as found:
        heads.execute(SQL.lock_heads, {"shards": sorted(set(shards))})
        found.execute(SQL.look_up_request, asked, prepare=False)
        ground = Ground({head.shard: head for head in heads})
        for ordinal, *row in found:
            if ordinal:
                event = events[ordinal - 1]
                ground.known[event.stream_id, event.key] = _recorded(row)
            else:
                ground.streams[row[_STREAM_ID]] = StreamHead(row[_VERSION], row[_DIGEST])
    return ground


def write(conn: Connection, plan: Plan) -> None:
    """Write the new events, then move the ends of their streams and shards."""
    with conn.cursor() as cur:
        if conn.pgconn.pipeline_status:
            columns = zip(Recorded._fields, zip(*plan.new, strict=True), strict=True)
            cur.execute(SQL.insert_events, {name: list(values) for name, values in columns})
        else:
            _copy(cur, plan.new)
        shard_of = {event.stream_id: event.shard for event in plan.new}
        heads = [plan.heads[shard] for shard in sorted(set(shard_of.values()))]
        moved = {
            "stream_shards": [shard_of[stream_id] for stream_id in plan.streams],
            "stream_ids": list(plan.streams),
            "versions": [stream.version for stream in plan.streams.values()],
            "digests": [stream.digest for stream in plan.streams.values()],
            "shards": [head.shard for head in heads],
            "positions": [head.position for head in heads],
            "recorded_ats": [head.recorded_at for head in heads],
        }
        cur.execute(SQL.move_heads, moved)


def _copy(cur: Cursor[Any], events: Sequence[Recorded]) -> None:
    """The fastest way in for many; it costs round trips, and a pipeline does not take it."""
    with cur.copy(SQL.copy_events) as copy:
        copy.set_types(_COLUMN_TYPES)
        for event in events:
            copy.write_row(event)
