"""What is kept of the views of an account at an instant that has passed.

A receipt is written over by the next one.  So the rows of an instant are known exactly where the
receipt of today was there already, or where a heal found and kept the one before; otherwise what
stood there follows from steps that came late, stays in the quarantine and rolled days, and where
it does not, the diagnosis says so.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from ledger.log.records import Recorded
from projections.incidents.reading import Affliction, afflictions
from projections.reading import Held
from projections.schema import SQL, Recipe


@dataclass(frozen=True, slots=True)
class Heal:
    """A heal, and what it found in the place of what it wrote."""

    healed_at: datetime
    was_drifted: bool
    account_version: int | None
    projector: int | None
    as_of: date | None
    changes_on: date | None
    projected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delay:
    """A step that projected an event late."""

    recorded_at: datetime
    projected_at: datetime


@dataclass(frozen=True, slots=True)
class Build:
    """A generation that is or was there."""

    number: int
    recipe: Recipe
    begun_at: datetime
    live_since: datetime | None


class Stood(NamedTuple):
    """The receipt that stood at the instant, as far as it is known to the letter."""

    account_version: int
    as_of: date
    changes_on: date | None
    projected_at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """The views of one account at an instant."""

    at: datetime
    kept_since: datetime
    #: The last event of the account that the log held then; None where there was none.
    last: Recorded | None
    #: The late step that projected it, if one did.
    delay: Delay | None
    quarantine: dict[str, Any] | None
    #: When the day asked about was rolled, and the last day that was rolled at the instant.
    rolled_at: datetime | None
    last_day: date | None
    heals: tuple[Heal, ...]
    builds: tuple[Build, ...]
    stood: Stood | None
    #: Incidents that concerned the account, or its shard, at the instant.
    afflictions: tuple[Affliction, ...]

    @property
    def is_kept(self) -> bool:
        """Whether anything is kept of the instant."""
        return self.at >= self.kept_since

    @property
    def healed_next(self) -> Heal | None:
        """The first heal behind the instant: it replaced what stood there, or what came after."""
        return next((heal for heal in self.heals if heal.healed_at > self.at), None)

    @property
    def live(self) -> Build | None:
        """The generation that was live, as far as it is known."""
        were = [b for b in self.builds if b.live_since is not None and b.live_since <= self.at]
        return max(were, key=lambda build: (build.live_since, build.number), default=None)

    @property
    def waiting(self) -> Build | None:
        """One of a newer fold or newer views that had been begun, and was not live."""
        live = self.live
        if live is None:
            return None
        for build in self.builds:
            was_waiting = build.begun_at <= self.at and (
                build.live_since is None or build.live_since > self.at
            )
            if was_waiting and build.number > live.number and build.recipe != live.recipe:
                return build
        return None


def past_of(
    conn: Connection,
    shard: int,
    history: tuple[Recorded, ...],
    held: Held | None,
    at: datetime,
    day: date,
) -> Past:
    """Read what is kept, in the caller's snapshot."""
    known = [one for one in history if one.recorded_at <= at]
    last = known[-1] if known else None
    account_id = last.stream_id if last else ""
    asked = {
        "shard": shard, "account_id": account_id, "at": at, "day": day,
        "position": last.position if last else 0,
    }  # fmt: skip
    [kept_since] = conn.execute(SQL.history_begun)
    rolled_at, last_day = conn.execute(SQL.past_days, asked).fetchone() or (None, None)
    with conn.cursor(row_factory=class_row(Delay)) as delays:
        delay = delays.execute(SQL.past_delay, asked).fetchone()
    with conn.cursor(row_factory=class_row(Heal)) as cur:
        heals = tuple(cur.execute(SQL.past_heals, asked))
    with conn.cursor(row_factory=class_row(Build)) as builds_cur:
        builds = tuple(builds_cur.execute(SQL.past_generations))
    with conn.cursor(row_factory=dict_row) as quarantine_cur:
        quarantine = quarantine_cur.execute(SQL.past_quarantine, asked).fetchone()
    return Past(
        at, kept_since[0], last, delay, quarantine, rolled_at, last_day, heals, builds,
        _stood(held, heals, at), tuple(afflictions(conn, shard, account_id, at)),
    )  # fmt: skip


def _stood(held: Held | None, heals: tuple[Heal, ...], at: datetime) -> Stood | None:
    receipt = held.receipt if held is not None else None
    if receipt is not None and receipt.projected_at <= at:
        return Stood(
            receipt.account_version, receipt.as_of, receipt.changes_on, receipt.projected_at
        )
    for heal in heals:
        version, made_at, as_of = heal.account_version, heal.projected_at, heal.as_of
        if heal.healed_at > at and version and made_at and as_of and made_at <= at:
            return Stood(version, as_of, heal.changes_on, made_at)
    return None
