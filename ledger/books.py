"""The one way in: facts that were proposed are decided and appended, or refused with a reason.

Read the accounts concerned, decide each fact in order, append what was decided if no account has
moved meanwhile; otherwise begin anew with what is now recorded.  A fact whose key is already
recorded with the same content is a retry and gets the first answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from ledger.codec import CodecError, encode
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.decisions import MoneyTakenBack, Proposal, decide
from ledger.domain.events import AccountEvent
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.domain.state import AccountState
from ledger.domain.statement import settled
from ledger.door import Line, proposal_of
from ledger.log.log import Log
from ledger.log.records import (
    KeyUsed,
    NewEvent,
    Recorded,
    RecordedTimeRefused,
    StreamFull,
    StreamMoved,
)
from ledger.replay import KnownFact, account_as_of, known_facts

#: How often a request is decided anew because others wrote to its accounts meanwhile.
ATTEMPTS_MAX = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """A fact is in the log.  One proposal may have made several events, or none to be made."""

    recorded: tuple[Recorded, ...]
    is_retry: bool


Answer = Taken | Rejection


#: Where an event stands: in the log already, or at this place among the new events of a request.
_Place = Recorded | int


class Busy(Exception):
    """Others wrote to the accounts of a request at every attempt.  Nothing was written."""


@dataclass(slots=True)
class _Stream:
    """An account while a request is decided: what is recorded and what is about to be."""

    history: list[Recorded]
    facts: list[KnownFact]
    account: Account = field(default_factory=Account)
    #: What each key stands for, and where it is recorded or will be.
    by_key: dict[str, tuple[AccountEvent, _Place]] = field(default_factory=dict)

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

    def state_on(self, as_of: date) -> AccountState:
        return settled(account_as_of(self.facts, as_of), as_of)

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


@dataclass(slots=True)
class _Plan:
    """What a request comes to: an answer for each line, and the events still to be appended."""

    answers: list[_Pending | Rejection] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    recorded_at: list[datetime] = field(default_factory=list)

    def line_of(self, error: RecordedTimeRefused | StreamFull) -> int:
        """The line whose event the log refused; of a full stream, the last that adds to it."""
        place = max(
            place
            for place, event in enumerate(self.events)
            if event.stream_id == error.stream_id
            and (isinstance(error, StreamFull) or event.key == error.key)
        )
        return next(
            number
            for number, answer in enumerate(self.answers)
            if isinstance(answer, _Pending) and not answer.is_retry and place in answer.places
        )

    def new_lines(self) -> list[int]:
        """The lines that would make new events."""
        return [
            number
            for number, answer in enumerate(self.answers)
            if isinstance(answer, _Pending) and not answer.is_retry and answer.places
        ]


class Books:
    """Append facts to accounts."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def append_all(self, lines: Sequence[Line]) -> list[Taken]:
        """Take every line or none.  Raises `Rejected` with the first refusal."""
        answers = self._append(lines, all_or_nothing=True)
        return [answer for answer in answers if isinstance(answer, Taken)]

    def append_each(self, lines: Sequence[Line]) -> list[Answer]:
        """Take the lines that can be taken; each line gets its answer."""
        return self._append(lines, all_or_nothing=False)

    def decide_each(self, lines: Sequence[Line]) -> list[Answer]:
        """What `append_each` would answer, with nothing written: only retries are `recorded`."""
        plan, _ = self._decided(lines, {}, all_or_nothing=False)
        return [
            answer
            if isinstance(answer, Rejection)
            else Taken(
                tuple(place for place in answer.places if isinstance(place, Recorded)),
                answer.is_retry,
            )
            for answer in plan.answers
        ]

    def _append(self, lines: Sequence[Line], *, all_or_nothing: bool) -> list[Answer]:
        refused = _untimed_among_timed(lines)
        attempts = 0
        while attempts < ATTEMPTS_MAX:
            plan, versions = self._decided(lines, refused, all_or_nothing=all_or_nothing)
            try:
                return self._answered(plan, versions)
            except (StreamMoved, KeyUsed):
                attempts += 1  # Somebody else wrote to one of the accounts: read and decide anew.
            except (RecordedTimeRefused, StreamFull) as error:
                rejection = _rejection_of(error)
                if all_or_nothing:
                    raise Rejected(rejection) from error
                # Each such round takes one line out, and all timed ones once the ledger is open.
                refused[plan.line_of(error)] = rejection
                if isinstance(error, RecordedTimeRefused) and self.log.phase == "open":
                    refused |= dict.fromkeys(plan.new_lines(), _LEDGER_IS_OPEN)
        raise Busy(
            f"The accounts of this request were changed by others {ATTEMPTS_MAX} times while it was"
            " decided.  Nothing was written; repeat it."
        )

    def _decided(
        self, lines: Sequence[Line], refused: dict[int, Rejection], *, all_or_nothing: bool
    ) -> tuple[_Plan, dict[str, int]]:
        histories = self.log.streams(list(dict.fromkeys(line.account_id for line in lines)))
        streams = {account_id: _stream_of(history) for account_id, history in histories.items()}
        plan = _Plan()
        for number, line in enumerate(lines):
            answer = refused.get(number) or _decide_line(plan, line, streams[line.account_id])
            if isinstance(answer, Rejection) and all_or_nothing:
                raise Rejected(answer)
            plan.answers.append(answer)
        return plan, {account_id: len(history) for account_id, history in histories.items()}

    def _answered(self, plan: _Plan, versions: dict[str, int]) -> list[Answer]:
        """Append what was planned and fill in the answers of its lines."""
        appended = self.log.append(
            plan.events,
            expected_versions={event.stream_id: versions[event.stream_id] for event in plan.events},
            recorded_at=plan.recorded_at or None,
        )

        def recorded(place: _Place) -> Recorded:
            return appended[place].recorded if isinstance(place, int) else place

        return [
            answer
            if isinstance(answer, Rejection)
            else Taken(tuple(map(recorded, answer.places)), answer.is_retry)
            for answer in plan.answers
        ]


