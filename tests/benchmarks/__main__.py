"""`python -m tests.benchmarks`: every cost that the design sets a goal for, beside its yardstick.

A goal that is missed is a row that says so; a result that is wrong ends the run with 1.
"""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console

from ledger.domain.limits import EVENTS_PER_STREAM_MAX
from ledger.garbage import keep_what_is_loaded
from tests.benchmarks.appending import bulk, single
from tests.benchmarks.checks import WrongResult
from tests.benchmarks.correcting import correction
from tests.benchmarks.data import portfolio
from tests.benchmarks.diagnosing import diagnosis
from tests.benchmarks.figures import Figure
from tests.benchmarks.keeping import day_roll, live
from tests.benchmarks.ledgers import fresh_ledger, server
from tests.benchmarks.processes import workers
from tests.benchmarks.rebuilding import beside, in_place, memory
from tests.benchmarks.recording import recording
from tests.benchmarks.replaying import longest_replay, one_replay
from tests.benchmarks.report import Circumstances, table_of, write_json
from tests.benchmarks.serving import serving
from tests.benchmarks.waiting import lag, latencies
from tests.benchmarks.watching import full_pass

#: At scale 1: about 100,000 events, and ten times as many.
SMALL_ACCOUNTS, TIMES_LARGER = 9_000, 10
BULK_ACCOUNTS = 4_500
LATE_ACCOUNTS = 2_000
SINGLE_EVENTS = 4_000
#: Twenty seconds of 500 events each.
LAG_EVENTS = 10_000
HTTP_REQUESTS = 2_000

QUICK_SCALE, QUICK_ROUNDS = 0.1, 3

#: Columns of the table: a figure that is cut says nothing.
WIDTH_MIN = 120


def main(
    scale: Annotated[float, typer.Option(help="1 rebuilds 100,000 and 1,000,000 events.")] = 1.0,
    rounds: Annotated[int, typer.Option(min=1, help="Measurements of each job.")] = 5,
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of it, in 2 minutes.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures here too.")] = None,
) -> None:
    """Measure, check, report."""
    keep_what_is_loaded()  # As the processes of duebook do.
    if quick:
        scale, rounds = QUICK_SCALE, QUICK_ROUNDS
    console, figures = Console(width=max(WIDTH_MIN, Console().width)), list[Figure]()
    with server() as server_url:
        circumstances = Circumstances.of(server_url, scale, rounds)
        began = perf_counter()
        try:
            for said in _run(server_url, scale, rounds):
                if isinstance(said, Figure):
                    figures.append(said)
                else:
                    console.print(f"[dim]{perf_counter() - began:6.1f} s[/]  {said}")
        except WrongResult as error:
            console.print(f"wrong: {error}", markup=False, soft_wrap=True)
            raise typer.Exit(1) from error
    console.print(table_of(figures), str(circumstances), sep="\n")
    if json is not None:
        write_json(json, figures, circumstances)


def _run(server_url: str, scale: float, rounds: int) -> Iterator[Figure | str]:
    """All jobs, one after the other: figures, and what was checked."""

    def sized(full: int, least: int) -> int:
        return max(least, round(full * scale))

    small_accounts = sized(SMALL_ACCOUNTS, 8)
    yield from bulk(server_url, sized(BULK_ACCOUNTS, 8), rounds)
    yield from single(server_url, sized(SINGLE_EVENTS, 32), rounds)
    yield from recording(server_url, sized(SINGLE_EVENTS, 32), rounds)
    yield from latencies(server_url, sized(SINGLE_EVENTS, 32), rounds)
    yield from serving(server_url, sized(HTTP_REQUESTS, 32), rounds)
    with workers(2) as pool:
        yield from lag(pool, server_url, sized(LAG_EVENTS, 32), rounds)
        yield from one_replay(pool, server_url, rounds)
        yield from longest_replay(pool, server_url, sized(EVENTS_PER_STREAM_MAX, 200), rounds)
        yield from correction(pool, server_url, rounds)
        yield from day_roll(pool, server_url, sized(LATE_ACCOUNTS, 8), rounds)
        with fresh_ledger(server_url) as small, fresh_ledger(server_url) as large:
            small.fill(portfolio("A", small_accounts))
            large.fill(portfolio("A", small_accounts * TIMES_LARGER))
            yield from in_place(pool, small, large, rounds)
            yield from beside(pool, large, rounds)
            yield from memory(pool, small, large)
            yield from full_pass(pool, small, rounds)
            yield from live(pool, large, rounds)
            yield from diagnosis(small, rounds)


if __name__ == "__main__":
    typer.run(main)
