"""Servers by URL on a bad day: each trouble is one sentence and exit code 2, and ends by itself.

The PostgreSQL is real and the test's own: it is stopped, restarted, crowded, made read-only and
made a standby.  Only one that is too old, or starts for long, has to be played: none is at hand.
"""

import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from app.engines.home import Home
from app.engines.postgres import Postgres
from app.engines.redis import Redis
from app.settings import Settings
from app.wiring import App, opened
from tests.system.commands import duebook, refused
from tests.system.crews import working
from tests.system.helpers import (
    REPOSITORY,
    append_accounts,
    drift,
    eventually,
    found,
    is_up_to_date,
    lag,
    new_home,
    receipts,
    settings_of,
)
from workers.broker import make_broker
from workers.brokers.base import RING_SECONDS_MAX
from workers.doorbell import Doorbell

#: The check of a server in a process of its own: libpq's ping does not let other threads run.
IMPATIENT = """
import sys
from app.engines import postgres
postgres.RESTART_SECONDS = 0.5
postgres.check_postgres(sys.argv[1])
"""
OPEN_AN_ACCOUNT = ("append", "A-1", "account.opened", "borrower_ref=B", "currency=CNY")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL and a Redis that only this test uses, by URL."""

    place: Home
    settings: Settings

    def start(self) -> None:
        with self.place.gate():
            Postgres(self.place).start()

    def stop(self) -> None:
        with self.place.gate():
            Postgres(self.place).stop()

    def start_redis(self) -> None:
        with self.place.gate():
            Redis(self.place).start()

    def stop_redis(self) -> None:
        with self.place.gate():
            Redis(self.place).stop()

    @property
    def standby_signal(self) -> Path:
        return self.place.storage / "postgres" / "standby.signal"

    def alter(self, *settings: str) -> None:
        """Change settings for all sessions, also for those that are open."""
        with psycopg.connect(Postgres(self.place).url, autocommit=True) as connection:
            # A server that takes no writes by default still takes its settings.
            connection.execute("SET default_transaction_read_only = off")
            for setting in settings:
                connection.execute(f"ALTER SYSTEM {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """No session may write, from a moment after the beginning to the end."""
        self.alter("SET default_transaction_read_only = on")
        try:
            yield
        finally:
            self.alter("RESET default_transaction_read_only")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Both run, and there is a ledger; the commands find them by URL alone."""
    with new_home() as home, new_home() as nowhere:
        place = Home.open(home)
        urls = {"database_url": Postgres(place).url, "redis_url": Redis(place).url}
        made = Server(place, settings_of(nowhere).model_copy(update=urls))
        try:
            made.start()
            made.start_redis()
            found(made.settings)
            yield made
        finally:
            made.stop()
            made.stop_redis()


