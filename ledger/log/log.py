"""The log in PostgreSQL: append to it, read from it, follow it.

An append locks the heads of its shards, so that within a shard the order of commits is the order
of positions: a reader who sees position p has seen all positions below it.

The set-based reads are planned afresh each time (`prepare=False`): a plan kept from the days when
a table was small would scan it when it is large.  Only in pipelined transactions plans are kept,
since those are made so that they cannot scan: see `plan_by_index.sql`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime
from itertools import repeat
from typing import Any
from zlib import crc32

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg_pool import ConnectionPool

from ledger import schema
from ledger.domain.limits import REQUEST_EVENTS_MAX
from ledger.log.columns import Integers, Texts
from ledger.log.ends import KnownEnds
from ledger.log.planning import NO_EVENTS, Ground, Plan, check_shape
from ledger.log.records import (
    Appended,
    Head,
    LogError,
    NewEvent,
    Recorded,
    RequestTooLarge,
    StreamHead,
)
from ledger.log.rows import copy, each_once, head_row, insert, lock, lock_and_look_up, recorded_row
from ledger.log.transactions import keeps_plans, transaction
from ledger.sql import SQL

#: The stream and the key of the event that ends the loading phase: stored data.
PHASE_STREAM = "ledger/phase"
OPENED_KEY = "opened"

#: Requests up to this size go in a pipeline: far less than what a socket holds, see `transaction`.
PIPELINED_EVENTS_MAX = 64
PIPELINED_BYTES_MAX = 64_000

#: Where a large request held what is recorded already, so many of the next ask for their keys
#: first instead of being written in vain.
LOOKED_UP_AFTER_A_REPEAT = 20


class Log:
    """One ledger's log.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection], clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._clock = clock
        #: How many large requests still ask first.  Threads may miscount it: it is but a guess.
        self._repeated = 0
        with pool.connection() as conn:
            facts = schema.read_facts(conn)
        self._ends = KnownEnds(facts.shards)
        self.ledger_id = facts.ledger_id
        self.shards = facts.shards

    @property
    def phase(self) -> schema.Phase:
        """`loading` until the ledger is opened, asked of the database each time."""
        with self._pool.connection() as conn:
            return schema.read_facts(conn).phase

    def now(self) -> datetime:
        """What the clock of the ledger says: the one that recorded times are read from."""
        return self._clock().astimezone(UTC)

    def shard_of(self, stream_id: str) -> int:
        """The shard of a stream.  `cases/A-1/C-1` lies with the account A-1 that it is about."""
        name = stream_id.partition("/")[2].partition("/")[0] or stream_id
        return crc32(name.encode()) % self.shards

    # Append

    def append(
        self,
        events: Sequence[NewEvent],
        *,
        expected_versions: Mapping[str, int] | None = None,
        recorded_at: Sequence[datetime | None] | None = None,
        keys_must_be_new: bool = False,
        conn: Connection | None = None,
    ) -> list[Appended]:
        """Append all events or none; an answer for each, in their order.

        An event that stands there already, with the same key and content, is a retry.
        `expected_versions` are those before the request; `recorded_at`, one an event, brings in
        history while the ledger is loading.  Both concern new events only.  With `keys_must_be_new`
        a retry is refused too.  In the caller's transaction, on `conn`, the events count when he
        commits; if they are refused he must not.
        """
        if not events:
            return []
        if len(events) > REQUEST_EVENTS_MAX:
            raise RequestTooLarge(len(events), REQUEST_EVENTS_MAX)
        for event in events:
            check_shape(event)
        with self._writer(conn, events) as writer:
            plan = self._append(
                writer, events, expected_versions or {}, recorded_at, keys_must_be_new
            )
        if conn is None:
            self._ends.keep(plan)  # It is committed.
        return plan.answers

    def open(self, effective_on: date | None = None) -> Appended:
        """End the loading phase for good; from now on only the log says when a fact came in."""
        now = self._clock()
        on = effective_on or now.astimezone(UTC).date()
        event = NewEvent(PHASE_STREAM, "ledger.opened", on, OPENED_KEY, b"{}")
        with transaction(self._pool) as conn:
            self.lock([PHASE_STREAM], conn)
            if conn.execute(SQL.open_ledger, {"opened_at": now}).fetchone():
                return self._append(conn, [event], {}, None).answers[0]
            history = self.streams([PHASE_STREAM], conn)[PHASE_STREAM]
            [recorded] = [event for event in history if event.key == OPENED_KEY]
            return Appended(recorded, is_retry=True)

    def _append(
        self,
        conn: Connection,
        events: Sequence[NewEvent],
        expected_versions: Mapping[str, int],
        recorded_at: Sequence[datetime | None] | None,
        keys_must_be_new: bool = False,
    ) -> Plan:
        shard_of = {event.stream_id: 0 for event in events}
        for stream_id in shard_of:
            shard_of[stream_id] = self.shard_of(stream_id)
        shards = [shard_of[event.stream_id] for event in events]
        times = repeat(None, len(events)) if recorded_at is None else recorded_at
        asked = list(zip(events, shards, times, strict=True))

        def planned(ground: Ground) -> Plan:
            # The phase is locked behind the heads by everybody, so that nobody waits in a ring.
            times_may_be_given = recorded_at is not None and self._is_loading(conn)
            return Plan(
                ground,
                expected_versions,
                # The clock is read under the locks: whoever waited for them is recorded later.
                now=self._clock().astimezone(UTC),
                times_may_be_given=times_may_be_given,
                keys_must_be_new=keys_must_be_new,
            )

        are_many = len(events) > PIPELINED_EVENTS_MAX and not keeps_plans(conn)
        if are_many and not self._repeated:
            plan = planned(self._lock_and_recall(conn, shard_of))
            try:
                copy(conn, plan, asked)
            except (LogError, UniqueViolation):
                # Some may stand there already: if so, they are neither new nor to be refused.
                self._repeated = LOOKED_UP_AFTER_A_REPEAT
            else:
                return plan
        elif are_many:
            self._repeated -= 1
        plan = planned(lock_and_look_up(conn, events, shards))
        (copy if are_many else insert)(conn, plan, asked)
        return plan

    def _lock_and_recall(self, conn: Connection, shard_of: Mapping[str, int]) -> Ground:
        """Queue for the shards, and look up the ends of those streams that are not remembered."""
        heads = lock(conn, shard_of.values())
        recalled = self._ends.take(heads.values())
        streams = {
            stream_id: end
            for stream_id, shard in shard_of.items()
            if (end := recalled[shard].get(stream_id))
        }
        unknown = [stream_id for stream_id in shard_of if stream_id not in streams]
        if unknown:
            streams |= self.versions(unknown, conn)
        return Ground(heads, streams, recalled=recalled)

    @contextmanager
    def transaction(self, seconds_max: float, *, pipelined: bool) -> Iterator[Connection]:
        """A transaction to read, lock and append in; it waits so long for its connection, and as
        long again for each lock.  `pipelined` only where all that is sent is small.
        """
        with transaction(self._pool, seconds_max=seconds_max, pipelined=pipelined) as conn:
            conn.execute(SQL.limit_waiting, {"milliseconds": max(1, round(seconds_max * 1_000))})
            yield conn

    def lock(self, stream_ids: Iterable[str], conn: Connection) -> None:
        """Queue for the shards of the streams: until the transaction ends nobody else appends."""
        conn.execute(SQL.lock_heads, each_once(map(self.shard_of, stream_ids)))

    def _writer(
        self, conn: Connection | None, events: Sequence[NewEvent]
    ) -> AbstractContextManager[Connection]:
        if conn is not None:
            return nullcontext(conn)
        is_small = (
            len(events) <= PIPELINED_EVENTS_MAX
            and sum(len(event.state) for event in events) <= PIPELINED_BYTES_MAX
        )
        return transaction(self._pool, pipelined=is_small)

    def _is_loading(self, conn: Connection) -> bool:
        """Hold the phase until the commit, so that the ledger cannot open in between."""
        row = conn.execute(SQL.lock_phase).fetchone()
        return row is not None and row[0] == "loading"

    # Read

    def streams(
        self, stream_ids: Sequence[str], conn: Connection | None = None
    ) -> dict[str, list[Recorded]]:
        """All events of each stream, in order; an unknown stream has none."""
        found: dict[str, list[Recorded]] = {stream_id: [] for stream_id in stream_ids}
        for event in self._events(conn, SQL.stream_events, self._addresses(found)):
            found[event.stream_id].append(event)
        return found

    def follow(
        self, shard: int, after: int, limit: int, conn: Connection | None = None
    ) -> list[Recorded]:
        """The next events of a shard, in the order of positions."""
        return self._events(conn, SQL.follow, {"shard": shard, "after": after, "limit": limit})

    def heads(self, conn: Connection | None = None) -> list[Head]:
        """The end of every shard."""
        with self._reader(conn) as reader, reader.cursor(row_factory=head_row) as cur:
            return cur.execute(SQL.heads).fetchall()

    def versions(
        self, stream_ids: Sequence[str], conn: Connection | None = None
    ) -> dict[str, StreamHead]:
        """The end of each stream; an unknown stream is at version 0."""
        found = dict.fromkeys(stream_ids, NO_EVENTS)
        with self._reader(conn) as reader, reader.cursor(binary=True) as cur:
            cur.execute(SQL.stream_heads, self._addresses(found), prepare=False)
            for stream_id, version, digest in cur:
                found[stream_id] = StreamHead(version, digest)
        return found

    def changed_streams(
        self, shard: int, after: int, limit: int, conn: Connection | None = None
    ) -> tuple[list[str], int]:
        """The streams of the next events of a shard, each once, and the last position read."""
        with self._reader(conn) as reader:
            asked = {"shard": shard, "after": after, "limit": limit}
            row = reader.execute(SQL.changed_streams, asked, prepare=False).fetchone()
        assert row is not None  # An aggregate without GROUP BY always gives a row.
        stream_ids, position = row
        return stream_ids, position

    def stream_ids(
        self, shard: int, after: str, limit: int, conn: Connection | None = None
    ) -> list[str]:
        """The next streams of a shard, in the order of their ids; start with an empty `after`."""
        with self._reader(conn) as reader:
            asked = {"shard": shard, "after": after, "limit": limit}
            return [row[0] for row in reader.execute(SQL.stream_ids, asked, prepare=False)]

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection on which all reads see one moment of the log."""
        with self._pool.connection() as conn, conn.transaction():
            conn.execute(SQL.begin_snapshot)
            yield conn

    def _events(
        self, conn: Connection | None, statement: bytes, asked: Mapping[str, Any]
    ) -> list[Recorded]:
        with (
            self._reader(conn) as reader,
            reader.cursor(binary=True, row_factory=recorded_row) as cur,
        ):
            return cur.execute(statement, asked, prepare=keeps_plans(reader)).fetchall()

    def _addresses(self, stream_ids: Mapping[str, object]) -> dict[str, list[Any]]:
        return {
            "shards": Integers(map(self.shard_of, stream_ids)),
            "stream_ids": Texts(stream_ids),
        }

    @contextmanager
    def _reader(self, conn: Connection | None) -> Iterator[Connection]:
        """The caller's connection, so that it reads within its transaction, or one of our own."""
        if conn is not None:
            yield conn
        else:
            with self._pool.connection() as own:
                yield own
