"""The counter where callers queue: what many threads bring is appended in few transactions.

    NotWritten              nothing of the request was written, for certain
    ├── Overloaded          the queue is full; says when to try again
    ├── Withdrawn           the time was up while the request was still in the queue
    ├── CounterClosed       the counter takes no more requests
    └── Busy                others held the shards all the time
    MayBeWritten            the request was handed to the database and has no answer yet

One thread takes what has gathered while it was away and hands it to the books as one group, for all
shards: deciding is Python, of which one thread runs at a time, so that a thread for each shard
would decide no faster and wait for the disk more often; and a request over several shards stays one
transaction.  The group is appended together, but each request is rejected for itself, and where the
group meets an error that is not the database's, each request is tried alone.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Lock, Thread
from types import TracebackType
from typing import Self

from ledger.bells import Bell, ring_in_turn
from ledger.books import Books, MayBeWritten, NotWritten
from ledger.deciding import Answer, Outcome, Request, Taken
from ledger.door import Line
from ledger.log.transactions import is_passing

#: Lines that may wait in the queue: at a few thousand a second they are served in time.
QUEUE_LINES_MAX = 2_000
#: Lines of one group: more would keep the first caller waiting and save no round trip any more.
GROUP_LINES_MAX = 200
#: Callers who were just answered come back together; so long the first of them waits for the rest.
GATHER_SECONDS = 0.002
#: How long a caller waits for his answer unless he says otherwise.
ANSWER_SECONDS = 30.0
#: Nobody is asked to come back sooner than this.
RETRY_SECONDS_MIN = 0.1


class Overloaded(NotWritten):
    """The queue has no place for the request."""

    def __init__(self, lines: int, retry_after_seconds: float) -> None:
        super().__init__(
            f"{lines} lines are waiting to be appended, and this request finds no place among them."
            f" Nothing was written; try again in {retry_after_seconds:.1f} s."
        )
        self.retry_after_seconds = retry_after_seconds


class Withdrawn(NotWritten):
    """The time was up before the request left the queue."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The request waited {seconds:g} s in the queue and was taken out again. Nothing was"
            " written; repeat it with more time, or when there is less to do."
        )


class CounterClosed(NotWritten):
    """The counter takes no more requests."""

    def __init__(self) -> None:
        super().__init__("The counter is closed. Nothing was written; repeat it elsewhere.")


@dataclass(eq=False, slots=True)
class _Ticket:
    """A request on its way."""

    request: Request
    outcome: Outcome | Exception | None = None
    #: Rings when there is an outcome.
    bell: Bell = field(default_factory=Bell)

    @property
    def lines(self) -> int:
        return len(self.request.lines)


