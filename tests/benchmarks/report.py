"""The figures as one table for people and one document for programs."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from rich.table import Table

from app.cli.output import table
from ledger.compiled import FOLD_IS
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.ledgers import SQL

_REACHED = {True: "reached", False: "missed", None: ""}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the absolute figures depend on."""

    scale: float
    rounds: int
    python: str
    #: As Python, or compiled from the same source.
    fold: str
    postgresql: str
    commits_wait_for_the_disk: bool
    processors: int

    @classmethod
    def of(cls, server_url: str, scale: float, rounds: int) -> "Circumstances":
        """Ask the machine and the server."""
        with psycopg.connect(server_url) as conn:
            row = conn.execute(SQL.server_facts).fetchone()
        assert row is not None
        version, waits = row
        processors = os.cpu_count() or 1
        python = platform.python_version()
        return cls(scale, rounds, python, FOLD_IS, version, waits, processors)

    def __str__(self) -> str:
        disk = "commits wait for the disk" if self.commits_wait_for_the_disk else "NOT DURABLE"
        return (
            f"scale {self.scale:g}, medians of {self.rounds} rounds; PostgreSQL {self.postgresql},"
            f" {disk}; Python {self.python}, {self.fold} fold,"
            f" {self.processors} processors"
        )


def table_of(figures: Sequence[Figure]) -> Table:
    """Two lines a figure: what it is, and below it what it is held against."""
    rows = [
        (
            f"{figure.name}\n[dim]  {figure.yardstick_name}[/]", _short(figure.measured),
            _short(figure.yardstick), figure.unit, f"{figure.ratio:.2f}", _said(figure.goal),
            _REACHED[figure.is_reached],
        )
        for figure in figures
    ]  # fmt: skip
    columns = ("figure", ">measured", ">yardstick", "unit", ">ratio", "goal", "")
    return table("what it costs", columns, rows)


def write_json(path: Path, figures: Sequence[Figure], circumstances: Circumstances) -> None:
    """The same, for comparing runs."""
    rows = [asdict(one) | {"ratio": one.ratio, "is_reached": one.is_reached} for one in figures]
    document = asdict(circumstances) | {"figures": rows}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _said(goal: Goal | None) -> str:
    return f"{goal.bound} {goal.ratio:g}" if goal else ""


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
