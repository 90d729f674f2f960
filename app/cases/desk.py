"""Open a case, diagnose it, answer it, close it.

Whoever is killed in between leaves a case that the same request completes: what was said is kept
first, and every event has its key.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from app.answers import WITHOUT_FIGURES, answer_text, standing_of
from app.asking import Asked
from app.cases.contacts import Contact, Contacts
from app.cases.errors import CaseUnknown
from app.wiring import App, now
from ledger import streams
from ledger.books import Taken
from ledger.codec import CodecError, decode
from ledger.domain import cases
from ledger.domain.bounds import is_id
from ledger.domain.cases import (
    EVENT_TYPES,
    LANGUAGES,
    QUESTIONS,
    Case,
    CaseAnswered,
    CaseDiagnosed,
    CaseEvent,
    CaseOpened,
    case_of,
)
from ledger.domain.events import AccountOpened
from ledger.domain.limits import ID_LENGTH_MAX, WORDS_LENGTH_MAX
from ledger.domain.money import decimals_of, to_text
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.log.records import Recorded
from ledger.streams import Entry, entries
from projections.diagnosis import Cause, Diagnosis
from projections.display import Client, Question, Shown, Viewer
from projections.overdue import OVERDUE
from projections.reading import AccountUnknown

T = TypeVar("T", bound=str)


class Payment(NamedTuple):
    """The payment that a borrower means: by its id, or by amount (a decimal string) and day."""

    payment_id: str | None = None
    amount: str | None = None
    on: date | None = None


#: He named none: the last one is meant.
NO_PAYMENT = Payment()


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with all that is known of it."""

    contact: Contact
    entries: Sequence[Entry[CaseEvent]]
    #: Whether it was open already when it was to be opened.
    is_retry: bool = False

    @property
    def case(self) -> Case:
        """The case as its events tell it."""
        return case_of(entry.event for entry in self.entries)

    def for_borrower(self) -> dict[str, Any]:
        """What the borrower gets to see."""
        case = self.case
        return {
            "case_id": self.contact.case_id,
            "account": self.contact.account_id,
            "status": case.status,
            "language": case.opening.language if case.opening else None,
            "question": case.opening.question if case.opening else None,
            "opened_at": self.entries[0].recorded.recorded_at if self.entries else None,
            "answer": case.answers[-1].text if case.answers else None,
        }

    def for_support(self) -> dict[str, Any]:
        """All of it."""
        return {
            **self.for_borrower(),
            "words": self.contact.words,
            "words_erased_at": self.contact.erased_at,
            "diagnoses": list(self.case.diagnoses),
            "closing": self.case.closing,
            "history": [
                {
                    **streams.as_written(entry.recorded),
                    "recorded_at": entry.recorded.recorded_at,
                    "position": entry.recorded.position,
                }
                for entry in self.entries
            ],
        }


