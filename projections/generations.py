"""Generations: complete builds of the views.  Readers see one, and never another half built.

Exactly one is live.  A second may be building beside it, from the same log, by the same or by newer
code; when it has caught up and its difference is known and agreed to, one small transaction makes
it the live one.  Old ones stay until they are removed: nothing is destroyed by a switch.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import psycopg
from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from ledger import rights
from ledger.rights import Role
from ledger.schema import SchemaError
from projections.projector import Projector
from projections.schema import FOLD, SQL, VIEWS, Recipe, recipe_of, show
from projections.view import View, table_name

State = Literal["building", "live", "old"]
Consent = Literal["if_equal", "given", "withheld"]


@dataclass(frozen=True, slots=True)
class Generation:
    """One build of all views."""

    number: int
    state: State
    recipe: Recipe
    consent: Consent
    begun_at: datetime
    report: dict[str, Any] | None
    compared_at: datetime | None
    live_since: datetime | None


class GenerationRefused(SchemaError):
    """A generation cannot be begun, switched to or removed.  The message says why."""


class Generations:
    """The builds of the views of one ledger.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection], views: tuple[View, ...] = VIEWS) -> None:
        self._pool = pool
        self._views = views
        self.recipe = recipe_of(views)

    def all(self, conn: Connection | None = None) -> list[Generation]:
        """Every generation, in the order in which they were begun."""
        if conn is None:
            with self._pool.connection() as own:
                return self.all(own)
        return in_existence(conn)

    def live(self, conn: Connection | None = None) -> Generation:
        """The one that readers see."""
        [live] = [one for one in self.all(conn) if one.state == "live"]
        return live

    def building(self, conn: Connection | None = None) -> Generation | None:
        """The one that is built beside it, if there is one."""
        return next((one for one in self.all(conn) if one.state == "building"), None)

    def is_ours(self, generation: Generation | None) -> bool:
        """Whether this code makes its rows."""
        return generation is not None and generation.recipe == self.recipe

    def is_overtaken(self, generation: Generation) -> bool:
        """Whether it was made by older code than this."""
        return not self.is_ours(generation) and all(
            self.recipe.get(name, 0) >= version for name, version in generation.recipe.items()
        )

    def begin(self, conn: Connection, today: date, consent: Consent) -> Generation:
        """Begin a new one, in the caller's transaction, unless newer code is building already.

        What older code was building is given up.
        """
        conn.execute(SQL.lock_views)
        building = self.building(conn)
        if building is not None and not self.is_overtaken(building):
            raise GenerationRefused(
                f"Generation {building.number} is being built already. Wait until it is live, or"
                f" give it up with `duebook generations remove {building.number}`."
            )
        if building is not None:
            conn.execute(SQL.retire_generation, {"generation": building.number})
        asked = {"recipe": Jsonb(self.recipe), "consent": consent}
        row = conn.execute(SQL.begin_generation, asked).fetchone()
        assert row is not None  # RETURNING gives the row that was inserted.
        conn.execute(SQL.begin_checkpoints, {"generation": row[0], "day": today})
        [begun] = [one for one in self.all(conn) if one.number == row[0]]
        return begun

    def set_consent(self, conn: Connection, number: int, consent: Consent) -> None:
        """Say anew whether it may go live by itself."""
        conn.execute(SQL.set_consent, {"generation": number, "consent": consent})

    @contextmanager
    def turn_to_switch(self, *, wait: bool) -> Iterator[bool]:
        """Be the only one who compares and switches; False if another is at it."""
        with self._pool.connection() as conn, conn.transaction():
            if wait:
                conn.execute(SQL.await_switch)
                yield True
            else:
                row = conn.execute(SQL.lock_switch).fetchone()
                yield row is not None and bool(row[0])

    def switch(self, projector: Projector, number: int, today: date) -> None:
        """Make a generation that is built the live one.

        While the projection of the live one is held still, the new one catches up what is left,
        so that no reader sees a view go back.  Appends and readers go on.
        """
        projector.catch_up(number, today)
        # Tables are the owner's affair; where no name changes its table, the service's rights do.
        role = Role.SERVICE if self._shows(self.live().recipe) else Role.OWNER
        url = self._pool.conninfo
        assert isinstance(url, str), "the pool of a ledger has one address"
        with rights.connect(url, role) as conn, conn.transaction():
            conn.execute(SQL.lock_views)
            conn.execute(SQL.lock_live_checkpoints)
            live, new = self.live(conn), self.building(conn)
            if new is None or new.number != number or not self.is_ours(new):
                raise GenerationRefused(
                    f"Generation {number} is not the one that this code is building;"
                    " `duebook generations list` shows what there is."
                )
            projector.catch_up(number, today)
            behind = [row[0] for row in conn.execute(SQL.shards_behind, {"generation": number})]
            assert not behind, f"generation {number} is behind the live one in shards {behind}"
            conn.execute(SQL.retire_generation, {"generation": live.number})
            asked = {"generation": number, "now": projector.clock()}
            conn.execute(SQL.release_by_switch, asked | {"before": live.number})
            conn.execute(SQL.enliven_generation, asked)
            conn.execute(SQL.log_days, asked | {"shard": None})
            if not self._shows(live.recipe):
                self._show(conn, live.recipe)

    def remove(self, number: int, done: Callable[[str], None] = lambda _: None) -> None:
        """Take away all rows of a generation, unless it is live.  May be repeated after a kill."""
        asked = {"generation": number}
        with self._pool.connection() as conn:
            with conn.transaction():
                conn.execute(SQL.lock_views)
                self._check_removable(conn, number)
                conn.execute(SQL.retire_generation, asked)
                conn.execute(SQL.remove_checkpoints, asked)
            shards = [row[0] for row in conn.execute(SQL.shards)]
            for name, version in conn.execute(SQL.view_tables).fetchall():
                table = table_name(name, version)
                for shard in shards:
                    _delete_rows(conn, table, number, shard)
                done(table)
            for shard in shards:
                with conn.transaction():
                    conn.execute(SQL.remove_receipts, {**asked, "shard": shard})
            with conn.transaction():
                conn.execute(SQL.remove_quarantine, asked)
                conn.execute(SQL.remove_generation, asked)

    def _check_removable(self, conn: Connection, number: int) -> None:
        found = {one.number: one for one in self.all(conn)}
        if number not in found:
            raise GenerationRefused(
                f"There is no generation {number}; there are {', '.join(map(str, found))}."
            )
        if found[number].state == "live":
            raise GenerationRefused(
                f"Generation {number} is live: readers see it. Build another with `duebook rebuild`"
                " first."
            )

    def _show(self, conn: Connection, shown: Recipe) -> None:
        try:
            show(conn, self._views, shown)
        except psycopg.errors.DependentObjectsStillExist as error:
            raise GenerationRefused(
                f"Views of your own stand on those that change ({error.diag.message_detail});"
                " nothing is switched. Drop them, run `duebook rebuild`, and make them anew."
            ) from error

    def _shows(self, recipe: Recipe) -> bool:
        """Whether the names of the views stand for the versions of this code."""
        return {view.name: view.version for view in self._views} == {
            name: version for name, version in recipe.items() if name != FOLD
        }


def in_existence(conn: Connection) -> list[Generation]:
    """Every generation, in the order in which they were begun."""
    with conn.cursor(row_factory=class_row(Generation)) as cur:
        return cur.execute(SQL.generations).fetchall()


def live_number(conn: Connection) -> int:
    """The number of the live generation."""
    row = conn.execute(SQL.live_generation).fetchone()
    assert row is not None, "no generation is live"
    return int(row[0])


def _delete_rows(conn: Connection, table: str, generation: int, shard: int) -> None:
    """One shard of one table a transaction: short enough for autovacuum to keep up."""
    delete = sql.SQL("DELETE FROM {} WHERE generation = %s AND shard = %s")
    with conn.transaction():
        conn.execute(delete.format(sql.Identifier(table)), [generation, shard])
