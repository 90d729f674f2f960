"""A small lender with real engines and real worker processes, for tests of the whole.

Time is bounded everywhere by `eventually`: what does not happen in time is a failure, with what
was waited for in its message.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout

from app.engines import remove
from app.founding import make_ledger
from app.settings import Settings
from app.wiring import App, now
from ledger.door import Line, line_of
from projections.verification import Difference, differences

REPOSITORY = Path(__file__).parents[2]
#: Repayment data about real people is no part of the repository; tests are left out without it.
REALDATA = Path(os.environ.get("DUEBOOK_REALDATA", REPOSITORY.parent / "shared" / "realdata"))
SHARDS = 4
TODAY = date(2026, 3, 1)
PATIENCE_SECONDS = 60.0
APPEND_LINES = 600


@contextmanager
def new_home() -> Iterator[Path]:
    """A data folder with a path short enough for sockets; gone at the end."""
    with TemporaryDirectory(prefix="duebook-") as folder:
        home = Path(folder) / "home"
        try:
            yield home
        finally:
            remove(home)


def settings_of(home: Path, database_url: str | None = None, today: date = TODAY) -> Settings:
    """Settings for tests: a pinned date, a tick that does not keep the test waiting, and nobody who
    heals what the test has broken before it has looked.
    """
    return Settings(
        home=home, database_url=database_url, today=today, tick_seconds=0.5, monitor=False
    )


def found(settings: Settings) -> None:
    """Make the ledger of these settings."""
    make_ledger(settings, shards=SHARDS, ledger_id=UUID(int=7), created_at=now())


def eventually(what: str, holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until it holds.  An engine that is down for a moment is no answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except (psycopg.OperationalError, PoolTimeout):
            pass
        assert time.monotonic() < deadline, f"after {seconds:g} s still not: {what}"
        time.sleep(0.02)


def account_lines(account: str) -> list[Line]:
    """An account whose first installment was paid and whose second was due on 2026-03-05."""
    facts: list[dict[str, object]] = [
        {
            "topic": "account.opened",
            "effective_on": "2026-01-01",
            "borrower_ref": f"borrower-of-{account}",
            "currency": "CNY",
            "credit_limit": "5000.00",
        },
        {
            "topic": "draw.made",
            "effective_on": "2026-01-05",
            "draw_id": "D-1",
            "amount": "1200.00",
            "terms": {
                "method": "equal_installment",
                "term_count": 3,
                "first_due_on": "2026-02-05",
                "annual_rate": "0.12",
            },
        },
        {
            "topic": "payment.received",
            "effective_on": "2026-02-05",
            "payment_id": "P-1",
            "amount": "408.03",
        },
    ]
    return [line_of({"account": account, **fact}) for fact in facts]


def append_accounts(app: App, first: int, count: int) -> list[str]:
    """Open accounts with a draw and a payment each; nobody is told."""
    accounts = [f"A-{number:05}" for number in range(first, first + count)]
    lines = [line for account in accounts for line in account_lines(account)]
    for begin in range(0, len(lines), APPEND_LINES):
        app.books.append_all(lines[begin : begin + APPEND_LINES])
    return accounts


def lag(app: App) -> int:
    """Events that are not projected yet."""
    heads = sum(head.position for head in app.log.heads())
    return heads - sum(checkpoint.position for checkpoint in app.projector.checkpoints())


def is_up_to_date(app: App, today: date = TODAY) -> bool:
    """Whether everything is projected and every shard is rolled to the date."""
    return lag(app) == 0 and all(
        checkpoint.rolled_to == today for checkpoint in app.projector.checkpoints()
    )


def drift(app: App, today: date = TODAY) -> list[Difference]:
    """Every difference between the views and replay."""
    shards = (list(app.reader.account_ids(shard)) for shard in range(app.log.shards))
    return list(chain.from_iterable(differences(app.log, ids, today) for ids in shards))


def receipts(app: App) -> dict[str, tuple[int, object]]:
    """What each account's rows were made from, and the digests of their contents."""
    with app.pool.connection() as conn:
        rows = conn.execute("SELECT account_id, account_version, contents FROM receipts").fetchall()
    return {account: (version, contents) for account, version, contents in rows}


def children_of(pid: int) -> list[int]:
    """The living children of a process, as the kernel knows them."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in listed for child in file.read_text().split()]


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


def living_of(home: Path) -> list[int]:
    """Every process with this folder in its command line or its settings: engines and ours."""
    found_pids = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if os.fsencode(home) in told and int(process.name) != os.getpid():
            found_pids.append(int(process.name))
    return found_pids
