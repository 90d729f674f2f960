"""What somebody says that he has paid, and which payment of the books that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.domain.events import PaymentReceived
from ledger.domain.limits import AMOUNT_MAX
from ledger.replay import KnownFact

#: A transfer may be booked so many days before or after the day that the payer remembers.
DAYS_APART_MAX = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """The payment in question: by its id, by amount (minor units) and day, or the last one."""

    payment_id: str | None = None
    amount: int | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        by_amount = self.amount is not None or self.on is not None
        if by_amount and self.payment_id is not None:
            raise ClaimUnclear("both an id and an amount or a day were given; give one of the two")
        if by_amount and (self.amount is None or self.on is None):
            raise ClaimUnclear("a payment is found by amount and day together; give both")
        if self.amount is not None and self.amount <= 0:
            raise ClaimUnclear("the amount that was paid is above zero")
        if self.amount is not None and self.amount > AMOUNT_MAX:
            raise ClaimUnclear(f"the amount that was paid is up to {AMOUNT_MAX:,} minor units")


class ClaimUnclear(ValueError):
    """The question does not say which payment is meant.  The message says what to give."""

    def __init__(self, found: str) -> None:
        super().__init__(f"Asked why it is overdue although it was paid, {found}.")


def claimed(claim: Claim, facts: Sequence[KnownFact]) -> KnownFact | None:
    """The fact that the claim means: one of that id, the nearest one of that amount, the last."""
    payments = payments_of(facts)
    if claim.payment_id is not None:
        payments = [one for one in payments if _payment(one).payment_id == claim.payment_id]
    elif claim.amount is not None and claim.on is not None:
        on = claim.on
        payments = [one for one in payments if _payment(one).amount == claim.amount]
        payments = [one for one in payments if _days_apart(one, on) <= DAYS_APART_MAX]
        payments.sort(key=lambda one: -_days_apart(one, on))
    return payments[-1] if payments else None


def payments_of(facts: Sequence[KnownFact]) -> list[KnownFact]:
    """All payments in the order in which they count."""
    payments = [one for one in facts if isinstance(one.event, PaymentReceived)]
    return sorted(payments, key=lambda one: (one.event.effective_on, one.version))


def _payment(fact: KnownFact) -> PaymentReceived:
    assert isinstance(fact.event, PaymentReceived)
    return fact.event


def _days_apart(fact: KnownFact, on: date) -> int:
    return abs((fact.event.effective_on - on).days)
