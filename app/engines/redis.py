"""Redis: our own server in the data folder, or the check of one that is given by URL.

Redis is a doorbell and a cache. Nothing in it is owed to anybody, so it writes nothing to disk,
and one that is silent is simply killed and started again.
"""

import os
import signal
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

from redis import Redis as Client
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.engines.home import EngineError, Home
from app.engines.processes import end, last_lines, run, running
from app.engines.programs import redis_server

START_SECONDS = 20
STOP_SECONDS = 10
ANSWER_SECONDS = 5


class Redis:
    """The embedded server of one data folder."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.storage / "redis"
        self._pid_file = self._folder / "redis.pid"
        self._log = self._folder / "redis.log"
        self._socket = home.sockets / "redis.sock"
        self._mark = b"unixsocket:" + os.fsencode(self._socket)  # Redis titles itself so
        self.url = f"unix://{quote(str(self._socket))}?db=0"

    def answers(self) -> bool:
        return _refusal(self.url) is None

    def start(self) -> None:
        """Start the server unless it runs, and wait for its answer.  Only inside the gate."""
        if self.answers():
            return
        self._end(signal.SIGKILL)
        launched = self._launch()
        began = time.monotonic()
        while (refusal := _refusal(self.url)) is not None:
            if time.monotonic() - began > START_SECONDS:
                raise EngineError(
                    f"Asked for the Redis in {self._folder}; it does not answer: {refusal}\n"
                    f"{launched}\nThe end of {self._log}:\n{last_lines(self._log)}\n"
                    "Mend what the log says and try again, or set DUEBOOK_REDIS_URL to a server."
                )
            time.sleep(0.01)

    def stop(self) -> None:
        if not self._end(signal.SIGTERM):
            self._end(signal.SIGKILL)

    def _end(self, with_signal: int) -> bool:
        pid = running(self._pid_file, self._mark)
        return pid is None or end(pid, self._mark, with_signal, seconds=STOP_SECONDS)

    def _launch(self) -> str:
        """Let Redis detach itself; returns what it said before."""
        settings: dict[str, str | Path] = {
            "port": "0",
            "unixsocket": self._socket,
            "unixsocketperm": "700",
            "daemonize": "yes",
            "dir": self._folder,
            "pidfile": self._pid_file,
            "logfile": self._log,
            "loglevel": "warning",
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",  # a full doorbell must say so, not forget
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return run([redis_server(self._home), *options], self._home.user).stdout.strip()


def check_redis(url: str, setting: str = "DUEBOOK_REDIS_URL") -> None:
    """Refuse a server that is given by URL but is not there."""
    refusal = _refusal(url)
    if refusal is not None:
        shown = urlsplit(url)
        place = shown.path if shown.scheme == "unix" else f"{shown.hostname}:{shown.port or 6379}"
        raise EngineError(
            f"Asked for the Redis server at {place}; it cannot be had: {refusal}\n"
            f"Start it or correct {setting}, or unset that to use duebook's own."
        )


def _refusal(url: str) -> str | None:
    """Why the server does not answer, or None if it does."""
    try:
        with Client.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()
    except (RedisError, ValueError) as error:
        return str(error)
    return None
