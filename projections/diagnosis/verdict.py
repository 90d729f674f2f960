"""The closed list of causes and the form of a diagnosis."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal


class Cause(Enum):
    """Why an overdue state is not shown, in the order in which causes are looked for.

    A log that was tampered with comes first: every other answer would rest on it.
    """

    LEDGER_TAMPERED = "ledger_tampered"
    NOT_RECORDED = "not_recorded"
    NOT_OVERDUE = "not_overdue"
    KNOWN_LATER = "known_later"
    NOT_PROJECTED = "not_projected"
    QUARANTINED = "quarantined"
    DAY_NOT_ROLLED = "day_not_rolled"
    DRIFTED = "drifted"
    GENERATION_NOT_SWITCHED = "generation_not_switched"
    STALE_CACHE = "stale_cache"
    WITHHELD_BY_POLICY = "withheld_by_policy"
    NOT_PERMITTED = "not_permitted"
    CLIENT_TOO_OLD = "client_too_old"
    SHOWN = "shown"
    #: Behind `shown`: the page was right, and the reminder did not reach the borrower.
    NOTICE_FAILED = "notice_failed"


class PaidCause(Enum):
    """Why it is overdue although money was paid, in the order in which causes are looked for.

    The first four are about the books and the views; then the payment does not count, or not yet;
    then its money went elsewhere; then it came late or was not enough.
    """

    LEDGER_TAMPERED = "ledger_tampered"
    NOT_OVERDUE = "not_overdue"
    NOT_SHOWN_YET = "not_shown_yet"
    NOT_RECORDED = "not_recorded"
    RECORDED_LATER = "recorded_later"
    COUNTS_LATER = "counts_later"
    REVERSED = "reversed"
    REFUNDED = "refunded"
    OTHER_DRAW = "other_draw"
    CHARGES_FIRST = "charges_first"
    OTHER_INSTALLMENT = "other_installment"
    WRITTEN_OFF_DEBT = "written_off_debt"
    PAID_AFTER_DUE = "paid_after_due"
    BELOW_DUE = "below_due"
    CHARGED_BESIDES = "charged_besides"


#: What is asked: why is it not shown, or why is it shown although it was paid?
Question = Literal["not_shown", "although_paid"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation: a sentence for people, and the same in data for programs."""

    sentence: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause that holds, what shows it, and the command that mends it (None: nothing to do)."""

    cause: Cause | PaidCause
    sub_cause: str | None
    summary: str
    evidence: tuple[Evidence, ...]
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer for one account: the first cause of the list that holds, and all else noticed.

    `incomplete` names the checks that could not be made: they never read as clean.
    """

    account_id: str
    draw_id: str | None
    as_of: date
    known_at: datetime | None
    finding: Finding | None
    noticed: tuple[Finding, ...]
    incomplete: tuple[str, ...]
    question: Question = "not_shown"

    @property
    def cause(self) -> str:
        """The name of the cause; `incomplete` where no check gave an answer."""
        return "incomplete" if self.finding is None else self.finding.cause.value

    @property
    def is_healthy(self) -> bool:
        """True where the view says what is true and nothing else was noticed."""
        truthful = (Cause.SHOWN, Cause.NOT_OVERDUE, PaidCause.NOT_OVERDUE)
        return (
            self.finding is not None
            and self.finding.cause in truthful
            and not self.noticed
            and not self.incomplete
        )
