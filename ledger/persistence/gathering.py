"""Saves that come while another one is being written are written together, in one commit.

A disk takes as long for one commit as for many events.  Whoever gets the turn writes for all who
wait; each still gets its own answer, because a group that is refused is written one by one.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock
from time import sleep

from ledger.log.records import Appended, LogError, NewEvent

#: A group that grows beyond this is written, and the next one begins.
GROUP_EVENTS_MAX = 1_000
#: Those who were just answered together come back together: so long the first waits for the rest.
GATHER_SECONDS = 0.0005

Append = Callable[[Sequence[NewEvent]], list[Appended]]


class _Request:
    """One save, and its answer or the turn to write."""

    def __init__(self, events: Sequence[NewEvent]) -> None:
        self.events = events
        self.answers: list[Appended] | None = None
        self.error: BaseException | None = None
        self.has_turn = False
        self.called = Event()


class Gathering:
    """The saves of all threads of a process into one log."""

    def __init__(self, append: Append) -> None:
        self._append = append
        self._lock = Lock()
        self._waiting: deque[_Request] = deque()
        self._is_writing = False
        self._last_group = 0

    def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Append all events or none, together with those of others who wait."""
        request = _Request(events)
        with self._lock:
            self._waiting.append(request)
            request.has_turn = not self._is_writing
            self._is_writing = True
        if not request.has_turn:
            self._wait(request)
        if request.has_turn:
            group = self._next_group()
            try:
                self._write(group)
            finally:
                self._pass_on(group)
        if request.error is not None:
            raise request.error
        assert request.answers is not None  # It is answered, and not by an error.
        return request.answers

    def _wait(self, request: _Request) -> None:
        """Until it is answered or has the turn.  Who is interrupted leaves nobody waiting."""
        try:
            request.called.wait()
        except BaseException:
            with self._lock:
                if request in self._waiting:
                    self._waiting.remove(request)
            if request.has_turn:
                self._pass_on([])
            raise

    def _next_group(self) -> list[_Request]:
        """The next requests in the order in which they came; the first is his who has the turn."""
        if len(self._waiting) < self._last_group - 1:
            sleep(GATHER_SECONDS)
        with self._lock:
            group = [self._waiting.popleft()]
            events = len(group[0].events)
            while self._waiting and events + len(self._waiting[0].events) <= GROUP_EVENTS_MAX:
                group.append(self._waiting.popleft())
                events += len(group[-1].events)
            self._last_group = len(group)
        return group

    def _pass_on(self, written: list[_Request]) -> None:
        """First the turn to the next one, who begins to write while the others take answers."""
        with self._lock:
            if self._waiting:
                self._waiting[0].has_turn = True
                self._waiting[0].called.set()
            else:
                self._is_writing = False
        for request in written:
            request.called.set()

    def _write(self, group: list[_Request]) -> None:
        try:
            answers = iter(self._append([event for one in group for event in one.events]))
            for request in group:
                request.answers = [next(answers) for _ in request.events]
        except LogError as error:
            # Nothing was written.  Whose fault it is shows when each is written alone.
            if len(group) == 1:
                group[0].error = error
            else:
                for request in group:
                    self._write([request])
        except BaseException as error:
            # The server is away, or we are told to end: nobody may wait for ever.
            for request in group:
                request.error = error
