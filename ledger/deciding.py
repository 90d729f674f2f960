"""What requests come to, decided on what is recorded: no database here.

A request is decided line by line, each line on what the lines before it have brought about.
Several requests can be decided together: each sees those before it, and one that is refused leaves
no trace.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from ledger.codec import CodecError, encode
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.decisions import Proposal, decide
from ledger.domain.events import AccountEvent
from ledger.domain.limits import EVENTS_PER_STREAM_MAX
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.domain.reversal_decisions import MoneyTakenBack
from ledger.door import Line, proposal_of
from ledger.log.records import Appended, NewEvent, Recorded, RecordedTimeRefused, StreamFull
from ledger.replay import KnownFact, known_facts, state_of
from ledger.streams import is_account


@dataclass(frozen=True, slots=True)
class Request:
    """Lines that came in together: all are taken or none, or each is taken for itself."""

    lines: Sequence[Line]
    all_or_nothing: bool
    #: A new fact is taken only if its account is at this version; for requests of one line.
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A fact is in the log.  One proposal may have made several events, or none to be made."""

    recorded: tuple[Recorded, ...]
    is_retry: bool


Answer: TypeAlias = Taken | Rejection

#: What came of a request: an answer for each line, or the refusal of them all.
Outcome: TypeAlias = list[Answer] | Rejected

#: Where an event stands: in the log already, or at this place among the new events.
_Place: TypeAlias = Recorded | int


@dataclass(slots=True)
class _Stream:
    """An account while it is decided upon: what is recorded and what is about to be."""

    history: list[Recorded]
    facts: list[KnownFact]
    account: Account = field(default_factory=Account)
    #: What each key stands for, and where it is recorded or will be.
    by_key: dict[str, tuple[AccountEvent, _Place]] = field(default_factory=dict)
    added: list[tuple[AccountEvent, int]] = field(default_factory=list)

    @classmethod
    def of(cls, history: list[Recorded]) -> "_Stream":
        facts = known_facts(history)
        stream = cls(history, facts)
        for known, recorded in zip(facts, history, strict=True):
            evolve(stream.account, Fact(known.event, known.version))
            stream.by_key[recorded.key] = (known.event, recorded)
        return stream

    def add(self, event: AccountEvent, place: int) -> None:
        version = len(self.facts) + 1
        self.facts.append(KnownFact(event, version, _UNRECORDED))
        evolve(self.account, Fact(event, version))
        self.by_key[event.key] = (event, place)
        self.added.append((event, place))

    def before(self, place: int) -> "_Stream":
        """As it was before the new event of this place, and those behind it, were added."""
        if not self.added or self.added[-1][1] < place:
            return self
        earlier = _Stream.of(self.history)
        for event, its_place in self.added:
            if its_place < place:
                earlier.add(event, its_place)
        return earlier

    def earlier(self, proposal: Proposal) -> tuple[AccountEvent, ...]:
        """The events that already answer this proposal, if it is a repetition."""
        if isinstance(proposal, MoneyTakenBack):
            prefix = f"reversal:{proposal.reversal_id}:"
            return tuple(e for key, (e, _) in self.by_key.items() if key.startswith(prefix))
        event, _ = self.by_key.get(proposal.key, (None, 0))
        return () if event is None else (event,)


@dataclass(frozen=True, slots=True)
class _Pending:
    """The answer of a line that is taken, once the new events among its places are appended."""

    places: tuple[_Place, ...]
    is_retry: bool

    def once(self, appended: Sequence[Appended]) -> Taken:
        """The answer now that they are.  A new event that is not there was only tried."""
        return Taken(
            tuple(
                appended[place].recorded if isinstance(place, int) else place
                for place in self.places
                if not isinstance(place, int) or appended
            ),
            self.is_retry,
        )


