"""The statements of the door, and the tables that are its own: made once, never dropped."""

from pathlib import Path

from psycopg import Connection

from ledger import rights
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")
_CREATE = Statements(Path(__file__).parent / "create")


def create(conn: Connection) -> None:
    """Make the tables of keys and of accesses, unless they are there."""
    conn.execute(_CREATE.api_keys)
    conn.execute(_CREATE.access_log)
    rights.grant(conn, _CREATE.grant_api)
