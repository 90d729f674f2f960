"""The statements of the door, and the tables that are its own: made once, never dropped."""

import secrets
from pathlib import Path

from psycopg import Connection
from psycopg.rows import scalar_row

from ledger import rights
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")
_CREATE = Statements(Path(__file__).parent / "create")

SECRET_BYTES = 32


def create(conn: Connection) -> None:
    """Make the tables of keys and of accesses and the secret, unless they are there."""
    conn.execute(_CREATE.api_keys)
    conn.execute(_CREATE.access_log)
    conn.execute(_CREATE.door_secret)
    conn.execute(_CREATE.make_secret, {"secret": secrets.token_bytes(SECRET_BYTES)})
    rights.grant(conn, _CREATE.grant_api)


def secret_of(conn: Connection) -> bytes:
    """What this ledger seals with."""
    with conn.cursor(row_factory=scalar_row) as cur:
        return bytes(cur.execute(SQL.door_secret).fetchall()[0])
