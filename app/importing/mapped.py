"""CSV tables to native lines in the order in which their facts were recorded.

Two sorts, neither of which needs more memory for more rows: first by account, so that the rows of
an account meet; then by (recorded_at, account, order in the mapping, place of the row), which is
the order in which a shard takes them.  Without recorded times, facts come by effective date.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import orjson

from app.importing.facts import SourceRow, Trouble, facts_of
from app.importing.findings import Finding
from app.importing.mapping import MappingPlan
from app.importing.sorting import Sorter
from app.importing.sources import SourceLine
from app.importing.tables import TableFile, place_of

Report = Callable[[Finding], None]


class MappedLines:
    """The facts that a mapping makes of files."""

    def __init__(self, plan: MappingPlan, files: Sequence[TableFile], report: Report) -> None:
        self._plan = plan
        self._files = files
        self._report = report
        self._fact_tables = {fact.table for fact in plan.facts}
        #: Rows for which no fact of the mapping has its conditions fulfilled.
        self.passed_over = 0
        self._facts = Sorter()
        rows = Sorter()
        for number, file in enumerate(files):
            self._read(number, file, rows)
        for account, lines in groupby(rows.in_order(), key=_account_of):
            self._make_facts(account.decode(), lines)

    @property
    def count(self) -> int:
        """How many facts there are."""
        return self._facts.count

    def lines(self) -> Iterator[SourceLine]:
        """The facts, once, as native lines."""
        for line in self._facts.in_order():
            *_, file, row, fact = line.split(b"\t", 5)
            yield SourceLine(place_of(self._files[int(file)].path, int(row)), fact)

    def _read(self, number: int, file: TableFile, rows: Sorter) -> None:
        for row in file.rows():
            if isinstance(row, Finding):
                self._report(row)
            else:
                line, fields = row
                account = fields[0].encode()
                rows.add(b"%s\t%05d\t%012d\t%s" % (account, number, line, orjson.dumps(fields)))

    def _make_facts(self, account: str, lines: Iterator[bytes]) -> None:
        rows: dict[str, list[SourceRow]] = {}
        for line in lines:
            _, file, number, fields = line.split(b"\t", 3)
            row = SourceRow(int(file), int(number), orjson.loads(fields))
            rows.setdefault(self._files[row.file].table.name, []).append(row)
        passed_over = {row[:2] for table in self._fact_tables for row in rows.get(table, ())}
        for made in facts_of(self._plan, account, rows):
            row = made.row
            passed_over.discard(row[:2])
            if isinstance(made, Trouble):
                self._report(made.at(place_of(self._files[row.file].path, row.line)))
                continue
            when = made.body.get("recorded_at") or made.body.get("effective_on") or ""
            self._facts.add(
                b"%s\t%s\t%04d\t%05d\t%012d\t%s"
                % (
                    when.encode(), account.encode(), made.order, row.file, row.line,
                    orjson.dumps(made.body),
                )
            )  # fmt: skip
        self.passed_over += len(passed_over)


def _account_of(line: bytes) -> bytes:
    return line.partition(b"\t")[0]
