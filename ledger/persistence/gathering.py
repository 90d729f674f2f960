"""Saves that come while another one is being written are written together, in one commit.

A disk takes as long for one commit as for many events.  Whoever gets the turn writes for all who
wait; each still gets its own answer, because a group that is refused is written in halves until
whoever is refused stands alone.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic

from ledger.bells import Bell, ring_in_turn
from ledger.log.records import Appended, LogError, NewEvent

#: A group that grows beyond this is written, and the next one begins.
GROUP_EVENTS_MAX = 1_000
#: Those who were just answered together come back together: so long the others wait for them.
GATHER_SECONDS = 0.002

Append = Callable[[Sequence[NewEvent]], list[Appended]]


class _Request:
    """One save, and its answer or the turn to write."""

    def __init__(self, events: Sequence[NewEvent]) -> None:
        self.events = events
        self.answers: list[Appended] | None = None
        self.error: BaseException | None = None
        self.has_turn = False
        #: Rings when there is news.
        self.bell = Bell()

    @property
    def is_answered(self) -> bool:
        return self.answers is not None or self.error is not None


class Gathering:
    """The saves of all threads of a process into one log."""

    def __init__(self, append: Append) -> None:
        self._append = append
        self._lock = Lock()
        self._waiting: deque[_Request] = deque()
        self._is_writing = False
        #: So many are expected together, and until when.
        self._crowd, self._crowd_until = 0, 0.0

    def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Append all events or none, together with those of others who wait."""
        request = _Request(events)
        group: list[_Request] = []
        try:
            self._wait(request)
            if request.has_turn:
                group = self._next_group()
                self._write(group)
        finally:  # Who is interrupted leaves nobody waiting.
            if request.has_turn:
                self._pass_on(group)
            elif not request.is_answered:
                self._withdraw(request)
            request.bell.leave()
        if request.error is not None:
            raise request.error
        assert request.answers is not None  # It is answered, and not by an error.
        return request.answers

    def _wait(self, request: _Request) -> None:
        """Until it has the turn or is answered."""
        with self._lock:
            self._waiting.append(request)
            seconds = self._look(request)
        while not (request.has_turn or request.is_answered):
            request.bell.wait(seconds)
            with self._lock:
                seconds = self._look(request)

    def _look(self, request: _Request) -> float | None:
        """Take the turn if it is time to write; else the seconds until that must be looked at.

        Whoever completes the crowd writes for it.  The first watches the time for all.
        """
        if self._is_writing or request.is_answered:
            return None
        seconds = self._crowd_until - monotonic()
        if len(self._waiting) >= self._crowd or seconds <= 0:
            self._is_writing = request.has_turn = True
        return seconds if request is self._waiting[0] else None

    def _next_group(self) -> list[_Request]:
        """The next requests, in the order in which they came."""
        with self._lock:
            group = [self._waiting.popleft()]
            events = len(group[0].events)
            while self._waiting and events + len(self._waiting[0].events) <= GROUP_EVENTS_MAX:
                group.append(self._waiting.popleft())
                events += len(group[-1].events)
        return group

    def _pass_on(self, written: list[_Request]) -> None:
        """Who has come meanwhile waits for those who are answered now, if a group can hold all."""
        with self._lock:
            self._is_writing = False
            crowd = (*written, *self._waiting)
            fits = sum(len(request.events) for request in crowd) <= GROUP_EVENTS_MAX
            self._crowd = len(crowd) if fits else 0
            self._crowd_until = monotonic() + GATHER_SECONDS
            self._call_first()
        ring_in_turn([request.bell for request in written])

    def _withdraw(self, request: _Request) -> None:
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
            self._call_first()

    def _call_first(self) -> None:
        if self._waiting:
            self._waiting[0].bell.ring()

    def _write(self, group: list[_Request]) -> None:
        try:
            answers = iter(self._append([event for one in group for event in one.events]))
            for request in group:
                request.answers = [next(answers) for _ in request.events]
        except LogError as error:
            # Nothing was written.  Halves of halves show whose fault it is, with few commits.
            half = len(group) // 2
            if half == 0:
                group[0].error = error
            else:
                self._write(group[:half])
                self._write(group[half:])
        except BaseException as error:
            # The server is away, or we are told to end: nobody may wait for ever.
            for request in group:
                request.error = error
