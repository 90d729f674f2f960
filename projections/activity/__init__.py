"""View `activity`: one row a movement of money or debt, with the balance after it."""

from pathlib import Path

from ledger.domain.outcome import Outcome
from projections.view import View, ViewRow

COLUMNS = (
    "number", "moved_on", "kind", "fact_id", "currency", "money", "penalty", "fee", "interest",
    "principal", "outstanding", "credit_balance",
)  # fmt: skip


def rows(outcome: Outcome) -> list[ViewRow]:
    """Every movement, numbered from 1 in the order of time."""
    return [
        (
            number, one.on, one.kind, one.fact_id, outcome.state.currency, one.money, *one.debt,
            one.outstanding, one.credit_balance,
        )
        for number, one in enumerate(outcome.activity, start=1)
    ]  # fmt: skip


ACTIVITY = View(
    name="activity",
    version=1,
    columns=COLUMNS,
    order_by=1,
    folder=Path(__file__).parent,
    rows=rows,
)
