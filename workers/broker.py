"""The broker of a ledger, chosen by its URL, and the duties of a crew as its actors."""

import psycopg
from dramatiq import actor
from psycopg_pool import PoolTimeout

from workers.brokers.base import ANSWER_SECONDS_MAX, CrewBroker, Reporting
from workers.brokers.rabbitmq import make_rabbitmq_broker
from workers.brokers.redis import make_redis_broker
from workers.crew import Crew
from workers.duties import DUTIES

#: What a duty meets while PostgreSQL is down, restarts, is full or takes no writes.
OUTAGES: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    PoolTimeout,
)


def make_broker(url: str, answer_seconds: float = ANSWER_SECONDS_MAX) -> CrewBroker:
    """RabbitMQ for `amqp://` and `amqps://`, Redis for the rest.  Nothing connects yet."""
    if url.startswith(("amqp://", "amqps://")):
        return make_rabbitmq_broker(url, answer_seconds)
    return make_redis_broker(url, answer_seconds)


def register(broker: CrewBroker, crew: Crew) -> None:
    """Let this crew do what arrives on the broker.  An actor is a duty: ids in, nothing out."""
    broker.add_middleware(Reporting(OUTAGES))
    for name, duty in DUTIES.items():
        declare = actor(
            broker=broker,
            actor_name=name,
            queue_name=duty.queue,
            priority=duty.priority,
            time_limit=duty.seconds_max * 1_000,
            throws=OUTAGES,
        )
        declare(getattr(crew, name))
