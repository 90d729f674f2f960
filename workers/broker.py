"""The broker: dramatiq on Redis, and the duties of a crew as its actors.

Nothing here connects: the first command does, and again after every loss.
"""

from dramatiq import actor
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries, TimeLimit
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.crew import Crew
from workers.doorbell import Answering
from workers.duties import DUTIES

ANSWER_SECONDS_MAX = 5
#: After so long without a sign, the messages that a process had in hand go to the others.
SILENCE_MILLISECONDS_MAX = 10_000
#: Of a million commands, how many look for such processes.  The idle crew gives some hundred a
#: second, so a message of a killed worker is back soon after the silence.
LOOKS_PER_MILLION = 10_000
#: A message that failed for good is kept for a look at it; what it asked for is found by the tick.
DEAD_MESSAGE_MILLISECONDS_MAX = 3_600_000

RETRIES_MAX = 5
BACKOFF_MILLISECONDS_MIN = 200
BACKOFF_MILLISECONDS_MAX = 10_000


def make_client(redis_url: str) -> Redis:
    """A client that says within seconds that Redis is down, instead of trying again and again."""
    return Redis.from_url(
        redis_url,
        socket_timeout=ANSWER_SECONDS_MAX,
        socket_connect_timeout=ANSWER_SECONDS_MAX,
        # Once and at once: a connection that died with an old Redis is not yet a Redis that is
        # down.  By default the client would make its caller wait for half a minute.
        retry=Retry(NoBackoff(), 1),
    )


def make_broker(redis_url: str) -> RedisBroker:
    """A broker without actors: enough to ring the doorbell."""
    return RedisBroker(  # type: ignore[no-untyped-call]  # dramatiq leaves this one untyped
        client=make_client(redis_url),
        namespace="duebook",
        maintenance_chance=LOOKS_PER_MILLION,
        heartbeat_timeout=SILENCE_MILLISECONDS_MAX,
        dead_message_ttl=DEAD_MESSAGE_MILLISECONDS_MAX,
        middleware=[
            TimeLimit(),
            Answering(),
            Retries(
                max_retries=RETRIES_MAX,
                min_backoff=BACKOFF_MILLISECONDS_MIN,
                max_backoff=BACKOFF_MILLISECONDS_MAX,
            ),
        ],
    )


def register(broker: RedisBroker, crew: Crew) -> None:
    """Let this crew do what arrives on the broker.  An actor is a duty: ids in, nothing out."""
    for name, duty in DUTIES.items():
        declare = actor(
            broker=broker,
            actor_name=name,
            queue_name=duty.queue,
            priority=duty.priority,
            time_limit=duty.seconds_max * 1_000,
        )
        declare(getattr(crew, name))
