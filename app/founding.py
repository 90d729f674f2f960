"""Make a ledger ready for use: its tables, its views, what workers remember, and who may come in.

One function for the command, the tests and the story, so that all of them stand on the same ground.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import cases
from app.api import statements as api
from app.engines import engines
from app.faults import site as faults
from app.settings import Settings
from app.wiring import App, now
from ledger import rights, schema
from ledger.rights import Role
from projections import schema as views
from projections.display import receipts
from workers import assessments, monitor, rebuilds


@dataclass(frozen=True, slots=True)
class Founded:
    """A ledger that is ready for use."""

    facts: schema.LedgerFacts
    #: What an administrator has yet to run, or every connection has all rights of the login user.
    advice: list[str]


def make_ledger(
    settings: Settings,
    *,
    shards: int,
    ledger_id: UUID,
    created_at: datetime,
    drills: bool = False,
) -> Founded:
    """Make the ledger, or bring the one that is there up to date.  Safe to repeat."""
    with engines(
        settings.home,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        broker_url=settings.broker_url,
        needs_redis=False,
    ) as running:
        facts = schema.create(
            running.database_url,
            shards=shards,
            ledger_id=ledger_id,
            created_at=created_at,
            drills=drills,
        )
        make_derived(running.database_url, facts.shards)
        if facts.drills:
            with rights.connect(running.database_url, Role.OWNER) as conn:
                faults.create(conn)
        return Founded(facts, rights.advice(running.database_url))


def make_derived(database_url: str, shards: int) -> list[str]:
    """Make what stands beside the log; answers the views that were made or made anew."""
    with rights.connect(database_url, Role.OWNER) as conn, conn.transaction():
        # First the views: their lock, held to the end, keeps two makers apart.
        made = views.create(conn, shards)
        rebuilds.create(conn)
        assessments.create(conn, shards)
        monitor.create(conn, shards)
        receipts.create(conn)
        api.create(conn)
        cases.create(conn)
    return made


def forget_receipts(app: App) -> list[str]:
    """Remove the display receipts that are older than the retention; only the owner can."""
    with rights.connect(app.engines.database_url, Role.OWNER) as conn, conn.transaction():
        return receipts.forget(conn, now(), app.settings.receipt_months)
