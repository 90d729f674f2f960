"""The journal as Beancount reads it; see its "Language Syntax"."""

from collections.abc import Iterator

from app.export.entries import JournalEntry
from ledger.domain.journal import CHART
from ledger.domain.limits import YEAR_MIN


def preamble() -> Iterator[str]:
    """The chart of accounts, open since before the first day that books speak of."""
    yield 'option "title" "duebook"'
    yield ""
    for account in CHART:
        yield f"{YEAR_MIN}-01-01 open {_name(account)}"


def currency(code: str) -> Iterator[str]:
    """The commodity."""
    yield ""
    yield f"{YEAR_MIN}-01-01 commodity {code}"


def entry(written: JournalEntry) -> Iterator[str]:
    """A transaction with the loan account, the draw and the installment as metadata."""
    yield f'{written.on} * "{written.kind} {written.fact_id}"'
    yield f'  account: "{written.account_id}"'
    for line in written.lines:
        yield f"  {_name(line.account)}  {written.amount(line)}"
        if line.draw_id is not None:
            yield f'    draw: "{line.draw_id}"'
        if line.installment is not None:
            yield f"    installment: {line.installment}"


def _name(account: str) -> str:
    """Parts of names begin with a capital and have no underscores: Liabilities:Customer-Credit."""
    return account.title().replace("_", "-")
