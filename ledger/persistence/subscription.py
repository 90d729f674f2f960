"""Follow an application by looking at the end of its log, again and again.

No NOTIFY: sent within an append it takes a lock on the whole database at commit.  A look is one
row; after a look in vain the next comes after twice the pause.
"""

import logging
from collections import deque
from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING

from eventsourcing.persistence import (
    InterfaceError,
    Notification,
    OperationalError,
    Subscription,
)

if TYPE_CHECKING:
    from ledger.persistence.recorders import LedgerApplicationRecorder

PAGE = 500
PAUSE_SECONDS_MIN = 0.005
PAUSE_SECONDS_MAX = 0.1
#: While the server does not answer.
OUTAGE_PAUSE_SECONDS_MAX = 5.0

_logger = logging.getLogger(__name__)


class LedgerSubscription(Subscription["LedgerApplicationRecorder"]):
    """The notifications after `gt`, those that are there and those that come, until `stop`.

    It outlives the server: while that does not answer, it waits and tries again.
    """

    def __init__(
        self, recorder: "LedgerApplicationRecorder", gt: int | None, topics: Sequence[str]
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._fetched: deque[Notification] = deque()
        #: Everything up to here was looked at, whatever its topic.
        self._seen = gt or 0
        self._pause = PAUSE_SECONDS_MIN
        self._stopped = Event()

    def stop(self) -> None:
        """End the iteration, also one that waits in another thread."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._fetched:
                return self._fetched.popleft()
            try:
                self._fetch()
            except (InterfaceError, OperationalError) as error:
                self._pause = min(2 * max(self._pause, 0.1), OUTAGE_PAUSE_SECONDS_MAX)
                _logger.warning("database not there: %s; again in %g s", error, self._pause)
            if not self._fetched:
                self._stopped.wait(self._pause)
        raise StopIteration

    def _fetch(self) -> None:
        """Look at the end of the log, and take the next page up to it, if there is one."""
        head = self._recorder.max_notification_id() or 0
        if head <= self._seen:
            self._pause = min(2 * self._pause, PAUSE_SECONDS_MAX)
            return
        self._pause = PAUSE_SECONDS_MIN
        page = self._recorder.select_notifications(
            self._seen, PAGE, stop=head, topics=self._topics, inclusive_of_start=False
        )
        self._fetched.extend(page)
        # A page that is not full has come to the end, also where nothing had the topics.
        self._seen = page[-1].id if len(page) == PAGE else head
