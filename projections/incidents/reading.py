"""What is known of incidents: for support, for operators, and for the diagnosis of the past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row, dict_row
from psycopg_pool import ConnectionPool

from projections.incidents.tables import SQL

#: Of those whom an incident concerns so many are listed.
MEMBERS_SHOWN_MAX = 200

Scope = Literal["account", "shard", "portfolio"]


class IncidentUnknown(Exception):
    """There is no incident of that number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"there is no incident {number}; duebook incidents list shows them")


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that was found wrong, with one cause."""

    number: int
    cause: str
    opened_at: datetime
    #: None while somebody whom it concerns is not clean.
    closed_at: datetime | None
    #: Whom it concerns: accounts, or whole shards; and how many of them are not clean yet.
    members: int
    ill: int
    first_shard: int
    last_shard: int
    first_account: str

    @property
    def scope(self) -> Scope:
        """The smallest group that holds all whom it concerns."""
        if self.members == 1 and self.first_account:
            return "account"
        return "shard" if self.first_shard == self.last_shard else "portfolio"

    @property
    def group(self) -> str:
        """The same with its name."""
        names = {"account": self.first_account, "shard": str(self.first_shard), "portfolio": ""}
        return f"{self.scope} {names[self.scope]}".rstrip()

    def document(self) -> dict[str, Any]:
        """The incident for programs."""
        return {
            "number": self.number,
            "cause": self.cause,
            "scope": self.scope,
            "group": self.group,
            "members": self.members,
            "ill": self.ill,
            "opened_at": self.opened_at,
            "closed_at": self.closed_at,
        }


@dataclass(frozen=True, slots=True)
class Affliction:
    """That an incident concerned an account, or its whole shard, and how long."""

    number: int
    cause: str
    opened_at: datetime
    closed_at: datetime | None
    is_of_account: bool
    joined_at: datetime
    cleared_at: datetime | None
    evidence: Any
    proof: Any


class Incidents:
    """Reads incidents.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def page(
        self, *, only_open: bool = False, before: int | None = None, limit: int = 100
    ) -> list[Incident]:
        """The newest first; `before` goes on behind the last number of the page before."""
        asked = {"number": None, "before": before, "only_open": only_open, "limit": limit}
        with self._pool.connection() as conn:
            return _incidents(conn, asked)

    def document(self, number: int) -> dict[str, Any]:
        """One incident with whom it concerns and its history.  Raises `IncidentUnknown`."""
        with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cur:
            found = incident_of(conn, number)
            asked = {"number": number, "limit": MEMBERS_SHOWN_MAX}
            members = cur.execute(SQL.members, asked).fetchall()
            steps = cur.execute(SQL.steps, asked).fetchall()
        return {**found.document(), "concerns": members, "steps": steps}

    def counts(self) -> list[dict[str, Any]]:
        """By cause: how many were opened, how many are open, how many accounts are ill."""
        with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cur:
            return cur.execute(SQL.counts).fetchall()


def incident_of(conn: Connection, number: int) -> Incident:
    """The incident of a number, in the caller's transaction.  Raises `IncidentUnknown`."""
    asked = {"number": number, "before": None, "only_open": False, "limit": 1}
    if 0 < number < 2**63 and (found := _incidents(conn, asked)):
        return found[0]
    raise IncidentUnknown(number)


def afflictions(
    conn: Connection, shard: int, account_id: str, at: datetime | None = None
) -> list[Affliction]:
    """What was wrong with an account or its shard at an instant (without one: ever)."""
    asked = {"shard": shard, "account_id": account_id, "at": at}
    with conn.cursor(row_factory=class_row(Affliction)) as cur:
        return cur.execute(SQL.incidents_of, asked).fetchall()


def _incidents(conn: Connection, asked: dict[str, Any]) -> list[Incident]:
    with conn.cursor(row_factory=class_row(Incident)) as cur:
        return cur.execute(SQL.incidents, asked).fetchall()
