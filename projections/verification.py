"""Compare the views with replay, account by account, and say every difference.

A check that could not be made is a finding too: it never reads as clean.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import class_row

from ledger.log.log import Log
from ledger.log.records import Recorded, StreamHead
from ledger.proof.verify import Finding as ChainFinding
from ledger.proof.verify import chain_findings
from ledger.replay import known_facts, outcome_of
from projections.generations import live_number
from projections.reading import Receipt
from projections.schema import PROJECTOR, SQL, VIEWS
from projections.view import View, ViewRow, content_tag


@dataclass(frozen=True, slots=True)
class Difference:
    """A view row that replay does not confirm, or an account that could not be compared."""

    account_id: str
    view: str
    problem: str


@dataclass(frozen=True, slots=True)
class Examined:
    """One account at one moment: its stream, its receipt, and what does not agree."""

    account_id: str
    history: tuple[Recorded, ...]
    head: StreamHead
    receipt: Receipt | None
    differences: tuple[Difference, ...]

    @property
    def chain(self) -> list[ChainFinding]:
        """Where the stored events do not fit their digests; worked out when it is asked for."""
        return list(chain_findings(self.account_id, self.history, self.head))

    def is_late(self, today: date) -> bool:
        """Whether the rows are merely behind: the log, or the day, has gone on since they were
        made, or they were never made.
        """
        receipt = self.receipt
        return (
            receipt is None
            or receipt.projector != PROJECTOR
            or receipt.account_version < self.head.version
            or (receipt.changes_on is not None and receipt.changes_on <= today)
        )


def differences(
    log: Log, account_ids: Sequence[str], today: date, views: tuple[View, ...] = VIEWS
) -> Iterator[Difference]:
    """What the views of these accounts (of one shard) hold otherwise than replay as of `today`."""
    for one in examined(log, account_ids, today, views):
        yield from one.differences


def examined(
    log: Log, account_ids: Sequence[str], today: date, views: tuple[View, ...] = VIEWS
) -> Iterator[Examined]:
    """These accounts (of one shard), compared with replay as of `today` in one snapshot."""
    if not account_ids:
        return
    with log.snapshot() as conn:
        asked = {
            "generation": live_number(conn),
            "shard": log.shard_of(account_ids[0]),
            "account_ids": list(account_ids),
        }
        histories = log.streams(account_ids, conn)
        heads = log.versions(account_ids, conn)
        with conn.cursor(row_factory=class_row(Receipt)) as cur:
            receipts = {r.account_id: r for r in cur.execute(SQL.receipts, asked)}
        held = {view.name: _rows_by_account(conn, view, asked) for view in views}
    for account_id, history in histories.items():
        receipt = receipts.get(account_id)
        rows = {view.name: held[view.name].get(account_id, []) for view in views}
        found = tuple(_differences(account_id, history, receipt, rows, today, views))
        yield Examined(account_id, tuple(history), heads[account_id], receipt, found)


def _differences(
    account_id: str,
    history: Sequence[Recorded],
    receipt: Receipt | None,
    held: dict[str, list[ViewRow]],
    today: date,
    views: tuple[View, ...],
) -> Iterator[Difference]:
    try:
        outcome = outcome_of(known_facts(history), today)
    except Exception as error:  # A check that fails is reported, whatever the reason.
        yield Difference(account_id, "replay", f"cannot be replayed: {error}")
        return
    for view in views:
        expected, found = view.ordered(view.rows(outcome)), held[view.name]
        # Sorting is dear: only rows that differ are laid beside each other.
        if len(expected) != len(found) or set(expected) != set(found):
            yield Difference(account_id, view.name, _said(view, expected, view.ordered(found)))
        elif receipt is None or receipt.contents.get(view.table_name) != content_tag(expected):
            yield Difference(account_id, view.name, "the receipt does not vouch for the rows")


def _rows_by_account(
    conn: Connection, view: View, asked: dict[str, object]
) -> dict[str, list[ViewRow]]:
    rows: defaultdict[str, list[ViewRow]] = defaultdict(list)
    with conn.cursor(binary=True) as cur:
        # All at once: row by row takes twice as long, and all of them are needed.
        for row in cur.execute(view.select_rows, asked).fetchall():
            rows[row[0]].append(row[1:])
    return rows


def _said(view: View, expected: list[ViewRow], found: list[ViewRow]) -> str:
    """The first difference in words."""
    if len(expected) != len(found):
        return f"replay says {len(expected)} rows, the view holds {len(found)}"
    for wanted, there in zip(expected, found, strict=True):
        for column, want, have in zip(view.columns, wanted, there, strict=True):
            if want != have:
                where = ", ".join(str(value) for value in wanted[: view.order_by])
                return f"{column} of {where}: replay says {want}, the view holds {have}"
    raise AssertionError("equal rows have no difference")