class CaseDesk:
    """The cases of a ledger.  Safe to share between threads."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.contacts = Contacts(app.pool, now)

    def open(
        self,
        account_id: str,
        words: str,
        language: str = "en",
        case_id: str | None = None,
        question: str = "not_shown",
        payment: Payment = NO_PAYMENT,
    ) -> CaseFile:
        """Open a case and answer it.  The same again gives the case that there is.

        Raises `AccountUnknown`, `Rejected` for what is no case, and `ClaimUnclear`.
        """
        _check(words)
        _check_id("case", "case_id", case_id)
        _check_id("payment", "payment", payment.payment_id)
        in_language = _one_of(LANGUAGES, "language", language)
        asked = _one_of(QUESTIONS, "question", question)
        history = self._app.log.streams([account_id])[account_id] if is_id(account_id) else []
        if not history:
            raise AccountUnknown(account_id)
        claim = Asked(account_id, self._app.today(), None, None, asked, *payment).claim(self._app)
        case_id = case_id or f"C-{uuid4().hex[:16]}"
        said = words.strip()
        contact = self.contacts.keep(case_id, account_id, _borrower_of(history), said)
        _check_is_same(contact, account_id, said)
        opening = CaseOpened(
            effective_on=self._app.today(),
            case_id=case_id,
            account_id=account_id,
            language=in_language,
            question=asked,
            payment_id=claim.payment_id,
            amount=claim.amount,
            paid_on=claim.on,
        )
        taken = self._record(contact, lambda case: cases.open_case(case, opening))
        self._answer(contact, is_first=True)
        return replace(self._file(contact), is_retry=not taken.recorded)

    def diagnose_again(self, case_id: str) -> CaseFile:
        """Diagnose the account anew, as after a remedy, and answer anew.  Raises `CaseUnknown`."""
        contact = self.find(case_id).contact
        self._answer(contact)
        return self._file(contact)

    def close(self, case_id: str, reason: str) -> CaseFile:
        """End a case.  Raises `CaseUnknown` and `Rejected`."""
        contact = self.find(case_id).contact
        self._record(contact, lambda case: cases.close(case, self._app.today(), reason))
        return self._file(contact)

    def find(self, case_id: str, account_id: str | None = None) -> CaseFile:
        """A case, if need be of that account only.  Raises `CaseUnknown`."""
        contact = self.contacts.find(case_id) if is_id(case_id) else None
        if contact is None or account_id not in (None, contact.account_id):
            raise CaseUnknown(case_id)
        found = self._file(contact)
        if not found.entries:
            raise CaseUnknown(case_id)  # Kept, and never opened: whoever tried tries again.
        return found

    def page(
        self, account_id: str | None = None, *, before: str | None = None, limit: int = 100
    ) -> list[CaseFile]:
        """Cases, the newest first.  Raises `CaseUnknown` for a `before` that is none."""
        if before is not None and self.contacts.find(before) is None:
            raise CaseUnknown(before)
        contacts = self.contacts.page(account_id, before=before, limit=limit)
        by_stream = {_stream_of(contact): contact for contact in contacts}
        histories = self._app.log.streams(list(by_stream))
        return [
            CaseFile(by_stream[stream], entries(history, EVENT_TYPES))
            for stream, history in histories.items()
            if history
        ]

    def _answer(self, contact: Contact, *, is_first: bool = False) -> None:
        if is_first and self._file(contact).case.answers:
            return
        opening = self._file(contact).case.opening
        assert opening is not None  # It was opened before it is answered.
        meant = Payment(opening.payment_id, self._amount_of(opening), opening.paid_on)
        today = self._app.today()
        found = Asked(
            contact.account_id, today, None, None, opening.question, *meant
        ).of(self._app)  # fmt: skip
        [last] = self._app.log.streams([contact.account_id])[contact.account_id][-1:]

        def decide(case: Case) -> Sequence[CaseEvent]:
            if is_first and case.answers:
                return []  # Another was quicker with the same request.
            number = len(case.diagnoses) + 1
            answered = CaseAnswered(
                effective_on=found.as_of,
                number=number,
                language=opening.language,
                text=self._told(contact.account_id, found, opening),
            )
            return cases.answer(case, _diagnosed(found, number, last), answered)

        self._record(contact, decide)

    def _amount_of(self, opening: CaseOpened) -> str | None:
        if opening.amount is None:
            return None
        return to_text(
            opening.amount, decimals_of(self._app.reader.currency_of(opening.account_id))
        )

    def _told(self, account_id: str, found: Diagnosis, opening: CaseOpened) -> str:
        cause, sub_cause = found.cause, found.finding.sub_cause if found.finding else None
        standing = None
        try:
            shown = self._page_of(account_id, found.as_of)
            if not shown.hidden:
                standing = standing_of(self._app.reader.replayed(account_id, found.as_of))
            elif not shown.content.overdue and cause not in WITHOUT_FIGURES:
                # Any other words would say what the policy keeps from him.
                cause, sub_cause = Cause.WITHHELD_BY_POLICY.value, None
        except Exception:  # Whatever keeps it from being replayed, the diagnosis names it.
            standing = None
        return answer_text(
            opening.language,
            account_id,
            found.as_of,
            cause,
            sub_cause,
            standing,
            is_complete=not found.incomplete,
            question=opening.question,
        )

    def _page_of(self, account_id: str, day: date) -> Shown:
        """The borrower's own page: an answer tells nothing that a policy keeps from him there."""
        viewer = Viewer.borrower_of(account_id)
        question = Question(account_id, OVERDUE.name, viewer, Client(), day)
        return self._app.display.examined(question)[0]

    def _record(self, contact: Contact, decide: Callable[[Case], Sequence[CaseEvent]]) -> Taken:
        """Append to the stream of a case what is decided on it as it stands."""

        def decided(history: list[Recorded]) -> Sequence[CaseEvent]:
            return decide(case_of(entry.event for entry in entries(history, EVENT_TYPES)))

        return self._app.books.record(_stream_of(contact), decided)

    def _file(self, contact: Contact) -> CaseFile:
        stream = _stream_of(contact)
        return CaseFile(contact, entries(self._app.log.streams([stream])[stream], EVENT_TYPES))