class Counter:
    """Append facts to accounts from many threads.  Close it: what is in the queue is finished."""

    def __init__(
        self,
        books: Books,
        *,
        queue_lines_max: int = QUEUE_LINES_MAX,
        on_group: Callable[[int, float], None] | None = None,
    ) -> None:
        self._books = books
        #: Told of each group, how many lines it had and how many seconds it took.
        self._on_group = on_group
        self._queue_lines_max = queue_lines_max
        self._lock = Lock()
        #: Somebody came into the queue or the counter closes; a place became free or it closes.
        self._news, self._places = Condition(self._lock), Condition(self._lock)
        self._queue: deque[_Ticket] = deque()
        #: So many requests are expected together.
        self._crowd = 0
        #: Who waits for a place, so that a large request is not overtaken by small ones for ever.
        self._door: deque[_Ticket] = deque()
        self._is_closed = False
        self._seconds_a_line = 0.001
        self._server = Thread(target=self._serve, name="counter", daemon=True)
        self._server.start()

    def append_all(
        self,
        lines: Sequence[Line],
        *,
        expected_version: int | None = None,
        seconds: float = ANSWER_SECONDS,
        at_once: bool = False,
    ) -> list[Taken]:
        """Take every line or none.  Raises `Rejected` with the first refusal.

        With an `expected_version` there is one line, and a new fact is taken only if the account is
        at that version.
        """
        request = Request(lines, all_or_nothing=True, expected_version=expected_version)
        outcome = self._bring(request, seconds, at_once=at_once)
        return [answer for answer in outcome if isinstance(answer, Taken)]

    def append_each(
        self, lines: Sequence[Line], *, seconds: float = ANSWER_SECONDS, at_once: bool = False
    ) -> list[Answer]:
        """Take the lines that can be taken; each line gets its answer.

        The answer is there within `seconds`, or it is an error that says whether the request may
        have been written.  A full queue is waited for, too, unless the caller wants it `at_once`.
        """
        return self._bring(Request(lines, all_or_nothing=False), seconds, at_once=at_once)

    def queued_lines(self) -> int:
        """How many lines wait to be handed to the database."""
        with self._lock:
            return self._lines_in_queue()

    def close(self) -> None:
        """Take no more requests, and finish those that are in the queue."""
        with self._lock:
            self._is_closed = True
            self._news.notify_all()
            self._places.notify_all()
        self._server.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    # The caller's side

    def _bring(self, request: Request, seconds: float, *, at_once: bool) -> list[Answer]:
        deadline = time.monotonic() + seconds
        ticket = _Ticket(request)
        self._queue_up(ticket, 0 if at_once else seconds)
        try:
            ticket.bell.wait(max(0.0, deadline - time.monotonic()))
        finally:  # A caller who is interrupted does not leave his request behind either.
            ticket.bell.leave()
            is_withdrawn = ticket.outcome is None and self._withdraw(ticket)
        if is_withdrawn:
            raise Withdrawn(seconds)
        outcome = ticket.outcome
        if outcome is None:
            raise MayBeWritten(f"The database was not done with the request within {seconds:g} s")
        if isinstance(outcome, Exception):
            raise _twin(outcome) from outcome
        return outcome

    def _queue_up(self, ticket: _Ticket, seconds: float) -> None:
        """Find a place in the queue, in the order in which the callers came."""
        with self._lock:
            self._door.append(ticket)
            try:
                self._places.wait_for(lambda: self._is_closed or self._has_place(ticket), seconds)
                if self._is_closed:
                    raise CounterClosed
                if not self._has_place(ticket):
                    raise Overloaded(self._lines_in_queue(), self._seconds_until_served())
                self._queue.append(ticket)
                if len(self._queue) == 1 or len(self._queue) >= self._crowd:
                    self._news.notify()  # Not for each: the other side would wake up in vain.
            finally:
                self._door.remove(ticket)
                self._places.notify_all()  # The next at the door may fit in, too.

    def _withdraw(self, ticket: _Ticket) -> bool:
        """Take a request out of the queue, if it is still there."""
        with self._lock:
            if ticket not in self._queue:
                return False
            self._queue.remove(ticket)
            self._places.notify_all()
            return True

    def _has_place(self, ticket: _Ticket) -> bool:
        """The first at the door comes in if it fits; into an empty queue it does, however large."""
        fits = self._lines_in_queue() + ticket.lines <= self._queue_lines_max
        return self._door[0] is ticket and (fits or not self._queue)

    def _lines_in_queue(self) -> int:
        return sum(ticket.lines for ticket in self._queue)

    def _seconds_until_served(self) -> float:
        return max(RETRY_SECONDS_MIN, self._lines_in_queue() * self._seconds_a_line)

    # The other side

    def _serve(self) -> None:
        group: list[_Ticket] = []
        while group := self._next_group(len(group)):
            began = time.monotonic()
            outcomes = self._outcomes([ticket.request for ticket in group])
            for ticket, outcome in zip(group, outcomes, strict=True):
                ticket.outcome = outcome
            ring_in_turn([ticket.bell for ticket in group])
            lines = sum(ticket.lines for ticket in group)
            seconds = time.monotonic() - began
            self._seconds_a_line += (seconds / max(1, lines) - self._seconds_a_line) / 8
            if self._on_group is not None:
                self._on_group(lines, seconds)

    def _next_group(self, last: int) -> list[_Ticket]:
        """What has gathered, up to the size of a group; nothing once the counter is closed.

        The callers of the `last` group are given a moment to join those who have waited meanwhile:
        otherwise two crowds would take turns, each with a commit of its own.
        """
        with self._lock:
            self._crowd = len(self._queue) + last
            self._news.wait_for(lambda: self._queue or self._is_closed)
            self._news.wait_for(
                lambda: len(self._queue) >= self._crowd or self._is_closed, GATHER_SECONDS
            )
            group: list[_Ticket] = []
            lines = 0
            while self._queue and (not group or lines + self._queue[0].lines <= GROUP_LINES_MAX):
                group.append(self._queue.popleft())
                lines += group[-1].lines
            self._places.notify_all()
            return group

    def _outcomes(self, requests: Sequence[Request]) -> Sequence[Outcome | Exception]:
        try:
            return self._books.append_together(requests)
        except Exception as error:  # The thread goes on, whatever a request has brought about.
            if len(requests) == 1 or is_passing(error) or isinstance(error, NotWritten):
                return [error] * len(requests)
        return [self._outcomes([request])[0] for request in requests]


def _twin(error: Exception) -> Exception:
    """The same error once more: each thread that raises one writes its traceback into it."""
    twin = type(error).__new__(type(error), *error.args)
    twin.__dict__.update(error.__dict__)
    return twin
