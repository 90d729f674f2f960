"""Where pages that were read before are kept: Redis, which is asked for a moment and no longer.

After a silence it is left alone for a second, so that a Redis that hangs does not slow down each
page of that second.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from projections.display import StoreAway

#: An answer that takes longer than to read the page anew is none.
ANSWER_SECONDS_MAX = 0.2
#: After a silence nobody asks for so long.
PAUSE_SECONDS = 1.0

T = TypeVar("T")


class RedisStore:
    """The store of pages.  Connects at the first question; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._client = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS_MAX,
            socket_connect_timeout=ANSWER_SECONDS_MAX,
            retry=Retry(NoBackoff(), 0),
        )
        self._silent_until = 0.0

    def get(self, key: str) -> bytes | None:
        """The bytes under a key.  Raises `StoreAway`, as all of these do."""
        found = self._asked(lambda: self._client.get(key))
        return found if isinstance(found, bytes) else None

    def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The bytes under each of these keys."""
        if not keys:
            return []
        found = self._asked(lambda: self._client.mget(keys))
        return [one if isinstance(one, bytes) else None for one in found]

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for so long."""
        self._asked(lambda: self._client.set(key, value, ex=seconds))

    def remove(self, key: str) -> None:
        """Keep nothing under the key."""
        self._asked(lambda: self._client.delete(key))

    def forgive(self) -> None:
        """Ask again at once, whatever happened a moment ago."""
        self._silent_until = 0.0

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _asked(self, ask: Callable[[], T]) -> T:
        if time.monotonic() < self._silent_until:
            raise StoreAway("it was silent a moment ago")
        try:
            return ask()
        except RedisError as error:
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            raise StoreAway(str(error)) from error
