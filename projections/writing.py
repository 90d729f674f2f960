"""Write what accounts were folded into: their rows in every view, and the receipts of them.

The caller holds the checkpoint of the shard; all of it is his transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from psycopg import Connection
from psycopg.types.json import Jsonb

from projections.folding import Folded
from projections.schema import PROJECTOR, SQL
from projections.view import View


def unchanged(
    conn: Connection,
    generation: int,
    shard: int,
    accounts: Mapping[str, Folded],
    views: Iterable[View],
) -> dict[str, set[str]]:
    """By view: the accounts of which it holds these very rows already, as its receipt says."""
    asked = {"generation": generation, "shard": shard, "account_ids": list(accounts)}
    found: dict[str, set[str]] = {view.name: set() for view in views}
    for row in conn.execute(SQL.receipts, asked):
        account_id, account_version, _, projector, _, _, contents, _ = row
        one = accounts[account_id]
        if (account_version, projector) == (one.last.version, PROJECTOR):
            for view in views:
                if contents.get(view.table_name) == one.contents[view.table_name]:
                    found[view.name].add(account_id)
    return found


def replace_rows(
    conn: Connection,
    generation: int,
    shard: int,
    accounts: Mapping[str, Folded],
    views: Iterable[View],
    now: datetime,
    kept: Mapping[str, set[str]],
) -> None:
    """Write the rows of every view, but of those accounts that it keeps as they are."""
    asked = {"generation": generation, "shard": shard, "account_ids": list(accounts)}
    anew = {
        view.name: [one for one in accounts if one not in kept.get(view.name, ())] for view in views
    }
    with conn.pipeline():
        for view in views:
            conn.execute(view.delete_rows, asked | {"account_ids": anew[view.name]})
        conn.execute(SQL.forget_account_receipts, asked)
        tables = [(view, conn.execute(view.select_no_rows)) for view in views]
    for view, table in tables:
        with conn.cursor() as cur, cur.copy(view.copy_rows) as copy:
            copy.set_types([column.type_code for column in table.description or ()])
            for account_id in anew[view.name]:
                one = accounts[account_id]
                receipt = (generation, shard, account_id, one.last.version, one.as_of)
                for row in one.rows[view.table_name]:
                    copy.write_row(receipt + row)
    with conn.cursor() as cur, cur.copy(SQL.copy_receipts) as copy:
        for account_id, one in accounts.items():
            copy.write_row(
                (
                    generation, shard, account_id, one.last.version, one.last.digest, PROJECTOR,
                    one.as_of, one.changes_on, Jsonb(one.contents), now,
                )
            )  # fmt: skip
