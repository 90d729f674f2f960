"""Decisions about charges that were a mistake."""

from ledger.domain.account import Account
from ledger.domain.events import ChargeReversed
from ledger.domain.money import to_text
from ledger.domain.refusals import Decision, charge_unknown, decimals_in
from ledger.domain.rejections import Code, Rejection


def charge_reversed(account: Account, reversal: ChargeReversed) -> Decision:
    """No more is taken back than still counts, and not before it was charged."""
    charge = account.charges.get(reversal.charge_key)
    if charge is None:
        return charge_unknown(reversal.component, reversal.charge_id)
    counting = account.counting_charge(charge.key)
    if counting == 0:
        return Rejection(
            Code.CHARGE_ALREADY_REVERSED,
            f"{reversal.component} {charge.charge_id} is already reversed altogether",
            "charge_id",
        )
    if reversal.effective_on < charge.effective_on:
        return Rejection(
            Code.REVERSAL_BEFORE_CHARGE,
            f"the reversal counts from {reversal.effective_on}, the charge only from"
            f" {charge.effective_on}; date the reversal on that day or later",
            "effective_on",
        )
    if reversal.amount is not None and reversal.amount > counting:
        decimals = decimals_in(account)
        return Rejection(
            Code.REVERSAL_EXCEEDS_CHARGE,
            f"{to_text(reversal.amount, decimals)} was to be taken back,"
            f" {to_text(counting, decimals)} of {reversal.component} {charge.charge_id} counts",
            "amount",
        )
    return (reversal,)
