"""Signs of life: each worker process shows one that goes out by itself.

It says who works right now, and nothing depends on it.
"""

import os
import socket
from contextlib import suppress
from types import TracebackType

from workers.brokers.base import CrewBroker


class SignOfLife:
    """The sign of this process, to be renewed every second or so."""

    def __init__(self, broker: CrewBroker) -> None:
        self._broker = broker
        self._name = f"{socket.gethostname()}:{os.getpid()}"

    def renew(self) -> None:
        """Show it for some seconds more.  A broker that is down has nobody to show it to."""
        with suppress(*self._broker.losses):
            self._broker.show_sign(self._name)

    def __enter__(self) -> "SignOfLife":
        self.renew()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(*self._broker.losses):
            self._broker.withdraw_sign(self._name)
