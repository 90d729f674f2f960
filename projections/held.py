"""What the database holds of a view for an account, and whether it may be shown as true.

A row is as true as its receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Literal

from psycopg import Connection, sql
from psycopg.rows import class_row

from projections.generations import live_number
from projections.schema import PROJECTOR, SQL
from projections.view import View, ViewRow, content_tag


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the rows of an account were made from, and what they were."""

    account_id: str
    account_version: int
    digest: bytes
    projector: int
    as_of: date
    changes_on: date | None
    contents: dict[str, str]
    projected_at: datetime


Staleness = Literal[
    "no_receipt",
    "behind_the_log",
    "other_code",
    "day_not_rolled",
    "made_for_a_later_day",
    "drifted",
]

#: What each staleness means to a person.
STALENESS_SENTENCES: dict[Staleness, str] = {
    "no_receipt": "the account was never projected, or its receipt is lost",
    "behind_the_log": "the log holds events that the rows do not show yet",
    "other_code": "the rows were made by another version of the projector",
    "day_not_rolled": "a day has begun with which the state changes, and it was not rolled",
    "made_for_a_later_day": "the rows were made for a later day than the one asked for",
    "drifted": "the rows are not the rows that the projector wrote",
}


@dataclass(frozen=True, slots=True)
class Held:
    """What the database holds of a view for one account, at one moment."""

    receipt: Receipt | None
    stream_version: int
    rows: tuple[ViewRow, ...]

    def staleness(self, view: View, today: date) -> Staleness | None:
        """Why these rows may not be shown as true today; None if they may."""
        receipt = self.receipt
        if receipt is None:
            return "no_receipt"
        if receipt.account_version != self.stream_version:
            return "behind_the_log"
        if receipt.projector != PROJECTOR or view.table_name not in receipt.contents:
            return "other_code"
        if receipt.as_of > today:
            return "made_for_a_later_day"
        if receipt.changes_on is not None and receipt.changes_on <= today:
            return "day_not_rolled"
        if receipt.contents[view.table_name] != content_tag(self.rows):
            return "drifted"
        return None


@cache
def _select_held(view: View) -> bytes:
    """All that is held of a view for one account in one statement, which sees one moment without a
    transaction around it: the end of the stream, the receipt, and the rows with their account.
    """
    receipt = [sql.Identifier("receipt", field.name) for field in fields(Receipt)]
    columns = [sql.Identifier("held", column) for column in ("account_id", *view.columns)]
    return (
        sql.SQL(
            "SELECT (SELECT version FROM streams"
            " WHERE shard = %(shard)s AND stream_id = %(account_id)s), {values}"
            " FROM generations AS live"
            " LEFT JOIN all_receipts AS receipt ON receipt.generation = live.number"
            " AND receipt.shard = %(shard)s AND receipt.account_id = %(account_id)s"
            " LEFT JOIN {view} AS held ON held.generation = live.number"
            " AND held.shard = %(shard)s AND held.account_id = %(account_id)s"
            " WHERE live.state = 'live'"
        )
        .format(values=sql.SQL(", ").join([*receipt, *columns]), view=view.table)
        .as_bytes()
    )


def held_rows(conn: Connection, view: View, shard: int, account_id: str) -> Held:
    """What the live generation holds of a view for one account, and the end of its stream: in one
    round trip, where no transaction is begun for it.
    """
    found = conn.execute(_select_held(view), {"shard": shard, "account_id": account_id}).fetchall()
    assert found, "no generation is live"
    version, *first = found[0]
    receipt_end = len(fields(Receipt))
    # A left join gives a row of nulls where there is no receipt, or no row of the view.
    receipt = Receipt(*first[:receipt_end]) if first[0] is not None else None
    rows = [row[receipt_end + 2 :] for row in found if row[receipt_end + 1] is not None]
    return Held(receipt, version or 0, tuple(view.ordered(rows)))


def held_by_account(
    conn: Connection, view: View, shard: int, versions: Mapping[str, int]
) -> dict[str, Held]:
    """What it holds for accounts of one shard whose streams stand at these versions."""
    asked = {"generation": live_number(conn), "shard": shard, "account_ids": list(versions)}
    with conn.cursor(row_factory=class_row(Receipt)) as cur:
        receipts = {receipt.account_id: receipt for receipt in cur.execute(SQL.receipts, asked)}
    rows: dict[str, list[ViewRow]] = {account_id: [] for account_id in versions}
    for account_id, *values in conn.execute(view.select_rows, asked):
        rows[account_id].append(tuple(values))
    return {
        account_id: Held(receipts.get(account_id), version, tuple(view.ordered(rows[account_id])))
        for account_id, version in versions.items()
    }
