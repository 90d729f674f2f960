"""Everything known of the payment that somebody asks about: what the mirror question looks at."""

from dataclasses import dataclass

from ledger.domain.events import PaymentReceived
from ledger.domain.outcome import Outcome
from ledger.domain.state import DrawState
from ledger.log.records import Recorded
from ledger.replay import KnownFact, outcome_of
from projections.diagnosis.case import Case
from projections.diagnosis.claim import Claim, claimed
from projections.diagnosis.display_causes import Page
from projections.diagnosis.money_trail import MoneyTrail


@dataclass(frozen=True)
class PaidCase:
    """One account, looked at for the question about one payment."""

    case: Case
    claim: Claim
    #: The payment that is meant; None where the log holds none such.
    fact: KnownFact | None
    #: What the books said: as of the day, as known at the instant.  None: it cannot be replayed.
    outcome: Outcome | None
    #: What the display has of it; None where there is no display to ask.
    page: Page | None

    @property
    def draws(self) -> tuple[DrawState, ...]:
        """The draws that the question is about."""
        return self.case.draws_of(self.outcome.state if self.outcome else None)

    @property
    def is_overdue(self) -> bool:
        """What the books said."""
        return any(draw.status == "overdue" for draw in self.draws)

    @property
    def payment(self) -> PaymentReceived | None:
        """The payment that is meant."""
        event = self.fact and self.fact.event
        assert event is None or isinstance(event, PaymentReceived)
        return event

    @property
    def recorded(self) -> Recorded:
        """That payment as the log holds it."""
        assert self.fact is not None
        return self.case.history[self.fact.version - 1]

    @property
    def trail(self) -> MoneyTrail | None:
        """Where its money went; None where it does not count then, or nothing is overdue."""
        if self.payment is None or self.outcome is None or not self.is_overdue:
            return None
        if self.payment.payment_id not in self.outcome.account.payments:
            return None
        return MoneyTrail(self.payment, self.outcome, self.draws)


def paid_case_of(case: Case, claim: Claim, page: Page | None) -> PaidCase:
    """The case of one account, with the payment that is meant."""
    if case.facts is None or not case.facts:
        return PaidCase(case, claim, None, None, page)
    outcome = outcome_of(case.facts, case.as_of, case.known_at)
    return PaidCase(case, claim, claimed(claim, case.facts), outcome, page)