def _stream_of(contact: Contact) -> str:
    return streams.name("cases", contact.account_id, contact.case_id)


def _diagnosed(found: Diagnosis, number: int, last: Recorded) -> CaseDiagnosed:
    finding = found.finding
    return CaseDiagnosed(
        effective_on=found.as_of,
        number=number,
        cause=found.cause,
        sub_cause=finding.sub_cause if finding else None,
        summary=finding.summary if finding else "",
        remedy=finding.remedy if finding else None,
        noticed=tuple(one.cause.value for one in found.noticed),
        incomplete=found.incomplete,
        account_version=last.version,
        position=last.position,
    )


def _borrower_of(history: Sequence[Recorded]) -> str | None:
    """The reference of the borrower, under which what he said can be erased."""
    for one in history:
        if one.topic == AccountOpened.TOPIC:
            with suppress(CodecError):  # An account that cannot be read can be complained about.
                opening = decode(one.topic, one.effective_on, one.state)
                assert isinstance(opening, AccountOpened)
                return opening.borrower_ref
    return None


def _check(words: str) -> None:
    """Raises `Rejected` for what is no case."""
    length = len(words.strip())
    if not 1 <= length <= WORDS_LENGTH_MAX:
        raise _refused(
            "words",
            f"the borrower's words have {length} characters; give 1 to {WORDS_LENGTH_MAX:,}",
        )
    if any(not char.isprintable() and char not in "\n\r\t" for char in words):
        raise _refused("words", "the borrower's words hold control characters; send plain text")


def _check_id(what: str, field: str, given: str | None) -> None:
    if given is not None and not is_id(given):
        raise _refused(
            field,
            f"the {what} is called {given!r:.130}; an id has up to {ID_LENGTH_MAX} letters, digits"
            " and . _ : @ + -",
        )


def _one_of(known: tuple[T, ...], field: str, given: str) -> T:
    for one in known:
        if given == one:
            return one
    raise _refused(field, f"the {field} is {given!r:.60}; it is one of {', '.join(known)}")


def _check_is_same(contact: Contact, account_id: str, words: str) -> None:
    """A case id stands for one account and one complaint."""
    if contact.account_id != account_id:
        sentence = "is used for another account; choose another id"
    elif contact.words is not None and contact.words != words:
        sentence = "is open with other words; repeat it unchanged or choose another id"
    else:
        return
    code = Code.KEY_USED_WITH_OTHER_CONTENT
    raise Rejected(Rejection(code, f"the case {contact.case_id} {sentence}", "case_id"))


def _refused(field: str, sentence: str) -> Rejected:
    return Rejected(Rejection(Code.FIELD_INVALID, sentence, field))
