"""Keep the workers running: start them, start again what died, stop them all.

    with Supervisor(settings, processes=2) as crew:
        crew.wait()

Inside the `with`, a clock, N worker processes and, if asked for, the API run beside the caller, and
embedded engines that were killed come back.  After it nothing of it is left; nor is it after a
`kill -9` of the caller, because each process leaves when the pipe from its supervisor closes.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import date
from threading import Event, RLock, Thread
from types import FrameType, TracebackType
from typing import IO

import structlog

from app.attached import ATTACHED, LEAVE_SECONDS_MAX
from app.engines import EngineError, engines, ensure
from app.founding import make_derived
from app.settings import Settings
from ledger import schema
from workers.broker import make_broker

LOOK_SECONDS = 0.2
ENGINES_SECONDS = 1.0
#: A process that dies at once is started again after twice the pause of the time before.
PAUSE_SECONDS_MIN = 0.2
PAUSE_SECONDS_MAX = 5.0
#: One that has run for so long was well.
WELL_SECONDS = 10.0

CLOCK = "app.clock_process"
WORKER = "app.worker_process"
API = "app.api_process"

_logger = structlog.get_logger(__name__)


def alive(broker_url: str) -> int | None:
    """How many worker processes, on all machines, have lately given a sign of life.

    None where the broker does not answer: nobody can tell.
    """
    broker = make_broker(broker_url)
    with closing(broker), suppress(*broker.losses):
        return broker.count_alive()
    return None


def environment_of(settings: Settings) -> dict[str, str]:
    """What a process needs to read the same settings, whatever our own environment says."""
    told = settings.model_dump(mode="json", exclude_none=True)
    inherited = {name: text for name, text in os.environ.items() if not _is_setting(name)}
    return inherited | {f"DUEBOOK_{name.upper()}": str(value) for name, value in told.items()}


def _is_setting(name: str) -> bool:
    return name.removeprefix("DUEBOOK_").lower() in Settings.model_fields


@dataclass(slots=True)
class _Post:
    """A place that is to be filled by a running process."""

    module: str
    #: Where the process reports to; None is our own stderr.
    reports: IO[bytes] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = PAUSE_SECONDS_MIN
    vacant_until: float = 0.0

    def fill(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module, ATTACHED],
            stdin=subprocess.PIPE,  # Its end tells the process that we are gone.
            stderr=self.reports,
            env=environment,
            process_group=0,  # Ctrl-C is ours: we stop them in order.
        )
        self.started = time.monotonic()

    def look(self, environment: dict[str, str]) -> None:
        """Notice a death; fill the place when its pause is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            if now - self.started > WELL_SECONDS:
                self.pause = PAUSE_SECONDS_MIN
            _logger.warning(
                "process_died",
                module=self.module,
                pid=self.process.pid,
                exit_code=self.process.returncode,
                again_in_seconds=self.pause,
            )
            self.clear()
            self.vacant_until = now + self.pause
            self.pause = min(2 * self.pause, PAUSE_SECONDS_MAX)
        if self.process is None and now >= self.vacant_until:
            self.fill(environment)

    def tell_to_leave(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def clear(self) -> None:
        """Wait for its end, or end it; leave no zombie and no open pipe."""
        if self.process is None:
            return
        with self.process:  # Closes the pipe and waits.
            try:
                self.process.wait(LEAVE_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                _logger.warning("process_killed", module=self.module, pid=self.process.pid)
                self.process.kill()
        self.process = None


class Supervisor:
    """A clock, some worker processes and the API, kept running in the background of the caller."""

    def __init__(
        self,
        settings: Settings,
        *,
        processes: int | None = None,
        reports: IO[bytes] | None = None,
        with_api: bool = False,
    ) -> None:
        self._settings = settings
        count = settings.worker_processes if processes is None else processes
        modules = (CLOCK, *[WORKER] * count, *[API] * with_api)
        self._posts = [_Post(module, reports) for module in modules]
        self._lock = RLock()
        self._stopping = Event()
        self._exit = ExitStack()

    def __enter__(self) -> "Supervisor":
        with self._exit as exits:
            running = exits.enter_context(
                engines(
                    self._settings.home,
                    database_url=self._settings.database_url,
                    redis_url=self._settings.redis_url,
                    broker_url=self._settings.broker_url,
                )
            )
            facts = schema.check(running.database_url)
            make_derived(running.database_url, facts.shards)
            exits.callback(self._clear_posts)
            self._look()
            for task in (self._keep_processes, self._keep_engines):
                thread = Thread(target=task, name=task.__name__, daemon=True)
                thread.start()
                exits.callback(thread.join)
            exits.callback(self._stopping.set)
            self._exit = exits.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    @property
    def worker_pids(self) -> list[int]:
        """The worker processes that run now."""
        return self._pids(WORKER)

    @property
    def clock_pids(self) -> list[int]:
        """The clock, if it runs now."""
        return self._pids(CLOCK)

    @property
    def api_pids(self) -> list[int]:
        """The process of the API, if it runs now."""
        return self._pids(API)

    def turn_to(self, today: date) -> None:
        """Pin another business date: every process is replaced by one that knows it."""
        with self._lock:
            self._settings = self._settings.model_copy(update={"today": today})
            self._clear_posts()
            self._look()

    def stop(self) -> None:
        """End `wait`.  May be called from another thread or a signal handler."""
        self._stopping.set()

    def wait(self) -> None:
        """Wait for SIGTERM, Ctrl-C or `stop`.  To be called from the main thread."""

        def leave(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        before = {
            number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            self._stopping.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _pids(self, module: str) -> list[int]:
        with self._lock:
            return [
                post.process.pid
                for post in self._posts
                if post.module == module and post.process is not None
            ]

    def _keep_processes(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self._look()

    def _keep_engines(self) -> None:
        """Bring back an embedded engine that was killed; a server by URL comes back without us.

        What is not there is said once, and once that it is back.
        """
        missing = ""
        while not self._stopping.wait(ENGINES_SECONDS):
            try:
                ensure(
                    self._settings.home,
                    database_url=self._settings.database_url,
                    redis_url=self._settings.redis_url,
                    broker_url=self._settings.broker_url,
                )
            except EngineError as error:
                if str(error) != missing:
                    _logger.warning("engines_not_there", error=str(error))
                missing = str(error)
            else:
                if missing:
                    _logger.info("engines_are_back")
                missing = ""

    def _look(self) -> None:
        with self._lock:
            environment = environment_of(self._settings)
            for post in self._posts:
                post.look(environment)

    def _clear_posts(self) -> None:
        with self._lock:
            for post in self._posts:
                post.tell_to_leave()
            for post in self._posts:
                post.clear()
                post.vacant_until = 0.0
