"""Write what accounts were folded into: their rows in every view, and the receipts of them.

The caller holds the checkpoint of the shard; all of it is his transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.types.json import Jsonb

from projections.folding import Folded
from projections.schema import PROJECTOR, SQL
from projections.view import View, ViewRow, content_tag, rows_in

#: By view and account: of its rows, in their order, so many stand there and are right.
Standing = Mapping[str, Mapping[str, int]]


class Writer:
    """Writes views of one ledger.  Safe to share between threads."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views
        #: By view, the types of what a row takes, asked for once: a version never changes them.
        self._types: dict[str, list[int]] = {}

    def standing(
        self, conn: Connection, generation: int, shard: int, accounts: Mapping[str, Folded]
    ) -> Standing:
        """Which rows need not be written, as the receipts say.

        A payment is a few more postings and leaves those before it as they are; a new day changes
        what is overdue, and seldom a journal.
        """
        asked = {"generation": generation, "shard": shard, "account_ids": list(accounts)}
        found: dict[str, dict[str, int]] = {view.name: {} for view in self._views}
        for account_id, _, _, projector, _, _, contents, _ in conn.execute(SQL.receipts, asked):
            if projector == PROJECTOR:
                one = accounts[account_id]
                for view in self._views:
                    tag = contents.get(view.table_name)
                    count = tag and _beginning(one.rows[view.table_name], tag)
                    if count is not None:
                        found[view.name][account_id] = count
        return found

    def replace(
        self,
        conn: Connection,
        generation: int,
        shard: int,
        accounts: Mapping[str, Folded],
        now: datetime,
        standing: Standing,
    ) -> None:
        """Write the rows of every view, but those that stand there, and the receipts."""
        asked = {"generation": generation, "shard": shard, "account_ids": list(accounts)}
        with conn.pipeline():
            for view in self._views:
                stands = standing.get(view.name, {})
                anew = [account_id for account_id in accounts if account_id not in stands]
                if anew:
                    conn.execute(view.delete_rows, asked | {"account_ids": anew})
            conn.execute(SQL.forget_account_receipts, asked)
        for view in self._views:
            stands = standing.get(view.name, {})
            missing = [
                (one, rows)
                for account_id, one in accounts.items()
                if (rows := one.rows[view.table_name][stands.get(account_id, 0) :])
            ]
            if missing:
                self._copy(conn, generation, shard, view, missing)
        with conn.cursor() as cur, cur.copy(SQL.copy_receipts) as copy:
            for account_id, one in accounts.items():
                copy.write_row(
                    (
                        generation, shard, account_id, one.last.version, one.last.digest, PROJECTOR,
                        one.as_of, one.changes_on, Jsonb(one.contents), now,
                    )
                )  # fmt: skip

    def _copy(
        self,
        conn: Connection,
        generation: int,
        shard: int,
        view: View,
        missing: Iterable[tuple[Folded, Sequence[ViewRow]]],
    ) -> None:
        types = self._types_of(conn, view)
        with conn.cursor() as cur, cur.copy(view.copy_rows) as copy:
            copy.set_types(types)
            for one, rows in missing:
                last = one.last
                made_from = (generation, shard, last.stream_id, last.version, one.as_of)
                for row in rows:
                    copy.write_row(made_from + row)

    def _types_of(self, conn: Connection, view: View) -> list[int]:
        types = self._types.get(view.name)
        if types is None:
            columns = conn.execute(view.select_no_rows).description or ()
            types = self._types[view.name] = [column.type_code for column in columns]
        return types


def _beginning(rows: Sequence[ViewRow], tag: str) -> int | None:
    """How many rows a receipt vouches for, if these begin with the very same; None if not."""
    count = rows_in(tag)
    return count if content_tag(rows[:count]) == tag else None
