"""The one way in: facts that were proposed are decided and appended, or refused with a reason.

Read the accounts concerned, decide each fact in order, append what was decided if no account has
moved meanwhile.  If one has, do it again under the locks of the shards, where nobody else moves
them.  A fact whose key is already recorded with the same content is a retry and gets the first
answer; that is what makes every request safe to repeat.

A request over several accounts, in whatever shards, is one transaction: the events of all of them
are there at once, or none is.  Shards are always locked in their order, so that requests never wait
for each other in a ring.  A follower of one shard learns nothing of when another shard moves.

A database that goes away or restarts is waited for, up to `PATIENCE_SECONDS`.  Then its own error
comes through.  Every error but `MayBeWritten` says that nothing was written.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import TypeVar

import psycopg

from ledger.deciding import Answer, Outcome, Plan, Refusals, Request, Taken
from ledger.domain.event import Event
from ledger.domain.rejections import Rejected
from ledger.door import Line
from ledger.garbage import without_collector
from ledger.log.log import Log
from ledger.log.records import KeyUsed, Recorded, RecordedTimeRefused, StreamMoved
from ledger.log.transactions import MayBeWritten, is_passing
from ledger.streams import new_event, other_content

__all__ = ["Answer", "Books", "Busy", "MayBeWritten", "NotWritten", "Request", "Taken"]

#: How long a request waits for a database that is away, and for others who hold its shards.
PATIENCE_SECONDS = 15.0
#: Seconds between two attempts while the database is away: they double from first to last.
PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.05, 1.0

#: Requests of up to so many lines go in a pipeline.
PIPELINED_LINES_MAX = 32

#: Where one account was raced for, the next requests lock first instead of deciding in vain.
LOCKED_AFTER_A_RACE = 20


T = TypeVar("T")


class NotWritten(Exception):
    """The request got no answer, and nothing of it was written, for certain."""


class Busy(NotWritten):
    """Others held the shards of the request all the time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"Others held the shards of this request for {seconds:g} s. Nothing was written;"
            " see with duebook status who holds a head, and repeat it."
        )


