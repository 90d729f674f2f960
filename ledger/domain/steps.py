"""The lines of a derivation: what each movement of money or debt was, and which event it came from.

The fold (`ledger.domain.settlement`) makes them; `explain`, the journal and the episodes read them.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple, assert_never

from ledger.domain.allocation import Line
from ledger.domain.terms import COMPONENTS

#: `drawn` is the draw itself, `planned` its installments; `suspended` is the part of a payment that
#: counts for nothing because it is `taken_back` later; `refunded` is credit given back, and
#: `refund_owed` the part of it that no credit covers.  Those behind it are of draws that end
#: otherwise than by payment.  The rest say how much more or less (below zero) is owed: since an
#: early payment (`replanned`) or a new agreement (`restructured`) changed the plan, how much
#: interest became principal in it, and what has changed because interest follows the principal
#: really outstanding (`accrued`; its id is that of the draw).
StepKind = Literal[
    "drawn", "planned", "charged", "paid", "credited", "suspended", "taken_back",
    "paid_from_credit", "waived", "refunded", "refund_owed",
    "written_off", "recovered", "recovered_from_credit", "cancelled", "cancelled_written_off",
    "given_back",
    "replanned", "restructured", "capitalised", "accrued",
]  # fmt: skip


class Step(NamedTuple):
    """One line of the derivation: on this day, this much, for this reason."""

    on: date
    kind: StepKind
    #: The id of the fact; of steps that end a draw and are no payment's, its key.
    fact_id: str
    draw_id: str | None
    installment: int | None
    component: int | None
    amount: int
    #: When the installment falls due, as far as it was known on the day.
    due_on: date | None = None

    @property
    def fact_key(self) -> str | None:
        """The key of the event behind it; None where time alone did it."""
        kind = self.kind
        match kind:
            case "drawn" | "planned":
                return f"draw:{self.fact_id}"
            case "charged":
                assert self.component is not None
                return f"{COMPONENTS[self.component]}:{self.fact_id}"
            case "paid" | "credited" | "suspended" | "recovered" | "replanned":
                return f"payment:{self.fact_id}"
            case "taken_back":
                return f"reversal:{self.fact_id}"
            case "waived":
                return f"waiver:{self.fact_id}"
            case "refunded" | "refund_owed":
                return f"refund:{self.fact_id}"
            case "restructured" | "capitalised":
                return f"restructure:{self.fact_id}"
            case "written_off" | "cancelled" | "cancelled_written_off" | "given_back":
                return self.fact_id
            case "paid_from_credit" | "recovered_from_credit" | "accrued":
                return None
            case _:
                assert_never(kind)

    @property
    def source(self) -> tuple[date, str]:
        """What it belongs to on its day: its event, the credit of a payment, or time itself."""
        kind = "accrual" if self.kind == "accrued" else "credit"
        return self.on, self.fact_key or f"{kind}:{self.fact_id}"


def planned(draw_id: str, on: date, lines: Iterable[Line]) -> list[Step]:
    """What the schedule of a draw asks for on its day, component by component."""
    return [
        Step(on, "planned", draw_id, draw_id, line.number, component, amount, line.due_on)
        for line in lines
        for component, amount in enumerate(line.owed)
        if amount
    ]


def by_source(steps: Iterable[Step]) -> Iterator[tuple[date, str, list[Step]]]:
    """The steps that follow each other and have the same source, with its day and its key."""
    together: list[Step] = []
    source: tuple[date, str] | None = None
    for step in steps:
        # Most steps are like the one before: nobody needs to write down their source to see it.
        if not together or not _is_like(step, together[-1]):
            before, source = source, step.source
            if before is not None and before != source:
                yield *before, together
                together = []
        together.append(step)
    if source is not None:
        yield *source, together


def _is_like(step: Step, other: Step) -> bool:
    """Whether two steps are surely of one source: only what is charged hangs on its component."""
    return (
        step.fact_id == other.fact_id
        and step.kind == other.kind != "charged"
        and step.on == other.on
    )
