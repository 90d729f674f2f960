"""View `episodes`: one row a period of being overdue.

An open one changes with every day, as the account's row of `overdue` does: no roll does more work
for it.
"""

from pathlib import Path

from ledger.domain.outcome import Outcome
from projections.view import View, ViewRow, with_the_state

COLUMNS = (
    "draw_id", "number", "began_on", "ended_on", "due_on", "worst_days_past_due",
    "worst_overdue_total", "currency",
)  # fmt: skip


def rows(outcome: Outcome) -> list[ViewRow]:
    """Every episode of every draw."""
    return [(*episode, outcome.state.currency) for episode in outcome.episodes]


EPISODES = View(
    name="episodes",
    version=1,
    columns=COLUMNS,
    order_by=2,
    folder=Path(__file__).parent,
    rows=rows,
    changes_on=with_the_state,
)
