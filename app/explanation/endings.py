"""What ended a draw otherwise than by being paid, in a sentence each."""

from collections.abc import Sequence

from app.explanation.plans import Write
from ledger.domain.account import Account
from ledger.domain.outcome_events import (
    CancellationReversed,
    DrawCancelled,
    DrawRefunded,
    DrawWrittenOff,
    WriteOffReversed,
)
from ledger.domain.steps import Step
from ledger.domain.terms import COMPONENTS

#: The steps that name their fact by its key.
ENDING_STEPS = ("written_off", "cancelled", "cancelled_written_off", "given_back")


def write_off(event: DrawWrittenOff, account: Account, steps: Sequence[Step], write: Write) -> str:
    """What the books no longer count on."""
    is_reversed = event.key in account.reversed_endings
    why = "it was reversed" if is_reversed else "nothing was open"
    amounts = _by_component(steps, "written_off", write) or f"nothing, for {why}"
    return f"draw {event.draw_id} written off: {amounts}"


def cancellation(
    event: DrawCancelled, account: Account, steps: Sequence[Step], write: Write
) -> str:
    """What is owed no more, and what was paid for it."""
    is_reversed = event.key in account.reversed_endings
    ended = "nothing, for it was reversed" if is_reversed else _ended(steps, write)
    return f"draw {event.draw_id} cancelled: {ended}"


def ending_reversed(event: WriteOffReversed | CancellationReversed) -> str:
    """What was a mistake."""
    what = "write-off" if isinstance(event, WriteOffReversed) else "cancellation"
    return (
        f"reversal {event.reversal_id}: the {what} of draw {event.draw_id} is as if it had never"
        " been"
    )


def merchant_refund(event: DrawRefunded, steps: Sequence[Step], write: Write) -> str:
    """What the merchant's money takes off the debt."""
    amount = "all that is left" if event.amount is None else write(event.amount)
    return f"merchant refund {event.refund_id} of {amount}: {_ended(steps, write)}"


def _ended(steps: Sequence[Step], write: Write) -> str:
    parts = (
        (_by_component(steps, "cancelled", write), "owed no more"),
        (
            _by_component(steps, "cancelled_written_off", write),
            "written off before, claimed no more",
        ),
        (_by_component(steps, "given_back", write), "paid before, now credit"),
    )
    said = [f"{amounts} {what}" for amounts, what in parts if amounts]
    return ", ".join(said) or "nothing was open or paid"


def _by_component(steps: Sequence[Step], kind: str, write: Write) -> str:
    """The amounts of one kind of step, components with nothing left out."""
    sums = [0, 0, 0, 0]
    for step in steps:
        if step.kind == kind and step.component is not None:
            sums[step.component] += step.amount
    return " + ".join(
        f"{write(amount)} {name}" for amount, name in zip(sums, COMPONENTS, strict=True) if amount
    )
