"""The journal of all accounts as a file for another bookkeeping program, line by line.

A format is three small functions: what comes first, what a currency needs before it is used, and an
entry.  Ids are letters, digits and `. _ : @ + -`, so they need no escapes in either program.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Literal

from app.export import beancount, hledger
from app.export.entries import JournalEntry, Line
from projections.reading import Reading

Format = Literal["hledger", "beancount"]


@dataclass(frozen=True, slots=True)
class _Writer:
    preamble: Callable[[], Iterable[str]]
    currency: Callable[[str], Iterable[str]]
    entry: Callable[[JournalEntry], Iterable[str]]


_WRITERS: dict[Format, _Writer] = {
    "hledger": _Writer(hledger.preamble, hledger.currency, hledger.entry),
    "beancount": _Writer(beancount.preamble, beancount.currency, beancount.entry),
}


def journal_lines(readings: Iterable[Reading], kind: Format, as_of: date) -> Iterator[str]:
    """The lines of the file.  An account whose rows are not current is marked as such."""
    writer = _WRITERS[kind]
    yield f"; The journal of duebook as of {as_of}, by account and in the order of time."
    yield from writer.preamble()
    known: set[str] = set()
    for reading in readings:
        if reading.source == "stale_view":
            yield ""
            yield f"; {reading.account_id} {reading.note}"
        for entry in _entries(reading):
            if entry.currency not in known:
                known.add(entry.currency)
                yield from writer.currency(entry.currency)
            yield ""
            yield from writer.entry(entry)


def _entries(reading: Reading) -> Iterator[JournalEntry]:
    """The rows of an account, put together by entry."""
    for _, group in groupby(reading.dicts(), key=_number):
        rows = list(group)
        first = rows[0]
        yield JournalEntry(
            account_id=reading.account_id,
            on=first["posted_on"],
            kind=first["kind"],
            fact_id=first["fact_id"],
            currency=first["currency"],
            lines=tuple(
                Line(row["ledger_account"], row["amount"], row["draw_id"], row["installment"])
                for row in rows
            ),
        )


def _number(row: dict[str, Any]) -> int:
    return int(row["entry"])