class Refusals:
    """What the log refused of some requests, learnt at earlier attempts: by request and line."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self._by_line = [_untimed_among_timed(request.lines) for request in requests]

    def of(self, request: int) -> dict[int, Rejection]:
        """Those of one request, by the number of the line."""
        return self._by_line[request]

    def learn(self, plan: "Plan", error: RecordedTimeRefused) -> None:
        """Take the line out; in an open ledger all lines of its request that give a time."""
        request, line = plan.line_of(error)
        if error.is_open:
            self._by_line[request] |= dict.fromkeys(plan.new_lines(request), _LEDGER_IS_OPEN)
        self._by_line[request][line] = Rejection(Code.RECORDED_TIME_REFUSED, str(error))


class Plan:
    """What requests come to: an outcome for each, and the events still to be appended."""

    def __init__(self, histories: Mapping[str, list[Recorded]]) -> None:
        self.events: list[NewEvent] = []
        self.recorded_at: list[datetime | None] = []
        self._streams = {name: _stream_of(history) for name, history in histories.items()}
        self._outcomes: list[list[_Pending | Rejection] | Rejection] = []

    def take(self, request: Request, refused: Mapping[int, Rejection]) -> None:
        """Decide a request, but for the lines that are refused already."""
        before = len(self.events)
        answers: list[_Pending | Rejection] = []
        for number, line in enumerate(request.lines):
            answer = refused.get(number) or self._decide(line, request.expected_version)
            if isinstance(answer, Rejection) and request.all_or_nothing:
                self._forget(request, before)
                self._outcomes.append(answer)
                return
            answers.append(answer)
        self._outcomes.append(answers)

    def outcomes(self, appended: Sequence[Appended] = ()) -> list[Outcome]:
        """The outcome of each request, once the events of the plan are appended."""
        return [
            Rejected(outcome)
            if isinstance(outcome, Rejection)
            else [
                answer if isinstance(answer, Rejection) else answer.once(appended)
                for answer in outcome
            ]
            for outcome in self._outcomes
        ]

    def line_of(self, error: RecordedTimeRefused) -> tuple[int, int]:
        """The request and the line whose event was refused."""
        [place] = (
            place
            for place, event in enumerate(self.events)
            if (event.stream_id, event.key) == (error.stream_id, error.key)
        )
        return next(
            (request, line)
            for request in range(len(self._outcomes))
            for line, answer in self._new(request)
            if place in answer.places
        )

    def new_lines(self, request: int) -> list[int]:
        """The lines of a request that would make new events."""
        return [line for line, _ in self._new(request)]

    def _new(self, request: int) -> Iterator[tuple[int, _Pending]]:
        outcome = self._outcomes[request]
        for line, answer in enumerate([] if isinstance(outcome, Rejection) else outcome):
            if isinstance(answer, _Pending) and not answer.is_retry and answer.places:
                yield line, answer

    def _forget(self, request: Request, place: int) -> None:
        """Take back what the lines of the request have added since."""
        if len(self.events) == place:
            return
        del self.events[place:], self.recorded_at[place:]
        for account_id in {line.account_id for line in request.lines}:
            stream = self._streams[account_id]
            if isinstance(stream, _Stream):
                self._streams[account_id] = stream.before(place)

    def _decide(self, line: Line, expected_version: int | None) -> _Pending | Rejection:
        """Decide one line; the events that it makes go into the plan."""
        if not is_account(line.account_id):
            return Rejection(
                Code.FIELD_INVALID,
                f"account is {line.account_id[:60]!r}, which is no account: the id of one holds no"
                " slash",
                "account",
            )
        stream = self._streams[line.account_id]
        if isinstance(stream, Rejection):
            return stream
        try:
            proposal = proposal_of(line, stream.account)
        except Rejected as error:
            return error.rejection
        earlier = stream.earlier(proposal)
        if earlier:
            return _repetition(proposal, earlier, stream)
        decision = decide(stream.account, proposal, state_of(stream.facts))
        if isinstance(decision, Rejection):
            return decision
        if len(stream.facts) + len(decision) > EVENTS_PER_STREAM_MAX:
            full = StreamFull(line.account_id, EVENTS_PER_STREAM_MAX)
            return Rejection(Code.STREAM_FULL, str(full))
        if expected_version is not None and expected_version != len(stream.facts):
            return _moved(expected_version, len(stream.facts))
        first = len(self.events)
        for place, event in enumerate(decision, start=first):
            stream.add(event, place)
            self.events.append(
                NewEvent(line.account_id, event.TOPIC, event.effective_on, event.key, encode(event))
            )
            self.recorded_at.append(line.recorded_at)
        return _Pending(tuple(range(first, len(self.events))), is_retry=False)


def _stream_of(history: list[Recorded]) -> _Stream | Rejection:
    try:
        return _Stream.of(history)
    except CodecError as error:
        return Rejection(Code.ACCOUNT_UNREADABLE, f"the account cannot be read: {error}", "account")


def _repetition(
    proposal: Proposal, earlier: tuple[AccountEvent, ...], stream: _Stream
) -> _Pending | Rejection:
    """A key that is recorded: the same content is a retry, other content is refused."""
    places = tuple(stream.by_key[event.key][1] for event in earlier)
    if _same_content(proposal, earlier):
        return _Pending(places, is_retry=True)
    first = places[0]
    version = None if isinstance(first, int) else first.version
    where = "an earlier line" if version is None else f"version {version}"
    return Rejection(
        Code.KEY_USED_WITH_OTHER_CONTENT,
        f"{earlier[0].key} is already recorded with other content ({where});"
        " repeat it unchanged or choose another id",
        version=version,
    )


def _moved(expected: int, found: int) -> Rejection:
    return Rejection(
        Code.VERSION_MISMATCH,
        f"the account is at version {found}, expected was {expected};"
        " read it again and decide anew",
    )


def _same_content(proposal: Proposal, earlier: Iterable[AccountEvent]) -> bool:
    if not isinstance(proposal, MoneyTakenBack):
        return list(earlier) == [proposal]
    parts = [getattr(event, "amount", None) for event in earlier]
    days = {event.effective_on for event in earlier}
    return sum(part or 0 for part in parts) == proposal.amount and days == {proposal.effective_on}


def _untimed_among_timed(lines: Sequence[Line]) -> dict[int, Rejection]:
    """A request carries recorded times for all of its lines or for none."""
    untimed = [number for number, line in enumerate(lines) if line.recorded_at is None]
    if len(untimed) == len(lines):
        return {}
    refusal = Rejection(
        Code.RECORDED_TIME_REFUSED,
        "the line has no recorded_at, other lines of the request have one: give it to all or none",
        "recorded_at",
    )
    return dict.fromkeys(untimed, refusal)


_LEDGER_IS_OPEN = Rejection(
    Code.RECORDED_TIME_REFUSED,
    "the line gives a recorded_at, but the ledger is open, and then only its own clock says when;"
    " leave recorded_at out",
    "recorded_at",
)

#: Facts of the request in hand have no recorded time yet; no decision looks at it.
_UNRECORDED = datetime.max.replace(tzinfo=UTC)
