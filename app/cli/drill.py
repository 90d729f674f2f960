"""`duebook drill`: rehearse the worst day on a ledger that is made for it."""

import logging
from collections.abc import Iterator, Sequence
from random import Random
from statistics import median
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.cli.drill_causes import EACH_DEFAULT, SEED_MAX, Accounts, Each, Seed, causes
from app.cli.errors import UserError
from app.cli.options import Json
from app.cli.output import console, counted, print_json, table
from app.drill.clients import NotRecovered
from app.drill.folder import DrillRefused
from app.drill.kills import KillDrill, Round, prepared
from app.operations_log import configure
from app.settings import Settings

COLUMNS = (
    "killed",
    ">rounds",
    ">events",
    ">repeated",
    ">up again (median s)",
    ">longest s",
    ">violations",
)

drill = typer.Typer(help="Rehearse the worst day on a ledger made for it.")
drill.command()(causes)


@drill.callback(invoke_without_command=True)
def drill_of_causes(
    context: typer.Context,
    accounts: Accounts = None,
    seed: Seed = None,
    each: Each = EACH_DEFAULT,
    as_json: Json = False,
) -> None:
    """Rehearse the worst day on a ledger made for it; with --accounts, the drill of causes."""
    if context.invoked_subcommand is not None:
        return
    if accounts is None:
        console.print(context.get_help(), markup=False)
        raise typer.Exit
    causes(accounts, seed, each, as_json=as_json)


@drill.command()
def kills(
    rounds: Annotated[int, typer.Option(min=1, help="How often something is killed.")] = 20,
    seed: Seed = None,
    accounts: Annotated[int, typer.Option(min=1, max=10_000, help="Accounts.")] = 200,
    writers: Annotated[int, typer.Option(min=1, max=64, help="Client processes.")] = 3,
    as_json: Json = False,
) -> None:
    """Kill -9 a worker, the clock, Redis, PostgreSQL or a client, and check that nothing is lost.

    Clients append all the time and note what was acknowledged.  After each round every
    acknowledged event must be there, once, nothing else, and all views must equal replay.  The
    ledger is made anew in the folder `drill` of DUEBOOK_HOME; no other ledger is touched.  The
    first violation ends the drill with exit code 1.

    ```
    duebook drill kills
    duebook drill kills --rounds 200 --seed 7
    ```
    """
    configure("drill", level=logging.CRITICAL)  # Deaths are no news here.
    seed = Random().randint(0, SEED_MAX) if seed is None else seed
    if not as_json:
        console.print(f"seed {seed}, {counted(accounts, 'account')}, {counted(writers, 'writer')}")
    try:
        with prepared(Settings(), seed=seed, accounts=accounts, writers=writers) as drilled:
            done = list(_rounds(drilled, rounds, as_json=as_json))
    except (DrillRefused, NotRecovered) as error:
        raise UserError(str(error)) from error
    last = done[-1]
    repeat = (
        f"duebook drill kills --seed {seed} --rounds {last.number}"
        f" --accounts {accounts} --writers {writers}"
    )
    if as_json:
        print_json({"seed": seed, "accounts": accounts, "writers": writers, "rounds": done})
    else:
        console.print(_summary(done))
        console.print(_sum(done, seed), soft_wrap=True)
        if last.violations:
            console.print(f"Repeat it with {repeat}", soft_wrap=True)
    if last.violations:
        raise typer.Exit(1)


def _rounds(drilled: KillDrill, rounds: int, *, as_json: bool) -> Iterator[Round]:
    """Round by round, up to the first violation: what comes after it proves nothing."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=as_json or not console.is_terminal,
        transient=True,
    ) as progress:
        task = progress.add_task("rounds", total=rounds)
        for number in range(1, rounds + 1):
            done = drilled.round(number)
            if not as_json:
                console.print(_line(done), soft_wrap=True)
                for violation in done.violations:
                    console.print(f"  {violation}", markup=False, soft_wrap=True)
            progress.advance(task)
            yield done
            if done.violations:
                return


def _line(done: Round) -> str:
    emptied = ", Redis emptied" if done.redis_emptied else ""
    killed = " and ".join(map(str, done.killed))
    return (
        f"round {done.number:3}: {killed} killed after {done.killed_after:.2f} s{emptied};"
        f" {counted(done.events, 'event')}, {done.repeated} repeated;"
        f" up again after {done.recovery_seconds:.1f} s;"
        f" {counted(len(done.violations), 'violation')}"
    )


def _summary(done: Sequence[Round]) -> Table:
    by_target: dict[str, list[Round]] = {}
    for one in done:
        targets = " and ".join(victim.target for victim in one.killed)
        by_target.setdefault(targets or "nothing", []).append(one)
    rows = [
        (
            target,
            len(group),
            sum(one.events for one in group),
            sum(one.repeated for one in group),
            f"{median(one.recovery_seconds for one in group):.1f}",
            f"{max(one.recovery_seconds for one in group):.1f}",
            sum(len(one.violations) for one in group),
        )
        for target, group in sorted(by_target.items())
    ]
    return table("What was killed", COLUMNS, rows)


def _sum(done: Sequence[Round], seed: int) -> str:
    seconds = sum(one.seconds for one in done)
    events = counted(sum(one.events for one in done), "event")
    emptied = counted(sum(one.redis_emptied for one in done), "time")
    violations = counted(sum(len(one.violations) for one in done), "violation")
    return (
        f"{counted(len(done), 'round')} with seed {seed} in {seconds:.0f} s: {events},"
        f" Redis emptied {emptied}, {violations}"
    )
