"""Who gets what in the database: tried in SQL, and as the page `docs/rights.md` has it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import LiteralString

from psycopg import Connection, errors, sql

from ledger.rights import SCHEMA_OF, Guest, Role

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"

#: The columns of the page.  The owner has everything that he owns.
ROLES: tuple[str, ...] = (Role.SERVICE, Role.READER, Guest.ANALYST, Guest.BORROWER)
SCHEMAS = ("public", *SCHEMA_OF.values())

#: What each object lets each role do, in words of SQL; nothing is the empty set.
Rights = dict[tuple[str, str], frozenset[str]]

_RELATIONS = """
SELECT nspname || '.' || relname, array_agg(attname::text ORDER BY attnum)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE nspname = ANY(%s) AND relkind IN ('r', 'p', 'v', 'm', 'f')
GROUP BY 1
"""
_OTHERS = """
SELECT 'schema ' || nspname, role,
  array_remove(ARRAY[
    CASE WHEN has_schema_privilege(role, oid, 'USAGE') THEN 'USAGE' END,
    CASE WHEN has_schema_privilege(role, oid, 'CREATE') THEN 'CREATE' END
  ], NULL)
FROM pg_namespace, unnest(%(roles)s::text[]) AS role
WHERE nspname = ANY(%(schemas)s)
UNION ALL
SELECT nspname || '.' || proname || '()', role,
  array_remove(ARRAY[
    CASE WHEN has_function_privilege(role, pg_proc.oid, 'EXECUTE') THEN 'EXECUTE' END
  ], NULL)
FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace,
  unnest(%(roles)s::text[]) AS role
WHERE nspname = ANY(%(schemas)s)
UNION ALL
SELECT nspname || '.' || relname, role,
  array_remove(ARRAY[
    CASE WHEN has_sequence_privilege(role, pg_class.oid, 'USAGE, SELECT, UPDATE')
      THEN 'sequence' END
  ], NULL)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace,
  unnest(%(roles)s::text[]) AS role
WHERE nspname = ANY(%(schemas)s) AND relkind = 'S'
"""


def tried(conn: Connection) -> Rights:
    """What each role gets, by trying it on every table and view; the rest by the catalogue."""
    found: Rights = {}
    relations: list[tuple[str, list[str]]] = conn.execute(_RELATIONS, [list(SCHEMAS)]).fetchall()
    for role in ROLES:
        conn.execute("SELECT set_config('role', %s, false)", [role])
        for name, columns in relations:
            found[name, role] = frozenset(_of_relation(conn, name, columns))
        conn.execute("RESET ROLE")
    asked = {"roles": list(ROLES), "schemas": list(SCHEMAS)}
    for name, role, rights in conn.execute(_OTHERS, asked).fetchall():
        found[name, role] = frozenset(rights)
    return found


def _of_relation(conn: Connection, name: str, columns: list[str]) -> Iterable[str]:
    place = sql.Identifier(*name.split("."))
    statements: dict[str, LiteralString] = {
        "SELECT": "SELECT FROM {} LIMIT 0",
        "INSERT": "INSERT INTO {} SELECT WHERE false",
        "DELETE": "DELETE FROM {} WHERE false",
        "TRUNCATE": "TRUNCATE {}",
    }
    for verb, statement in statements.items():
        if _may(conn, sql.SQL(statement).format(place)):
            yield verb
    if _may(conn, _update(place, columns)):
        yield "UPDATE"
        return
    for column in columns:
        if _may(conn, _update(place, [column])):
            yield f"UPDATE ({column})"


def _update(place: sql.Identifier, columns: list[str]) -> sql.Composed:
    sets = sql.SQL(", ").join(sql.SQL("{} = DEFAULT").format(sql.Identifier(c)) for c in columns)
    return sql.SQL("UPDATE {} SET {} WHERE false").format(place, sets)


def _may(conn: Connection, statement: sql.Composed) -> bool:
    """Whether the statement goes through; nothing of it stays."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(statement)
    except errors.InsufficientPrivilege:
        return False
    except (
        errors.FeatureNotSupported,
        errors.ObjectNotInPrerequisiteState,
        errors.WrongObjectType,
    ):
        return False  # A view into which nobody writes.
    return True


def written() -> Rights:
    """What the page says."""
    found: Rights = {}
    for line in PAGE.read_text().splitlines():
        match = re.match(r"\| `([^`]+)` \|(.*)\|$", line)
        if match:
            cells = [cell.strip() for cell in match[2].split("|")]
            for role, cell in zip(ROLES, cells, strict=True):
                said = [] if cell in ("", "–") else [one.strip() for one in cell.split(",")]
                found[match[1], role] = frozenset(said)
    return found


def as_table(rights: Rights) -> str:
    """The table of the page for these rights: what a new line has to look like."""
    lines = []
    for name in sorted({name for name, _ in rights}):
        cells = (", ".join(sorted(rights[name, role])) or "–" for role in ROLES)
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)
