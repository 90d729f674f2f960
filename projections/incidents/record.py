"""Open, join, clear and close incidents.

Each of these is one transaction with its step in the history and its message for the webhook, so
that a process which is killed leaves none of them half done; whoever comes after it goes on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row, dict_row
from psycopg_pool import ConnectionPool

from projections.incidents.reading import incident_of
from projections.incidents.tables import SQL, as_json, jsonb

#: Accounts that a step or a message names; the incident itself has all of them.
NAMED_MAX = 10
#: Whom one look takes up.
DUE_MAX = 500


class Suspect(NamedTuple):
    """Somebody for whom a cause holds: an account, or a whole shard where none is named."""

    cause: str
    shard: int
    account_id: str
    evidence: Mapping[str, Any]


class Member(NamedTuple):
    """Somebody whom an open incident concerns and who is to be looked at."""

    number: int
    cause: str
    shard: int
    account_id: str
    tries: int


class Record:
    """Writes incidents.  Safe to share between threads and to run in many processes at once."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        clock: Callable[[], datetime],
        ledger_id: object,
        *,
        has_receiver: bool,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._ledger_id = str(ledger_id)
        self._has_receiver = has_receiver

    def note(self, suspects: Sequence[Suspect]) -> list[int]:
        """Open an incident for each cause, or let the suspects join the one that is open.

        Answers the incidents that were opened.  Who is in it already changes nothing.
        """
        by_cause = groupby(sorted(suspects, key=attrgetter("cause")), attrgetter("cause"))
        opened = [self._note(cause, list(those)) for cause, those in by_cause]
        return [number for number in opened if number is not None]

    def due(self) -> list[Member]:
        """Who is to be looked at now."""
        asked = {"now": self._clock(), "limit": DUE_MAX}
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Member)) as cur:
            return cur.execute(SQL.members_due, asked).fetchall()

    def note_act(self, number: int, act: str, accounts: Sequence[str], said: str) -> None:
        """Something was done about an incident."""
        with self._pool.connection() as conn, conn.transaction():
            data = {"accounts": len(accounts), "named": list(accounts[:NAMED_MAX]), "said": said}
            self._add_step(conn, number, act, data)

    def postpone(self, number: int, shard: int, account_ids: Sequence[str]) -> None:
        """They are not clean yet; look again later."""
        asked = {
            "number": number, "shard": shard, "account_ids": list(account_ids),
            "now": self._clock(),
        }  # fmt: skip
        with self._pool.connection() as conn:
            conn.execute(SQL.postpone_members, asked)

    def clear(self, number: int, proofs: Mapping[tuple[int, str], Mapping[str, Any]]) -> bool:
        """They are clean, as the proofs show.  Whether the incident is over with it."""
        with self._pool.connection() as conn, conn.transaction():
            if conn.execute(SQL.lock_incident, {"number": number}).fetchone() is None:
                return False  # Another has closed it.
            asked = {
                "number": number,
                "now": self._clock(),
                "shards": [shard for shard, _ in proofs],
                "account_ids": [account_id for _, account_id in proofs],
                "proofs": [jsonb(proof) for proof in proofs.values()],
            }
            cleared = [row[0] for row in conn.execute(SQL.clear_members, asked)]
            if cleared:
                named = sorted(cleared)[:NAMED_MAX]
                self._add_step(conn, number, "cleared", {"accounts": len(cleared), "named": named})
            [ill] = conn.execute(SQL.count_ill, asked).fetchone() or (0,)
            if not ill:
                self._close(conn, number)
            return not ill

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Be the only one who heals what incidents are about; False if another is at it."""
        with self._pool.connection() as conn, conn.transaction():
            row = conn.execute(SQL.lock_attending).fetchone()
            yield row is not None and bool(row[0])

    def _note(self, cause: str, suspects: Sequence[Suspect]) -> int | None:
        with self._pool.connection() as conn, conn.transaction():
            now = self._clock()
            number, is_new = self._open(conn, cause, now)
            group = None if is_new else incident_of(conn, number).group
            asked = {
                "number": number,
                "now": now,
                "shards": [one.shard for one in suspects],
                "account_ids": [one.account_id for one in suspects],
                "evidence": [jsonb(one.evidence) for one in suspects],
            }
            joined = sorted(conn.execute(SQL.join_incident, asked).fetchall())
            if not joined:
                return None
            found = incident_of(conn, number)
            named = [account_id for _, account_id in joined if account_id][:NAMED_MAX]
            data = {
                "group": found.group,
                "joined": len(joined),
                "named": named,
                "evidence": suspects[0].evidence,
            }
            self._add_step(conn, number, "opened" if is_new else "joined", data)
            if is_new:
                self._tell(conn, number, "incident.opened", data)
            elif found.group != group:
                self._tell(conn, number, "incident.widened", data)
        return number if is_new else None

    def _open(self, conn: Connection, cause: str, now: datetime) -> tuple[int, bool]:
        """The open incident of a cause, held; and whether it is ours."""
        asked = {"cause": cause, "now": now}
        while True:
            if row := conn.execute(SQL.lock_open_incident, asked).fetchone():
                return row[0], False
            if row := conn.execute(SQL.open_incident, asked).fetchone():
                return row[0], True
            # Another has opened it in between: we join his.

    def _close(self, conn: Connection, number: int) -> None:
        asked = {"number": number, "now": self._clock(), "limit": NAMED_MAX}
        conn.execute(SQL.close_incident, asked)
        with conn.cursor(row_factory=dict_row) as cur:
            proofs = cur.execute(SQL.proofs, asked).fetchall()
        data = {"group": incident_of(conn, number).group, "proofs": proofs}
        self._add_step(conn, number, "closed", data)
        self._tell(conn, number, "incident.closed", data)

    def _add_step(self, conn: Connection, number: int, step: str, data: object) -> None:
        asked = {"number": number, "now": self._clock(), "step": step, "data": jsonb(data)}
        conn.execute(SQL.add_step, asked)

    def _tell(self, conn: Connection, number: int, kind: str, data: Mapping[str, Any]) -> None:
        """Leave a message for the receiver, in the transaction of what it tells."""
        if not self._has_receiver:
            return
        now = self._clock()
        body = {
            "type": kind,
            "timestamp": now,
            "data": {"ledger": self._ledger_id, **incident_of(conn, number).document(), **data},
        }
        asked = {"number": number, "kind": kind, "body": as_json(body), "now": now}
        conn.execute(SQL.add_message, asked)
