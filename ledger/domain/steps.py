"""The lines of a derivation: what each movement of money or debt was, and which event it came from.

The fold (`ledger.domain.settlement`) makes them; `explain`, the journal and the episodes read them.
"""

from datetime import date
from typing import Literal, NamedTuple, assert_never

from ledger.domain.terms import COMPONENTS

#: `drawn` is the draw itself, `planned` its installments; `suspended` is the part of a payment that
#: counts for nothing because it is `taken_back` later; `refunded` is credit given back, and
#: `refund_owed` the part of it that no credit covers.
StepKind = Literal[
    "drawn", "planned", "charged", "paid", "credited", "suspended", "taken_back",
    "paid_from_credit", "waived", "refunded", "refund_owed",
]  # fmt: skip


class Step(NamedTuple):
    """One line of the derivation: on this day, this much, for this reason."""

    on: date
    kind: StepKind
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
            case "paid" | "credited" | "suspended":
                return f"payment:{self.fact_id}"
            case "taken_back":
                return f"reversal:{self.fact_id}"
            case "waived":
                return f"waiver:{self.fact_id}"
            case "refunded" | "refund_owed":
                return f"refund:{self.fact_id}"
            case "paid_from_credit":
                return None
            case _:
                assert_never(kind)
