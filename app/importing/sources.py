"""The files that an import reads: NDJSON and CSV, plain, .gz or .xz, and `-` for standard input."""

import csv
import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from app.importing.findings import ImportUnusable
from ledger.domain.limits import LINE_BYTES_MAX

STANDARD_INPUT = Path("-")

_BLOCK_BYTES = 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)


class SourceLine(NamedTuple):
    """A native line and where it comes from."""

    place: str
    raw: bytes
    #: The file ends in this line: a program that was writing it may have been stopped.
    is_last_without_end: bool = False


class Content(NamedTuple):
    """What a file holds, whatever it is called and however it is compressed."""

    digest: bytes
    lines: int


def native_lines(paths: Sequence[Path]) -> Iterator[SourceLine]:
    """The lines of NDJSON files, one file after the other; blank lines are none."""
    for path in paths:
        prefix = f"{path.name} " if len(paths) > 1 else ""
        for number, raw in enumerate(_raw_lines(path), start=1):
            line = raw.strip()
            if line:
                yield SourceLine(f"{prefix}line {number}", line, not raw.endswith(b"\n"))


def content_of(path: Path) -> Content:
    """Read the whole file once: its digest, and how many lines it has."""
    digest, lines = sha256(), 0
    with _reading(path) as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            lines += block.count(b"\n")
    return Content(digest.digest(), lines)


def csv_header(path: Path, delimiter: str) -> list[str]:
    """The names of the columns."""
    _, header = next(_csv_lines(path, delimiter), (0, []))
    if isinstance(header, str):
        raise ImportUnusable(f"{path.name} has no header that can be read: {header}")
    if not header:
        raise ImportUnusable(f"{path.name} is empty; its first line must name the columns")
    return header


def csv_rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Every row below the header with the number of its line.

    A text in the place of a row is no row: it says what is wrong with it.
    """
    lines = _csv_lines(path, delimiter)
    _, header = next(lines)
    for number, row in lines:
        if row and not isinstance(row, str) and len(row) != len(header):
            found = f"the row has {len(row)} fields, the header names {len(header)}"
            yield number, f"{found}; quote fields that hold the delimiter {delimiter!r}"
        elif row:
            yield number, row


def _csv_lines(path: Path, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    with _reading(path) as file:
        # Bytes that are no UTF-8 become lone surrogates: found by row, not by file.
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield reader.line_num, f"the row is no CSV ({error}); quote its fields anew"
            else:
                yield reader.line_num, row if _is_text(row) else "the row is no UTF-8; convert it"


def _is_text(row: list[str]) -> bool:
    line = "".join(row)
    if line.isascii():
        return True
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _raw_lines(path: Path) -> Iterator[bytes]:
    """Lines as they stand.  Of one that is too long only the beginning is kept: it is refused."""
    with _reading(path) as file:
        first = file.readline(LINE_BYTES_MAX + 2).removeprefix(_BYTE_ORDER_MARK)
        line = first
        while line:
            yield line
            while len(line) == LINE_BYTES_MAX + 2 and not line.endswith(b"\n"):
                line = file.readline(LINE_BYTES_MAX + 2)
            line = file.readline(LINE_BYTES_MAX + 2)


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    """The content of a file, for blocks that only read: every error in them is the file's."""
    try:
        if path == STANDARD_INPUT:
            yield sys.stdin.buffer
            return
        opener: Any = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
        with opener(path, "rb") as file:
            yield file
    except _UNREADABLE as error:
        raise ImportUnusable(
            f"{path} cannot be read ({error}); check that it is there, whole, and compressed as"
            " its name says"
        ) from error
