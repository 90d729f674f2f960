"""View `journal`: one row a posting.  Debits are positive, and every entry sums to zero."""

from pathlib import Path

from ledger.domain.outcome import Outcome
from projections.view import View, ViewRow, with_the_journal

COLUMNS = (
    "entry", "posting", "posted_on", "kind", "fact_id", "ledger_account", "amount", "currency",
    "draw_id", "installment",
)  # fmt: skip


def rows(outcome: Outcome) -> list[ViewRow]:
    """Every posting; entries are numbered from 1 in the order of time, postings in their entry."""
    currency = outcome.state.currency
    return [
        (
            number, place, on, kind, fact_id, account, amount, currency, draw_id, installment,
        )
        for number, (on, kind, fact_id, postings) in enumerate(outcome.journal.entries, start=1)
        for place, (account, amount, draw_id, installment) in enumerate(postings, start=1)
    ]  # fmt: skip


JOURNAL = View(
    name="journal",
    version=1,
    columns=COLUMNS,
    order_by=2,
    folder=Path(__file__).parent,
    rows=rows,
    changes_on=with_the_journal,
)
