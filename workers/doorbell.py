"""The doorbell: say that there is something to do, at most once until somebody comes.

A bell that nobody hears costs nothing but time: what is owed stands in PostgreSQL, and the tick
finds it.  So ringing never fails, and it never fills Redis: while a message waits, the same
message is not sent again.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import structlog
from dramatiq import Broker, Message, Middleware
from dramatiq.brokers.redis import RedisBroker
from redis import RedisError

from workers.duties import DUTIES

#: A message that was lost with its worker keeps the next one away for no longer than this.
WAITING_MILLISECONDS_MAX = 1_500

_logger = structlog.get_logger(__name__)


class Doorbell:
    """Calls workers.  Safe to share between threads."""

    def __init__(self, broker: RedisBroker) -> None:
        self._broker = broker
        self._is_heard = True

    def ring(self, shards: Iterable[int]) -> None:
        """These shards have news.  To be called after the commit that brought them."""
        for shard in sorted(set(shards)):
            self.call("follow_shard", shard)

    def call(self, duty: str, *ids: int) -> None:
        """Ask for a duty, unless it already waits to be taken up."""
        try:
            self._send(duty, ids)
        except RedisError as error:
            if self._is_heard:
                _logger.info("doorbell_not_heard", error=str(error), remedy="the tick will find it")
            self._is_heard = False
        else:
            self._is_heard = True

    def _send(self, duty: str, ids: tuple[int, ...]) -> None:
        key = _waiting_key(duty, ids)
        if self._broker.client.set(key, 1, nx=True, px=WAITING_MILLISECONDS_MAX):
            self._broker.enqueue(
                Message(
                    queue_name=DUTIES[duty].queue,
                    actor_name=duty,
                    args=ids,
                    kwargs={},
                    options={},
                )
            )


class Answering(Middleware):
    """Let the bell be rung again as soon as its message is taken up.

    Before the work, not after it: news that come meanwhile may have come too late for it.
    """

    def before_process_message(self, broker: Broker, message: Any) -> None:
        """Forget that this message was waiting."""
        assert isinstance(broker, RedisBroker)
        with suppress(RedisError):
            broker.client.delete(_waiting_key(message.actor_name, message.args))


def _waiting_key(duty: str, ids: Iterable[int]) -> str:
    return ":".join(("duebook", "waiting", duty, *map(str, ids)))
