"""PostgreSQL: our own server in the data folder, or the check of one that is given by URL.

The wheel's binaries are driven by a launcher of our own. A server counts as running when it has
answered a query, never because of a file; and it is given the time that a crash recovery takes.
"""

import os
import shlex
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.engines.home import SOCKET_NAME, EngineError, Home, sync_folder
from app.engines.processes import end, last_lines, orphans, run, running, tail
from app.engines.programs import postgres_programs

VERSION_MIN = 150_000  # as the server tells it: 15.0
START_SECONDS = 60  # a server that is silent for so long will not come
RECOVERY_SECONDS = 600  # but one that says "starting up" replays its log, and may take long
STOP_SECONDS = 60
CONNECT_SECONDS = 5
RESTART_SECONDS = 10  # how long a server by URL may be about to start or to stop

# Written to postgresql.conf when the data folder is made; an operator may change them there.
SETTINGS = (
    "shared_buffers=128MB",
    "max_connections=100",
    "max_wal_size=1GB",
    "min_wal_size=512MB",  # files of the log are used again: to make one, a commit waits for it
    "fsync=on",
    "synchronous_commit=on",  # an answer to a caller means that the event is on disk
    "jit=off",  # the queries are short: compiling them takes longer than running them
    "timezone=UTC",
    "log_timezone=UTC",
    "log_checkpoints=off",
    "log_min_messages=log",  # failed statements are the caller's to report, and hold data
)


