"""The small language of a mapping: texts with `{column}` in them, and conditions on a column.

"{loan_id}"            the field of that column; an empty field leaves the fact's field out
"L-{loan_id}"          text around it
"{amount|absolute}"    without its minus sign
"{day|next_month}-12"  the month after that of a date, here its 12th
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from app.importing.findings import ImportUnusable
from ledger.domain.calendar import add_months

#: The columns of a row that the mapping uses, in the order of `Columns`.
Row = Sequence[str]
Template = Callable[[Row], str]
Test = Callable[[Row], bool]

ConditionKind = Literal[
    "negative", "not_negative", "positive", "zero", "not_zero", "filled", "empty"
]

_HOLE = re.compile(r"\{([^{}|]*)(?:\|([^{}|]*))?\}")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?", re.ASCII)


class NotANumber(ValueError):
    """A condition asks for the sign of a text that is no number."""


class Columns:
    """The columns of a table that a mapping uses; each has a place in the rows that are kept."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def place_of(self, name: str) -> int:
        """Where the column stands in a row that is kept."""
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def is_number(text: str) -> bool:
    """Whether `text` is a plain decimal number."""
    return _NUMBER.fullmatch(text) is not None


def template(text: str, columns: Columns) -> Template:
    """What makes a text from a row."""
    if (hole := _HOLE.fullmatch(text)) is not None:
        return _field(hole, columns)
    parts: list[Template] = []
    end = 0
    for hole in _HOLE.finditer(text):
        parts += [_constant(text[end : hole.start()]), _field(hole, columns)]
        end = hole.end()
    parts.append(_constant(text[end:]))
    if not end:
        return parts[-1]
    return lambda row: "".join(part(row) for part in parts)


def equality(column: str, text: str, columns: Columns) -> Test:
    """What says whether a row has just this text in a column."""
    place = columns.place_of(column)
    return lambda row: row[place] == text


def condition(column: str, kind: ConditionKind, columns: Columns) -> Test:
    """What says whether a row makes a fact."""
    place = columns.place_of(column)
    if kind == "filled":
        return lambda row: row[place] != ""
    if kind == "empty":
        return lambda row: row[place] == ""
    holds = _SIGNS[kind]

    def has_sign(row: Row) -> bool:
        text = row[place]
        if not is_number(text):
            raise NotANumber(f"{column} is {text[:40]!r}, which is no number such as 100.00")
        return holds(Decimal(text))

    return has_sign


_SIGNS: dict[str, Callable[[Decimal], bool]] = {
    "negative": lambda number: number < 0,
    "not_negative": lambda number: number >= 0,
    "positive": lambda number: number > 0,
    "zero": lambda number: number == 0,
    "not_zero": lambda number: number != 0,
}


def _constant(text: str) -> Template:
    if "{" in text or "}" in text:
        raise ImportUnusable(f"{text!r} has a brace without its partner; write {{column}}")
    return lambda _row: text


def _field(hole: re.Match[str], columns: Columns) -> Template:
    name, change = hole[1], hole[2]
    place = columns.place_of(name)
    if change is None:
        return lambda row: row[place]
    if change not in _CHANGES:
        raise ImportUnusable(
            f"{hole[0]} asks for {change!r}; the changes there are: {', '.join(_CHANGES)}"
        )
    changed = _CHANGES[change]
    return lambda row: changed(row[place])


def _next_month(text: str) -> str:
    """The month after that of a date, as 2026-04; an empty field stays empty."""
    if not text:
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"next_month is asked of {text!r:.40}; give a date as 2026-03-31"
        ) from None
    return f"{add_months(day, 1, anchor_day=1):%Y-%m}"


_CHANGES: dict[str, Callable[[str], str]] = {
    "absolute": lambda text: text.removeprefix("-"),
    "next_month": _next_month,
}
