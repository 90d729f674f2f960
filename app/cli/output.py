"""How commands speak: tables on a terminal, one JSON document with --json."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from enum import Enum
from typing import Any, Literal

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

#: Columns of text where nobody's terminal says how wide it is.
PIPE_WIDTH = 120

console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 account, 2 accounts."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def warn(sentence: str) -> None:
    """A sentence beside the output: on stderr, so that JSON on stdout stays JSON."""
    sys.stderr.write(f"duebook: {sentence}\n")


def print_json(document: Any) -> None:
    """One JSON document and a line end on stdout."""
    data = orjson.dumps(
        document, default=plain, option=orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATACLASS
    )
    sys.stdout.write(data.decode() + "\n")


def print_json_line(document: Any) -> None:
    """One JSON document as one line on stdout, for a reader who takes a line at a time."""
    data = orjson.dumps(document, default=plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)
    sys.stdout.write(data.decode() + "\n")
    sys.stdout.flush()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table with amounts and counts to the right; a column named with a leading `>` is one."""
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.startswith(">") else "left"
        made.add_column(column.removeprefix(">"), justify=justify, overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    return made


def plain(value: object) -> object:
    """What JSON has no form for, as something that it has: the `default` of every document."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
