"""What duebook asks of a broker beyond what dramatiq does, and what all its brokers share.

A broker is a doorbell: nothing in it is owed to anybody, and it may be emptied at any moment.  It
must stay small, too, where appends go on for days and nobody takes up a message.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, ClassVar

import structlog
from dramatiq import Broker, Message, Middleware
from dramatiq.middleware import Retries, TimeLimit

from workers.duties import DUTIES

#: How long a server may take to answer those who work.
ANSWER_SECONDS_MAX = 5.0
#: How long it may take to answer those who only ring: an append waits no longer for a doorbell.
RING_SECONDS_MAX = 1.0
#: A message that was lost with its worker keeps the next one away for no longer than this.
WAITING_MILLISECONDS_MAX = 1_500
#: Messages of one queue; of a stopped crew the tick finds the rest.  More than there are shards.
MESSAGES_MAX = 10_000
#: A message that failed for good is kept for a look at it; what it asked for is found by the tick.
DEAD_MESSAGE_MILLISECONDS_MAX = 3_600_000

RETRIES_MAX = 5
BACKOFF_MILLISECONDS_MIN = 200
BACKOFF_MILLISECONDS_MAX = 10_000

QUEUES = tuple(sorted({duty.queue for duty in DUTIES.values()}))

_logger = structlog.get_logger(__name__)


class CrewBroker(Broker, ABC):
    """A broker that does not repeat a message which waits, and can say who works and what waits.

    Nothing connects when it is made: the first command does, and again after every loss.
    """

    #: What its commands raise when the server is not there.
    losses: ClassVar[tuple[type[Exception], ...]]

    @abstractmethod
    def claim(self, key: str) -> bool:
        """Note that a message waits.  False if one does; a note goes out by itself in time."""

    @abstractmethod
    def release(self, key: str) -> None:
        """Forget that a message waits."""

    @abstractmethod
    def has_room(self, queue: str) -> bool:
        """Whether the queue may take one more message."""

    @abstractmethod
    def show_sign(self, name: str) -> None:
        """A worker process of this name lives: to be repeated before the sign goes out."""

    @abstractmethod
    def withdraw_sign(self, name: str) -> None:
        """It leaves."""

    @abstractmethod
    def count_alive(self) -> int:
        """How many worker processes, on all machines, live."""

    @abstractmethod
    def waiting(self) -> dict[str, int]:
        """Messages of each queue, also those that wait for their time."""

    def call(self, duty: str, ids: tuple[int, ...]) -> None:
        """Ask for a duty, unless the same call waits to be taken up."""
        queue = DUTIES[duty].queue
        if self.claim(waiting_key(duty, ids)) and self.has_room(queue):
            self.enqueue(Message(queue, duty, ids, {}, {}))


class Answering(Middleware):
    """Let a message be sent again as soon as it is taken up.

    Before the work, not after it: news that come meanwhile may have come too late for it.
    """

    def before_process_message(self, broker: Broker, message: Any) -> None:
        """Forget that this message was waiting."""
        assert isinstance(broker, CrewBroker)
        with suppress(*broker.losses):
            broker.release(waiting_key(message.actor_name, message.args))


class Reporting(Middleware):
    """Say in one line that a duty could not be done because an engine was not there.

    Such a duty is not retried: the tick calls for it again, for as long as the outage lasts.
    """

    def __init__(self, outages: tuple[type[Exception], ...]) -> None:
        self._outages = outages

    def after_process_message(
        self,
        broker: Broker,
        message: Any,
        *,
        result: object = None,
        exception: BaseException | None = None,
    ) -> None:
        """Nothing else reports an error that an actor is known to throw."""
        if isinstance(exception, self._outages):
            _logger.warning(
                "duty_not_done",
                duty=message.actor_name,
                ids=list(message.args),
                error=" ".join(str(exception).split()),
                remedy="the tick calls for it again",
            )


def middleware() -> list[Middleware]:
    """What every broker of ours does around a message."""
    return [
        TimeLimit(),
        Answering(),
        Retries(
            max_retries=RETRIES_MAX,
            min_backoff=BACKOFF_MILLISECONDS_MIN,
            max_backoff=BACKOFF_MILLISECONDS_MAX,
        ),
    ]


def waiting_key(duty: str, ids: Iterable[int]) -> str:
    """The name of a call that waits."""
    return ":".join((duty, *map(str, ids)))