class Postgres:
    """The embedded server of one data folder."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._data = home.storage / "postgres"
        self._mark = b"\0-D\0" + os.fsencode(self._data) + b"\0"
        # Every part is spelt out: what is left out, libpq would take from PGPORT and the like.
        self.url = f"postgresql://postgres@/duebook?host={quote(str(home.sockets), '')}&port=5432"

    def answers(self) -> bool:
        return self._refusal() is None

    def start(self) -> None:
        """Start the server unless it runs, and wait for its answer.  Only inside the gate."""
        if not (self._data / "PG_VERSION").exists():
            self._create()
        began = time.monotonic()
        while (refusal := self._refusal()) is not None:
            if self._ping() is pq.Ping.NO_RESPONSE and self._pid() is None:
                self._launch()
            recovers = self._ping() is pq.Ping.REJECT
            limit = RECOVERY_SECONDS if recovers else START_SECONDS
            if time.monotonic() - began > limit:
                raise self._error(f"it does not answer after {limit} s: {refusal}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as `pg_ctl stop -m fast` would: open transactions are rolled back."""
        pid = self._pid()
        if pid is not None and not end(pid, self._mark, signal.SIGINT, seconds=STOP_SECONDS):
            raise self._error(f"process {pid} does not stop after {STOP_SECONDS} s")

    def _create(self) -> None:
        """Make the data folder aside and move it in place: a torn one is never taken for whole."""
        unfinished = self._home.storage / "postgres.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        if self._home.user:
            os.chown(unfinished, self._home.user.uid, self._home.user.gid)
        # The order of texts is PostgreSQL's own: that of the C library changes with the system.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        cluster = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--data-checksums")
        settings = (f"--set={setting}" for setting in SETTINGS)
        self._make("initdb", ["-D", unfinished, *cluster, *locale, *settings])
        self._make(
            "postgres",
            ["--single", "-D", unfinished, "postgres"],
            text="CREATE DATABASE duebook",
        )
        unfinished.rename(self._data)
        sync_folder(self._data.parent)

    def _make(self, program: str, arguments: list[str | Path], text: str = "") -> None:
        command = [postgres_programs(self._home) / program, *arguments]
        done = run(command, self._home.user, text=text)
        if done.returncode != 0:
            raise EngineError(
                f"Asked for a new PostgreSQL in {self._data}; {program} ended with"
                f" {done.returncode}, its last words:\n{tail(done.stdout)}\nMend that, or set"
                " DUEBOOK_DATABASE_URL to a server."
            )

    def _launch(self) -> None:
        """Let `pg_ctl` start and detach the server.

        The files of a killed one go first: PostgreSQL would believe them if the number in them
        is by now a stranger's, or a zombie's. Its orphans go too: most leave by themselves, but one
        that waits for a lock whose holder was killed would keep the data open for ever.
        """
        for orphan in orphans(self._data, b"postgres: "):
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        (self._home.sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        socket_folder = '"' + str(self._home.sockets).replace('"', '""') + '"'
        options = ["-D", str(self._data), "-c", "listen_addresses=", "-c", "port=5432"]
        options += ["-c", f"unix_socket_directories={socket_folder}"]
        command: list[str | Path] = [postgres_programs(self._home) / "pg_ctl", "start"]
        command += ["-w", "-t", str(START_SECONDS), "-l", "postgres.log", "-o", shlex.join(options)]
        environment = {"PGDATA": str(self._data)}
        done = run(command, self._home.user, cwd=self._data, environment=environment)
        # An orphan may still live for a moment; until it is gone PostgreSQL rightly refuses to open
        # the data a second time.  The caller tries again.
        is_held = "pre-existing shared memory block" in last_lines(self._log)
        if done.returncode != 0 and self._pid() is None and not is_held:
            raise self._error(f"it did not start: {done.stdout.strip()}")

    @property
    def _log(self) -> Path:
        return self._data / "postgres.log"

    def _pid(self) -> int | None:
        return running(self._data / "postmaster.pid", self._mark)

    def _ping(self) -> pq.Ping:
        """Tell a silent server (NO_RESPONSE) from one that starts or stops (REJECT)."""
        return _pinged(make_conninfo(self.url, connect_timeout=CONNECT_SECONDS))

    def _refusal(self) -> str | None:
        """Why the server does not answer, or None if it does."""
        try:
            with psycopg.connect(self.url, connect_timeout=CONNECT_SECONDS) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            return str(error)
        return None

    def _error(self, found: str) -> EngineError:
        return EngineError(
            f"Asked for the PostgreSQL in {self._data}; {found}\n"
            f"The end of {self._log}:\n{last_lines(self._log)}\n"
            "Mend what the log says and try again, or set DUEBOOK_DATABASE_URL to a server."
        )


def check_postgres(url: str) -> None:
    """Refuse a server that is given by URL but is not there or too old.

    One that stops, starts or recovers is waited for: a restart is no reason to give up.
    """
    shown, patient, restarts = "DUEBOOK_DATABASE_URL", url, False
    deadline = time.monotonic() + RESTART_SECONDS
    while True:
        try:
            parameters = conninfo_to_dict(url)
            shown = make_conninfo("", **(parameters | {"password": None}))
            patient = make_conninfo(f"connect_timeout={CONNECT_SECONDS}", **parameters)
            with psycopg.connect(patient) as connection:
                version = connection.info.server_version
        except psycopg.Error as error:
            state = _state_after(error, patient)
            restarts = restarts or state is pq.Ping.REJECT
            if not restarts or time.monotonic() > deadline:
                raise EngineError(
                    f"Asked for the PostgreSQL server {shown}; it cannot be had: {error}\n"
                    f"{_remedy(state)}"
                ) from error
            time.sleep(0.1)
        else:
            return refuse_old(version, shown)


def _state_after(error: psycopg.Error, conninfo: str) -> pq.Ping:
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return pq.Ping.NO_RESPONSE  # A second wait would tell no more.
    return _pinged(conninfo)


def _pinged(conninfo: str) -> pq.Ping:
    return pq.Ping(pq.PGconn.ping(conninfo.encode()))


def _remedy(state: pq.Ping) -> str:
    """What to do depends on whether anybody is there."""
    if state is pq.Ping.REJECT:
        return f"It has not been ready for {RESTART_SECONDS} s. Try again when it is."
    if state is pq.Ping.OK:
        return "It runs and does not let us in. Mend what it says, or correct DUEBOOK_DATABASE_URL."
    return "Start it or correct DUEBOOK_DATABASE_URL, or unset that to use duebook's own."


def refuse_old(version: int, server: str) -> None:
    if version < VERSION_MIN:
        raise EngineError(
            f"Asked for PostgreSQL {VERSION_MIN // 10_000} or newer; the server {server} is"
            f" version {version // 10_000}.{version % 10_000}. Upgrade it, or unset"
            " DUEBOOK_DATABASE_URL to use duebook's own."
        )
