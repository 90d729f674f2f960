"""Display receipts: what was shown to whom, from what, and with which digest.

A receipt is written when a page changes, for an account, a view, a viewer and a client: who looks a
hundred times at the same page has one.  In each month there is one all the same, so that the
receipts of a month stand on their own when older ones go.  The service can add receipts and can
neither change nor remove them; retention removes whole months.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from ledger import rights
from ledger.log.log import Log
from ledger.sql import Statements
from projections.display.shapes import Shown

SQL = Statements(Path(__file__).parent / "sql")
_CREATE = Statements(Path(__file__).parent / "create")

#: Pages remembered as written, so that to look again costs no statement.
REMEMBERED_MAX = 50_000
#: Receipts of one answer: one a view, viewer and client.
RECEIPTS_MAX = 200
#: Receipts of one account in any 24 hours: far more than pages change, and far less than a borrower
#: could make who names another client at each look.
RECEIPTS_A_DAY_MAX = 500

#: What became of a receipt: `full` is the limit of the day.
Written = Literal["written", "unchanged", "full"]
#: Months kept at least: what was said last month is asked every day.
MONTHS_MIN = 2


@dataclass(frozen=True, slots=True)
class Receipt:
    """A page that was shown.  Amounts in it are in minor units."""

    shown_at: datetime
    account_id: str
    view: str
    viewer: str
    role: str
    client: str
    client_class: str
    as_of: date
    account_version: int
    stream_version: int
    policy_id: str | None
    policy_version: int
    source: str
    cache: str
    withheld: list[dict[str, Any]]
    digest: str
    page: dict[str, Any]
    #: When the same viewer was first shown another page; None: not yet.
    changed_at: datetime | None


def create(conn: Connection) -> None:
    """Make the tables of receipts unless they are there; that of a month is made when it begins."""
    for name in (
        "display_receipts", "display_receipts_by_account", "display_last", "make_display_month",
    ):  # fmt: skip
        conn.execute(getattr(_CREATE, name))
    rights.grant(conn, _CREATE.grant_display)


def forget(conn: Connection, now: datetime, months: int) -> list[str]:
    """Remove the receipts of all months but the last `months`, this one among them, as the owner;
    answers the tables that went.  At least `MONTHS_MIN` are kept.
    """
    first = _month(now, -(max(months, MONTHS_MIN) - 1))
    oldest = f"display_receipts_{first:%Y_%m}"
    tables = [row[0] for row in conn.execute(SQL.months)]
    gone = [table for table in tables if table < oldest]
    for table in gone:
        conn.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(table)))
    conn.execute(SQL.forget_last, {"before": first})
    return gone


class Receipts:
    """Writes and reads receipts.  Safe to share between threads."""

    def __init__(
        self, pool: ConnectionPool[Connection], log: Log, clock: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._log = log
        self._clock = clock
        self._written: dict[tuple[str, ...], tuple[object, ...]] = {}

    def write(self, shown: Shown) -> Written:
        """Keep that this was shown, if it is another page than the last one.

        Raises what the database raises.
        """
        now = self._clock().astimezone(UTC)
        question, content = shown.question, shown.content
        who = (
            question.account_id, question.view, question.viewer.name, str(question.client),
        )  # fmt: skip
        digest = shown.digest
        what = (
            digest, content.account_version, shown.policy_version, question.as_of,
            now.year, now.month,
        )  # fmt: skip
        if self._written.get(who) == what:
            return "unchanged"
        outcome = self._write(_row(shown, digest, self._log.shard_of(question.account_id), now))
        # What is not remembered is compared with what was shown last: a page that was not current,
        # and the one that comes back after it.
        self._written.pop(who, None)
        if content.is_current and outcome != "full":
            if len(self._written) >= REMEMBERED_MAX:
                self._written.clear()
            self._written[who] = what
        return outcome

    def at(self, account_id: str, at: datetime) -> list[Receipt]:
        """What each viewer had been shown last by an instant, the latest first."""
        asked = {
            "shard": self._log.shard_of(account_id), "account_id": account_id, "at": at,
            "limit": RECEIPTS_MAX,
        }  # fmt: skip
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Receipt)) as cur:
            return cur.execute(SQL.receipts_at, asked).fetchall()

    def found_stale(self, account_id: str, day: date, at: datetime) -> list[Receipt]:
        """The pages of a day, from an instant on, for which the cache was found to be wrong."""
        asked = {
            "shard": self._log.shard_of(account_id), "account_id": account_id, "day": day,
            "at": at, "limit": RECEIPTS_MAX,
        }  # fmt: skip
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Receipt)) as cur:
            return cur.execute(SQL.found_stale, asked).fetchall()

    def _write(self, row: Mapping[str, Any]) -> Written:
        try:
            return self._written_row(row)
        except psycopg.errors.CheckViolation:  # No table of this month yet.
            with self._pool.connection() as conn:
                conn.execute(SQL.make_month, {"at": row["shown_at"]})
            return self._written_row(row)

    def _written_row(self, row: Mapping[str, Any]) -> Written:
        with self._pool.connection() as conn:
            found = conn.execute(SQL.write_receipt, row).fetchone()
        assert found is not None  # An aggregate without GROUP BY always gives a row.
        has_room, is_written = found
        return "written" if is_written else "unchanged" if has_room else "full"


def _row(shown: Shown, digest: str, shard: int, now: datetime) -> dict[str, Any]:
    question, content = shown.question, shown.content
    return {
        "shown_at": now,
        "shard": shard,
        "account_id": question.account_id,
        "view": question.view,
        "viewer": question.viewer.name,
        "role": question.viewer.role,
        "client": str(question.client),
        "client_class": shown.client_class,
        "as_of": content.as_of,
        "account_version": content.account_version,
        "stream_version": content.stream_version,
        "policy_id": shown.policy.policy_id if shown.policy else None,
        "policy_version": shown.policy_version,
        "source": content.source,
        "cache": shown.step("cache").outcome,
        "withheld": Jsonb(
            [
                {"draw_id": one.draw_id, "show": one.show, "rule": one.rule and one.rule.rule_id}
                for one in shown.withheld
            ]
        ),
        "digest": digest,
        "page": Jsonb(shown.page),
        "a_day": RECEIPTS_A_DAY_MAX,
    }


def _month(now: datetime, later: int) -> datetime:
    """The first instant of a month, counted from the one of `now`, in UTC."""
    months = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1 + later
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
