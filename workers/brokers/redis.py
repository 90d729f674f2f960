"""Redis as the broker: lists that dramatiq keeps, and keys of our own that go out by themselves."""

from typing import ClassVar

from dramatiq.brokers.redis import RedisBroker
from dramatiq.common import dq_name
from redis import ConnectionError as RedisConnectionError
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.brokers.base import (
    DEAD_MESSAGE_MILLISECONDS_MAX,
    MESSAGES_MAX,
    QUEUES,
    WAITING_MILLISECONDS_MAX,
    CrewBroker,
    middleware,
)

NAMESPACE = "duebook"
#: After so long without a sign, the messages that a process had in hand go to the others.
SILENCE_MILLISECONDS_MAX = 10_000
#: Of a million commands, how many look for such processes.  The idle crew gives some hundred a
#: second, so a message of a killed worker is back soon after the silence.
LOOKS_PER_MILLION = 10_000
SIGN_MILLISECONDS = 5_000

_ALIVE = f"{NAMESPACE}:alive:"
_WAITING = f"{NAMESPACE}:waiting:"


class RedisCrewBroker(CrewBroker, RedisBroker):
    """dramatiq's broker on Redis or Valkey."""

    losses: ClassVar[tuple[type[Exception], ...]] = (RedisError,)
    client: Redis

    def claim(self, key: str) -> bool:
        """A key that exists is a message that waits."""
        return bool(self.client.set(_WAITING + key, 1, nx=True, px=WAITING_MILLISECONDS_MAX))

    def release(self, key: str) -> None:
        """The message is taken up."""
        self.client.delete(_WAITING + key)

    def has_room(self, queue: str) -> bool:
        """Redis has no limit of its own for a list, so we count before we add."""
        return int(self.client.llen(f"{NAMESPACE}:{queue}")) < MESSAGES_MAX

    def show_sign(self, name: str) -> None:
        """A key that lives for some seconds."""
        self.client.set(_ALIVE + name, 1, px=SIGN_MILLISECONDS)

    def withdraw_sign(self, name: str) -> None:
        """The key goes at once."""
        self.client.delete(_ALIVE + name)

    def count_alive(self) -> int:
        """The keys that have not gone out."""
        return sum(1 for _ in self.client.scan_iter(match=f"{_ALIVE}*", count=1_000))

    def waiting(self) -> dict[str, int]:
        """The lengths of the lists; what a process has in hand is in none of them."""
        with self.client.pipeline(transaction=False) as pipeline:
            for queue in QUEUES:
                pipeline.llen(f"{NAMESPACE}:{queue}")
                pipeline.llen(f"{NAMESPACE}:{dq_name(queue)}")
            lengths = pipeline.execute()
        return dict(
            zip(QUEUES, map(sum, zip(lengths[::2], lengths[1::2], strict=True)), strict=True)
        )

    def close(self) -> None:
        """End its connections; it would make new ones."""
        self.client.close()


def make_client(redis_url: str, answer_seconds: float) -> Redis:
    """A client that says within seconds that Redis is down, instead of trying again and again."""
    return Redis.from_url(
        redis_url,
        socket_timeout=answer_seconds,
        socket_connect_timeout=answer_seconds,
        # Once and at once: a connection that died with an old Redis is not yet a Redis that is
        # down.  By default the client would make its caller wait for half a minute.
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )


def make_redis_broker(url: str, answer_seconds: float) -> RedisCrewBroker:
    """A broker without actors: enough to ring the doorbell."""
    return RedisCrewBroker(  # type: ignore[no-untyped-call]  # dramatiq leaves this one untyped
        client=make_client(url, answer_seconds),
        namespace=NAMESPACE,
        maintenance_chance=LOOKS_PER_MILLION,
        heartbeat_timeout=SILENCE_MILLISECONDS_MAX,
        dead_message_ttl=DEAD_MESSAGE_MILLISECONDS_MAX,
        middleware=middleware(),
    )
