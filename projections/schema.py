"""The tables of the views: made, and made anew when a view's version changes.

Views are never migrated.  A view whose version changed loses its table, all receipts go with it,
and the shards are followed again from their first event.
"""

from pathlib import Path

import psycopg

from ledger import rights
from ledger.schema import SchemaError
from ledger.sql import Statements
from projections.overdue import OVERDUE
from projections.repayment_schedule import REPAYMENT_SCHEDULE
from projections.view import View

#: Every view there is.  All views of an account are written together, from one state.
VIEWS = (REPAYMENT_SCHEDULE, OVERDUE)

#: Version of the fold and of its rows: a higher one makes every row be made again.
PROJECTOR = 3

#: The name under which the version of the fold is remembered beside those of the views.
FOLD = "fold"

SQL = Statements(Path(__file__).parent / "sql")
_CREATE = Statements(Path(__file__).parent / "create")


def create(conn: psycopg.Connection, shards: int, views: tuple[View, ...] = VIEWS) -> list[str]:
    """Make what is missing and remake what changed; answers the names of the views made."""
    with conn.transaction():
        conn.execute(SQL.lock_views)
        for statement in (
            _CREATE.view_versions,
            _CREATE.checkpoints,
            _CREATE.receipts,
            _CREATE.receipts_by_change,
            _CREATE.quarantine,
            _CREATE.day_rolls,
        ):
            conn.execute(statement)
        conn.execute(SQL.create_checkpoints, {"shards": shards})
        made = _make_views(conn, views)
        rights.grant(conn, SQL.grant_views)
    return made


class ViewsOutdated(SchemaError):
    """The database does not hold the views of this code."""


def check(conn: psycopg.Connection, views: tuple[View, ...] = VIEWS) -> None:
    """Refuse a database whose views are not those of this code; change nothing."""
    try:
        held = _held(conn)
    except psycopg.errors.UndefinedTable:
        held = {}
    missing = [view.name for view in views if held.get(view.name) != view.version]
    if missing:
        raise ViewsOutdated(
            f"The database does not hold the views {', '.join(missing)} of this version of duebook."
            " Run `duebook init`: it makes them, and workers rebuild them."
        )


def _make_views(conn: psycopg.Connection, views: tuple[View, ...]) -> list[str]:
    """Make the views that are new or changed; everything is followed again if any is, or if the
    fold changed: until then readers see that the old rows are of other code.
    """
    held = _held(conn)
    made = [view for view in views if held.get(view.name) != view.version]
    for view in made:
        conn.execute(psycopg.sql.SQL("DROP TABLE IF EXISTS {}").format(view.table))
        conn.execute(view.create_statement)
        conn.execute(SQL.mark_view, {"name": view.name, "version": view.version})
    if made and held:
        conn.execute(SQL.forget_receipts)
    if made or held.get(FOLD) != PROJECTOR:
        conn.execute(SQL.restart_checkpoints)
        conn.execute(SQL.mark_view, {"name": FOLD, "version": PROJECTOR})
    return [view.name for view in made]


def _held(conn: psycopg.Connection) -> dict[str, int]:
    return dict(conn.execute(SQL.view_versions).fetchall())
