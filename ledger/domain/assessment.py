"""The assessor: what the books lack of the penalties that the terms call for, or have too much of.

Both are laid side by side, day by day and installment by installment: what is missing is charged,
what is too much is reversed.  So it does not matter at which hour, how often, or after how many
missed days an account is assessed, nor in which order its facts came in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import chain

from ledger.domain.account import Account
from ledger.domain.events import AccountEvent, ChargeReversed, PenaltyCharged
from ledger.domain.money import to_text
from ledger.domain.penalty_books import Called, Slot, penalties_called_for, slot_of
from ledger.domain.refusals import decimals_in

#: What an assessment appends.
PenaltyEvent = PenaltyCharged | ChargeReversed


def has_penalty_rules(account: Account) -> bool:
    """Whether any draw is under terms that call for penalties, or has been since it was made."""
    contracts = [draw.terms for draw in account.draws.values()]
    contracts += [event.terms for event in chain.from_iterable(account.restructured.values())]
    return any(
        terms.late_fee is not None or terms.penalty_interest is not None for terms in contracts
    )


def is_assessed(event: AccountEvent, recorded: Account) -> bool:
    """Whether a fact is a charge that a rule has made, or the reversal of such a charge."""
    if isinstance(event, ChargeReversed):
        return is_assessed(recorded.charges[event.charge_key], recorded)
    return isinstance(event, PenaltyCharged) and event.rule is not None


def assess(
    account: Account, recorded: Account, today: date
) -> tuple[tuple[PenaltyEvent, ...], date | None]:
    """What the books lack of the penalties called for up to `today`, or have too much of; and the
    next day that may call for one with no new fact.

    `account` holds the facts of the days before without the assessor's own; `recorded` all there
    are.
    """
    charges = _charges_by_slot(recorded)
    keys = {
        slot: [charge.key for charge in its if recorded.counting_charge(charge.key)]
        for slot, its in charges.items()
    }
    books = penalties_called_for(account, today, keys, decimals_in(recorded))
    by_today = {slot: its for slot, its in charges.items() if slot.on <= today}
    return tuple(_differences(books.called, by_today, recorded)), books.next_day(today)


def _charges_by_slot(recorded: Account) -> dict[Slot, list[PenaltyCharged]]:
    """The charges that rules have made, in the order of being recorded."""
    found: dict[Slot, list[PenaltyCharged]] = {}
    for charge in recorded.charges.values():
        if isinstance(charge, PenaltyCharged) and charge.rule is not None:
            found.setdefault(slot_of(charge), []).append(charge)
    return found


def _differences(
    called: Mapping[Slot, Called], charges: Mapping[Slot, list[PenaltyCharged]], recorded: Account
) -> Iterator[PenaltyEvent]:
    """What makes the charges recorded those called for, in the order of the days.

    A closed account takes no more charges, and neither does a draw that was cancelled.
    """
    decimals = decimals_in(recorded)
    names = _Names(recorded)
    for slot in sorted({*called, *charges}):
        counting = charges.get(slot, [])
        net = sum(recorded.counting_charge(charge.key) for charge in counting)
        asked = called[slot].charge.amount if slot in called else 0
        if asked > net and _takes_charges(recorded, slot.draw_id):
            charge = called[slot].said(decimals)
            if net:
                words = f"{charge.basis}; {to_text(net, decimals)} of it was charged before"
                charge = replace(charge, amount=asked - net, basis=words)
            yield replace(charge, charge_id=names.free(charge.charge_id))
        elif asked < net:
            reason = f"{to_text(asked, decimals)} is called for, {to_text(net, decimals)} charged"
            if slot in called:
                reason = f"{called[slot].said(decimals).basis}: {reason}"
            yield from _reversals(counting, net - asked, recorded, names, reason)


def _takes_charges(recorded: Account, draw_id: str) -> bool:
    """Whether the doors take a charge, whatever its day."""
    is_cancelled = recorded.cancellation_of(recorded.schedule_of(draw_id)) is not None
    return recorded.closed_on is None and not is_cancelled


def _reversals(
    charges: list[PenaltyCharged], amount: int, recorded: Account, names: "_Names", reason: str
) -> Iterator[ChargeReversed]:
    """Take back so much of the charges, the latest first."""
    for charge in reversed(charges):
        part = min(amount, recorded.counting_charge(charge.key))
        if part:
            amount -= part
            yield ChargeReversed(
                effective_on=charge.effective_on,
                reversal_id=names.free(charges[0].charge_id),
                charge_id=charge.charge_id,
                amount=part,
                reason=reason,
            )


class _Names:
    """Ids that are free: a correction is called after the charge, with the next number."""

    def __init__(self, recorded: Account) -> None:
        self._taken = {charge.charge_id for charge in recorded.charges.values()}
        self._taken |= recorded.charge_reversals

    def free(self, name: str) -> str:
        """The name itself, or with the first number that nobody has; from now on it is taken."""
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name}:{number}"
        self._taken.add(found)
        return found
