"""What shows where the money of a payment went, line by line from the derivation."""

from ledger.domain.money import decimals_of, to_text
from ledger.domain.terms import COMPONENTS
from projections.diagnosis.arithmetic import (
    event_evidence,
    installment_evidence,
    overdue_arithmetic,
)
from projections.diagnosis.money_trail import MoneyTrail
from projections.diagnosis.paid_case import PaidCase
from projections.diagnosis.verdict import Evidence

#: Lines of a derivation that are shown; `duebook explain` has the rest.
STEPS_SHOWN_MAX = 12


def payment_evidence(asked: PaidCase) -> Evidence:
    """The payment as the log holds it."""
    assert asked.payment is not None
    amount = asked.case.money(asked.payment.amount)
    return event_evidence(asked.recorded, f"of {amount} counts from")


def what_is_overdue(asked: PaidCase) -> list[Evidence]:
    """What is overdue, as the books say: days, and the arithmetic of each installment."""
    overdue = [draw for draw in asked.draws if draw.status == "overdue"]
    rows = [row for draw in overdue for row in draw.installments if row.status == "overdue"]
    return [
        *(overdue_arithmetic(asked.case, draw) for draw in overdue),
        *(installment_evidence(asked.case, row) for row in rows),
    ]


def where_it_went(asked: PaidCase, trail: MoneyTrail) -> list[Evidence]:
    """Each part of the payment: what it paid, and what of it paid nothing."""
    case, found = asked.case, []
    for step in trail.steps[:STEPS_SHOWN_MAX]:
        assert step.component is not None
        name = COMPONENTS[step.component]
        found.append(
            Evidence(
                f"{step.on}: {case.money(step.amount)} of it paid {name} of installment"
                f" {step.installment} of {step.draw_id}, due {step.due_on}",
                {
                    "on": step.on,
                    "amount": step.amount,
                    "component": name,
                    "draw": step.draw_id,
                    "installment": step.installment,
                },
            )
        )
    split = trail.split
    rest = {
        "taken back": trail.taken_back,
        "given back": split.refunded,
        "taken for debt that was written off": sum(split.recovered),
    }
    return found + [
        Evidence(f"{case.money(amount)} of it was {what}", {"amount": amount, "what": what})
        for what, amount in rest.items()
        if amount > 0
    ]


def paying_up(asked: PaidCase, trail: MoneyTrail) -> str:
    """The command that records the payment of what is open."""
    assert asked.outcome is not None
    amount = to_text(trail.shortfall, decimals_of(asked.outcome.state.currency))
    draws = {row.draw_id for row in trail.overdue}
    target = f" draw_id={draws.pop()}" if len(draws) == 1 else ""
    return (
        f"duebook append {asked.case.account_id} payment.received payment_id=... amount={amount}"
        f" effective_on={asked.case.as_of}{target}"
    )
