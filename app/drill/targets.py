"""Where the things are that a drill may strike, and whether they are all there again."""

import os
from collections.abc import Callable, Set
from pathlib import Path

import psycopg

from app.drill.plan import Target
from app.engines.home import Home
from app.engines.processes import running
from app.supervisor import Supervisor, alive
from app.wiring import App
from ledger.sql import Statements

SQL = Statements(Path(__file__).parent / "sql")


class Targets:
    """The processes of a ledger at work, besides its clients."""

    def __init__(self, app: App, crew: Supervisor) -> None:
        self._app = app
        self._home = Home.open(app.settings.home)
        self._find: dict[Target, Callable[[], list[int]]] = {
            Target.WORKER: lambda: crew.worker_pids,
            Target.CLOCK: lambda: crew.clock_pids,
            Target.REDIS: self._redis,
            Target.POSTGRES: self._postgres,
            Target.BACKEND: self._backends,
        }

    def living(self, target: Target) -> list[int]:
        """The processes of this kind that run now."""
        return self._find[target]()

    def missing(self, killed: Set[int]) -> list[str]:
        """What has no successor yet, or gives no sign of life."""
        workers = self._app.settings.worker_processes
        wanted = {Target.WORKER: workers, Target.CLOCK: 1, Target.REDIS: 1, Target.POSTGRES: 1}
        missing = [
            str(target)
            for target, count in wanted.items()
            if len(pids := self.living(target)) != count or not killed.isdisjoint(pids)
        ]
        # The sign of a killed worker goes out after seconds: one that does not come back for good
        # is noticed by a later round at the latest.
        if (alive(self._app.engines.broker_url) or 0) < workers:
            missing.append("signs of life of the workers")
        return missing

    def _redis(self) -> list[int]:
        return _running(self._home.storage / "redis" / "redis.pid", self._home.sockets)

    def _postgres(self) -> list[int]:
        folder = self._home.storage / "postgres"
        return _running(folder / "postmaster.pid", folder)

    def _backends(self) -> list[int]:
        with psycopg.connect(self._app.engines.database_url) as conn:
            return [pid for (pid,) in conn.execute(SQL.backends)]


def _running(pid_file: Path, mark: Path) -> list[int]:
    """The server that the file names; the number of a stranger is not believed."""
    pid = running(pid_file, os.fsencode(mark))
    return [] if pid is None else [pid]
