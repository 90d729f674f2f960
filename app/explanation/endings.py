"""What ended a draw otherwise than by being paid, in a sentence each."""

from collections.abc import Sequence

from app.explanation.plans import Write
from ledger.domain.outcome_events import DrawCancelled, DrawRefunded, DrawWrittenOff
from ledger.domain.steps import Step
from ledger.domain.terms import COMPONENTS

#: The steps that name their fact by its key.
ENDING_STEPS = ("written_off", "cancelled", "cancelled_written_off", "given_back")


def write_off(event: DrawWrittenOff, steps: Sequence[Step], write: Write) -> str:
    """What the books no longer count on."""
    amounts = _by_component(steps, "written_off", write) or "nothing, for nothing was open"
    return f"draw {event.draw_id} written off: {amounts}"


def cancellation(event: DrawCancelled, steps: Sequence[Step], write: Write) -> str:
    """What is owed no more, and what was paid for it."""
    return f"draw {event.draw_id} cancelled: {_ended(steps, write)}"


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
