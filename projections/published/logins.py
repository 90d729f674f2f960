"""Which login of the database is which borrower: the owner's list, that no guest can change."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from psycopg import Connection
from psycopg.rows import class_row

from ledger.rights import Guest
from ledger.sql import Statements

_SQL = Statements(Path(__file__).parent / "sql")


class LoginRefused(Exception):
    """A login that cannot be a borrower's.  The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login with an account that it sees."""

    login: str
    account_id: str
    bound_at: datetime
    #: False once the login was dropped; another of its name is another login.
    exists: bool


def bind(conn: Connection, login: str, shard: int, account_id: str, at: datetime) -> None:
    """Let the login see the account.  Raises `LoginRefused`.

    One that may take other roles is refused: it could see more than its account.
    """
    found = conn.execute(_SQL.find_login, {"login": login}).fetchone()
    if found is None or not found[0]:
        raise LoginRefused(
            f"there is no login {login!r:.70} in the database; an administrator makes it with"
            f" CREATE ROLE ... LOGIN IN ROLE {Guest.BORROWER}"
        )
    _, is_borrower, may_more = found
    if not is_borrower:
        raise LoginRefused(
            f"the login {login} is no member of {Guest.BORROWER}; an administrator makes it one"
            f" with GRANT {Guest.BORROWER} TO ..."
        )
    if may_more:
        raise LoginRefused(
            f"the login {login} may do more than {Guest.BORROWER}; a borrower's login is a member"
            " of that role alone, and makes no roles"
        )
    asked = {"login": login, "shard": shard, "account_id": account_id, "at": at}
    conn.execute(_SQL.bind_login, asked)


def unbind(conn: Connection, login: str) -> int:
    """Let the login see nothing any more; how many accounts it saw."""
    return conn.execute(_SQL.unbind_login, {"login": login}).rowcount


def all_logins(conn: Connection) -> list[Login]:
    """Every login with what it sees."""
    with conn.cursor(row_factory=class_row(Login)) as cur:
        return cur.execute(_SQL.logins).fetchall()
