"""What others may read in SQL: the schemas `analytics` and `borrower`, documented to the column.

    analytics   schedule, overdue, episodes, portfolio and accounts, for `duebook_analyst`
    borrower    schedule, overdue, activity and episodes of the accounts of the login that asks

They stand on the views of the live generation, so a switch changes what they show and never what
they are; where a view gets another version, they are made anew in the same transaction.  Each row
says how far it can be trusted.  Nothing in them names a person.
"""

from pathlib import Path

from psycopg import Connection, sql
from psycopg.rows import scalar_row

from ledger import rights
from ledger.schema import SchemaError
from ledger.sql import Statements
from projections.making import comment_on, make_view, mark_in, mark_of
from projections.published.comments import COMMENTS

_FOLDER = Path(__file__).parent
_SQL = Statements(_FOLDER / "sql")

#: Names with their schema, in the order in which they are made.
NAMES = tuple(COMMENTS)


class NameTaken(SchemaError):
    """Something of the lender's bears the name of one of these views."""


def create(conn: Connection) -> None:
    """Make what the views stand on, unless it is there; the logins of borrowers are kept."""
    conn.execute(_SQL.create_borrower_logins)
    make_view(conn, "own_accounts", _SQL.create_own_accounts)
    make_view(conn, "business_date", _SQL.create_business_date)
    make_view(conn, "standing", _SQL.create_standing)
    rights.grant(conn, _SQL.grant_standing)


def publish(conn: Connection) -> None:
    """Make the views, unless they stand as this code has them, or there is no place for them.

    What stands is left alone, for making a view waits for everybody who is reading it.
    Raises `NameTaken`.
    """
    if not _has_places(conn):
        return
    if _marks(conn) != dict.fromkeys(NAMES, _mark()):
        withdraw(conn)
        for name in NAMES:
            conn.execute(_statement(name))
            _comment(conn, name)
    conn.execute(_SQL.grant_guests)  # Roles may have come since.


def withdraw(conn: Connection) -> None:
    """Take the views away, where they are.  Raises `NameTaken`."""
    for name in reversed(list(_marks(conn))):
        conn.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(*name.split("."))))


def _marks(conn: Connection) -> dict[str, str]:
    """The views that are there, with the mark of the code that made each."""
    found: dict[str, str | None] = dict(conn.execute(_SQL.marks, {"names": list(NAMES)}).fetchall())
    marks = {}
    for name in NAMES:
        if name in found:
            mark = mark_in(found[name])
            if mark is None:
                raise NameTaken(
                    f"{name} is in the database already and is not duebook's. Rename it, and run"
                    " `duebook init` again."
                )
            marks[name] = mark
    return marks


def _has_places(conn: Connection) -> bool:
    with conn.cursor(row_factory=scalar_row) as cur:
        return bool(cur.execute(_SQL.places).fetchone())


def _mark() -> str:
    """What tells views of this code from those of another."""
    return mark_of(repr(COMMENTS).encode(), *map(_statement, NAMES))


def _statement(name: str) -> bytes:
    return (_FOLDER / f"{name.replace('.', '/')}.sql").read_bytes()


def _comment(conn: Connection, name: str) -> None:
    sentence, columns = COMMENTS[name]
    comment_on(conn, sql.Identifier(*name.split(".")), sentence, _mark())
    for column, meaning in columns.items():
        place = sql.Identifier(*name.split("."), column)
        conn.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(meaning)))
