"""`duebook simulate`: fold loan cases without any store; show the states, or check the figures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.measure import Measurement
from rich.table import Table

from app.cli.errors import UserError
from app.cli.options import Json
from app.cli.output import console, counted, print_json, table
from app.simulation.cases import ANY_DAY, CaseError, read_cases
from app.simulation.outcome import Answer, Outcome, simulated

#: Columns of the widest table there is: a schedule in which every figure says something.
TABLE_WIDTH_MAX = 240

Files = Annotated[
    list[Path], typer.Argument(help="Files of cases, or folders with them.", show_default=False)
]
Check = Annotated[
    bool, typer.Option("--check", help="Compare every figure given; exit 1 where one differs.")
]


def simulate(files: Files, check: Check = False, json: Json = False) -> None:
    """Fold loan cases from files, without any store: what if, and does it agree?

    A case that cannot be understood is said to be so, and the others are folded all the same.

    ```
    duebook simulate loan.json              the states that the case asks for
    duebook simulate tests/golden --check   given figures against those found
    duebook simulate loan.json --json       all of it as one document
    ```
    """
    try:
        outcomes = [simulated(case) for case in list(read_cases(files))]
    except CaseError as error:
        raise UserError(str(error)) from None
    agreeing = sum(outcome.agrees for outcome in outcomes)
    if json:
        print_json({**_document(outcomes), "agree": agreeing, "of": len(outcomes)})
    elif check:
        _print_check(outcomes)
        console.print(f"{agreeing} of {len(outcomes)} cases agree")
    else:
        for outcome in outcomes:
            if outcome.is_understood:
                for part in _parts(outcome):
                    _print_whole(part)
    wrong = [outcome for outcome in outcomes if not outcome.is_understood]
    if wrong:
        first = f"case {wrong[0].case}: {wrong[0].reason}"
        count = counted(len(wrong), "case")
        raise UserError(
            first if len(wrong) == 1 else f"{count} not understood; the first is {first}"
        )
    if check and agreeing < len(outcomes):
        raise typer.Exit(1)


def _document(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {"cases": [{**asdict(outcome), "agrees": outcome.agrees} for outcome in outcomes]}


def _print_check(outcomes: Sequence[Outcome]) -> None:
    """Every difference on a line of its own, so that it can be searched for; then the families."""
    for outcome in outcomes:
        if outcome.reason is not None:
            _line(f"{outcome.case}: {outcome.reason}")
        for answer in outcome.answers:
            known = f"after event {answer.after_seq} as of {answer.as_of}"
            where = f"{outcome.case} {'by its terms' if _is_dateless(answer) else known}"
            for one in answer.differences:
                expected, found = _plain(one.expected), _plain(one.found)
                _line(f"{where}: {one.field}: expected {expected}, found {found}")
    cases = Counter(outcome.family for outcome in outcomes)
    agreeing = Counter(outcome.family for outcome in outcomes if outcome.agrees)
    rows = [(family, agreeing[family], count) for family, count in cases.items()]
    console.print(table("Families", ("family", ">agree", ">cases"), rows))


def _line(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _plain(figure: object) -> object:
    return "nothing" if figure is None else figure


def _print_whole(part: Table | str) -> None:
    """Figures are never cut: a table too wide for the terminal runs on."""
    if isinstance(part, Table):
        options = console.options.update(width=TABLE_WIDTH_MAX)
        part.width = Measurement.get(console, options, part).maximum
    console.print(part, markup=False, soft_wrap=True)


def _parts(outcome: Outcome) -> Iterator[Table | str]:
    """The states of a case: a table for each list of rows, one for the figures beside them."""
    if outcome.reason is not None:
        yield f"\n{outcome.case}: {outcome.reason}"
    for answer in outcome.answers:
        known = f"as of {answer.as_of}, with the events up to {answer.after_seq}"
        yield f"\n{outcome.case} {'by its terms' if _is_dateless(answer) else known}"
        for name, figure in answer.figures.items():
            if isinstance(figure, list):
                yield _rows_table(name, figure)
        singles = list(_single_figures(answer))
        if singles:
            yield table("figures", ("figure", ">value"), singles)


def _is_dateless(answer: Answer) -> bool:
    """Whether the answer is what terms alone say, on any day and without an event."""
    return answer.as_of == ANY_DAY


def _rows_table(title: str, rows: Sequence[dict[str, Any]]) -> Table:
    """Rows as a table; a column that says nothing in any row would only take its room."""
    names = [
        name
        for name in (rows[0] if rows else ())
        if any(row[name] is not None and str(row[name]).strip("0.") for row in rows)
    ]
    columns = [name if name.endswith("_on") else f">{name}" for name in names]
    cells = [[row[name] for name in names] for row in rows]
    return table(title, [column.replace("_", " ") for column in columns], cells)


def _single_figures(answer: Answer) -> Iterator[tuple[str, object]]:
    for name, figure in answer.figures.items():
        if isinstance(figure, dict):
            yield from ((f"{name} {part}", value) for part, value in figure.items())
        elif not isinstance(figure, list):
            yield name, figure
