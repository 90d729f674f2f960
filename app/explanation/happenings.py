"""What happened, event by event in the order in which it counts, and what each event did.

The derivation itself is made by the fold (`ledger.domain.settlement.Step`); here its steps are laid
beside the facts they come from, with the amounts that run.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import assert_never

from app.explanation.endings import cancellation, ending_reversed, merchant_refund, write_off
from app.explanation.plans import Write
from ledger.domain.account import START_OF_DAY, Account, AccountFact
from ledger.domain.events import (
    AccountClosed,
    AccountEvent,
    AccountFrozen,
    AccountLimitChanged,
    AccountOpened,
    AccountTierChanged,
    AccountUnfrozen,
    ChargeReversed,
    DelinquencyPaused,
    DrawMade,
    DrawRestructured,
    DueDateMoved,
    DuesWaived,
    FeeCharged,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
    PenaltyCharged,
    WaiverReversed,
)
from ledger.domain.journal import change_of_credit, change_of_debt
from ledger.domain.outcome_events import (
    CancellationReversed,
    DrawCancelled,
    DrawRefunded,
    DrawWrittenOff,
    WriteOffReversed,
)
from ledger.domain.steps import Step
from ledger.domain.terms import COMPONENTS
from ledger.replay import KnownFact

#: Money that came and went back concerns no draw, and is told whichever is asked for.
_UNCOUNTED = frozenset({"suspended", "taken_back"})
_RECOVERIES = ("recovered", "recovered_from_credit")


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, or credit paying what falls due, with its effect and what is then open."""

    on: date
    #: The version of the event in the stream; None where only time passed.
    version: int | None
    sentence: str
    steps: tuple[Step, ...]
    outstanding: int
    credit: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A happening before its amounts run; `place` orders it among the others."""

    place: tuple[date, int]
    fact: KnownFact | None
    steps: tuple[Step, ...]


def happenings_of(
    facts: Sequence[KnownFact],
    account: Account,
    trace: Sequence[Step],
    draw_id: str | None,
    write: Write,
) -> Iterator[Happening]:
    """Everything that happened, or all that concerns one draw, with running amounts.

    `facts` are those that count.  Credit is always the account's.
    """
    outstanding = credit = 0
    for entry in _in_order(facts, trace, account):
        credit += sum(map(change_of_credit, entry.steps))
        steps = tuple(
            step
            for step in entry.steps
            if draw_id in (None, step.draw_id) or step.kind in _UNCOUNTED
        )
        if entry.steps and not steps:
            continue
        outstanding += sum(map(change_of_debt, steps))
        fact = entry.fact
        sentence = (
            _time(steps, account, write)
            if fact is None
            else sentence_of(fact.event, account, steps, write)
        )
        version = None if fact is None else fact.version
        yield Happening(entry.place[0], version, sentence, steps, outstanding, credit)


def _in_order(facts: Sequence[KnownFact], trace: Sequence[Step], account: Account) -> list[_Entry]:
    """The steps in the order they were made, each with its fact; the other facts by their date."""
    by_key = {fact.event.key: fact for fact in facts}
    within_day = {move.movement.key: move.version for move in account.moves}
    entries: list[_Entry] = []
    place = (date.min, 0)
    for (on, key, _), group in groupby(trace, key=_source):
        steps = tuple(group)
        fact = by_key[key] if key else None
        is_time = place[1] < START_OF_DAY
        if entries and is_time and _is_accrual(steps) and _is_accrual(entries[-1].steps):
            # Days on which nothing but interest moved are told as one.
            steps = entries.pop().steps + steps
        if fact is not None:
            place = (on, within_day.get(key, fact.version))
        elif on > place[0]:
            place = (on, START_OF_DAY - 1)  # Time passes before the first event of a day.
        entries.append(_Entry(place, fact, steps))
    told = {entry.fact.version for entry in entries if entry.fact is not None}
    entries += [
        _Entry((fact.event.effective_on, fact.version), fact, ())
        for fact in facts
        if fact.version not in told
    ]
    return sorted(entries, key=lambda entry: entry.place)


def _source(step: Step) -> tuple[date, str, str]:
    """What a step belongs to: its day and the key of its fact; credit has none but its payment."""
    key = step.fact_key
    return step.on, key or "", "" if key else step.fact_id


def _is_accrual(steps: Sequence[Step]) -> bool:
    return bool(steps) and steps[0].kind == "accrued"


def _time(steps: Sequence[Step], account: Account, write: Write) -> str:
    """What came about by itself: credit that pays, or what is to be paid as interest accrues."""
    if not _is_accrual(steps):
        return f"credit of payment {steps[0].fact_id} pays {_placed(steps, account, write)}"
    days = f"{steps[0].on} to {steps[-1].on}" if steps[0].on < steps[-1].on else f"{steps[0].on}"
    sums: dict[tuple[str | None, int | None, int | None], Step] = {}
    for step in steps:
        place = step.draw_id, step.installment, step.component
        before = sums[place].amount if place in sums else 0
        sums[place] = step._replace(amount=before + step.amount)
    changed = sorted((step for step in sums.values() if step.amount), key=_place_in_books)
    return f"interest accrues ({days}){_replanned(changed, account, write)}"


def _place_in_books(step: Step) -> tuple[str, int]:
    return step.draw_id or "", step.installment or 0


def sentence_of(event: AccountEvent, account: Account, steps: Sequence[Step], write: Write) -> str:
    """An event and what it did."""
    match event:
        case DrawMade():
            return _draw(event, steps, write)
        case DrawRestructured():
            return _restructured(event, steps, write)
        case DueDateMoved():
            return (
                f"what fell due on {event.due_on} of draw {event.draw_id} falls due on"
                f" {event.new_due_on}, and all that is later follows{_because(event.reason)}"
            )
        case DelinquencyPaused():
            whose = f"draw {event.draw_id}" if event.draw_id else "all draws"
            return f"ageing of {whose} paused until {event.until}{_because(event.reason)}"
        case PaymentReceived():
            return _payment(event, account, steps, write)
        case DrawWrittenOff():
            return write_off(event, account, steps, write) + _because(event.reason)
        case DrawCancelled():
            return cancellation(event, account, steps, write) + _because(event.reason)
        case DrawRefunded():
            return merchant_refund(event, steps, write) + _because(event.reason)
        case WriteOffReversed() | CancellationReversed():
            return ending_reversed(event) + _because(event.reason)
        case PaymentReversed() | ChargeReversed():
            return _reversal(event, write)
        case PenaltyCharged() | FeeCharged():
            return _charge(event, account, steps, write)
        case DuesWaived():
            why = (
                "it was reversed"
                if event.waiver_id in account.reversed_waivers
                else ("nothing was open")
            )
            given_up = _placed(steps, account, write) or f"nothing, for {why}"
            return f"waiver {event.waiver_id} gives up {given_up}{_because(event.reason)}"
        case WaiverReversed():
            return (
                f"reversal {event.reversal_id}: waiver {event.waiver_id} is as if it had never been"
                + _because(event.reason)
            )
        case PaymentRefunded():
            return _refund(event, account, steps, write)
        case _:
            return _of_account(event, write)


def _reversal(event: PaymentReversed | ChargeReversed, write: Write) -> str:
    taken = "all" if event.amount is None else write(event.amount)
    if isinstance(event, PaymentReversed):
        what, come = f"payment {event.payment_id}", "come"
    else:
        what, come = f"{event.component} {event.charge_id}", "been charged"
    return (
        f"reversal {event.reversal_id}: {taken} of {what} taken back, as if it had never {come}"
        + _because(event.reason)
    )


def _of_account(event: AccountFact, write: Write) -> str:
    """What became of the account itself; no money moves."""
    match event:
        case AccountOpened():
            return f"account opened in {event.currency}, {_limit(event.credit_limit, write)}"
        case AccountLimitChanged():
            return f"from now on {_limit(event.credit_limit, write)}{_because(event.reason)}"
        case AccountTierChanged():
            return f"tier is now {event.tier}{_because(event.reason)}"
        case AccountFrozen():
            return f"account frozen{_because(event.reason)}"
        case AccountUnfrozen():
            return f"account unfrozen{_because(event.reason)}"
        case AccountClosed():
            return f"account closed{_because(event.reason)}"
        case _:
            assert_never(event)


def _draw(draw: DrawMade, steps: Sequence[Step], write: Write) -> str:
    said = f"draw {draw.draw_id} of {write(draw.amount)}"
    planned = sum(step.amount for step in steps if step.kind == "planned")
    if draw.joins_draw_id is None:
        return f"{said}: {write(planned)} to be paid by plan"
    if planned:
        return f"{said} joins {draw.joins_draw_id}: its installments rise by {write(planned)}"
    return f"{said} joins {draw.joins_draw_id}, whose plan is that of the sum of all draws"


def _refund(refund: PaymentRefunded, account: Account, steps: Sequence[Step], write: Write) -> str:
    said = f"refund {refund.refund_id} of {write(refund.amount)} out of the credit"
    owed = [step for step in steps if step.kind == "refund_owed"]
    if owed:
        where = _installment(owed[0].draw_id, owed[0].installment, account)
        said += f", of which {write(owed[0].amount)} is not covered and owed on {where}"
    return said + _because(refund.reason)


def _payment(
    payment: PaymentReceived, account: Account, steps: Sequence[Step], write: Write
) -> str:
    said = f"payment {payment.payment_id} of {write(payment.amount)}"
    if payment.source is not None:
        said += f" ({payment.source.replace('_', ' ')})"
    counting = account.counting_amount(payment.payment_id)
    if counting != payment.amount:
        said += f", of which {write(payment.amount - counting)} was taken back"
    if payment.intent != "due":
        said += f" to {_INTENTS[payment.intent]}"
    placed = [step for step in steps if step.kind != "replanned"]
    said += f": {_placed(placed, account, write) or 'nothing to place'}"
    return said + _replanned(steps, account, write)


#: What money beyond the dues is for.
_INTENTS = {
    "prepay_shorten": "prepay and have fewer installments",
    "prepay_lower": "prepay and have lower installments",
    "settle": "settle",
}


def _replanned(steps: Iterable[Step], account: Account, write: Write) -> str:
    """What an early payment changes of the plan, installment by installment."""
    parts = []
    changes = [step for step in steps if step.kind in ("replanned", "restructured", "accrued")]
    for (draw_id, number), group in groupby(changes, key=lambda s: (s.draw_id, s.installment)):
        amounts = [
            f"{'+' if step.amount > 0 else '-'}{write(abs(step.amount))}"
            f" {COMPONENTS[step.component]}"
            for step in group
            if step.component is not None
        ]
        parts.append(f"{_installment(draw_id, number, account)} {' '.join(amounts)}")
    return f"; planned anew: {', '.join(parts)}" if parts else ""


def _restructured(event: DrawRestructured, steps: Sequence[Step], write: Write) -> str:
    """A new agreement, with what it does to the debt by component."""
    covered = "what is unpaid" if event.covers == "all_unpaid" else "what is not due yet"
    said = f"restructuring {event.restructure_id} plans {covered} of {event.draw_id} anew"
    if not steps:
        return f"{said}, but nothing of it was unpaid{_because(event.reason)}"
    for component, name in reversed(list(enumerate(COMPONENTS))):
        moved = [s.amount for s in steps if s.kind == "restructured" and s.component == component]
        taken = -sum(amount for amount in moved if amount < 0)
        put = sum(amount for amount in moved if amount > 0)
        said += f", {name} {write(put)} instead of {write(taken)}" if taken or put else ""
    grown = sum(step.amount for step in steps if step.kind == "capitalised")
    said += f"; {write(grown)} of unpaid interest became principal" if grown else ""
    return said + _because(event.reason)


def _charge(
    charge: PenaltyCharged | FeeCharged, account: Account, steps: Sequence[Step], write: Write
) -> str:
    what = "penalty" if isinstance(charge, PenaltyCharged) else "fee"
    number = next((step.installment for step in steps), None)
    due_on = charge.due_on or charge.effective_on
    if charge.installment is not None:
        why = "as the charge says"
    else:
        why = f"in whose period its due date {due_on} lies"
    said = f"{what} {charge.charge_id} of {write(charge.amount)}"
    said += f" ({charge.basis})" if charge.basis else ""
    reversed_part = charge.amount - account.counting_charge(charge.key)
    if reversed_part:
        said += f", of which {write(reversed_part)} was reversed"
    if number is None:
        return said
    where = _installment(charge.draw_id, number, account)
    ended = "; cancelled, for so is its draw" if len(steps) > 1 else ""
    return f"{said} on {where}, {why}{ended}"


def _placed(steps: Iterable[Step], account: Account, write: Write) -> str:
    """Where money went: amounts by component, installment by installment."""
    parts = []
    for (draw_id, number, is_recovery), group in groupby(steps, key=_place_of_money):
        amounts = [
            f"{write(step.amount)} {COMPONENTS[step.component]}"
            for step in group
            if step.component is not None
        ]
        where = _installment(draw_id, number, account)
        where += " (recovered)" if is_recovery else ""
        parts += [f"{' + '.join(amounts)} of {where}"] if amounts else []
    parts += [f"{write(s.amount)} kept as credit" for s in steps if s.kind == "credited"]
    return ", ".join(parts)


def _place_of_money(step: Step) -> tuple[str | None, int | None, bool]:
    return step.draw_id, step.installment, step.kind in _RECOVERIES


def _installment(draw_id: str | None, number: int | None, account: Account) -> str:
    """The installment; its draw is named where there are several."""
    of_draw = f" of {draw_id}" if len(account.draws) > 1 else ""
    return f"installment {number}{of_draw}"


def _limit(limit: int | None, write: Write) -> str:
    return "without limit" if limit is None else f"the limit is {write(limit)}"


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""
