"""The figures that a case gives against those that were found: every difference, not the first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.simulation.cases import CaseError

#: What tells the rows of a list apart.
_KEYS = (("nr",), ("event",), ("on",), ("from", "to"))
_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,30})?", re.ASCII)

#: Published figures with more decimals than this are binary fractions, and not exact.
DECIMALS_COMPARED_MAX = 12


#: Figures whose names come from the terms: they are given all, or it is a difference.
_NAMED_BY_TERMS = ("installment_buckets",)


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that was not found as it was given."""

    field: str
    expected: Any
    found: Any


def differences(given: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    """Compare every figure given.  Raises `CaseError` for one that does not exist."""
    for name, figure in given.items():
        yield from _compared(figure, found[name], name)


def _compared(given: object, found: object, path: str) -> Iterator[Difference]:
    if isinstance(given, dict) and isinstance(found, dict) and path.endswith(_NAMED_BY_TERMS):
        for name in sorted({*given, *found}):
            yield from _compared(given.get(name), found.get(name), f"{path}.{name}")
    elif isinstance(given, dict) and isinstance(found, dict):
        for name, figure in given.items():
            if name not in found:
                raise CaseError(f"expect: {path}.{name} is no figure; there are {', '.join(found)}")
            yield from _compared(figure, found[name], f"{path}.{name}")
    elif isinstance(given, list) and isinstance(found, list):
        yield from _compared_rows(given, found, path)
    elif not _same(given, found):
        yield Difference(path, given, found)


def _compared_rows(given: list[Any], found: list[Any], path: str) -> Iterator[Difference]:
    """Rows are matched by their number; rows that are not given are not compared."""
    for row in given:
        keys = next(
            (names for names in _KEYS if isinstance(row, dict) and row.keys() >= {*names}), ()
        )
        if not keys:
            names = ", ".join(" and ".join(names) for names in _KEYS)
            raise CaseError(f"expect: a row of {path} is named by one of {names}")
        place = f"{path}[{' '.join(f'{name} {row[name]}' for name in keys)}]"
        match = next((x for x in found if all(x.get(name) == row[name] for name in keys)), None)
        if match is None:
            yield Difference(place, "a row", "none")
        else:
            yield from _compared(row, match, place)


def _same(given: object, found: object) -> bool:
    """Equal, or the same amount written with other zeros."""
    if given == found:
        return True
    if not isinstance(given, str) or not isinstance(found, str):
        return False
    if not _DECIMAL.fullmatch(given) or not _DECIMAL.fullmatch(found):
        return False
    one, other = (round(Decimal(text), DECIMALS_COMPARED_MAX) for text in (given, found))
    return one == other
