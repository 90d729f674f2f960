"""How often somebody may come: a bucket of tokens for each, refilled as time passes."""

import time
from collections.abc import Callable
from threading import Lock

#: Callers remembered at most; the fullest buckets are forgotten first, for they say nothing.
REMEMBERED_MAX = 10_000


class Rates:
    """So many requests a second, and as many more as were saved up.  Safe between threads."""

    def __init__(
        self,
        a_second: float,
        saved_max: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._a_second = a_second
        self._saved_max = saved_max
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def seconds_until_next(self, name: str, cost: float = 1.0) -> float:
        """Take `cost` requests from the bucket: 0.0, or the seconds after which to come again."""
        with self._lock:
            now = self._clock()
            left, since = self._buckets.get(name, (self._saved_max, now))
            left = min(self._saved_max, left + (now - since) * self._a_second)
            if left < cost:
                self._buckets[name] = (left, now)
                return (cost - left) / self._a_second
            if len(self._buckets) >= REMEMBERED_MAX:
                self._forget(now)
            self._buckets[name] = (left - cost, now)
            return 0.0

    def _forget(self, now: float) -> None:
        self._buckets = {
            name: (left, since)
            for name, (left, since) in self._buckets.items()
            if left + (now - since) * self._a_second < self._saved_max
        }
