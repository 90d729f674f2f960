"""How the whole stands: what is in the log, what waits since when, who works, who is in the way.

`look` asks each part once and changes nothing.  A broker that does not answer leaves its figures
unknown, for nothing depends on it; without the database there is nothing to say.
"""

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from psycopg.rows import class_row

from app.wiring import App, now
from ledger.log.records import Head
from ledger.sql import Statements
from projections.generations import Generation, State
from projections.projector import Checkpoint
from workers.broker import make_broker
from workers.brokers.base import RING_SECONDS_MAX
from workers.rebuilds import Progress, Rebuilds

SQL = Statements(Path(__file__).parent / "sql")


@dataclass(frozen=True, slots=True)
class ShardStatus:
    """How far one shard is."""

    shard: int
    head: int
    projected: int
    #: Events that are not projected; how long the oldest of them is recorded, and whose it is.
    lag: int
    lag_seconds: int
    oldest_waiting: str | None
    business_date: date | None
    rolled_to: date | None


@dataclass(frozen=True, slots=True)
class HeadLock:
    """A transaction that keeps the writers of a shard waiting."""

    shard: int
    pid: int
    role: str | None
    application: str | None
    state: str | None
    #: When the transaction began; None where it is another user's and we may not see it.
    since: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """A generation of the views."""

    number: int
    state: State
    #: Where it stands, in words.
    standing: str
    #: Accounts that a switch changes, as it was compared with the live one; None if it never was.
    changes: int | None
    progress: Progress

    @classmethod
    def of(cls, one: Generation, progress: Progress) -> "BuildStatus":
        """What matters of it to a person."""
        report = one.report
        changes = (
            None if report is None else report["changed"] + report["removed"] + report["failing"]
        )
        return cls(one.number, one.state, _standing(one, progress), changes, progress)


def _standing(one: Generation, progress: Progress) -> str:
    if one.state != "building":
        return one.state
    if progress.done < progress.accounts:
        left = progress.seconds_left
        rest = "" if left is None else f", {left:,} s left"
        return f"building, {progress.done:,} of {progress.accounts:,} accounts{rest}"
    return "built, waits for duebook rebuild" if one.consent == "withheld" else "built"


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a ledger and of all that works on it, at one instant."""

    seen_at: datetime
    ledger_id: UUID
    phase: str
    today: date
    accounts: int
    events: int
    lag: int
    lag_seconds: int
    oldest_waiting: str | None
    #: The date to which every shard is rolled; None before the first roll.
    rolled_to: date | None
    quarantined: int
    generations: list[BuildStatus]
    #: None where the broker does not answer.
    workers_alive: int | None
    queues: Mapping[str, int] | None
    database: str
    broker: str
    head_locks: list[HeadLock]
    shards: list[ShardStatus]


def look(app: App) -> Status:
    """The state of the ledger now."""
    seen_at = now()
    # Checkpoints first: read after the heads, they could be ahead of them.
    checkpoints = app.projector.checkpoints()
    heads = {head.shard: head for head in app.log.heads()}
    shards = [_shard_status(app, point, heads[point.shard], seen_at) for point in checkpoints]
    oldest = max(shards, key=lambda shard: (shard.lag_seconds, shard.lag))
    days = [shard.rolled_to for shard in shards if shard.rolled_to is not None]
    workers_alive, queues = _ask_broker(app.engines.broker_url)
    return Status(
        seen_at=seen_at,
        ledger_id=app.log.ledger_id,
        phase=app.log.phase,
        today=app.today(),
        accounts=app.reader.account_count(list(range(app.log.shards))),
        events=sum(head.position for head in heads.values()),
        lag=sum(shard.lag for shard in shards),
        lag_seconds=oldest.lag_seconds,
        oldest_waiting=oldest.oldest_waiting,
        rolled_to=min(days) if len(days) == len(shards) else None,
        quarantined=len(app.reader.quarantined()),
        generations=[BuildStatus.of(*one) for one in builds(app)],
        workers_alive=workers_alive,
        queues=queues,
        database="embedded" if app.engines.embedded_database else "server",
        broker=_broker_kind(app),
        head_locks=head_locks(app),
        shards=shards,
    )


def builds(app: App) -> list[tuple[Generation, Progress]]:
    """Every generation of the views, in the order in which they were begun, and how far it is."""
    rebuilds, shards = Rebuilds(app.pool), range(app.log.shards)
    return [(one, rebuilds.progress(one.number, shards)) for one in rebuilds.generations.all()]


def head_locks(app: App) -> list[HeadLock]:
    """Who holds the lock of which head at this moment."""
    with (
        app.pool.connection() as conn,
        conn.transaction(),
        conn.cursor(row_factory=class_row(HeadLock)) as cur,
    ):
        cur.execute(SQL.as_login)
        return cur.execute(SQL.head_locks).fetchall()


def _shard_status(app: App, point: Checkpoint, head: Head, seen_at: datetime) -> ShardStatus:
    behind = point.position < head.position
    waiting = app.log.follow(point.shard, point.position, 1) if behind else []
    oldest = waiting[0] if waiting else None
    seconds = (seen_at - oldest.recorded_at).total_seconds() if oldest else 0
    return ShardStatus(
        shard=point.shard,
        head=head.position,
        projected=point.position,
        lag=head.position - point.position,
        lag_seconds=max(0, int(seconds)),
        oldest_waiting=oldest.stream_id if oldest else None,
        business_date=point.business_date,
        rolled_to=point.rolled_to,
    )


def _ask_broker(broker_url: str) -> tuple[int | None, Mapping[str, int] | None]:
    broker = make_broker(broker_url, RING_SECONDS_MAX)
    with closing(broker), suppress(*broker.losses):
        return broker.count_alive(), broker.waiting()
    return None, None


def _broker_kind(app: App) -> str:
    if app.engines.embedded_redis:
        return "Redis, embedded"
    return "RabbitMQ" if app.engines.broker_url.startswith("amqp") else "Redis, server"
