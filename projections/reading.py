"""Read a view: fresh, or flagged, never silently stale.

A row is as true as its receipt.  A reader takes the rows of a view only if the receipt says that
they were made from the stream as it stands, by this code, for a day whose state still holds today,
and if the rows are the very rows that the receipt vouches for.  Otherwise the account is replayed
on the spot; if even that cannot be done, the old rows are given with a plain mark of what they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any, Literal

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from ledger.codec import decode
from ledger.domain.events import AccountOpened
from ledger.domain.outcome import Outcome
from ledger.domain.state import AccountState
from ledger.log.log import Log
from ledger.log.records import Recorded, StreamHead
from ledger.log.transactions import committing_itself
from ledger.replay import known_facts, outcome_of
from ledger.streams import is_account
from projections.generations import live_number
from projections.held import (
    STALENESS_SENTENCES,
    Held,
    Receipt,
    Staleness,
    held_by_account,
    held_rows,
)
from projections.schema import PROJECTOR, SQL
from projections.view import View, ViewRow

__all__ = [
    "STALENESS_SENTENCES", "AccountUnknown", "Held", "Listing", "Reader", "Reading", "Receipt",
    "Staleness", "Together", "held_by_account", "held_rows", "reading_of",
]  # fmt: skip

STREAMS_PER_PAGE = 1_000
#: Accounts whose rows are read in one snapshot where all are read.
ACCOUNTS_PER_PAGE = 500

#: Accounts with stale rows that one list replays; the rest is counted and said.
STALE_ACCOUNTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of a view with how far they can be trusted.

    `source` is `view` (fresh rows), `replay` (the view was stale, the truth was worked out on the
    spot) or `stale_view` (it could not be; the rows are of `as_of` and version `account_version`).
    """

    view: str
    account_id: str
    columns: tuple[str, ...]
    rows: tuple[ViewRow, ...]
    source: Literal["view", "replay", "stale_view"]
    as_of: date
    account_version: int
    stream_version: int
    staleness: Staleness | None
    note: str

    def dicts(self) -> list[dict[str, Any]]:
        """The rows with their column names."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Together:
    """Readings of one account and one moment, by view, and the events that they are made of."""

    head: StreamHead
    history: list[Recorded]
    readings: dict[str, Reading]


@dataclass(frozen=True, slots=True)
class Listing:
    """Accounts that are overdue, longest first, each as true today.

    `not_looked_at` counts accounts whose rows are stale and which were too many to replay here.
    """

    readings: tuple[Reading, ...]
    not_looked_at: int


class AccountUnknown(Exception):
    """No event of this account is in the log."""

    def __init__(self, account_id: str) -> None:
        super().__init__(
            f"account {account_id!r} has no events in this ledger; check the id, or record"
            " account.opened for it"
        )


class Reader:
    """Reads views.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection], log: Log, views: tuple[View, ...]) -> None:
        self._pool = pool
        self._log = log
        self._views = {view.name: view for view in views}

    def read(self, view_name: str, account_id: str, today: date) -> Reading:
        """The rows of an account as true today.  Raises `AccountUnknown`."""
        view = self._views[view_name]
        held = self.held(view, account_id)
        if held.stream_version == 0 or not is_account(account_id):
            raise AccountUnknown(account_id)
        return self._judged(view, account_id, today, held)

    def read_together(self, view_names: Iterable[str], account_id: str, today: date) -> Together:
        """Views of an account as true today, of one moment, with the events that they are made of.

        Raises `AccountUnknown`.
        """
        with self._log.snapshot() as conn:
            head = self._log.versions([account_id], conn)[account_id]
            history = self._log.streams([account_id], conn)[account_id]
            held = {
                name: held_rows(conn, self._views[name], self._log.shard_of(account_id), account_id)
                for name in view_names
            }
        if not history or not is_account(account_id):
            raise AccountUnknown(account_id)

        def outcome() -> Outcome:
            return outcome_of(known_facts(history), today)

        readings = {
            name: self._judged(self._views[name], account_id, today, one, outcome)
            for name, one in held.items()
        }
        return Together(head, history, readings)

    def replay_together(
        self,
        view_names: Iterable[str],
        account_id: str,
        as_of: date,
        known_at: datetime | None,
    ) -> Together:
        """What the views would have shown of another date, or with an earlier knowledge.

        Raises `AccountUnknown` or `CodecError`.
        """
        with self._log.snapshot() as conn:
            head = self._log.versions([account_id], conn)[account_id]
            history = self._log.streams([account_id], conn)[account_id]
        if not history or not is_account(account_id):
            raise AccountUnknown(account_id)
        outcome = outcome_of(known_facts(history), as_of, known_at)
        note = (
            "replayed" if known_at is None else f"replayed as known at {known_at:%Y-%m-%d %H:%M}Z"
        )
        readings = {
            name: reading_of(self._views[name], account_id, as_of, head.version, outcome, note)
            for name in view_names
        }
        return Together(head, history, readings)

    def read_all(self, view_name: str, today: date) -> Iterator[Reading]:
        """The rows of every account as true today, by shard and in the order of ids.

        Each account is of one moment; what is appended meanwhile is seen or not, but whole.
        """
        view = self._views[view_name]
        for shard in range(self._log.shards):
            ids = self.account_ids(shard)
            while page := list(islice(ids, ACCOUNTS_PER_PAGE)):
                with self._log.snapshot() as conn:
                    heads = self._log.versions(page, conn)
                    versions = {one: head.version for one, head in heads.items()}
                    held = held_by_account(conn, view, shard, versions)
                for account_id in page:
                    yield self._judged(view, account_id, today, held[account_id])

    def stale_accounts(self, view_name: str, today: date) -> list[str]:
        """The accounts whose rows of a view may not be taken for true today."""
        asked = {
            "today": today, "projector": PROJECTOR, "table": self._views[view_name].table_name,
        }  # fmt: skip
        with self._pool.connection() as conn:
            return [row[0] for row in conn.execute(SQL.accounts_stale, asked)]

    def trial_balance(self, until: date) -> dict[str, dict[str, int]]:
        """What the journal of all accounts comes to by a day: by currency and ledger account."""
        found: dict[str, dict[str, int]] = {}
        with self._pool.connection() as conn:
            asked = {"generation": live_number(conn), "until": until}
            for currency, account, amount in conn.execute(SQL.trial_balance, asked):
                found.setdefault(currency, {})[account] = int(amount)
        return found

    def _judged(
        self,
        view: View,
        account_id: str,
        today: date,
        held: Held,
        outcome: Callable[[], Outcome] | None = None,
    ) -> Reading:
        """The rows that are held, where they are true today; or else what can be said."""
        staleness = held.staleness(view, today)
        if staleness is None and held.receipt is not None:
            return Reading(
                view.name, account_id, view.columns, held.rows, "view", held.receipt.as_of,
                held.stream_version, held.stream_version, None, "fresh",
            )  # fmt: skip
        assert staleness is not None
        fold = outcome or partial(self.outcome, account_id, today)
        return self._worked_out(view, account_id, today, held, staleness, fold)

    def replayed(
        self, account_id: str, as_of: date, known_at: datetime | None = None
    ) -> AccountState:
        """The truth about an account.  Raises `AccountUnknown` or `CodecError`."""
        return self.outcome(account_id, as_of, known_at).state

    def outcome(self, account_id: str, as_of: date, known_at: datetime | None = None) -> Outcome:
        """The truth with all that leads to it.  Raises `AccountUnknown` or `CodecError`."""
        history = self._log.streams([account_id])[account_id]
        if not history or not is_account(account_id):
            raise AccountUnknown(account_id)
        return outcome_of(known_facts(history), as_of, known_at)

    def replayed_reading(
        self, view_name: str, account_id: str, as_of: date, known_at: datetime | None
    ) -> Reading:
        """The rows that a view would have shown: of another date, or of an earlier knowledge."""
        return self.replay_together([view_name], account_id, as_of, known_at).readings[view_name]

    def overdue(self, today: date, limit: int) -> Listing:
        """The accounts that are overdue longest; stale accounts are replayed, within a bound."""
        view = self._views["overdue"]
        asked = {
            "today": today,
            "limit": limit,
            "projector": PROJECTOR,
            "table": view.table_name,
            "generation": None,
        }
        with self._pool.connection() as conn:
            asked["generation"] = live_number(conn)
            said = [row[0] for row in conn.execute(SQL.accounts_overdue, asked)]
            stale = [row[0] for row in conn.execute(SQL.accounts_stale, asked)]
        looked_at = stale[:STALE_ACCOUNTS_MAX]
        readings = [
            self.read("overdue", account_id, today)
            for account_id in dict.fromkeys(said + looked_at)
        ]
        days, status = view.columns.index("days_past_due"), view.columns.index("status")
        overdue = [r for r in readings if any(row[status] == "overdue" for row in r.rows)]
        overdue.sort(key=lambda r: (-max(int(str(row[days])) for row in r.rows), r.account_id))
        return Listing(tuple(overdue[:limit]), len(stale) - len(looked_at))

    def currency_of(self, account_id: str) -> str:
        """The currency an account is kept in; empty where no opening is recorded."""
        for recorded in self._log.streams([account_id])[account_id]:
            event = decode(recorded.topic, recorded.effective_on, recorded.state)
            if isinstance(event, AccountOpened):
                return event.currency
        return ""

    def account_ids(self, shard: int) -> Iterator[str]:
        """Every account of a shard, in the order of ids."""
        after = ""
        while ids := self._log.stream_ids(shard, after, STREAMS_PER_PAGE):
            yield from filter(is_account, ids)
            after = ids[-1]

    def account_count(self, shards: Sequence[int]) -> int:
        """How many accounts these shards hold."""
        with self._pool.connection() as conn:
            row = conn.execute(SQL.account_count, {"shards": list(shards)}).fetchone()
        assert row is not None  # An aggregate without GROUP BY always gives a row.
        return int(row[0])

    def quarantined(self) -> list[dict[str, Any]]:
        """The accounts in quarantine, the longest first."""
        with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cur:
            return cur.execute(SQL.quarantined).fetchall()

    def held(self, view: View, account_id: str) -> Held:
        """What the database holds for an account, all of one moment."""
        with self._pool.connection() as conn, committing_itself(conn):
            return held_rows(conn, view, self._log.shard_of(account_id), account_id)

    def _worked_out(
        self,
        view: View,
        account_id: str,
        today: date,
        held: Held,
        staleness: Staleness,
        fold: Callable[[], Outcome],
    ) -> Reading:
        reason = STALENESS_SENTENCES[staleness]
        try:
            outcome = fold()
        except (psycopg.Error, AccountUnknown):
            raise  # The account may well be sound: it is the server, or nobody, that is not there.
        except Exception as error:  # A fact that was forged can stop the fold at any place.
            receipt = held.receipt
            as_of = receipt.as_of if receipt else today
            version = receipt.account_version if receipt else 0
            return Reading(
                view.name, account_id, view.columns, held.rows, "stale_view", as_of, version,
                held.stream_version, staleness,
                f"NOT CURRENT: as of {as_of} and version {version} of {held.stream_version};"
                f" {reason}, and it cannot be replayed ({error})",
            )  # fmt: skip
        note = f"replayed on the spot: {reason}"
        return reading_of(view, account_id, today, held.stream_version, outcome, note, staleness)


def reading_of(
    view: View,
    account_id: str,
    as_of: date,
    version: int,
    outcome: Outcome,
    note: str,
    staleness: Staleness | None = None,
) -> Reading:
    """What a view shows of an outcome of replay."""
    return Reading(
        view.name, account_id, view.columns, tuple(view.ordered(view.rows(outcome))), "replay",
        as_of, version, version, staleness, note,
    )  # fmt: skip
