"""Who may do what in the database: three roles of ours and two of guests, each with the least.

    duebook_owner     owns tables and views; only making and upgrading a ledger takes it
    duebook_service   appends and projects; it cannot change or take away an event
    duebook_reader    reads the log and the views, and writes nothing
    duebook_analyst   reads the views of the schema `analytics`, and nothing else
    duebook_borrower  reads what the schema `borrower` shows of the accounts of its login

The login user is a member of the first three and takes one right after connecting.  Where it
cannot, because an administrator has yet to make them, it goes on with the rights that it has.  The
last two are for logins of others, which an administrator makes; no process of duebook takes them.
"""

from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, sql
from psycopg.rows import scalar_row

from ledger.sql import Statements

SQL = Statements(Path(__file__).parent)


class Role(StrEnum):
    """A role of the database, by its name there."""

    OWNER = "duebook_owner"
    SERVICE = "duebook_service"
    READER = "duebook_reader"


class Guest(StrEnum):
    """A role for the logins of others, by its name there."""

    ANALYST = "duebook_analyst"
    BORROWER = "duebook_borrower"


#: The schemas in which guests find their views; they see no other.
SCHEMA_OF = {Guest.ANALYST: "analytics", Guest.BORROWER: "borrower"}


class _Standing(NamedTuple):
    """What a role is here and now."""

    role: Role
    is_there: bool
    can_be_taken: bool
    has_grants: bool
    can_make_tables: bool

    @property
    def is_of_use(self) -> bool:
        """Can its work be done in it?"""
        is_able = self.can_make_tables if self.role is Role.OWNER else self.has_grants
        return self.can_be_taken and is_able


def connect(conninfo: str, role: Role) -> Connection:
    """A connection that may only what the role may."""
    conn = psycopg.connect(conninfo)
    try:
        take(conn, role)
    except BaseException:
        conn.close()
        raise
    return conn


def take(conn: Connection[Any], role: Role) -> bool:
    """From now on the connection may only what the role may; False where that is not to be had.

    A transaction that is rolled back would give the rights back, so this comes before all else.
    """
    with conn.transaction():
        is_of_use = _standings(conn)[role].is_of_use
        if is_of_use:
            conn.execute(SQL.take_role, {"role": role})
    return is_of_use


def prepare(conn: Connection[Any]) -> None:
    """Make the roles where the login user may, and take that of the owner with all it owns."""
    conn.execute(SQL.create_roles)
    if exist(conn):
        conn.execute(SQL.open_schema)
    conn.execute(SQL.open_guest_schemas)
    if _standings(conn)[Role.OWNER].is_of_use:
        conn.execute(SQL.hand_over)
        take(conn, Role.OWNER)


def grant(conn: Connection[Any], statement: bytes) -> None:
    """Run a file of grants; without the roles there is nobody to grant to."""
    if exist(conn):
        conn.execute(statement)


def exist(conn: Connection[Any]) -> bool:
    """Whether the server has all the roles."""
    return all(standing.is_there for standing in _standings(conn).values())


def advice(conninfo: str) -> list[str]:
    """The statements that an administrator has to run before every role can be taken; or none."""
    with psycopg.connect(conninfo) as conn, conn.cursor(row_factory=scalar_row) as cur:
        standings = _standings(conn)
        login = sql.Identifier(conn.info.user).as_string(conn)
        schema = sql.Identifier(str(cur.execute(SQL.schema_name).fetchone())).as_string(conn)
    statements = []
    for role, standing in standings.items():
        if not standing.is_there:
            statements.append(f"CREATE ROLE {role} NOLOGIN;")
        if not standing.can_be_taken:
            statements.append(f"GRANT {role} TO {login};")
    if not standings[Role.OWNER].can_make_tables:
        statements.append(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {Role.OWNER};")
    return statements + _advice_on_guests(conninfo)


def _advice_on_guests(conninfo: str) -> list[str]:
    """What an administrator has to run before guests can be let in."""
    statements = []
    with psycopg.connect(conninfo) as conn:
        asked = {"roles": list(SCHEMA_OF), "schemas": list(SCHEMA_OF.values())}
        found = conn.execute(SQL.guests, asked).fetchall()
    for role, schema, is_there, has_schema, can_make_views, can_be_found in found:
        if not is_there:
            statements.append(f"CREATE ROLE {role} NOLOGIN;")
        if not has_schema:
            statements.append(f"CREATE SCHEMA {schema} AUTHORIZATION {Role.OWNER};")
        elif not can_make_views:
            statements.append(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {Role.OWNER};")
        if not can_be_found:
            statements.append(f"GRANT USAGE ON SCHEMA {schema} TO {role};")
    return statements


def _standings(conn: Connection[Any]) -> dict[Role, _Standing]:
    rows = conn.execute(SQL.roles, {"roles": list(Role)}).fetchall()
    return {Role(name): _Standing(Role(name), *standing) for name, *standing in rows}
