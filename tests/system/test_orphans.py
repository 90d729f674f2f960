"""A killed PostgreSQL may leave a process that holds its data; the next start ends it."""

import os
import signal

import psycopg

from app.engines import engines, ensure
from app.engines.home import Home
from tests.system.helpers import new_home

WALWRITER = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"


def test_an_orphan_that_never_leaves_is_ended() -> None:
    with new_home() as home, engines(home, needs_redis=False) as found:
        with psycopg.connect(found.database_url) as conn:
            [[walwriter]] = conn.execute(WALWRITER).fetchall()
        # As one that waits for a lock of a killed backend: it does not see its parent die.
        os.kill(walwriter, signal.SIGSTOP)
        pid_file = Home.open(home).storage / "postgres" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        ensure(home, needs_redis=False)
        with psycopg.connect(found.database_url) as conn:
            assert conn.execute(WALWRITER).fetchall() != [(walwriter,)]
