"""The doorbell: say that there is something to do, at most once until somebody comes.

A bell that nobody hears costs nothing but time: what is owed stands in PostgreSQL, and the tick
finds it.  So ringing never fails, it never keeps its caller waiting for long, and it never fills
the broker.
"""

import time
from collections.abc import Iterable

import structlog

from workers.brokers.base import CrewBroker

#: After a loss the bell is silent for so long: not every append shall wait for a dead broker.
SILENT_SECONDS = 2.0

_logger = structlog.get_logger(__name__)


class Doorbell:
    """Calls workers.  Safe to share between threads."""

    def __init__(self, broker: CrewBroker) -> None:
        self._broker = broker
        self._is_heard = True
        self._silent_until = 0.0

    def ring(self, shards: Iterable[int]) -> None:
        """These shards have news.  To be called after the commit that brought them."""
        for shard in sorted(set(shards)):
            self.call("follow_shard", shard)

    def call(self, duty: str, *ids: int) -> None:
        """Ask for a duty, unless it already waits to be taken up."""
        if not self._is_heard:
            if time.monotonic() < self._silent_until:
                return
            self._be_silent()  # Of many threads one finds out whether the broker is back.
        try:
            self._broker.call(duty, ids)
        except self._broker.losses as error:
            if self._is_heard:
                _logger.info(
                    "doorbell_not_heard",
                    error=str(error) or repr(error),
                    remedy="the tick will find it",
                )
            self._is_heard = False
            self._be_silent()
        else:
            self._is_heard = True

    def close(self) -> None:
        """End the connections to the broker."""
        self._broker.close()

    def _be_silent(self) -> None:
        self._silent_until = time.monotonic() + SILENT_SECONDS
