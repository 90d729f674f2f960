"""The list of faults in a ledger that is made for drills: inject one, ask for all, mend them.

To mend is to do what only the outside world can: to hand in facts that were held back, to restore
what a backup has, to let workers go on, to publish another policy.  The rest is the remedies'.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from app.faults import INJECTIONS, facts, shown
from app.faults.site import SQL, FaultRefused, Injected, Look, Site
from ledger import schema
from projections.diagnosis import Cause


@dataclass(frozen=True, slots=True)
class Listed:
    """A fault as the list has it."""

    number: int
    injected: Injected
    injected_at: datetime
    mended_at: datetime | None


def refuse_without_drills(site: Site) -> None:
    """Raises `FaultRefused` for a ledger that was not made for it."""
    with site.pool.connection() as conn:
        is_for_drills = schema.read_facts(conn).drills
    if not is_for_drills:
        raise FaultRefused(
            "A fault was asked for, but this ledger was made without drills, for good. Make one"
            " for exercises with `duebook init --drills` in another DUEBOOK_HOME."
        )


def cause_of(name: str) -> Cause:
    """The cause of that name, if it can be injected.  Raises `FaultRefused`."""
    there = {cause.value: cause for cause in INJECTIONS}
    if name == Cause.NOTICE_FAILED.value:
        raise FaultRefused(
            "notice_failed was asked for, but this version keeps no notices that could fail."
        )
    if name not in there:
        raise FaultRefused(f"There is no cause {name!r}; there are {', '.join(there)}.")
    return there[name]


def inject(site: Site, cause: Cause, account_id: str) -> Listed:
    """Inject a fault and list it.  Raises `FaultRefused`."""
    refuse_without_drills(site)
    try:
        return keep(site, INJECTIONS[cause](site, account_id))
    except psycopg.errors.InsufficientPrivilege as error:
        raise FaultRefused(
            f"{cause.value} was asked for, but the login user of the database may not do that"
            f" ({error.diag.message_primary}); drills need a superuser."
        ) from error


def keep(site: Site, injected: Injected) -> Listed:
    """List a fault that is in place."""
    now = site.log.now()
    noted = {
        "cause": injected.cause,
        "account_id": injected.account_id,
        "how": injected.how,
        "look": Jsonb(asdict(injected.look), dumps=orjson.dumps),
        "kept": Jsonb(injected.kept, dumps=orjson.dumps),
        "now": now,
    }
    with site.as_login() as conn:
        row = conn.execute(SQL.note_fault, noted).fetchone()
    assert row is not None  # RETURNING gives the row that was inserted.
    return Listed(row[0], injected, now, None)


def listed(site: Site) -> list[Listed]:
    """Every fault that was injected, in order."""
    refuse_without_drills(site)
    with site.as_login() as conn, conn.cursor(row_factory=dict_row) as cur:
        return [_listed(row) for row in cur.execute(SQL.faults)]


def mend(site: Site, faults: Iterable[Listed]) -> int:
    """Do what the outside world has to do for these; answers for how many it was something."""
    refuse_without_drills(site)
    waiting = [one for one in faults if one.mended_at is None]
    done = [one.number for one in waiting if mend_one(site, one.injected)]
    with site.as_login() as conn:
        numbers = [one.number for one in waiting]
        conn.execute(SQL.mended, {"numbers": numbers, "now": site.log.now()})
    return len(done)


def mend_one(site: Site, fault: Injected) -> bool:
    """What the outside world does for one fault; False where the remedy alone heals."""
    match fault.cause:
        case Cause.NOT_RECORDED.value:
            facts.hand_in(site, fault)
        case Cause.LEDGER_TAMPERED.value:
            facts.restore(site, fault)
        case Cause.WITHHELD_BY_POLICY.value:
            shown.stop_hiding(site)
        case Cause.NOT_PROJECTED.value:
            with site.as_login() as conn:
                conn.execute(SQL.release_shards)
        case _:
            return False
    return True


def _listed(row: dict[str, Any]) -> Listed:
    look = dict(row["look"])
    if look["known_at"] is not None:
        look["known_at"] = datetime.fromisoformat(look["known_at"])
    if look["sees"] is not None:
        look["sees"] = tuple(look["sees"])
    injected = Injected(row["cause"], row["account_id"], row["how"], Look(**look), row["kept"])
    return Listed(row["number"], injected, row["injected_at"], row["mended_at"])