def _stream_of(history: list[Recorded]) -> _Stream | Rejection:
    try:
        return _Stream.of(history)
    except CodecError as error:
        return Rejection(Code.ACCOUNT_UNREADABLE, f"the account cannot be read: {error}", "account")


def _decide_line(plan: _Plan, line: Line, stream: _Stream | Rejection) -> _Pending | Rejection:
    """Decide one line; the events that it makes go into the plan."""
    if isinstance(stream, Rejection):
        return stream
    try:
        proposal = proposal_of(line, stream.account)
    except Rejected as error:
        return error.rejection
    earlier = stream.earlier(proposal)
    if earlier:
        return _repetition(proposal, earlier, stream)
    decision = decide(stream.account, proposal, stream.state_on)
    if isinstance(decision, Rejection):
        return decision
    first = len(plan.events)
    for place, event in enumerate(decision, start=first):
        stream.add(event, place)
        plan.events.append(
            NewEvent(line.account_id, event.TOPIC, event.effective_on, event.key, encode(event))
        )
        if line.recorded_at is not None:
            plan.recorded_at.append(line.recorded_at)
    return _Pending(tuple(range(first, len(plan.events))), is_retry=False)


def _repetition(
    proposal: Proposal, earlier: tuple[AccountEvent, ...], stream: _Stream
) -> _Pending | Rejection:
    """A key that is recorded: the same content is a retry, other content is refused."""
    places = tuple(stream.by_key[event.key][1] for event in earlier)
    if _same_content(proposal, earlier):
        return _Pending(places, is_retry=True)
    first = places[0]
    where = "an earlier line" if isinstance(first, int) else f"version {first.version}"
    return Rejection(
        Code.KEY_USED_WITH_OTHER_CONTENT,
        f"{earlier[0].key} is already recorded with other content ({where});"
        " repeat it unchanged or choose another id",
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


def _rejection_of(error: RecordedTimeRefused | StreamFull) -> Rejection:
    code = Code.STREAM_FULL if isinstance(error, StreamFull) else Code.RECORDED_TIME_REFUSED
    return Rejection(code, str(error))


_LEDGER_IS_OPEN = Rejection(
    Code.RECORDED_TIME_REFUSED,
    "the line gives a recorded_at, but the ledger is open, and then only its own clock says when;"
    " leave recorded_at out",
    "recorded_at",
)

#: Facts of the request in hand have no recorded time yet; no decision looks at it.
_UNRECORDED = datetime.max.replace(tzinfo=UTC)
