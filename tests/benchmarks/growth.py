"""`python -m tests.benchmarks.growth`: what an event costs as a ledger grows to ten million.

One ledger is filled, and at each size every job is measured and checked.  What has been measured
and how far the ledger is filled stands in the JSON file: a run that was stopped goes on from there.
Memory stays flat, because borrowers are made a block at a time.
"""

import json
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import repeat
from pathlib import Path
from time import perf_counter
from typing import Annotated
from uuid import UUID

import psycopg
import typer
from psycopg import sql
from rich.console import Console

from app.engines import engines
from app.founding import make_derived
from ledger import schema
from ledger.garbage import keep_what_is_loaded
from ledger.log.log import Log
from ledger.log.records import NewEvent
from projections.diagnosis.diagnose import diagnose
from projections.generations import Generation
from projections.projector import STEP_ACCOUNTS_MAX
from tests.benchmarks.checks import WrongResult, log_is_sound, same_number, views_equal_replay
from tests.benchmarks.data import TODAY, new_event_of, payments, portfolio
from tests.benchmarks.figures import seconds_of
from tests.benchmarks.ledgers import BATCH, SHARDS, Ledger, batches, now
from tests.benchmarks.processes import build, enliven, workers
from tests.databases import ledger_pool, url_of
from tests.house import House

DATABASE = "duebook_growth"
#: Borrowers that are made at a time: about 56,000 events.
BLOCK_ACCOUNTS = 5_000
#: That make borrowers, rebuild and compare.
PROCESSES = 2
#: Accounts that are diagnosed at each size.
DIAGNOSED = 200
SHARD = 0


@dataclass(slots=True)
class Point:
    """What each job costs at one size, in microseconds."""

    events: int
    append_per_event: float
    live_per_account: float
    rebuild_per_event: float
    roll_per_account: float
    diagnosis_per_account: float


@dataclass(slots=True)
class Course:
    """How far a run has come."""

    block_accounts: int
    blocks: int = 0
    #: Of the blocks since the last point.
    events: int = 0
    seconds: float = 0.0
    points: list[Point] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, block_accounts: int) -> "Course":
        """Where the file says that a run was stopped, or the beginning of one."""
        if not path.exists():
            return cls(block_accounts)
        document = json.loads(path.read_text(encoding="utf-8"))
        points = [Point(**one) for one in document.pop("points")]
        course = cls(**document, points=points)
        if course.block_accounts != block_accounts:
            raise typer.BadParameter(
                f"{path} was begun with blocks of {course.block_accounts} accounts, asked for are"
                f" {block_accounts}; give another file and another data folder"
            )
        return course

    def write(self, path: Path) -> None:
        """Keep it: whole or not at all."""
        beside = path.with_suffix(".part")
        beside.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        beside.replace(path)


def main(
    home: Annotated[Path, typer.Option(help="Data folder of the engine; it is kept.")],
    json_: Annotated[Path, typer.Option("--json", help="Where figures and progress stand.")],
    millions: Annotated[str, typer.Option(help="The sizes, in millions of events.")] = "0.1,1,10",
    block_accounts: Annotated[int, typer.Option(min=8, help="Made at a time.")] = BLOCK_ACCOUNTS,
) -> None:
    """Fill, measure, check; the next size; and so on."""
    keep_what_is_loaded()  # As the processes of duebook do.
    console = Console()
    sizes = [round(float(one) * 1_000_000) for one in millions.split(",")]
    course = Course.read(json_, block_accounts)
    with (
        engines(home, needs_redis=False) as running,
        workers(PROCESSES) as pool,
        growing_ledger(running.database_url) as ledger,
    ):
        try:
            for said in grown(ledger, pool, course, sizes, json_):
                console.print(said, highlight=False)
        except WrongResult as error:
            console.print(f"wrong: {error}", markup=False, soft_wrap=True)
            raise typer.Exit(1) from error


