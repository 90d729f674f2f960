"""What the database holds of a view for an account, and whether it may be shown as true.

A row is as true as its receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from psycopg import Connection
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


def held_rows(
    conn: Connection, view: View, shard: int, account_id: str, stream_version: int
) -> Held:
    """What the live generation holds of a view for one account, in the caller's snapshot."""
    return held_by_account(conn, view, shard, {account_id: stream_version})[account_id]


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
