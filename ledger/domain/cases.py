"""Cases: a borrower says that something is not as it should be, and gets an answer.

A case is a stream of its own, about one account.  What the borrower said stands nowhere in it: his
words are personal data, and events cannot be erased.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias, assert_never, get_args

from ledger.domain.event import Event
from ledger.domain.limits import CASE_DIAGNOSES_MAX, TEXT_LENGTH_MAX
from ledger.domain.rejections import Code, Rejected, Rejection

#: The languages in which borrowers are answered.
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

#: What borrowers ask: why is it not shown as overdue, or why is it although it was paid?
Question = Literal["not_shown", "although_paid"]
QUESTIONS: tuple[Question, ...] = get_args(Question)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A borrower, or somebody for him, has asked why his page does not show what it should, or why
    it shows what he has paid.
    """

    TOPIC = "case.opened"
    case_id: str
    account_id: str
    language: Language
    question: Question = "not_shown"
    #: The payment that he means, where he named one: by its id, or by amount (minor units) and day.
    payment_id: str | None = None
    amount: int | None = None
    paid_on: date | None = None

    @property
    def key(self) -> str:
        return "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDiagnosed(Event):
    """The account was diagnosed for `effective_on`; the number counts the diagnoses of the case."""

    TOPIC = "case.diagnosed"
    number: int
    cause: str
    sub_cause: str | None = None
    summary: str = ""
    remedy: str | None = None
    #: Causes that hold as well.
    noticed: tuple[str, ...] = ()
    #: Checks that could not be made.
    incomplete: tuple[str, ...] = ()
    #: What the account held: a replay of this version gives the same figures.
    account_version: int
    position: int

    @property
    def key(self) -> str:
        return f"diagnosed:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswered(Event):
    """What the borrower was told of the diagnosis with this number, word for word."""

    TOPIC = "case.answered"
    number: int
    language: Language
    text: str

    @property
    def key(self) -> str:
        return f"answered:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """Nobody works at the case any more."""

    TOPIC = "case.closed"
    reason: str

    @property
    def key(self) -> str:
        return "closed"


CaseEvent: TypeAlias = CaseOpened | CaseDiagnosed | CaseAnswered | CaseClosed

#: Every event type of a case by its topic.
EVENT_TYPES: dict[str, type[CaseEvent]] = {
    kind.TOPIC: kind for kind in (CaseOpened, CaseDiagnosed, CaseAnswered, CaseClosed)
}


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its events tell it."""

    opening: CaseOpened | None = None
    diagnoses: tuple[CaseDiagnosed, ...] = ()
    answers: tuple[CaseAnswered, ...] = ()
    closing: CaseClosed | None = None

    @property
    def status(self) -> str:
        """`opened`, `answered` or `closed`."""
        if self.closing is not None:
            return "closed"
        return "answered" if self.answers else "opened"


def evolve(case: Case, event: CaseEvent) -> Case:
    """The case after one more fact."""
    match event:
        case CaseOpened():
            return replace(case, opening=event)
        case CaseDiagnosed():
            return replace(case, diagnoses=(*case.diagnoses, event))
        case CaseAnswered():
            return replace(case, answers=(*case.answers, event))
        case CaseClosed():
            return replace(case, closing=event)
        case _:
            assert_never(event)


def case_of(events: Iterable[CaseEvent]) -> Case:
    """The fold of a case."""
    case = Case()
    for event in events:
        case = evolve(case, event)
    return case


def open_case(case: Case, opening: CaseOpened) -> list[CaseEvent]:
    """Open it.  Who opens it again gets what there is, whatever day it is by now."""
    if case.opening is None:
        return [opening]
    for field in ("language", "question", "payment_id", "amount", "paid_on"):
        first, again = getattr(case.opening, field), getattr(opening, field)
        if first != again:
            raise Rejected(
                Rejection(
                    Code.KEY_USED_WITH_OTHER_CONTENT,
                    f"the case {opening.case_id} was opened with the {field} {first}, and is asked"
                    f" for with {again}; repeat it unchanged or choose another id",
                    field,
                )
            )
    return []


def answer(case: Case, found: CaseDiagnosed, told: CaseAnswered) -> list[CaseEvent]:
    """Keep a diagnosis and what the borrower was told of it."""
    _refuse_if_closed(case)
    if found.number > CASE_DIAGNOSES_MAX:
        raise Rejected(
            Rejection(
                Code.STREAM_FULL,
                f"the case was diagnosed {CASE_DIAGNOSES_MAX} times, which is the most; close it"
                " and open another",
            )
        )
    return [found, told]


def close(case: Case, on: date, reason: str) -> list[CaseEvent]:
    """End it, with a reason.  A case that is closed stays as it was closed."""
    if not reason.strip() or len(reason) > TEXT_LENGTH_MAX:
        raise Rejected(
            Rejection(
                Code.FIELD_INVALID,
                f"the reason has {len(reason.strip())} characters; say in 1 to {TEXT_LENGTH_MAX}"
                " why the case is closed, without naming the borrower",
                "reason",
            )
        )
    return [] if case.closing else [CaseClosed(effective_on=on, reason=reason.strip())]


def _refuse_if_closed(case: Case) -> None:
    if case.closing is not None:
        raise Rejected(
            Rejection(
                Code.FIELD_INVALID,
                f"the case is closed since {case.closing.effective_on}; open another",
                "case_id",
            )
        )
