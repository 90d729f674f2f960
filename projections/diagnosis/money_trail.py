"""Where the money of one payment went, and what of the account is overdue all the same.

Nothing is worked out here: each amount is a line of the fold's own derivation, or of its outcome.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ledger.domain.events import PaymentReceived
from ledger.domain.outcome import Outcome
from ledger.domain.state import DrawState, Installment, PaymentSplit
from ledger.domain.steps import Step
from ledger.domain.terms import COMPONENTS

_INTO_DEBT = ("paid", "paid_from_credit")
_CHARGES = tuple(COMPONENTS.index(name) for name in ("penalty", "fee"))


def is_charge(component: int | None) -> bool:
    """Whether a component is a penalty or a fee."""
    return component in _CHARGES


@dataclass(frozen=True)
class MoneyTrail:
    """A payment that counts on the day, the draws asked about, and what is overdue of them."""

    payment: PaymentReceived
    outcome: Outcome
    draws: tuple[DrawState, ...]

    @cached_property
    def overdue(self) -> tuple[Installment, ...]:
        """The installments that are overdue."""
        rows = (row for draw in self.draws for row in draw.installments)
        return tuple(row for row in rows if row.status == "overdue")

    @cached_property
    def shortfall(self) -> int:
        """What is open of them."""
        return sum(row.outstanding for row in self.overdue)

    @cached_property
    def is_only_charges(self) -> bool:
        """Whether nothing but penalties and fees is open of them."""
        planned = [c for c in range(len(COMPONENTS)) if not is_charge(c)]
        return not any(row.open(component) for row in self.overdue for component in planned)

    @cached_property
    def split(self) -> PaymentSplit:
        """What became of the payment."""
        splits = self.outcome.state.payments
        return next(one for one in splits if one.payment_id == self.payment.payment_id)

    @property
    def taken_back(self) -> int:
        """What a reversal took back of it."""
        return self.payment.amount - self.split.counting

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The lines of the derivation in which its money paid something."""
        return tuple(
            step
            for step in self.outcome.steps
            if step.fact_id == self.payment.payment_id and step.kind in _INTO_DEBT
        )

    def sum_of(self, wanted: Callable[[Step], bool]) -> int:
        """What those of its lines come to."""
        return sum(step.amount for step in self.steps if wanted(step))

    def went_to_other_draw(self, step: Step) -> bool:
        """To a draw of which nothing is overdue."""
        return step.draw_id not in {row.draw_id for row in self.overdue}

    def went_to_charges(self, step: Step) -> bool:
        """To penalties and fees of the overdue draws, while interest or principal is open."""
        return (
            not self.went_to_other_draw(step)
            and is_charge(step.component)
            and not self.is_only_charges
        )

    def went_to_other_installment(self, step: Step) -> bool:
        """To installments of the overdue draws that are not overdue."""
        places = {(row.draw_id, row.number) for row in self.overdue}
        return (
            not self.went_to_other_draw(step)
            and not self.went_to_charges(step)
            and (step.draw_id, step.installment) not in places
        )

    @cached_property
    def reached(self) -> int:
        """What of it paid the overdue installments themselves."""
        return self.sum_of(
            lambda step: (
                not (
                    self.went_to_other_draw(step)
                    or self.went_to_charges(step)
                    or self.went_to_other_installment(step)
                )
            )
        )

    @property
    def would_have_sufficed(self) -> bool:
        """Whether what went elsewhere explains it: all of it did, or it covers what is open."""
        return self.reached == 0 or self.payment.amount - self.reached >= self.shortfall
