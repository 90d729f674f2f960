"""RabbitMQ as the broker: dramatiq's queues with a limit, and no keys, since it has none.

A call that waits is a message in a queue that takes one at most.  A worker process is a consumer
of each queue, so the server itself counts who lives: a killed one is gone with its connection,
and what it had in hand is delivered again.

The queues bear plain names, as on Redis: duebook wants a virtual host of its own, as it wants a
database of its own.
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import pika
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.common import dq_name
from dramatiq.errors import BrokerConnectionError
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPChannelError, AMQPConnectionError, AMQPError, NackError

from workers.brokers.base import (
    MESSAGES_MAX,
    QUEUES,
    WAITING_MILLISECONDS_MAX,
    CrewBroker,
    middleware,
)

#: Every worker process consumes this one, so its consumers are the processes.
COUNTED_QUEUE = "calendar"
#: Queues of calls that nobody has made for so long are taken away.
CALL_QUEUE_MILLISECONDS_MAX = 3_600_000

_Found = TypeVar("_Found")


class RabbitmqCrewBroker(CrewBroker, RabbitmqBroker):
    """dramatiq's broker on RabbitMQ, with queues that a stopped crew cannot fill."""

    losses: ClassVar[tuple[type[Exception], ...]] = (
        AMQPError,
        AMQPConnectorException,
        BrokerConnectionError,
        OSError,
    )

    def claim(self, key: str) -> bool:
        """A second message is refused by the queue of the call."""
        return self._asked(lambda channel: _put(channel, _declared(channel, key)))

    def release(self, key: str) -> None:
        """Empty the queue of the call."""
        self._asked(lambda channel: channel.queue_purge(_declared(channel, key)))

    def has_room(self, queue: str) -> bool:
        """A full queue drops its oldest message by itself."""
        return True

    def show_sign(self, name: str) -> None:
        """Its consumers are the sign."""

    def withdraw_sign(self, name: str) -> None:
        """They go with its connections."""

    def count_alive(self) -> int:
        """The consumers of a queue that all consume."""
        return self._asked(lambda _: int(self._state_of(COUNTED_QUEUE).consumer_count))

    def waiting(self) -> dict[str, int]:
        """What is ready to be delivered; what a process has in hand is not in it."""
        return self._asked(lambda _: {queue: self._length(queue) for queue in QUEUES})

    def _length(self, queue: str) -> int:
        names = (queue, dq_name(queue))
        return sum(int(self._state_of(name).message_count) for name in names)

    def _state_of(self, name: str) -> Any:
        """A queue as the server knows it; declared, so that one that is missing is empty."""
        arguments = self._build_queue_arguments(name)
        return self.channel.queue_declare(name, durable=True, arguments=arguments).method

    def _asked(self, ask: Callable[[Any], _Found]) -> _Found:
        """Once more on a new connection, if an old one was lost while nobody used it."""
        was_connected = getattr(self.state, "connection", None) is not None
        try:
            return ask(self.channel)
        except (AMQPConnectionError, AMQPChannelError):
            del self.connection
            if not was_connected:
                raise
            return ask(self.channel)

    def _build_queue_arguments(self, queue_name: str) -> dict[str, Any]:
        """No dead letters: what a limit or a failure drops would fill another queue."""
        return {"x-max-length": MESSAGES_MAX, "x-overflow": "drop-head"}

    def _declare_xq_queue(self, queue_name: str) -> None:
        """dramatiq would make a queue for dead letters."""


def make_rabbitmq_broker(url: str, answer_seconds: float) -> RabbitmqCrewBroker:
    """A broker without actors: enough to ring the doorbell."""
    # Confirmed: otherwise a queue that is full or gone would take a message without a word.
    broker = RabbitmqCrewBroker(url=url, middleware=middleware(), confirm_delivery=True)
    several: Any = broker.parameters
    for parameters in several if isinstance(several, list) else [several]:
        patient(parameters, answer_seconds)
    return broker


def patient(parameters: pika.ConnectionParameters, seconds: float) -> None:
    """Let a server that does not answer be noticed within seconds."""
    parameters.socket_timeout = seconds
    parameters.stack_timeout = seconds
    parameters.blocked_connection_timeout = seconds


def _declared(channel: Any, key: str) -> str:
    """The queue of a call.  It is declared each time, since it goes away by itself."""
    name = f"waiting:{key}"
    arguments = {
        "x-max-length": 1,
        "x-overflow": "reject-publish",
        "x-message-ttl": WAITING_MILLISECONDS_MAX,
        "x-expires": CALL_QUEUE_MILLISECONDS_MAX,
    }
    channel.queue_declare(name, arguments=arguments)
    return name


def _put(channel: Any, queue: str) -> bool:
    try:
        channel.basic_publish(exchange="", routing_key=queue, body=b"", mandatory=True)
    except NackError:
        return False
    return True
