"""Make a ledger ready for use: its tables, its views, and what workers remember.

One function for the command, the tests and the story, so that all of them stand on the same ground.
"""

from datetime import datetime
from uuid import UUID

import psycopg

from app.engines import engines
from app.settings import Settings
from ledger import schema
from projections import schema as views
from workers import rebuilds


def make_ledger(
    settings: Settings, *, shards: int, ledger_id: UUID, created_at: datetime
) -> schema.LedgerFacts:
    """Make the ledger, or bring the one that is there up to date.  Safe to repeat."""
    with engines(
        settings.home,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        needs_redis=False,
    ) as running:
        facts = schema.create(
            running.database_url, shards=shards, ledger_id=ledger_id, created_at=created_at
        )
        make_derived(running.database_url, facts.shards)
    return facts


def make_derived(database_url: str, shards: int) -> list[str]:
    """Make or remake what the log can make again; answers the views that were made."""
    with psycopg.connect(database_url) as conn:
        rebuilds.create(conn)
        return views.create(conn, shards)
