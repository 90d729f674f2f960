"""The contact store: what borrowers said, apart from the events, so that it can be erased."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from ledger import rights
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")
_CREATE = Statements(Path(__file__).parent / "create")


def create(conn: Connection) -> None:
    """Make the table, unless it is there."""
    conn.execute(_CREATE.contact_words)
    conn.execute(_CREATE.contact_words_by_account)
    conn.execute(_CREATE.contact_words_by_borrower)
    rights.grant(conn, _CREATE.grant_contacts)


@dataclass(frozen=True, slots=True)
class Contact:
    """What a borrower said in a case; None where it was erased."""

    case_id: str
    account_id: str
    words: str | None
    kept_at: datetime
    erased_at: datetime | None


class Contacts:
    """The contact store of a ledger.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection], clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._clock = clock

    def keep(self, case_id: str, account_id: str, borrower_ref: str | None, words: str) -> Contact:
        """Keep it; where something is kept of the case already, that is the answer."""
        asked = {
            "case_id": case_id,
            "account_id": account_id,
            "borrower_ref": borrower_ref,
            "words": words,
            "now": self._clock(),
        }
        with self._pool.connection() as conn:
            conn.execute(SQL.keep_words, asked)
        contact = self.find(case_id)
        assert contact is not None  # Rows stay.
        return contact

    def find(self, case_id: str) -> Contact | None:
        """What is kept of a case."""
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Contact)) as cur:
            return cur.execute(SQL.find_contact, {"case_id": case_id}).fetchone()

    def page(
        self, account_id: str | None = None, *, before: str | None = None, limit: int = 100
    ) -> list[Contact]:
        """The newest first; `before` goes on behind the last case of the page before."""
        asked = {"account_id": account_id, "before": before, "limit": limit}
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Contact)) as cur:
            return cur.execute(SQL.contacts, asked).fetchall()

    def erase(self, name: str) -> tuple[int, int]:
        """Erase what a borrower said, in one case (by its id) or in all of his (by his reference).

        Answers how many cases there are of that name, and in how many something was erased now.
        """
        asked = {"name": name, "now": self._clock()}
        with self._pool.connection() as conn, conn.transaction():
            erased = conn.execute(SQL.erase_words, asked).rowcount
            row = conn.execute(SQL.count_contacts, asked).fetchone()
        assert row is not None  # An aggregate without GROUP BY always gives a row.
        return int(row[0]), erased
