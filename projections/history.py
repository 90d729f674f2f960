"""What is kept of the past of the views: as little as an honest diagnosis of it needs.

A receipt says what the rows are made from now; it is written over with each new one.  Beside it
these stay: steps that came late, stays in the quarantine, what heals found, when a generation was
live, and (`day_rolls`) when each day was rolled.  What is prompt and well leaves no trace.
"""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from projections.schema import SQL
from projections.view import View, ViewRow, content_tag

#: An event that is projected within so many seconds leaves no trace.
PROMPT_SECONDS = 5


def note_delay(conn: Connection, shard: int, after: int, position: int, now: datetime) -> None:
    """Keep that the events of a step waited, if they did."""
    asked = {
        "shard": shard, "after": after, "position": position, "now": now,
        "prompt_seconds": PROMPT_SECONDS,
    }  # fmt: skip
    conn.execute(SQL.note_delay, asked)


def note_heals(
    conn: Connection,
    generation: int,
    shard: int,
    account_ids: Sequence[str],
    views: Sequence[View],
    now: datetime,
) -> None:
    """Keep what a heal of these accounts is about to replace."""
    asked = {"generation": generation, "shard": shard, "account_ids": list(account_ids)}
    drifted = _drifted(conn, asked, views)
    conn.execute(SQL.note_heals, asked | {"drifted": drifted, "now": now})


def _drifted(conn: Connection, asked: dict[str, object], views: Sequence[View]) -> list[str]:
    """The accounts that have rows other than those that their receipts vouch for."""
    vouched = {row[0]: row[6] for row in conn.execute(SQL.receipts, asked)}
    found: set[str] = set()
    for view in views:
        rows: dict[str, list[ViewRow]] = {account_id: [] for account_id in vouched}
        for account_id, *values in conn.execute(view.select_rows, asked):
            rows.setdefault(account_id, []).append(tuple(values))
        for account_id, held in rows.items():
            said = vouched.get(account_id, {}).get(view.table_name)
            if said is not None and said != content_tag(view.ordered(held)):
                found.add(account_id)
            if account_id not in vouched:
                found.add(account_id)
    return sorted(found)
