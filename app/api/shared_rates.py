"""How often somebody may come, counted over all processes that share a Redis.

A process takes a few requests at a time from the bucket of a caller and gives them out by itself,
so that most requests ask nobody.  Without Redis each process counts alone: to be let in too often
for a while is better than not at all.
"""

import time
from pathlib import Path
from threading import Lock

import structlog
from redis import RedisError
from starlette.concurrency import run_in_threadpool

from app.api.rates import REMEMBERED_MAX, Rates
from workers.brokers.redis import make_client

#: What a process takes at once: the requests of so much time, but one at least.
TAKEN_SECONDS = 0.05
#: Nobody waits longer for Redis; after a loss it is not asked for a while.
ANSWER_SECONDS_MAX = 0.25
SILENT_SECONDS = 5.0

_SCRIPT = (Path(__file__).parent / "take_requests.lua").read_text()

_logger = structlog.get_logger("app.api")


class SharedRates:
    """So many requests a second, and as many more as were saved up.  Safe between threads."""

    def __init__(self, redis_url: str, prefix: str, a_second: float, saved_max: float) -> None:
        self._alone = Rates(a_second, saved_max)
        self._prefix = prefix
        self._asked = (a_second, saved_max, max(1, int(a_second * TAKEN_SECONDS)))
        self._lock = Lock()
        #: What is taken and not given out yet, by caller.
        self._taken: dict[str, int] = {}
        self._silent_until = 0.0
        self._redis = make_client(redis_url, ANSWER_SECONDS_MAX) if redis_url else None
        self._take = None if self._redis is None else self._redis.register_script(_SCRIPT)

    def close(self) -> None:
        """Give back the connections."""
        if self._redis is not None:
            self._redis.close()

    async def seconds_until_next(self, name: str) -> float:
        """Take a request from the bucket: 0.0, or the seconds after which to come again."""
        if self._take is None or time.monotonic() < self._silent_until:
            return self._alone.seconds_until_next(name)
        if self._gave(name):
            return 0.0
        return await run_in_threadpool(self._fetched, name)

    def _gave(self, name: str) -> bool:
        with self._lock:
            held = self._taken.get(name, 0)
            if held:
                self._taken[name] = held - 1
            return held > 0

    def _fetched(self, name: str) -> float:
        """Take more from the bucket that all share, one of which is for this request."""
        assert self._take is not None
        try:
            given, seconds = self._take(keys=[f"{self._prefix}:{name}"], args=self._asked)
        except RedisError as error:
            self._silent_until = time.monotonic() + SILENT_SECONDS
            _logger.warning("rates_counted_alone", error=str(error))
            return self._alone.seconds_until_next(name)
        if not given:
            return float(seconds)
        with self._lock:
            if len(self._taken) >= REMEMBERED_MAX:
                self._taken.clear()
            self._taken[name] = self._taken.get(name, 0) + int(given) - 1
        return 0.0
