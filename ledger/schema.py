"""The tables of a ledger: make them, bring them up to date, recognise a database that does not fit.

    SchemaError
    ├── ServerUnfit       a PostgreSQL that is too old, or does not store UTF-8
    ├── LedgerMissing     the database holds no ledger
    ├── SchemaOutdated    this code knows migrations that the database does not have
    ├── SchemaNewer       the database has migrations that this code does not know
    ├── ShardsDiffer      the ledger was made with another number of shards
    └── DrillsDiffer      the ledger was not made for drills, and cannot become one that is

All missing migrations, their marks and the rights go into one transaction: a process that dies in
the middle leaves the database as it was, and two that start at once do the work once.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias
from uuid import UUID

import psycopg
from psycopg.rows import args_row, scalar_row

from ledger import rights
from ledger.domain.limits import SHARDS_MAX
from ledger.rights import Role
from ledger.sql import SQL

Phase: TypeAlias = Literal["loading", "open"]

SERVER_VERSION_MIN = 15_00_00

_MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What kind of ledger a database holds.  Only the phase moves, and only once."""

    ledger_id: UUID
    shards: int
    phase: Phase
    created_at: datetime
    opened_at: datetime | None
    #: Whether faults may be injected: only into ledgers that were made for it.
    drills: bool = False


class SchemaError(Exception):
    """Base of the reasons for which a database cannot serve as this ledger."""


class ServerUnfit(SchemaError):
    """A PostgreSQL that is too old, or does not store UTF-8."""


class LedgerMissing(SchemaError):
    """The database holds no ledger."""


class SchemaOutdated(SchemaError):
    """This code knows migrations that the database does not have."""


class SchemaNewer(SchemaError):
    """The database has migrations that this code does not know."""


class ShardsDiffer(SchemaError):
    """The ledger was made with another number of shards."""


class DrillsDiffer(SchemaError):
    """The ledger was not made for drills, and cannot become one that is."""


def create(
    conninfo: str, *, shards: int, ledger_id: UUID, created_at: datetime, drills: bool = False
) -> LedgerFacts:
    """Make the ledger, or bring the one that is there up to date.  Safe to repeat."""
    if not 1 <= shards <= SHARDS_MAX:
        raise ValueError(f"A ledger has 1 to {SHARDS_MAX} shards, but {shards} were asked for.")
    with psycopg.connect(conninfo) as conn:
        _check_server(conn)
        conn.execute(SQL.lock_schema)
        rights.prepare(conn)
        _migrate(conn)
        made = {
            "ledger_id": ledger_id,
            "shards": shards,
            "created_at": created_at,
            "drills": drills,
        }
        conn.execute(SQL.create_ledger, made)
        conn.execute(SQL.create_heads)
        facts = read_facts(conn)
        _check_shards(facts, shards)
        if drills and not facts.drills:
            raise DrillsDiffer(
                "The ledger was made without drills, and no fault may ever be injected into it."
                " Make another one with `duebook init --drills` in another DUEBOOK_HOME."
            )
    return facts


def upgrade(conninfo: str) -> list[str]:
    """Apply the migrations that are missing, and say which they were."""
    with psycopg.connect(conninfo) as conn:
        read_facts(conn)
        conn.execute(SQL.lock_schema)
        rights.prepare(conn)
        return _migrate(conn)


def check(conninfo: str, *, shards: int | None = None) -> LedgerFacts:
    """Refuse a database that this code cannot serve; change nothing."""
    with rights.connect(conninfo, Role.READER) as conn:
        facts = read_facts(conn)
        missing = _missing_migrations(conn)
    if missing:
        raise SchemaOutdated(
            f"This version of duebook needs the migrations {_listed(missing)}, which the database"
            " does not have. Run `duebook init` to bring it up to date."
        )
    if shards is not None:
        _check_shards(facts, shards)
    return facts


def read_facts(conn: psycopg.Connection[Any]) -> LedgerFacts:
    """What kind of ledger this database holds."""
    try:
        with conn.cursor(row_factory=args_row(LedgerFacts)) as cur:
            facts = cur.execute(SQL.ledger_facts).fetchone()
    except psycopg.errors.UndefinedTable:
        facts = None
    if facts is None:
        raise LedgerMissing(
            f"Database {conn.info.dbname!r} holds no ledger. Run `duebook init` to make one,"
            " or point DUEBOOK_DATABASE_URL at the database that has it."
        )
    return facts


def _migrate(conn: psycopg.Connection[Any]) -> list[str]:
    conn.execute(SQL.create_migrations_table)
    missing = _missing_migrations(conn)
    for name in missing:
        conn.execute((_MIGRATIONS / f"{name}.sql").read_bytes())
        conn.execute(SQL.mark_migration, {"name": name})
    rights.grant(conn, rights.SQL.grant_log)
    return missing


def _missing_migrations(conn: psycopg.Connection[Any]) -> list[str]:
    """The migrations still to run, in order; a database from the future is refused here."""
    known = sorted(path.stem for path in _MIGRATIONS.glob("*.sql"))
    with conn.cursor(row_factory=scalar_row) as cur:
        applied = set(cur.execute(SQL.applied_migrations).fetchall())
    if unknown := sorted(applied - set(known)):
        raise SchemaNewer(
            f"The database has the migrations {_listed(unknown)}, which this version of duebook"
            " does not know: a newer version made them. Upgrade duebook."
        )
    return [name for name in known if name not in applied]


def _check_server(conn: psycopg.Connection[Any]) -> None:
    version = conn.info.server_version
    if version < SERVER_VERSION_MIN:
        raise ServerUnfit(
            f"duebook needs PostgreSQL {SERVER_VERSION_MIN // 10_000} or later, but the server is"
            f" {version // 10_000}. Upgrade it, or unset DUEBOOK_DATABASE_URL to use the built-in."
        )
    encoding = conn.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise ServerUnfit(
            f"duebook stores UTF-8, but database {conn.info.dbname!r} stores {encoding}."
            " Make it anew with ENCODING 'UTF8' TEMPLATE template0."
        )


def _check_shards(facts: LedgerFacts, shards: int) -> None:
    if facts.shards != shards:
        raise ShardsDiffer(
            f"The ledger has {facts.shards} shards, fixed when it was made, but {shards} were"
            f" asked for. Ask for {facts.shards}, or make a new ledger in another database."
        )


def _listed(names: list[str]) -> str:
    return ", ".join(names)
