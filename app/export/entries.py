"""An entry of the journal as the formats get it."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger.domain.money import decimals_of, to_text


class Line(NamedTuple):
    """A posting: minor units, a debit is positive."""

    account: str
    amount: int
    draw_id: str | None
    installment: int | None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One balanced entry of one loan account."""

    account_id: str
    on: date
    kind: str
    fact_id: str
    currency: str
    lines: tuple[Line, ...]

    def amount(self, line: Line) -> str:
        """The amount of a line with its currency."""
        return f"{to_text(line.amount, decimals_of(self.currency))} {self.currency}"
