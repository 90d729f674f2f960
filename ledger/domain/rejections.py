"""The closed catalogue of reasons for which a fact is refused.

Codes are ordered by precedence: where several apply, the first is the answer.  A rejection says
what was asked, what was found and what to do.  The doors translate codes (the CLI to exit 2, HTTP
to a status); the domain knows nothing of them.
"""

from dataclasses import dataclass
from enum import Enum


class Code(Enum):
    """Why a fact is refused, in order of precedence."""

    LINE_MALFORMED = "line_malformed"
    TOPIC_UNKNOWN = "topic_unknown"
    FIELD_INVALID = "field_invalid"
    ACCOUNT_UNREADABLE = "account_unreadable"
    ACCOUNT_UNKNOWN = "account_unknown"
    CURRENCY_MISMATCH = "currency_mismatch"
    AMOUNT_INVALID = "amount_invalid"
    KEY_USED_WITH_OTHER_CONTENT = "key_used_with_other_content"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_FROZEN = "account_frozen"
    DATE_BEFORE_ACCOUNT = "date_before_account"
    TERMS_CONTRADICTORY = "terms_contradictory"
    POLICY_CONTRADICTORY = "policy_contradictory"
    LIMIT_EXCEEDED = "limit_exceeded"
    DRAW_UNKNOWN = "draw_unknown"
    DRAW_CANCELLED = "draw_cancelled"
    DRAW_ALREADY_WRITTEN_OFF = "draw_already_written_off"
    DRAW_SHARES_SCHEDULE = "draw_shares_schedule"
    INSTALLMENT_UNKNOWN = "installment_unknown"
    DATE_BEFORE_DRAW = "date_before_draw"
    PAYMENT_UNKNOWN = "payment_unknown"
    PAYMENT_ALREADY_REVERSED = "payment_already_reversed"
    REVERSAL_BEFORE_PAYMENT = "reversal_before_payment"
    REVERSAL_EXCEEDS_PAYMENTS = "reversal_exceeds_payments"
    INTENT_REFUSED = "intent_refused"
    SETTLEMENT_TOO_LOW = "settlement_too_low"
    REFUND_EXCEEDS_CREDIT = "refund_exceeds_credit"
    CHARGE_UNKNOWN = "charge_unknown"
    CHARGE_ALREADY_REVERSED = "charge_already_reversed"
    REVERSAL_BEFORE_CHARGE = "reversal_before_charge"
    REVERSAL_EXCEEDS_CHARGE = "reversal_exceeds_charge"
    WAIVER_UNKNOWN = "waiver_unknown"
    WAIVER_ALREADY_REVERSED = "waiver_already_reversed"
    REVERSAL_BEFORE_WAIVER = "reversal_before_waiver"
    WAIVER_EXCEEDS_DEBT = "waiver_exceeds_debt"
    WRITE_OFF_UNKNOWN = "write_off_unknown"
    WRITE_OFF_ALREADY_REVERSED = "write_off_already_reversed"
    REVERSAL_BEFORE_WRITE_OFF = "reversal_before_write_off"
    CANCELLATION_UNKNOWN = "cancellation_unknown"
    CANCELLATION_ALREADY_REVERSED = "cancellation_already_reversed"
    REVERSAL_BEFORE_CANCELLATION = "reversal_before_cancellation"
    WRITE_OFF_EXCEEDS_DEBT = "write_off_exceeds_debt"
    REFUND_EXCEEDS_DRAW = "refund_exceeds_draw"
    DUE_DATE_UNKNOWN = "due_date_unknown"
    DUE_DATE_REFUSED = "due_date_refused"
    RESTRUCTURE_REFUSED = "restructure_refused"
    PAUSE_OVERLAPS = "pause_overlaps"
    DEBT_OUTSTANDING = "debt_outstanding"
    STREAM_FULL = "stream_full"
    VERSION_MISMATCH = "version_mismatch"
    RECORDED_TIME_REFUSED = "recorded_time_refused"

    @property
    def precedence(self) -> int:
        """Place in the catalogue: lower wins."""
        return list(Code).index(self)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refused fact: the code, one sentence for a person, and the field it is about."""

    code: Code
    message: str
    field: str | None = None
    #: The version of the recorded event that stands in the way, where there is one.
    version: int | None = None


class Rejected(Exception):
    """Raised where a rejection must end a whole request.  Carries the rejection."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.message)
        self.rejection = rejection
