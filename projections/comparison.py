"""What a switch would change: the rows of a new generation against those of the live one.

The rows themselves are compared, not what receipts say of them.  Where both were made from the same
events for the same day, a difference is one of the code, or of rows that somebody had changed; it
is counted by field, with samples.  Where one is merely further on, it is said to be so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from ledger.log.log import Log
from projections.generations import Generation
from projections.schema import FOLD, SQL
from projections.view import View, table_name

#: Samples of each field, and of the accounts that are removed or fail.
SAMPLES_MAX = 3
#: Accounts whose rows are fetched at once.
PAGE_ACCOUNTS = 500
#: What stands for a field where a whole row is new or gone.
ROW = "(row)"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one row of one account, as it is live and as it would be."""

    account_id: str
    row: str
    live: str | None
    new: str | None


@dataclass(slots=True)
class Report:
    """In what a generation differs from the live one."""

    live: int
    new: int
    accounts: int = 0
    #: Accounts whose rows change although both were made from the same events for the same day.
    changed: int = 0
    #: Of these, by `view.field`: how many accounts, and samples.
    by_field: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    #: Accounts of which the live one holds nothing: in quarantine there, or never projected.
    added: int = 0
    #: Accounts of which the new one holds nothing, for they have no events.
    removed: int = 0
    #: Accounts that the live one shows and that the new one cannot fold.
    failing: int = 0
    #: Some of those that are removed or fail, and why.
    reasons: dict[str, str] = field(default_factory=dict)
    #: Accounts of which the two hold different versions or days.
    moved: int = 0
    #: Views and columns that are live and that the new one does not have.
    lost: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether nothing that a reader takes for true today becomes something else."""
        return not (self.changed or self.removed or self.failing or self.lost)


def compared(log: Log, live: Generation, new: Generation, views: Sequence[View]) -> Report:
    """Compare two generations in one snapshot.  The views are those of the new one."""
    report = Report(live.number, new.number)
    with log.snapshot() as conn:
        named = {view.name for view in views}
        report.lost += sorted(live.recipe.keys() - {FOLD} - named)
        pairs = [_Pair.of(conn, view, live) for view in views if view.name in live.recipe]
        report.lost += [column for pair in pairs for column in pair.lost]
        for shard in range(log.shards):
            comparable = _standings(conn, report, shard)
            changed: set[str] = set()
            for pair in pairs:
                differing = pair.differing(conn, report, shard) & comparable
                changed |= differing
                ids = sorted(differing)
                for first in range(0, len(ids), PAGE_ACCOUNTS):
                    _tell(conn, report, pair, shard, ids[first : first + PAGE_ACCOUNTS])
            report.changed += len(changed)
    return report


def _standings(conn: Connection, report: Report, shard: int) -> set[str]:
    """Count how the accounts stand; answers those whose rows can be compared."""
    asked = {"live": report.live, "new": report.new, "shard": shard}
    by_standing: dict[str, list[str]] = {}
    for account_id, standing, error in conn.execute(SQL.compare_receipts, asked):
        by_standing.setdefault(standing, []).append(account_id)
        if standing in ("removed", "failing") and len(report.reasons) < SAMPLES_MAX:
            report.reasons[account_id] = error or "it has no events"
    counts = {standing: len(ids) for standing, ids in by_standing.items()}
    report.accounts += sum(counts.values())
    report.added += counts.get("added", 0)
    report.removed += counts.get("removed", 0)
    report.failing += counts.get("failing", 0)
    report.moved += counts.get("moved", 0)
    return set(by_standing.get("comparable", []))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A view in both generations: the tables that hold it, and the columns they share."""

    view: View
    live_table: str
    columns: tuple[str, ...]
    lost: tuple[str, ...]

    @classmethod
    def of(cls, conn: Connection, view: View, live: Generation) -> "_Pair":
        table = table_name(view.name, live.recipe[view.name])
        there = [row[0] for row in conn.execute(SQL.table_columns, {"table": table})]
        own = ("generation", "shard", "account_id", "account_version", "as_of", *view.columns)
        lost = tuple(f"{view.name}.{column}" for column in there if column not in own)
        columns = tuple(column for column in view.columns if column in there)
        return cls(view, table, columns, lost)

    def differing(self, conn: Connection, report: Report, shard: int) -> set[str]:
        """The accounts of a shard whose rows are not the same in both."""
        live = {"table": sql.Identifier(self.live_table), "number": report.live}
        new = {"table": self.view.table, "number": report.new}
        return self._missing(conn, shard, live, new) | self._missing(conn, shard, new, live)

    def _missing(
        self, conn: Connection, shard: int, here: Mapping[str, Any], there: Mapping[str, Any]
    ) -> set[str]:
        """The accounts with rows here that are not there."""
        # Columns of another version may be of another type; as text they can be compared.
        as_text = "{}" if self.live_table == self.view.table_name else "{}::text"
        statement = sql.SQL(
            "SELECT account_id FROM ("
            "SELECT account_id, {columns} FROM {here} WHERE generation = %(here)s"
            " AND shard = %(at)s"
            " EXCEPT "
            "SELECT account_id, {columns} FROM {there} WHERE generation = %(there)s"
            " AND shard = %(at)s) AS missing"
        ).format(
            columns=sql.SQL(", ").join(
                sql.SQL(as_text).format(sql.Identifier(column)) for column in self.columns
            ),
            here=here["table"],
            there=there["table"],
        )
        asked = {"here": here["number"], "there": there["number"], "at": shard}
        return {row[0] for row in conn.execute(statement, asked)}

    def rows(
        self, conn: Connection, table: sql.Identifier, number: int, shard: int, page: Sequence[str]
    ) -> dict[tuple[str, str], dict[str, Any]]:
        """The rows of some accounts, by account and what tells them apart."""
        statement = sql.SQL(
            "SELECT account_id, {} FROM {} WHERE generation = %s AND shard = %s"
            " AND account_id = ANY(%s)"
        ).format(sql.SQL(", ").join(map(sql.Identifier, self.columns)), table)
        identity = self.view.columns[: self.view.order_by]
        with conn.cursor(row_factory=dict_row) as cur:
            return {
                (row["account_id"], " ".join(str(row.get(name)) for name in identity)): row
                for row in cur.execute(statement, [number, shard, list(page)])
            }


def _tell(conn: Connection, report: Report, pair: _Pair, shard: int, page: Sequence[str]) -> None:
    """Count the fields that change for these accounts, each once an account, and keep samples."""
    live = pair.rows(conn, sql.Identifier(pair.live_table), report.live, shard, page)
    new = pair.rows(conn, pair.view.table, report.new, shard, page)
    seen: set[tuple[str, str]] = set()
    for key in sorted(live.keys() | new.keys()):
        for name, before, after in _changes(live.get(key), new.get(key)):
            account_id, row = key
            named = f"{pair.view.name}.{name}"
            if (account_id, named) not in seen:
                seen.add((account_id, named))
                report.by_field[named] = report.by_field.get(named, 0) + 1
                samples = report.samples.setdefault(named, [])
                if len(samples) < SAMPLES_MAX:
                    samples.append(Sample(account_id, row, before, after))


def _changes(
    live: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[tuple[str, str | None, str | None]]:
    if live is None or new is None:
        yield ROW, "there" if live else None, "there" if new else None
        return
    for name, before in live.items():
        if str(before) != str(new[name]):
            yield name, _text(before), _text(new[name])


def _text(value: object) -> str | None:
    return None if value is None else str(value)
