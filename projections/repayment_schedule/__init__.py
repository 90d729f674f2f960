"""View `repayment_schedule`: one row an installment, with what is owed, paid and still open."""

from pathlib import Path

from ledger.domain.outcome import Outcome
from projections.view import View, ViewRow, with_the_state

COLUMNS = (
    "draw_id", "number", "due_on", "penalty", "fee", "interest", "principal", "paid", "waived",
    "outstanding", "status", "days_late", "settled_on", "balance", "written_off", "cancelled",
)  # fmt: skip


def rows(outcome: Outcome) -> list[ViewRow]:
    """Every installment of every draw."""
    return [
        (
            row.draw_id, row.number, row.due_on, *row.owed, sum(row.paid), sum(row.waived),
            row.outstanding, row.status, row.days_late, row.settled_on, row.balance,
            sum(row.written_off), sum(row.cancelled),
        )
        for draw in outcome.state.draws
        for row in draw.installments
    ]  # fmt: skip


REPAYMENT_SCHEDULE = View(
    name="repayment_schedule",
    version=1,
    columns=COLUMNS,
    order_by=2,
    folder=Path(__file__).parent,
    rows=rows,
    changes_on=with_the_state,
)