class Books:
    """Append facts to accounts.  Safe to share between threads."""

    def __init__(self, log: Log, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.log = log
        self.patience_seconds = patience_seconds
        #: How many requests still lock first.  Threads may miscount it: it is but a guess.
        self._locked_first = 0

    def append_all(self, lines: Sequence[Line]) -> list[Taken]:
        """Take every line or none.  Raises `Rejected` with the first refusal."""
        [outcome] = self.append_together([Request(lines, all_or_nothing=True)])
        if isinstance(outcome, Rejected):
            raise outcome
        return [answer for answer in outcome if isinstance(answer, Taken)]

    def append_each(self, lines: Sequence[Line]) -> list[Answer]:
        """Take the lines that can be taken; each line gets its answer."""
        [outcome] = self.append_together([Request(lines, all_or_nothing=False)])
        assert not isinstance(outcome, Rejected)  # Only all-or-nothing is refused as a whole.
        return outcome

    def decide_each(self, lines: Sequence[Line]) -> list[Answer]:
        """What `append_each` would answer, with nothing written: only retries are `recorded`."""
        request = Request(lines, all_or_nothing=False)
        plan = Plan(self.log.streams(_accounts([request])))
        plan.take(request, Refusals([request]).of(0))
        [outcome] = plan.outcomes()
        assert not isinstance(outcome, Rejected)  # Only all-or-nothing is refused as a whole.
        return outcome

    def append_together(self, requests: Sequence[Request]) -> list[Outcome]:
        """Decide requests in their order and append them in one transaction; an outcome for each.

        A request that is rejected leaves nothing behind for the others; an error is one of all.
        """
        refusals = Refusals(requests)
        return self._answered(partial(self._attempt, requests, refusals))

    def record(self, stream_id: str, decide: Callable[[list[Recorded]], Sequence[Event]]) -> Taken:
        """Append to a stream that is no account what `decide` makes of its history.

        `decide` may be called several times, and raises `Rejected` to refuse.  An event whose key
        is recorded with the same content is a retry.  Raises `Rejected` for other content too.
        """
        return self._answered(partial(self._attempt_record, stream_id, decide))

    def _answered(self, attempt: Callable[[bool, float], T | None]) -> T:
        """What an attempt comes to, made as often as it takes: with locks or without, and with the
        seconds that it may wait.
        """
        patience = _Patience(self.patience_seconds)
        locking = self._locked_first > 0
        self._locked_first -= locking
        while True:
            try:
                outcomes = attempt(locking, patience.seconds_left())
            except Exception as error:  # Whatever it is, it may follow a commit without an answer.
                if isinstance(error, StreamMoved | KeyUsed) and not locking:
                    self._locked_first = LOCKED_AFTER_A_RACE
                else:
                    patience.wait_out(error)
                # Behind the locks nobody moves, and what became of such a commit is to be seen.
                locking = True
            else:
                if outcomes is not None:
                    return outcomes

    def _attempt(
        self, requests: Sequence[Request], refusals: Refusals, locking: bool, seconds_max: float
    ) -> list[Outcome] | None:
        """One transaction.  None where the log refused a recorded time: now we know which."""
        account_ids = _accounts(requests)
        is_small = sum(len(request.lines) for request in requests) <= PIPELINED_LINES_MAX
        with (
            nullcontext() if is_small else without_collector(),
            self.log.transaction(seconds_max, pipelined=is_small) as conn,
        ):
            if locking:
                self.log.lock(account_ids, conn)
            histories = self.log.streams(account_ids, conn)
            plan = Plan(histories)
            for number, request in enumerate(requests):
                plan.take(request, refusals.of(number))
            changed = {event.stream_id for event in plan.events}
            try:
                appended = self.log.append(
                    plan.events,
                    expected_versions={one: len(histories[one]) for one in changed},
                    recorded_at=plan.recorded_at if any(plan.recorded_at) else None,
                    conn=conn,
                )
            except RecordedTimeRefused as error:
                refusals.learn(plan, error)
                return None
        return plan.outcomes(appended)

    def _attempt_record(
        self,
        stream_id: str,
        decide: Callable[[list[Recorded]], Sequence[Event]],
        locking: bool,
        seconds_max: float,
    ) -> Taken:
        with self.log.transaction(seconds_max, pipelined=False) as conn:
            if locking:
                self.log.lock([stream_id], conn)
            history = self.log.streams([stream_id], conn)[stream_id]
            events = [new_event(stream_id, event) for event in decide(history)]
            refusal = other_content(events, history)
            if refusal is not None:
                raise Rejected(refusal)
            appended = self.log.append(
                events, expected_versions={stream_id: len(history)}, conn=conn
            )
        return Taken(
            tuple(answer.recorded for answer in appended),
            is_retry=all(answer.is_retry for answer in appended),
        )


class _Patience:
    """How long a request still waits, and whether it may have been written already."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._pause = PAUSE_SECONDS_MIN
        self._unsettled: MayBeWritten | None = None

    def seconds_left(self) -> float:
        """Until the request gives up."""
        return max(0.0, self._deadline - time.monotonic())

    def wait_out(self, error: Exception) -> None:
        """Pause before the next attempt.  Raises what there is to say if none is to be made."""
        if isinstance(error, MayBeWritten):
            self._unsettled = error
        left = self.seconds_left()
        if left > 0 and is_passing(error):
            time.sleep(min(self._pause, left))
            self._pause = min(2 * self._pause, PAUSE_SECONDS_MAX)
            return
        if self._unsettled is not None and self._unsettled is not error:
            raise self._unsettled from error
        if isinstance(error, psycopg.errors.LockNotAvailable):
            raise Busy(self._seconds) from error
        raise error


def _accounts(requests: Sequence[Request]) -> list[str]:
    """The accounts of the requests, each once."""
    return list(dict.fromkeys(line.account_id for one in requests for line in one.lines))