def grown(
    ledger: Ledger, pool: Executor, course: Course, sizes: list[int], path: Path
) -> Iterator[str]:
    """Fill, measure and check, size by size; says how far it has come."""
    for number, size in enumerate(sizes, start=1):
        if number <= len(course.points):
            yield f"{size:,} events: measured before"
            continue
        while ledger.events < size:
            _append_blocks(ledger, pool, course)
            course.write(path)
            yield f"{ledger.events:,} events of {size:,}"
        ledger.settle()
        today = _next_day(ledger)
        point = _measured(ledger, pool, course, today)
        yield log_is_sound("growth", ledger, ledger.events)
        yield views_equal_replay("growth", pool, ledger, today)
        course.points.append(point)
        course.events, course.seconds = 0, 0.0
        course.write(path)
        yield str(point)


def _append_blocks(ledger: Ledger, pool: Executor, course: Course) -> None:
    """The next borrowers.  Of blocks that were stopped in the middle the rest is appended.

    Each process makes a block; nothing is made while the time of an append is taken.
    """
    numbers = range(course.blocks, course.blocks + PROCESSES)
    made = list(pool.map(_block, numbers, repeat(course.block_accounts)))
    for events in made:
        for batch in batches(events, BATCH):
            began = perf_counter()
            ledger.house.log.append(batch)
            course.seconds += perf_counter() - began
        course.events += len(events)
        course.blocks += 1


def _block(number: int, accounts: int) -> list[NewEvent]:
    """Borrowers of a block, validated and encoded.  Runs in a process."""
    return list(map(new_event_of(), portfolio(f"G{number}", accounts)))


def _next_day(ledger: Ledger) -> date:
    """A day that was never rolled, also where a run was stopped in the middle of measuring."""
    days = (one.business_date or TODAY for one in ledger.house.projector.checkpoints())
    return max(TODAY, *days) + timedelta(days=1)


def _measured(ledger: Ledger, pool: Executor, course: Course, today: date) -> Point:
    house = ledger.house
    events, before = ledger.events, today - timedelta(days=1)
    built: list[Generation] = []
    of_rebuild = seconds_of(lambda: built.append(build(pool, ledger, before)))
    enliven(ledger, built[0], before)
    accounts = house.log.stream_ids(SHARD, "", STEP_ACCOUNTS_MAX)
    new_event = new_event_of()
    house.log.append([new_event(raw) for raw in payments(accounts, f"L-{today}")])
    of_live = seconds_of(lambda: house.follow(before))
    rolled: list[int] = []
    of_roll = seconds_of(lambda: rolled.append(house.roll(today)))
    asked = accounts[:DIAGNOSED]
    found: list[object] = []
    of_diagnosis = seconds_of(
        lambda: found.extend(diagnose(house.log, one, today).finding for one in asked)
    )
    if not sum(rolled):
        raise WrongResult(f"growth: no account changed with {today}, some are late")
    same_number("growth", "diagnoses with a finding", sum(map(bool, found)), len(asked))
    return Point(
        events=events,
        append_per_event=course.seconds / course.events * 1e6,
        live_per_account=of_live / len(accounts) * 1e6,
        rebuild_per_event=of_rebuild / events * 1e6,
        roll_per_account=of_roll / sum(rolled) * 1e6,
        diagnosis_per_account=of_diagnosis / len(asked) * 1e6,
    )


@contextmanager
def growing_ledger(server_url: str, database: str = DATABASE) -> Iterator[Ledger]:
    """The ledger that grows, made at the first run."""
    url = url_of(server_url, database)
    with psycopg.connect(server_url, autocommit=True) as server:
        asked = "SELECT FROM pg_database WHERE datname = %s"
        if server.execute(asked, [database]).fetchone() is None:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
            server.execute(create.format(sql.Identifier(database)))
    schema.create(url, shards=SHARDS, ledger_id=UUID(int=1), created_at=now())
    make_derived(url, SHARDS)
    with ledger_pool(url) as pool:
        yield Ledger(url, House.over(pool, Log(pool, now)))


if __name__ == "__main__":
    typer.run(main)
