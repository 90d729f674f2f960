"""The one way in: facts that were proposed are decided and appended, or refused with a reason.

Read the accounts concerned, decide each fact in order, append what was decided if no account has
moved meanwhile; otherwise begin anew with what is now recorded.  A fact whose key is already
recorded with the same content is a retry and gets the first answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

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


class Busy(Exception):
    """The accounts of a request were written to by others at every attempt.  Nothing was written."""


@dataclass(slots=True)
class _Stream:
    """An account while a request is decided: what is recorded and what is about to be."""

    history: list[Recorded]
    facts: list[KnownFact]
    account: Account = field(default_factory=Account)
    #: What each key stands for; None is an event of this very request.
    by_key: dict[str, tuple[AccountEvent, Recorded | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, history: list[Recorded]) -> "_Stream":
        facts = known_facts(history)
        stream = cls(history, facts)
        for known, recorded in zip(facts, history, strict=True):
            evolve(stream.account, Fact(known.event, known.version))
            stream.by_key[recorded.key] = (known.event, recorded)
        return stream

    def add(self, event: AccountEvent, recorded_at: datetime) -> None:
        version = len(self.facts) + 1
        self.facts.append(KnownFact(event, version, recorded_at))
        evolve(self.account, Fact(event, version))
        self.by_key[event.key] = (event, None)

    def state_on(self, as_of: date) -> AccountState:
        return settled(account_as_of(self.facts, as_of), as_of)

    def earlier(self, proposal: Proposal) -> tuple[AccountEvent, ...]:
        """The events that already answer this proposal, if it is a repetition."""
        if isinstance(proposal, MoneyTakenBack):
            prefix = f"reversal:{proposal.reversal_id}:"
            return tuple(e for key, (e, _) in self.by_key.items() if key.startswith(prefix))
        event, _ = self.by_key.get(proposal.key, (None, None))
        return () if event is None else (event,)


@dataclass(slots=True)
class _Plan:
    """What a request comes to: answers so far, and the events still to be appended."""

    answers: list[Answer | None]
    events: list[NewEvent] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    recorded_at: list[datetime] = field(default_factory=list)


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

    def _append(self, lines: Sequence[Line], *, all_or_nothing: bool) -> list[Answer]:
        refused = _untimed_among_timed(lines)
        for _ in range(ATTEMPTS_MAX):
            plan, versions = self._decided(lines, refused, all_or_nothing=all_or_nothing)
            try:
                return self._answered(plan, versions)
            except (StreamMoved, KeyUsed):
                continue  # Somebody else wrote to one of the accounts: read and decide anew.
            except (RecordedTimeRefused, StreamFull) as error:
                rejection = _rejection_of(error)
                if all_or_nothing:
                    raise Rejected(rejection) from error
                refused[_line_of(plan, error)] = rejection
        raise Busy(
            f"The accounts of this request were changed by others {ATTEMPTS_MAX} times while it was"
            " decided.  Nothing was written; repeat it."
        )

    def _decided(
        self, lines: Sequence[Line], refused: dict[int, Rejection], *, all_or_nothing: bool
    ) -> tuple[_Plan, dict[str, int]]:
        histories = self.log.streams(list(dict.fromkeys(line.account_id for line in lines)))
        streams = {account_id: _stream_of(history) for account_id, history in histories.items()}
        plan = _Plan([None] * len(lines))
        for number, line in enumerate(lines):
            answer = refused.get(number) or _decide_line(
                plan, number, line, streams[line.account_id]
            )
            if isinstance(answer, Rejection) and all_or_nothing:
                raise Rejected(answer)
            plan.answers[number] = answer
        return plan, {account_id: len(history) for account_id, history in histories.items()}

    def _answered(self, plan: _Plan, versions: dict[str, int]) -> list[Answer]:
        """Append what was planned and fill in the answers of its lines."""
        taken: dict[int, list[Recorded]] = {}
        if plan.events:
            moved = {event.stream_id: versions[event.stream_id] for event in plan.events}
            appended = self.log.append(
                plan.events,
                expected_versions=moved,
                recorded_at=plan.recorded_at or None,
            )
            for number, one in zip(plan.lines, appended, strict=True):
                taken.setdefault(number, []).append(one.recorded)
        return [
            answer if answer is not None else Taken(tuple(taken.get(number, ())), is_retry=False)
            for number, answer in enumerate(plan.answers)
        ]


def _stream_of(history: list[Recorded]) -> _Stream | Rejection:
    try:
        return _Stream.of(history)
    except CodecError as error:
        return Rejection(Code.ACCOUNT_UNREADABLE, f"the account cannot be read: {error}", "account")


def _decide_line(
    plan: _Plan, number: int, line: Line, stream: _Stream | Rejection
) -> Answer | None:
    """Answer a line at once (a retry or a refusal), or plan its events and answer None."""
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
    for event in decision:
        stream.add(event, line.recorded_at or _UNRECORDED)
        plan.events.append(
            NewEvent(
                line.account_id, event.TOPIC, event.effective_on, event.key, encode(event)
            )
        )
        plan.lines.append(number)
        if line.recorded_at is not None:
            plan.recorded_at.append(line.recorded_at)
    return None


def _repetition(
    proposal: Proposal, earlier: tuple[AccountEvent, ...], stream: _Stream
) -> Answer | None:
    """A key that is recorded: the same content is a retry, other content is refused."""
    if not _same_content(proposal, earlier):
        first = stream.by_key[earlier[0].key][1]
        where = f"version {first.version}" if first else "an earlier line of this request"
        return Rejection(
            Code.KEY_USED_WITH_OTHER_CONTENT,
            f"{earlier[0].key} is already recorded with other content ({where});"
            " repeat it unchanged or choose another id",
        )
    recorded = (stream.by_key[event.key][1] for event in earlier)
    return Taken(tuple(one for one in recorded if one is not None), is_retry=True)


def _same_content(proposal: Proposal, earlier: Iterable[AccountEvent]) -> bool:
    if not isinstance(proposal, MoneyTakenBack):
        return list(earlier) == [proposal]
    parts = [getattr(event, "amount", None) for event in earlier]
    days = {event.effective_on for event in earlier}
    return sum(part or 0 for part in parts) == proposal.amount and days == {proposal.effective_on}


def _line_of(plan: _Plan, error: RecordedTimeRefused | StreamFull) -> int:
    """The line whose event the log refused; of a full stream, the last one that adds to it."""
    matching = [
        number
        for number, event in zip(plan.lines, plan.events, strict=True)
        if event.stream_id == error.stream_id
        and (isinstance(error, StreamFull) or event.key == error.key)
    ]
    return matching[-1]


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


#: Facts of the request in hand have no recorded time yet; no decision looks at it.
_UNRECORDED = datetime.max
