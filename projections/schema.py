"""The tables of the views, and which code makes their rows.

Views are never migrated.  Each version of a view has a table of its own, with the rows of all
generations that were made of it; a view that changes gets a new table beside the old one, and a new
generation fills it while the old one is read.  What `generations` does needs no right to make
tables, save for a switch to another version of a view.
"""

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ledger import rights
from ledger.schema import SchemaError
from ledger.sql import Statements
from projections import incidents, published
from projections.activity import ACTIVITY
from projections.episodes import EPISODES
from projections.journal import JOURNAL
from projections.making import make_view
from projections.overdue import OVERDUE
from projections.repayment_schedule import REPAYMENT_SCHEDULE
from projections.view import View

#: Every view there is.  All views of an account are written together, from one replay.
VIEWS = (REPAYMENT_SCHEDULE, OVERDUE, ACTIVITY, JOURNAL, EPISODES)

#: Version of the fold and of its rows: a higher one makes every row be made again.
PROJECTOR = 3

#: The name under which the version of the fold stands beside those of the views.
FOLD = "fold"

#: The versions that the rows of a generation were made by: of the fold, and of each view.
Recipe = Mapping[str, int]

SQL = Statements(Path(__file__).parent / "sql")
_CREATE = Statements(Path(__file__).parent / "create")


class ViewsOutdated(SchemaError):
    """The database does not hold the views of this code."""


def recipe_of(views: tuple[View, ...] = VIEWS) -> Recipe:
    """The recipe of this code."""
    return {FOLD: PROJECTOR, **{view.name: view.version for view in views}}


def create(conn: psycopg.Connection, shards: int, views: tuple[View, ...] = VIEWS) -> list[str]:
    """Make what is missing, and change nothing that is read; answers the views that got a table.

    Where there was nothing, a first generation is live at once.  Another code's generation stays
    live: a new one is begun by the workers, or by `duebook rebuild`.
    """
    with conn.transaction():
        conn.execute(SQL.lock_views)
        conn.execute(SQL.drop_views_without_generations)
        for statement in (
            _CREATE.generations,
            _CREATE.one_live_one_building,
            _CREATE.view_versions,
            _CREATE.all_checkpoints,
            _CREATE.all_receipts,
            _CREATE.all_receipts_by_change,
            _CREATE.all_quarantine,
            _CREATE.day_rolls,
            _CREATE.views_history,
            _CREATE.projection_delays,
            _CREATE.quarantine_history,
            _CREATE.heals,
            _CREATE.removed_generations,
            SQL.begin_history,
        ):
            conn.execute(statement)
        make_view(conn, "checkpoints", _CREATE.checkpoints)
        make_view(conn, "receipts", _CREATE.receipts)
        make_view(conn, "quarantine", _CREATE.quarantine)
        published.create(conn)
        made = _make_tables(conn, views)
        if conn.execute(SQL.first_generation, {"recipe": Jsonb(recipe_of(views))}).fetchone():
            conn.execute(SQL.first_checkpoints, {"shards": shards})
            show(conn, views, {})
        elif views == VIEWS and _are_shown(conn, views):
            published.publish(conn)
        rights.grant(conn, SQL.grant_views)
        incidents.create(conn)
    return made


def check(conn: psycopg.Connection, views: tuple[View, ...] = VIEWS) -> None:
    """Refuse a database that has no place for the views of this code; change nothing."""
    try:
        held = set(conn.execute(SQL.view_tables).fetchall())
    except psycopg.errors.UndefinedTable:
        held = set()
    missing = [view.name for view in views if (view.name, view.version) not in held]
    if missing:
        raise ViewsOutdated(
            f"The database does not hold the views {', '.join(missing)} of this version of duebook."
            " Run `duebook init`: it makes a place for them, and workers build them."
        )


def show(conn: psycopg.Connection, views: tuple[View, ...], shown: Recipe) -> None:
    """Let the names of the views stand for these versions, where they stand for others now."""
    published.withdraw(conn)
    for name in shown.keys() - {FOLD} - {view.name for view in views}:
        conn.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(name)))
    for view in views:
        if shown.get(view.name) != view.version:
            conn.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(sql.Identifier(view.name)))
            conn.execute(view.show_live)
    if views == VIEWS:  # What others read stands on just these.
        published.publish(conn)
    rights.grant(conn, SQL.grant_views)


def _are_shown(conn: psycopg.Connection, views: tuple[View, ...]) -> bool:
    """Whether the names of the views stand for these versions of them."""
    row = conn.execute(SQL.live_recipe).fetchone()
    live = {} if row is None else row[0]
    return all(live.get(view.name) == view.version for view in views)


def _make_tables(conn: psycopg.Connection, views: tuple[View, ...]) -> list[str]:
    made = []
    for view in views:
        conn.execute(view.create_statement)
        asked = {"name": view.name, "version": view.version}
        if conn.execute(SQL.add_view_version, asked).fetchone():
            made.append(view.name)
    return made
