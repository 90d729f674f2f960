"""Where faults are injected: a ledger with all its parts, and how a fault is asked about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.books import Books
from ledger.domain.state import AccountState
from ledger.log.log import Log
from ledger.replay import known_facts, replay
from ledger.sql import Statements
from projections.diagnosis import Diagnosis, diagnose
from projections.display import Client, Display, Store, Viewer
from projections.projector import Projector

SQL = Statements(Path(__file__).parent / "sql")


class FaultRefused(Exception):
    """A fault that cannot be injected here.  The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at an account.  With nothing said: its borrower, now, with any client."""

    known_at: datetime | None = None
    #: The accounts that whoever looks is confined to; None is the borrower of the account.
    sees: tuple[str, ...] | None = None
    app: str = ""
    version: str = ""

    @property
    def viewer(self) -> Viewer | None:
        """Who looks."""
        return None if self.sees is None else Viewer("drill", "borrower", frozenset(self.sees))


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that is in place: how to ask about it, and what the outside world keeps of it."""

    cause: str
    account_id: str
    how: str
    look: Look = field(default_factory=Look)
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """A ledger into which faults are injected."""

    pool: ConnectionPool[Connection]
    log: Log
    books: Books
    projector: Projector
    display: Display
    #: Where the cache of the display keeps its pages; None where it has none.
    store: Store | None
    today: date

    def ask(self, account_id: str, look: Look | None = None) -> Diagnosis:
        """Why is the account not shown as overdue to whoever looks so?"""
        look = look or Look()
        return diagnose(
            self.log, account_id, self.today, known_at=look.known_at, display=self.display,
            viewer=look.viewer, client=Client(look.app, look.version),
        )  # fmt: skip

    def state(self, account_id: str) -> AccountState:
        """The truth about an account.  Raises `FaultRefused` where there is none."""
        history = self.log.streams([account_id])[account_id]
        if not history:
            raise FaultRefused(
                f"A fault was asked for account {account_id}, which is not in the log. Name one"
                " that is; only not_recorded takes a new one."
            )
        return replay(known_facts(history), self.today)

    def overdue_state(self, account_id: str) -> AccountState:
        """The same, of an account that is overdue: of others nothing can be lost."""
        state = self.state(account_id)
        if not any(draw.status == "overdue" for draw in state.draws):
            raise FaultRefused(
                f"A fault was asked for account {account_id}, which is not overdue on {self.today}:"
                " nobody would miss it. Name one of `duebook overdue`."
            )
        return state

    @contextmanager
    def as_login(self) -> Iterator[Connection]:
        """A connection with all rights of the login user, for what no role of duebook may do."""
        assert isinstance(self.pool.conninfo, str), "the pool of a ledger has one address"
        with psycopg.connect(self.pool.conninfo) as conn:
            yield conn


def create(conn: Connection) -> None:
    """Make what a ledger for drills has beside the others: the list of faults, and the hold."""
    for statement in (
        SQL.create_faults,
        SQL.create_held_shards,
        SQL.create_hold_projector,
        SQL.create_projector_is_held,
    ):
        conn.execute(statement)
