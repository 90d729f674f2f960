"""A folder on a bad day: full, read only, and a clock that runs backwards.

The disk is real: a small one that fills up.  Each trouble is one sentence and exit code 2, and
loses nothing.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from app.engines.home import Home
from app.wiring import opened
from ledger.books import Books
from ledger.log.log import Log
from tests.lines import opened as account_opened
from tests.postgres.facts import accounts_of_shard
from tests.system.commands import duebook, refused
from tests.system.helpers import append_accounts, found, settings_of

# The folder


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own, which a test may fill and set to read only; everybody reaches it."""
    folder = Path(tempfile.mkdtemp(prefix="duebook-"))
    folder.chmod(0o755)
    try:
        if os.geteuid() != 0 or mount("-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", folder):
            pytest.skip("only root may mount a disk, and not everywhere")
        yield folder
        subprocess.run(["umount", folder], check=True)
    finally:
        folder.rmdir()


def mount(*words: str | Path) -> int:
    """Make or change a disk; 0 if that was allowed."""
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode


def test_a_full_folder_is_told_and_leaves_nothing_half_made(small_disk: Path) -> None:
    settings = settings_of(small_disk / "home")
    said = refused(settings, "init")
    assert "No space left on device" in said
    assert not (Home.open(settings.home).storage / "postgres" / "PG_VERSION").exists()
    mount("-o", "remount,size=300m", small_disk)
    assert duebook(settings, "init").returncode == 0
    assert duebook(settings, "verify").returncode == 0


def test_a_disk_that_fills_up_loses_nothing_that_was_answered(small_disk: Path) -> None:
    mount("-o", "remount,size=300m", small_disk)
    settings = settings_of(small_disk / "home")
    found(settings)
    with opened(settings) as app:
        taken = append_accounts(app, 0, 100)
        ballast = small_disk / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))
        with suppress(psycopg.OperationalError):
            for number in range(100, 20_000):
                taken += append_accounts(app, number, 1)
        assert len(taken) < 20_000, "the disk was never full; the test proves nothing"
        ballast.unlink()
    with opened(settings) as app:  # The server may have ended itself; whoever comes starts it.
        history = app.log.streams(taken)
        assert {len(events) for events in history.values()} == {3}
        assert app.reader.account_count(range(app.log.shards)) == len(taken)
        append_accounts(app, 20_000, 1)
    assert f"{len(taken) + 1} accounts: 0 findings in the log" in duebook(settings, "verify").stdout


def test_a_read_only_folder_is_told(small_disk: Path) -> None:
    mount("-o", "remount,ro", small_disk)
    assert "Read-only file system" in refused(settings_of(small_disk / "home"), "init")


def test_a_ledger_on_a_disk_that_became_read_only_is_told(small_disk: Path) -> None:
    mount("-o", "remount,size=300m", small_disk)
    settings = settings_of(small_disk / "home")
    found(settings)
    mount("-o", "remount,ro", small_disk)
    assert "Read-only file system" in refused(settings, "status")
    mount("-o", "remount,rw", small_disk)
    assert duebook(settings, "status").returncode == 0


# The clock


def test_a_clock_that_is_set_back_does_not_take_the_log_back(
    pool: ConnectionPool[Connection], log: Log
) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    hours = iter([0, -1, -2, -3, -4, -5, 6])
    books = Books(Log(pool, lambda: noon + timedelta(hours=next(hours))))
    accounts = list(islice(accounts_of_shard(log, 1), 7))
    times = [
        books.append_all([account_opened(account)])[0].recorded[0].recorded_at
        for account in accounts
    ]
    assert times == [noon] * 6 + [noon + timedelta(hours=6)]
