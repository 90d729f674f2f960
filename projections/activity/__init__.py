"""View `activity`: one row a movement of money or debt, with the balance after it."""

from pathlib import Path

from ledger.domain.outcome import Outcome
from projections.view import View, ViewRow, with_the_journal

COLUMNS = (
    "number", "moved_on", "kind", "fact_id", "currency", "money", "penalty", "fee", "interest",
    "principal", "outstanding", "credit_balance",
)  # fmt: skip


def rows(outcome: Outcome) -> list[ViewRow]:
    """Every movement, numbered from 1 in the order of time."""
    currency = outcome.state.currency
    return [
        (number, on, kind, fact_id, currency, money, *debt, outstanding, credit_balance)
        for number, (on, kind, fact_id, money, debt, outstanding, credit_balance) in enumerate(
            outcome.activity, start=1
        )
    ]


ACTIVITY = View(
    name="activity",
    version=1,
    columns=COLUMNS,
    order_by=1,
    folder=Path(__file__).parent,
    rows=rows,
    changes_on=with_the_journal,
)
