"""Faults of the views: rows that are late, old, lost, or made by other code."""

from collections.abc import Sequence
from datetime import date, timedelta

from psycopg import Connection

from app.faults.site import SQL, FaultRefused, Injected, Site
from ledger.domain.money import decimals_of, to_text
from ledger.door import line_of
from ledger.log.records import Recorded
from projections.folding import Folded, folded
from projections.generations import live_number
from projections.projector import CODE
from projections.schema import PROJECTOR
from projections.schema import SQL as VIEWS_SQL
from projections.writing import Writer

#: A credit limit that nobody reaches.
LIMIT_MINOR = 10**12

#: The ways in which rows drift from their events, and the statement of each.
DRIFTS = {
    "rows lost": SQL.lose_rows,
    "rows changed": SQL.change_rows,
    "receipt lost": SQL.lose_receipt,
    "receipt of an older version": SQL.age_receipt,
}


def not_projected(site: Site, account_id: str) -> Injected:
    """The projector of the account's shard is held, and then a fact comes in."""
    state = site.overdue_state(account_id)
    with site.as_login() as conn:
        conn.execute(SQL.hold_shard, {"shard": site.log.shard_of(account_id)})
    change = {
        "account": account_id,
        "topic": "account.limit_changed",
        "change_id": f"drill-{site.log.now():%H%M%S%f}",
        "credit_limit": to_text(LIMIT_MINOR, decimals_of(state.currency)),
        "effective_on": str(site.today),
    }
    site.books.append_all([line_of(change)])
    return Injected("not_projected", account_id, "projector held")


def quarantined(site: Site, account_id: str) -> Injected:
    """The fold of the account's last event failed, once, for want of memory."""
    site.overdue_state(account_id)
    history = site.log.streams([account_id])[account_id]
    if len(history) < 2:
        raise FaultRefused(
            f"quarantined was asked for account {account_id}, which has one event only; take an"
            " account of which something can be shown."
        )
    with site.pool.connection() as conn, conn.transaction():
        generation = _write(site, conn, account_id, history[:-1], site.today)
        conn.execute(
            VIEWS_SQL.quarantine_account,
            {
                "generation": generation,
                "shard": history[-1].shard,
                "account_id": account_id,
                "account_version": history[-1].version,
                "error": "MemoryError: injected by a drill",
                "failed_topic": history[-1].topic,
                "failed_version": history[-1].version,
                "failed_position": history[-1].position,
                "projector": PROJECTOR,
                "code": CODE,
                "now": site.log.now(),
            },
        )
    return Injected("quarantined", account_id, "fold failed once")


def day_not_rolled(site: Site, account_id: str) -> Injected:
    """The account was left out when today was rolled: its rows are those of yesterday."""
    site.overdue_state(account_id)
    history = site.log.streams([account_id])[account_id]
    with site.pool.connection() as conn, conn.transaction():
        _write(site, conn, account_id, history, site.today - timedelta(days=1))
    return Injected("day_not_rolled", account_id, "left out of the roll")


def drifted(site: Site, account_id: str, how: str = "rows lost") -> Injected:
    """The rows, or their receipt, are lost or changed behind the projector's back."""
    site.overdue_state(account_id)
    _change(site, account_id, DRIFTS[how])
    return Injected("drifted", account_id, how)


def generation_not_switched(site: Site, account_id: str) -> Injected:
    """The rows of the account are those of older code."""
    site.overdue_state(account_id)
    _change(site, account_id, SQL.other_projector)
    return Injected("generation_not_switched", account_id, "rows of older code")


def _change(site: Site, account_id: str, statement: bytes) -> None:
    with site.pool.connection() as conn:
        if not conn.execute(statement, {"account_id": account_id}).rowcount:
            raise FaultRefused(
                f"A fault was asked for account {account_id}, of which the views hold nothing that"
                " could be changed. Heal it first, or name another."
            )


def _write(
    site: Site, conn: Connection, account_id: str, history: Sequence[Recorded], as_of: date
) -> int:
    """Write the rows that the projector would have made then; answers the live generation."""
    views = site.projector.views
    made = folded(history, as_of, views)
    assert isinstance(made, Folded), "what is overdue can be folded"
    generation = live_number(conn)
    shard = site.log.shard_of(account_id)
    Writer(views).replace(conn, generation, shard, {account_id: made}, site.log.now(), {})
    return generation
