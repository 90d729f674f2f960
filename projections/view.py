"""What a view is: a name with a version, its columns, and how its rows come from a replay.

A view says nothing that replay does not say: `rows` only lays its outcome out as a table.  Changing
the columns or their meaning is a new version, and a new version is rebuilt, never migrated.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import LiteralString

import orjson
from psycopg import sql

from ledger.domain.outcome import Outcome

Value = str | int | date | None
ViewRow = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The declaration of a view.

    Its table has `generation`, `shard`, `account_id`, `account_version` and `as_of` (what a row was
    first made from, and for which day; the receipt says up to which it holds) and then `columns`.
    The first `order_by` columns tell the rows of an account apart; none is ever null.  People see
    the rows of the live generation, under the name of the view.
    """

    name: str
    version: int
    columns: tuple[str, ...]
    order_by: int
    folder: Path
    rows: Callable[[Outcome], list[ViewRow]]
    #: The next day on which its rows change with no new event; None is never.
    changes_on: Callable[[Outcome], date | None]

    @property
    def create_statement(self) -> bytes:
        """The statement that makes its table."""
        return (self.folder / "create.sql").read_bytes()

    @property
    def table_name(self) -> str:
        """The table of this version, with the rows of every generation."""
        return table_name(self.name, self.version)

    @property
    def table(self) -> sql.Identifier:
        """Its table, quoted."""
        return sql.Identifier(self.table_name)

    @property
    def show_live(self) -> bytes:
        """Let people who ask in SQL see the rows of the live generation."""
        return _composed(
            self,
            "CREATE VIEW {name} AS"
            " SELECT shard, account_id, account_version, as_of, {columns} FROM {view}"
            " WHERE generation = (SELECT number FROM generations WHERE state = 'live')",
        )

    @property
    def delete_rows(self) -> bytes:
        """Take away the rows of some accounts."""
        return self._of_accounts("DELETE FROM {view}")

    @property
    def select_rows(self) -> bytes:
        """Its own columns of the rows of some accounts, behind the account of each."""
        return self._of_accounts("SELECT account_id, {columns} FROM {view}")

    @property
    def copy_rows(self) -> bytes:
        """Write rows: generation, shard, account, version, date, and its own columns."""
        return _composed(
            self,
            "COPY {view} (generation, shard, account_id, account_version, as_of, {columns})"
            " FROM STDIN (FORMAT binary)",
        )

    @property
    def select_no_rows(self) -> bytes:
        """The columns that `copy_rows` writes: a binary COPY must be told their types."""
        return _composed(
            self,
            "SELECT generation, shard, account_id, account_version, as_of, {columns}"
            " FROM {view} LIMIT 0",
        )

    @property
    def delete_strays(self) -> bytes:
        """Take away the rows of some shards whose accounts have no events."""
        return _composed(
            self,
            "DELETE FROM {view} WHERE generation = %(generation)s AND shard = ANY(%(shards)s)"
            " AND NOT EXISTS ("
            "SELECT FROM streams WHERE streams.shard = {view}.shard AND stream_id = account_id)",
        )

    def _of_accounts(self, verb: LiteralString) -> bytes:
        return _composed(
            self,
            verb + " WHERE generation = %(generation)s AND shard = %(shard)s"
            " AND account_id = ANY(%(account_ids)s)",
        )

    def ordered(self, rows: Iterable[Sequence[Value]]) -> list[ViewRow]:
        """Rows in the order in which they are compared and digested: that of the columns that tell
        them apart, so no later one is ever looked at.
        """
        return sorted(map(tuple, rows))


@cache
def _composed(view: View, statement: LiteralString) -> bytes:
    """A statement with the names of a view in it, made once: to compose it takes longer than to
    send it.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, view.columns))
    name = sql.Identifier(view.name)
    return sql.SQL(statement).format(view=view.table, name=name, columns=columns).as_bytes()


def with_the_state(outcome: Outcome) -> date | None:
    """When rows change that are made of nothing but the state and what was overdue."""
    return outcome.state.changes_on


def with_the_journal(outcome: Outcome) -> date | None:
    """When rows change that are made of entries: also when interest paid in advance is earned."""
    return outcome.changes_on


def table_name(view: str, version: int) -> str:
    """The table that holds the rows of a version of a view."""
    return f"{view}_v{version}"


def content_tag(rows: Sequence[ViewRow]) -> str:
    """How many rows there are and a digest of all their values: what a receipt says of a view."""
    digest = hashlib.sha256(orjson.dumps(rows)).hexdigest()
    return f"{len(rows)}:{digest[:32]}"


def rows_in(tag: str) -> int:
    """How many rows the tag of a content is about."""
    return int(tag.partition(":")[0])
