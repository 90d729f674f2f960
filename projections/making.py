"""Make a view only where it is missing or another: to make one waits for all who are reading it.

What stands bears a mark in its comment, the digest of what made it.  Without it each start of a
process would wait for the longest query, and every reader after it would wait for both.
"""

import hashlib
from pathlib import Path

from psycopg import Connection, sql
from psycopg.rows import scalar_row

from ledger.sql import Statements

_SQL = Statements(Path(__file__).parent / "sql")

#: How the mark stands in a comment.
_OPENING = " [duebook "


def make_view(conn: Connection, name: str, statement: bytes) -> None:
    """Run a `CREATE OR REPLACE VIEW`, unless just this has made the view that is there."""
    mark = mark_of(statement)
    with conn.cursor(row_factory=scalar_row) as cur:
        said = cur.execute(_SQL.comment_of_view, {"name": name}).fetchone()
    if mark_in(said) != mark:
        conn.execute(statement)
        comment_on(conn, sql.Identifier(name), "Of duebook's own.", mark)


def mark_of(*statements: bytes) -> str:
    """What tells what these statements make from what others do."""
    return hashlib.sha256(b"".join(statements)).hexdigest()[:12]


def mark_in(comment: str | None) -> str | None:
    """The mark that a comment bears; None where duebook has not written it."""
    _, is_ours, mark = (comment or "").partition(_OPENING)
    return mark.removesuffix("]") if is_ours else None


def comment_on(conn: Connection, view: sql.Identifier, sentence: str, mark: str) -> None:
    """Say what a view is, with its mark."""
    said = sql.Literal(f"{sentence}{_OPENING}{mark}]")
    conn.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(view, said))
