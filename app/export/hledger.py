"""The journal as hledger reads it; see its manual, "Journal format".

Every account and commodity is declared, so that `hledger check --strict` has something to check.
"""

from collections.abc import Iterator

from app.export.entries import JournalEntry, Line
from ledger.domain.journal import CHART
from ledger.domain.money import decimals_of


def preamble() -> Iterator[str]:
    """The chart of accounts."""
    yield ""
    for account in CHART:
        yield f"account {account}"


def currency(code: str) -> Iterator[str]:
    """The commodity; its decimal mark is written even where no decimals follow."""
    yield ""
    yield f"commodity 1000.{'0' * decimals_of(code)} {code}"


def entry(written: JournalEntry) -> Iterator[str]:
    """A transaction, cleared, with the loan account, the draw and the installment as tags."""
    yield (f"{written.on} * {written.kind} {written.fact_id}  ; account:{written.account_id}")
    for line in written.lines:
        yield f"    {line.account}  {written.amount(line)}{_tags(line)}"


def _tags(line: Line) -> str:
    draw = [] if line.draw_id is None else [f"draw:{line.draw_id}"]
    number = [] if line.installment is None else [f"installment:{line.installment}"]
    tags = ", ".join(draw + number)
    return f"  ; {tags}" if tags else ""
