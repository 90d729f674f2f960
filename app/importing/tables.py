"""Which of the files given are which table of a mapping, and where in them its columns stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from operator import itemgetter
from pathlib import Path

from app.importing.findings import Finding, ImportUnusable
from app.importing.mapping import MappingPlan, Table
from app.importing.sources import csv_header, csv_rows
from ledger.domain.bounds import is_id
from ledger.domain.rejections import Code


@dataclass(frozen=True, slots=True)
class TableFile:
    """A CSV file that is (a part of) a table."""

    table: Table
    path: Path
    #: For each column that the mapping uses, its place in the file.
    places: tuple[int, ...]

    def rows(self) -> Iterator[tuple[int, list[str]] | Finding]:
        """The used columns of every row, the account first, each with the number of its line."""
        # An absent column is read from an empty field put after the others.
        pick = itemgetter(*self.places, -1)
        for number, row in csv_rows(self.path, self.table.text.delimiter):
            if isinstance(row, str):
                yield Finding(place_of(self.path, number), Code.LINE_MALFORMED.value, row)
                continue
            row.append("")
            used = list(pick(row))
            if is_id(used[0]):
                yield number, used
            else:
                column = self.table.text.account
                yield Finding(
                    place_of(self.path, number),
                    Code.FIELD_INVALID.value,
                    f"{column} is {used[0][:40]!r}; give the id of an account",
                )


def place_of(path: Path, number: int) -> str:
    """How the report names a row."""
    return f"{path.name} line {number}"


def table_files(plan: MappingPlan, given: Sequence[Path]) -> list[TableFile]:
    """Find the files of every table and check their columns.  Raises `ImportUnusable`."""
    candidates: list[Path] = []
    for path in given:
        candidates += sorted(path.iterdir()) if path.is_dir() else [path]
    found = [
        _table_file(table, path)
        for table in plan.tables.values()
        for path in candidates
        if any(fnmatchcase(path.name, pattern) for pattern in table.text.files)
    ]
    without = plan.tables.keys() - {file.table.name for file in found}
    if without:
        name = min(without)
        names = ", ".join(path.name for path in candidates[:20]) or "no file at all"
        patterns = ", ".join(plan.tables[name].text.files)
        raise ImportUnusable(f"table {name} needs a file named {patterns}; given was {names}")
    used = {file.path for file in found}
    unused = next((path for path in given if path.is_file() and path not in used), None)
    if unused is not None:
        raise ImportUnusable(
            f"{unused} is no table of the mapping; add its name to one, or leave the file out"
        )
    return found


def _table_file(table: Table, path: Path) -> TableFile:
    header = csv_header(path, table.text.delimiter)
    missing = [name for name in table.columns.names if name not in header]
    needed = [name for name in missing if name not in table.text.optional]
    if needed:
        raise ImportUnusable(
            f"the mapping names the column {needed[0]!r} of table {table.name}, but {path.name} has"
            f" {', '.join(header)}; correct the mapping, or list the column under `optional`"
        )
    absent = len(header)
    return TableFile(
        table,
        path,
        tuple(absent if name in missing else header.index(name) for name in table.columns.names),
    )
