"""`duebook import`: bring facts in from files, in bulk and safely repeated."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from app.cli.errors import UserError
from app.cli.options import Json
from app.cli.output import console, print_json, table
from app.importing.findings import ALTERED, Finding, ImportUnusable
from app.importing.job import (
    Outcome,
    Request,
    Viewer,
    import_files,
    rehearse_files,
    write_native,
)
from app.importing.sources import STANDARD_INPUT
from app.settings import Settings

#: Findings that are shown one by one; --refused FILE has all of them.
SHOWN_MAX = 20


def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Files (.gz and .xz too) or folders; - is stdin.")
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="A TOML file that says which facts CSV rows make.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decide every line, but write nothing.")
    ] = False,
    to_ndjson: Annotated[
        Path | None, typer.Option(help="Write the facts as native lines instead; - is stdout.")
    ] = None,
    refused: Annotated[
        Path | None, typer.Option(help="Write all refused and altered lines to this file.")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin at the first line, not where a run stopped.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import facts: NDJSON with one fact a line, or CSV through a mapping.

    Lines that cannot be taken are refused one by one, with the reason; the others are taken.  An
    import that was stopped goes on where it was, and repeating one changes nothing.  Exit code 2
    says that something was refused.

    ```
    duebook import facts.ndjson.gz
    duebook import --mapping examples/kiva.toml folder-with-csv --dry-run
    duebook import --mapping examples/kiva.toml folder-with-csv --refused refused.txt
    duebook import --mapping examples/kiva.toml folder-with-csv --to-ndjson facts.ndjson
    ```
    """
    if to_ndjson == STANDARD_INPUT and as_json:
        raise UserError("lines and --json cannot both go to stdout; write the lines to a file")
    request = Request(files, mapping, refused, restart)
    screen = _Screen(as_json=as_json)
    began = monotonic()
    try:
        with screen.progress_shown() as viewer:
            if to_ndjson is not None:
                outcome = _written(request, to_ndjson, dry_run, viewer)
            else:
                outcome = _taken(request, dry_run, viewer)
    except ImportUnusable as error:
        raise UserError(str(error)) from error
    screen.print_outcome(outcome, monotonic() - began, _verb(dry_run, to_ndjson))
    if outcome.refused:
        raise typer.Exit(2)


def _taken(request: Request, dry_run: bool, viewer: Viewer) -> Outcome:
    from app.wiring import now, opened  # Only now: writing native lines needs no engines.

    settings = Settings()
    with opened(settings) as app:
        if dry_run:
            return rehearse_files(app.books, now, request, viewer)
        ringing = replace(viewer, taken=app.ring)
        return import_files(app.books, now, request, settings.home.expanduser(), ringing)


def _written(request: Request, path: Path, dry_run: bool, viewer: Viewer) -> Outcome:
    if request.mapping is None or dry_run:
        raise UserError("--to-ndjson writes what a mapping makes: give --mapping, not --dry-run")
    if path == STANDARD_INPUT:
        return write_native(request, sys.stdout.buffer, viewer)
    try:
        with path.open("wb") as out:
            return write_native(request, out, viewer)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


def _verb(dry_run: bool, to_ndjson: Path | None) -> str:
    if to_ndjson is not None:
        return "written"
    return "would be taken" if dry_run else "taken"


class _Screen:
    """What a person sees of an import: findings and progress on stderr, the sum on stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)
        self._first: list[Finding] = []
        self._findings = 0

    @contextmanager
    def progress_shown(self) -> Iterator[Viewer]:
        """A viewer whose bar stands below the findings for as long as the block lasts."""
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeRemainingColumn(),
            console=self._errors,
            disable=self._as_json or not self._errors.is_terminal,
        ) as bar:
            task = bar.add_task("reading", total=None)

            def watch(done: int, total: int | None) -> None:
                if total is not None and bar.tasks[0].total is None:
                    # Lines of an earlier run do not count for the rate.
                    bar.reset(task, completed=done, total=total, description="taking")
                bar.update(task, completed=done)

            yield Viewer(self._shown(bar.console.print), watch)

    def _shown(self, say: Callable[..., None]) -> Callable[[Finding], None]:
        def show(finding: Finding) -> None:
            self._findings += 1
            if self._findings <= SHOWN_MAX:
                self._first.append(finding)
                if not self._as_json:
                    say(str(finding), markup=False)

        return show

    def print_outcome(self, outcome: Outcome, seconds: float, verb: str) -> None:
        """The totals."""
        if self._as_json:
            print_json(
                {
                    "lines": outcome.lines,
                    "lines_before": outcome.lines_before,
                    verb.replace(" ", "_"): outcome.lines if verb == "written" else outcome.taken,
                    "retries": outcome.retries,
                    "refused": outcome.refused,
                    "altered": outcome.altered,
                    "passed_over": outcome.passed_over,
                    "seconds": round(seconds, 3),
                    "findings": [finding._asdict() for finding in self._first],
                }
            )
            return
        if self._findings > SHOWN_MAX:
            more = self._findings - SHOWN_MAX
            self._errors.print(f"... and {more} more; --refused FILE writes all of them")
        # Native lines may be on stdout: the sum goes beside them.
        out = self._errors if verb == "written" else console
        out.print(_sentence(outcome, seconds))
        out.print(table("", ["", ">lines"], _sums(outcome, verb)))


def _sentence(outcome: Outcome, seconds: float) -> str:
    done = outcome.lines - outcome.lines_before
    sentence = f"{done} lines in {seconds:.1f} s, {done / max(seconds, 0.001):.0f} a second."
    if outcome.lines_before:
        sentence += f"  An earlier run had dealt with the {outcome.lines_before} before them."
    return sentence


def _sums(outcome: Outcome, verb: str) -> Iterator[tuple[str, int]]:
    if verb == "written":
        yield verb, outcome.lines
    else:
        yield verb, outcome.taken
        yield "retries, in the ledger already", outcome.retries
    if outcome.altered:
        yield f"rows {ALTERED} on the way", outcome.altered
    if outcome.passed_over:
        yield "rows of which the mapping makes nothing", outcome.passed_over
    for code, count in outcome.refused.items():
        yield f"refused: {code}", count


class _RateColumn(ProgressColumn):
    """Lines a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")
