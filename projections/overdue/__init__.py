"""View `overdue`: one row an account and draw, overdue or not, so that a lost row is missed."""

from pathlib import Path

import orjson

from ledger.domain.outcome import Outcome
from ledger.domain.state import DrawState
from ledger.domain.statement import installment_buckets
from projections.view import View, ViewRow, with_the_state

COLUMNS = (
    "draw_id", "currency", "status", "days_late", "days_past_due", "bucket", "ageing",
    "late_since", "overdue_since", "late_total", "overdue_penalty", "overdue_fee",
    "overdue_interest", "overdue_principal", "overdue_total", "outstanding_total", "next_due_on",
    "credit_balance", "risk_class",
)  # fmt: skip


def ageing(draw: DrawState) -> str | None:
    """What is unpaid by bucket, every installment by its own days: JSON, in minor units."""
    found = installment_buckets(draw)
    return orjson.dumps(found).decode() if found else None


def rows(outcome: Outcome) -> list[ViewRow]:
    """Every draw; the credit balance is the account's and stands beside each of its draws."""
    state = outcome.state
    return [
        (
            draw.draw_id, state.currency, draw.status, draw.days_late, draw.days_past_due,
            draw.bucket, ageing(draw), draw.late_since, draw.overdue_since, draw.late_total,
            *draw.overdue, draw.overdue_total, sum(draw.outstanding), draw.next_due_on,
            state.credit_balance, draw.risk_class,
        )
        for draw in state.draws
    ]  # fmt: skip


OVERDUE = View(
    name="overdue",
    version=2,
    columns=COLUMNS,
    order_by=1,
    folder=Path(__file__).parent,
    rows=rows,
    changes_on=with_the_state,
)
