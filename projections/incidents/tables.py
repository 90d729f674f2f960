"""The tables of incidents: made once, never dropped, and what is put into their columns."""

from pathlib import Path

import orjson
from psycopg import Connection
from psycopg.types.json import Jsonb

from ledger import rights
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")
_CREATE = Statements(Path(__file__).parent / "create")


def create(conn: Connection) -> None:
    """Make the tables, unless they are there."""
    for statement in (
        _CREATE.incidents,
        _CREATE.one_open_a_cause,
        _CREATE.incident_members,
        _CREATE.incident_members_by_account,
        _CREATE.incident_steps,
        _CREATE.incident_steps_by_incident,
        _CREATE.webhook_messages,
        _CREATE.webhook_messages_waiting,
    ):
        conn.execute(statement)
    rights.grant(conn, _CREATE.grant_incidents)


def as_json(document: object) -> bytes:
    """A document of ours as JSON; digests are written in hexadecimal, as everywhere."""
    return orjson.dumps(document, default=_plain)


def jsonb(document: object) -> Jsonb:
    """The same for a column."""
    return Jsonb(document, dumps=as_json)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")
