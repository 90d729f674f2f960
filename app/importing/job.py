"""An import from beginning to end: find the files, make the lines, take them, sum up.

import_files      take the facts; a run that was killed is taken up where it stopped
rehearse_files    the same findings with nothing written
write_native      the facts that a mapping makes, as NDJSON
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from app.importing.findings import ALTERED, Finding, FindingsFile, ImportUnusable
from app.importing.mapped import MappedLines
from app.importing.mapping import MappingPlan, read_mapping
from app.importing.progress import Progress, ProgressFile
from app.importing.rehearsal import rehearse
from app.importing.sources import STANDARD_INPUT, SourceLine, content_of, native_lines
from app.importing.tables import TableFile, table_files
from app.importing.taking import take
from ledger.books import Books, Taken

#: Told how many lines are done and, where that is known, how many there are.
Watch = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to import, and how."""

    files: Sequence[Path]
    mapping: Path | None = None
    #: Where all findings go, one a line.
    findings_to: Path | None = None
    #: Begin at the first line, whatever an earlier run has done.
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks on: each finding, how far it is, and each batch that was taken."""

    show: Callable[[Finding], None] = lambda _finding: None
    watch: Watch = lambda _done, _total: None
    taken: Callable[[Sequence[Taken]], None] = lambda _answers: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import came to."""

    lines: int
    taken: int
    retries: int
    #: How many lines earlier runs of the same import had dealt with.
    lines_before: int = 0
    #: Refused lines and rows by code; nothing of these is in the ledger.
    refused: dict[str, int] = field(default_factory=dict)
    #: Rows that are taken otherwise than they stood, and rows that the mapping leaves out.
    altered: int = 0
    passed_over: int = 0


@dataclass(slots=True)
class _Source:
    """The native lines of a request."""

    lines: Iterator[SourceLine]
    total: int | None
    #: What the mapping had to say about rows.
    findings: FindingsFile
    #: What tells this import from others; empty where it cannot be read twice.
    contents: list[bytes]
    passed_over: int = 0


def import_files(
    books: Books, now: Callable[[], datetime], request: Request, home: Path, viewer: Viewer
) -> Outcome:
    """Take the facts of the files into the ledger.  Raises `ImportUnusable`."""
    with _source(request, viewer) as (source, folder):
        # What cannot be read twice keeps its progress where it is forgotten.
        place = home / "imports" if source.contents else folder
        saved = ProgressFile(place, books.log, source.contents)
        if request.restart:
            saved.remove()
        progress = saved.load() if source.contents else Progress()
        lines_before = progress.lines
        with saved.refused_path.open("ab") as file:
            file.truncate(progress.refused_bytes)
            findings = FindingsFile(file, viewer.show)

            def save(answers: Sequence[Taken]) -> None:
                file.flush()
                progress.refused_bytes = file.tell()
                saved.save(progress)
                viewer.taken(answers)
                viewer.watch(progress.lines, source.total)

            viewer.watch(progress.lines, source.total)
            lines = islice(source.lines, progress.lines, None)
            take(books, now, lines, progress, findings.add, save)
        _gather(request.findings_to, source.findings.file, saved.refused_path)
        saved.remove()
        return _outcome(progress, source, lines_before)


def rehearse_files(
    books: Books, now: Callable[[], datetime], request: Request, viewer: Viewer
) -> Outcome:
    """What `import_files` would come to, with nothing written.  Raises `ImportUnusable`."""
    with _source(request, viewer) as (source, folder):
        path = folder / "refused"
        with path.open("wb") as file:
            findings = FindingsFile(file, viewer.show)
            progress = rehearse(
                books,
                now,
                source.lines,
                findings.add,
                lambda done: viewer.watch(done, source.total),
            )
        _gather(request.findings_to, source.findings.file, path)
        return _outcome(progress, source, 0)


def write_native(request: Request, out: BinaryIO, viewer: Viewer) -> Outcome:
    """Write the facts that the mapping makes to `out`, one native line each."""
    with _source(request, viewer) as (source, _folder):
        out.writelines(line.raw + b"\n" for line in source.lines)
        _gather(request.findings_to, source.findings.file, None)
        return _outcome(Progress(lines=source.total or 0), source, 0)


@contextmanager
def _source(request: Request, viewer: Viewer) -> Iterator[tuple[_Source, Path]]:
    """The lines of a request, and a folder for what is forgotten with it."""
    if missing := [p for p in request.files if p != STANDARD_INPUT and not p.exists()]:
        raise ImportUnusable(f"there is no file {missing[0]}; check its path")
    if request.findings_to is not None:
        _check_writable(request.findings_to)
    with TemporaryDirectory(prefix="duebook-import-") as name:
        folder = Path(name)
        with (folder / "mapping-findings").open("w+b") as file:
            findings = FindingsFile(file, viewer.show)
            if request.mapping is None:
                yield _native(request.files, findings), folder
            else:
                viewer.watch(0, None)
                yield _mapped(request.files, request.mapping, findings), folder


def _native(files: Sequence[Path], findings: FindingsFile) -> _Source:
    if folder := next((path for path in files if path.is_dir()), None):
        raise ImportUnusable(
            f"{folder} is a folder: name its NDJSON files, or say with --mapping what its CSV means"
        )
    if STANDARD_INPUT in files:
        return _Source(native_lines(files), None, findings, [])
    contents = [content_of(path) for path in files]
    total = sum(content.lines for content in contents)
    return _Source(native_lines(files), total, findings, [one.digest for one in contents])


def _mapped(files: Sequence[Path], mapping: Path, findings: FindingsFile) -> _Source:
    if STANDARD_INPUT in files:
        raise ImportUnusable("a mapping reads files or folders, not standard input")
    plan: MappingPlan = read_mapping(mapping)
    tables: list[TableFile] = table_files(plan, files)
    contents = [content_of(path).digest for path in (mapping, *(table.path for table in tables))]
    mapped = MappedLines(plan, tables, findings.add)
    return _Source(mapped.lines(), mapped.count, findings, contents, mapped.passed_over)


def _outcome(progress: Progress, source: _Source, lines_before: int) -> Outcome:
    refused = Counter(progress.refused) + source.findings.by_code
    altered = refused[ALTERED]
    del refused[ALTERED]
    return Outcome(
        lines=progress.lines,
        taken=progress.taken,
        retries=progress.retries,
        lines_before=lines_before,
        refused=dict(refused.most_common()),
        altered=altered,
        passed_over=source.passed_over,
    )


def _check_writable(path: Path) -> None:
    try:
        path.write_bytes(b"")
    except OSError as error:
        raise ImportUnusable(f"{path} cannot be written: {error.strerror}") from None


def _gather(path: Path | None, from_mapping: BinaryIO, from_taking: Path | None) -> None:
    """Write all findings into one file: first those about rows, then those about lines."""
    if path is None:
        return
    from_mapping.seek(0)
    with path.open("wb") as out:
        shutil.copyfileobj(from_mapping, out)
        if from_taking is not None:
            with from_taking.open("rb") as rest:
                shutil.copyfileobj(rest, out)
