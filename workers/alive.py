"""Signs of life: each worker process renews a key in Redis that goes out by itself.

It says who works right now, and nothing depends on it.
"""

import os
import socket
from contextlib import suppress
from types import TracebackType

from redis import Redis, RedisError

SIGN_MILLISECONDS = 5_000
_PREFIX = "duebook:alive:"


class SignOfLife:
    """The sign of this process, to be renewed every second or so."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._key = f"{_PREFIX}{socket.gethostname()}:{os.getpid()}"

    def renew(self) -> None:
        """Show it for some seconds more.  A Redis that is down has nobody to show it to."""
        with suppress(RedisError):
            self._client.set(self._key, 1, px=SIGN_MILLISECONDS)

    def __enter__(self) -> "SignOfLife":
        self.renew()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(RedisError):
            self._client.delete(self._key)


def count_alive(client: Redis) -> int:
    """How many worker processes have lately given a sign."""
    return sum(1 for _ in client.scan_iter(match=f"{_PREFIX}*", count=1_000))