@pytest.fixture
def app(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The ledger, opened."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with opened(server.settings, needs_redis=True) as made:
        yield made


# Commands


def test_a_server_that_is_down(server: Server) -> None:
    server.stop()
    try:
        assert "Start it or correct DUEBOOK_DATABASE_URL" in refused(server.settings, "status")
    finally:
        server.start()
    assert duebook(server.settings, "status").returncode == 0


def test_a_server_that_has_no_connection_left(server: Server) -> None:
    limits = ("max_connections", "superuser_reserved_connections", "max_wal_senders")
    server.alter(*(f"SET {name} = {n}" for name, n in zip(limits, (6, 0, 0), strict=True)))
    server.stop()
    server.start()
    try:
        with ExitStack() as guests:
            for _ in range(6):
                guests.enter_context(psycopg.connect(Postgres(server.place).url))
            said = refused(server.settings, "status")
            assert "too many clients" in said
            assert "It runs and does not let us in" in said
        assert duebook(server.settings, "status").returncode == 0
    finally:
        server.alter(*(f"RESET {name}" for name in limits))
        server.stop()
        server.start()


def test_a_server_that_is_set_to_read_only(server: Server) -> None:
    with server.read_only():
        assert "the database takes no writes" in refused(server.settings, *OPEN_AN_ACCOUNT)
        assert duebook(server.settings, "status").returncode == 0


def test_a_standby_can_be_read_and_not_written(server: Server) -> None:
    server.stop()
    server.standby_signal.touch()
    server.start()
    try:
        assert "the database takes no writes" in refused(server.settings, *OPEN_AN_ACCOUNT)
        assert duebook(server.settings, "status").returncode == 0
    finally:
        server.stop()
        server.standby_signal.unlink()
        server.start()


def test_a_database_without_a_ledger(server: Server) -> None:
    with psycopg.connect(Postgres(server.place).url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    url = Postgres(server.place).url.replace("/duebook?", "/bare?")
    bare = server.settings.model_copy(update={"database_url": url})
    assert "Run `duebook init` to make one" in refused(bare, "status")


def test_a_server_that_never_answers(server: Server) -> None:
    with silent_place() as port:
        url = f"postgresql://somebody@127.0.0.1:{port}/books?connect_timeout=2"
        said = refused(server.settings.model_copy(update={"database_url": url}), "status")
    assert "timeout" in said
    assert "Start it or correct DUEBOOK_DATABASE_URL" in said


def test_a_server_that_is_too_old(server: Server) -> None:
    with played(welcome("14.12")) as url:
        old = server.settings.model_copy(update={"database_url": url})
        assert "PostgreSQL 15 or newer; the server" in refused(old, "status")


def test_a_server_that_starts_is_waited_for(server: Server) -> None:
    answers = iter([STARTING, STARTING, STARTING])
    with played(lambda: next(answers, welcome("14.12")())) as url:
        old = server.settings.model_copy(update={"database_url": url})
        assert "PostgreSQL 15 or newer" in refused(old, "status")
    assert next(answers, None) is None


def test_a_server_that_starts_for_ever_is_given_up() -> None:
    with played(lambda: STARTING) as url:
        done = subprocess.run(
            [sys.executable, "-c", IMPATIENT, url], cwd=REPOSITORY, capture_output=True, check=False
        )
    assert b"is starting up" in done.stderr
    assert b"Try again when it is" in done.stderr


# Workers


def test_a_crew_outlives_its_database(server: Server, app: App) -> None:
    accounts = append_accounts(app, 0, 50)
    with working(app) as crew:
        eventually("all is projected", lambda: is_up_to_date(app))
        pids = crew.worker_pids
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            append_accounts(app, 50, 1)
        server.start()

        def appended() -> bool:
            return bool(append_accounts(app, 50, 50))

        eventually("appends are taken again", appended)
        eventually("all is projected after the stop", lambda: is_up_to_date(app))
        new = count(1_000)  # What is recorded already would be a retry, which writes nothing.

        def refused_() -> bool:
            try:
                append_accounts(app, next(new), 1)
            except psycopg.errors.ReadOnlySqlTransaction:
                return True
            return False

        def taken() -> bool:
            try:
                return bool(append_accounts(app, 100, 50))
            except psycopg.errors.ReadOnlySqlTransaction:
                return False  # Each connection hears of the end of the setting by itself.

        with server.read_only():
            eventually("appends are refused", refused_)
        eventually("appends are taken", taken)
        eventually("all is projected after the writes came back", lambda: is_up_to_date(app))
        assert crew.worker_pids == pids, "an outage is no reason to die"
    assert set(receipts(app)) >= set(accounts)
    assert drift(app) == []


def test_appends_never_wait_for_redis_and_views_catch_up(server: Server, app: App) -> None:
    with working(app):
        eventually("all is projected", lambda: is_up_to_date(app))
        server.stop_redis()
        for first in range(10_000, 10_100, 10):
            accounts = append_accounts(app, first, 10)
            app.doorbell.ring(map(app.log.shard_of, accounts))
        assert lag(app) > 0, "somebody works without a broker; the test proves nothing"
        server.start_redis()  # It remembers nothing: it is another Redis in the old place.
        eventually("all is projected", lambda: is_up_to_date(app))
    assert drift(app) == []


def test_a_broker_that_never_answers_is_asked_once_and_not_by_every_append() -> None:
    with silent_place() as port:
        for url in (f"redis://127.0.0.1:{port}/0", f"amqp://127.0.0.1:{port}/own"):
            with closing(Doorbell(make_broker(url, RING_SECONDS_MAX))) as bell:
                for _ in range(1_000):
                    bell.ring(range(8))


# Servers that are played


@contextmanager
def silent_place() -> Iterator[int]:
    """A port at which connections are made and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield listening.getsockname()[1]


def message(kind: bytes, body: bytes) -> bytes:
    """One message of PostgreSQL's protocol."""
    return kind + struct.pack("!I", len(body) + 4) + body


#: What a server says that recovers: SQLSTATE 57P03.
STARTING = message(b"E", b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0")


def welcome(version: str) -> Callable[[], bytes]:
    """Come in, I am of this version, and ready."""
    parts = (
        message(b"R", struct.pack("!I", 0)),
        message(b"S", b"server_version\0" + version.encode() + b"\0"),
        message(b"S", b"client_encoding\0UTF8\0"),
        message(b"Z", b"I"),
    )
    return lambda: b"".join(parts)


@contextmanager
def played(answer: Callable[[], bytes]) -> Iterator[str]:
    """The URL of a server that says this to whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=_play, args=(listening, answer), daemon=True)
        thread.start()
        yield f"postgresql://somebody@127.0.0.1:{listening.getsockname()[1]}/books?sslmode=disable"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _play(listening: socket.socket, answer: Callable[[], bytes]) -> None:
    while True:
        try:
            guest, _ = listening.accept()
        except OSError:
            return  # The play is over.
        with guest:
            while guest.recv(4) == struct.pack("!I", 8):
                guest.recv(4)
                guest.sendall(b"N")  # It asked for encryption; there is none.
            guest.recv(4_096)
            guest.sendall(answer())
            guest.settimeout(0.2)
            with suppress(TimeoutError):
                guest.recv(4_096)  # Its good-bye; one that was refused may stay away.
