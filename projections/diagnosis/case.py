"""Everything known of an account at one moment: what the checks of a diagnosis look at."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from ledger.domain.money import decimals_of, to_text
from ledger.domain.state import AccountState, DrawState
from ledger.log.log import Log
from ledger.log.records import Recorded
from ledger.proof.verify import Finding as ChainFinding
from ledger.proof.verify import chain_findings
from ledger.replay import KnownFact, known_facts, replay
from projections.diagnosis.past import Past, past_of
from projections.generations import Generation, in_existence
from projections.overdue import OVERDUE
from projections.projector import Checkpoint, live_checkpoint
from projections.reading import Held, held_rows
from projections.schema import SQL, recipe_of

#: What the database says of a view that is not there, or not as it was made.
VIEW_ERRORS = (psycopg.ProgrammingError, psycopg.DataError, psycopg.InternalError)


class CannotSay(Exception):
    """A check could not be made.  The message names what is missing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One account, looked at for one question."""

    account_id: str
    draw_id: str | None
    as_of: date
    known_at: datetime | None
    shard: int
    history: tuple[Recorded, ...]
    chain: tuple[ChainFinding, ...]
    #: None where the account cannot be replayed; `unreadable` then says why.
    facts: tuple[KnownFact, ...] | None
    state: AccountState | None
    unreadable: str | None
    #: None where the rows cannot be read; `unheld` then says why.
    held_rows: Held | None
    unheld: str | None
    checkpoint: Checkpoint
    generations: tuple[Generation, ...]
    quarantine: dict[str, Any] | None
    #: What is kept of the instant asked about; None where the question is about now.
    past: Past | None

    @property
    def held(self) -> Held:
        """What the views hold.  Raises `CannotSay` where they cannot be read."""
        if self.held_rows is None:
            raise CannotSay(f"the view cannot be read ({self.unheld})")
        return self.held_rows

    @property
    def is_of_this_code(self) -> bool:
        """Whether this code makes the views that are live."""
        return any(one.state == "live" and one.recipe == recipe_of() for one in self.generations)

    @property
    def draws(self) -> tuple[DrawState, ...]:
        """The draws that the question is about."""
        return self.draws_of(self.state)

    def draws_of(self, state: AccountState | None) -> tuple[DrawState, ...]:
        """Those draws in some state of the account."""
        if state is None:
            return ()
        return tuple(d for d in state.draws if self.draw_id is None or d.holds(self.draw_id))

    @property
    def is_overdue(self) -> bool:
        """What is true: replay with all that is known now."""
        return any(draw.status == "overdue" for draw in self.draws)

    def money(self, minor: int) -> str:
        """An amount as people write it."""
        currency = self.state.currency if self.state else ""
        return f"{to_text(minor, decimals_of(currency))} {currency}".rstrip()


def gathered(
    log: Log, account_id: str, as_of: date, known_at: datetime | None, draw_id: str | None
) -> Case:
    """Read all of it in one snapshot, so that its parts can be compared with each other."""
    shard = log.shard_of(account_id)
    with log.snapshot() as conn:
        history = tuple(log.streams([account_id], conn)[account_id])
        head = log.versions([account_id], conn)[account_id]
        held, unheld = _held(conn, shard, account_id)
        checkpoint = live_checkpoint(conn, shard)
        generations = tuple(in_existence(conn))
        quarantine = _quarantine(conn, shard, account_id)
        past = past_of(conn, shard, history, held, known_at, as_of) if known_at else None
    facts, state, unreadable = _replayed(history, as_of)
    return Case(
        account_id=account_id,
        draw_id=draw_id,
        as_of=as_of,
        known_at=known_at,
        shard=shard,
        history=history,
        chain=tuple(chain_findings(account_id, history, head)),
        facts=facts,
        state=state,
        unreadable=unreadable,
        held_rows=held,
        unheld=unheld,
        checkpoint=checkpoint,
        generations=generations,
        quarantine=quarantine,
        past=past,
    )


def _held(conn: Connection, shard: int, account_id: str) -> tuple[Held | None, str | None]:
    """The rows of the view; a table that is lost or broken is an observation, and no end."""
    try:
        with conn.transaction():
            return held_rows(conn, OVERDUE, shard, account_id), None
    except VIEW_ERRORS as error:
        return None, " ".join(str(error).split("\n")[0].split())


def _replayed(
    history: tuple[Recorded, ...], as_of: date
) -> tuple[tuple[KnownFact, ...] | None, AccountState | None, str | None]:
    try:
        facts = tuple(known_facts(history))
        return facts, replay(facts, as_of), None
    except Exception as error:  # Whatever stops the fold is itself an observation.
        return None, None, f"{type(error).__name__}: {error}"


def _quarantine(conn: Connection, shard: int, account_id: str) -> dict[str, Any] | None:
    with conn.cursor(row_factory=dict_row) as cur:
        asked = {"shard": shard, "account_id": account_id}
        return cur.execute(SQL.quarantined_account, asked).fetchone()
