"""Penalties that terms call for: what should be charged, and is not charged yet.

A penalty is an event like any other.  Here is only worked out which ones are missing on a day; the
ids of charges are made of what they are for, so working it out twice charges nothing twice.
"""

from fractions import Fraction

from ledger.domain.account import Account
from ledger.domain.events import PenaltyCharged
from ledger.domain.money import rounded, to_rate
from ledger.domain.state import AccountState, DrawState, Installment
from ledger.domain.terms import LateFee

PENALTY_KIND_LATE_FEE = "late_fee"


def missing_late_fees(account: Account, state: AccountState) -> tuple[PenaltyCharged, ...]:
    """The late fees of installments overdue on the day of `state` that are not charged yet.

    To be asked day by day: an installment paid since then was overdue all the same.
    """
    fees = (
        _late_fee(draw, row, draw.terms.late_fee)
        for draw in state.draws
        for row in draw.installments
        if draw.terms.late_fee is not None and row.status == "overdue"
    )
    return tuple(fee for fee in fees if fee.amount and fee.key not in account.charges)


def _late_fee(draw: DrawState, row: Installment, rule: LateFee) -> PenaltyCharged:
    """A share of the installment as planned, dated on its due date."""
    interest = row.owed[2] if rule.base == "principal_and_interest" else 0
    base = row.owed[3] - row.repaid_early + interest
    amount = rounded(Fraction(base) * to_rate(rule.rate), draw.terms.money_rounding)
    return PenaltyCharged(
        effective_on=row.due_on,
        charge_id=f"{PENALTY_KIND_LATE_FEE}:{row.draw_id}:{row.moved_from or row.due_on}",
        draw_id=row.draw_id,
        amount=amount,
        due_on=row.due_on,
        installment=row.number,
        kind=PENALTY_KIND_LATE_FEE,
        basis=f"{rule.rate} of {rule.base.replace('_', ' ')}",
    )
