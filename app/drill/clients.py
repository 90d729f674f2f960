"""The client processes of a drill, seen from the drill: started, told, waited for, killed."""

import os
import select
import signal
import subprocess
import sys
from typing import IO

from app.attached import LEAVE_SECONDS_MAX
from app.drill.client_process import REST, RESTING, WORK
from app.drill.patience import OUTAGE_SECONDS_MAX
from app.settings import Settings
from app.supervisor import environment_of

#: A client gives up by itself before that.
REST_SECONDS_MAX = 2 * OUTAGE_SECONDS_MAX


class NotRecovered(Exception):
    """Something that ought to be there after a round is not: a client, a server, a view."""


class ClientHandle:
    """One client.  Its journal tells what it did; here is only its process."""

    def __init__(
        self, settings: Settings, seed: int, number: int, accounts: int, reports: IO[bytes]
    ) -> None:
        self.number = number
        self._environment = environment_of(settings)
        self._arguments = [str(argument) for argument in (seed, number, accounts)]
        self._reports = reports
        self._process = self._started()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def work(self) -> None:
        """Let it send one request after the other."""
        self._tell(WORK)

    def rest(self) -> None:
        """Let it finish what it has in hand; `wait` waits for that."""
        self._tell(REST)

    def wait(self) -> None:
        """Wait until a client that was told to rest has all its answers."""
        assert self._process.stdout is not None
        replies = self._process.stdout.fileno()
        ready, _, _ = select.select([replies], [], [], REST_SECONDS_MAX)
        if not ready:
            raise NotRecovered(f"client {self.number} has no answer after {REST_SECONDS_MAX:g} s")
        if os.read(replies, 1) != RESTING:
            raise self._lost()

    def kill(self) -> int:
        """`kill -9`, and another goes on with its journal at once; answers who was killed."""
        if self._process.poll() is not None:
            raise self._lost()
        pid = self._process.pid
        self._process.kill()
        self._end()
        self._process = self._started()
        return pid

    def close(self) -> None:
        """Let it leave: its input ends, and it has nothing in hand."""
        self._process.send_signal(signal.SIGTERM)
        self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "app.drill.client_process", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._reports,
            env=self._environment,
            bufsize=0,
            process_group=0,  # Ctrl-C is the drill's: it ends its clients in order.
        )

    def _tell(self, order: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(order)
        except BrokenPipeError:
            raise self._lost() from None

    def _lost(self) -> NotRecovered:
        said = "clients.log says why"
        return NotRecovered(f"client {self.number} ended by itself, exit {self._end()}; {said}")

    def _end(self) -> int:
        with self._process as process:  # Closes its pipes.
            try:
                return process.wait(LEAVE_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                return process.wait()
