"""`duebook sample`: a portfolio to try things on."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import Progress

from app.cli.errors import UserError
from app.cli.options import Json, Until
from app.cli.output import console, print_json, table
from app.sample import (
    SampleRefused,
    Written,
    account_id_of,
    character_of,
    headline_of,
    portfolio,
    write,
)
from app.settings import Settings
from app.wiring import App, now, opened
from ledger.schema import read_facts

ACCOUNTS_MAX = 100_000


def sample(
    accounts: Annotated[int, typer.Option(min=1, max=ACCOUNTS_MAX, help="How many.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another portfolio.")] = 1,
    until: Until = None,
    to_ndjson: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the facts to this file, not to the ledger."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Record a portfolio of borrowers on time, early, late, in part, reversed and many more.

    The same seed and last day make the same facts, so repeating the command changes nothing.
    In a ledger that is still loading the facts carry the times at which they were learnt.

    ```
    duebook sample
    duebook sample --accounts 200 --seed 7 --until 2026-01-31
    duebook sample --accounts 50 --to-ndjson facts.ndjson
    ```
    """
    settings = Settings()
    last_day = until or min(settings.today or date.max, now().date())
    if last_day > now().date():
        raise UserError(
            f"A sample until {last_day} was asked for, but nothing can be recorded before it"
            f" happens: today is {now().date()}.  Choose an earlier --until."
        )
    bodies = portfolio(Random(seed), seed, accounts, last_day)
    document: dict[str, Any] = {
        "accounts": accounts, "seed": seed, "until": last_day, "facts": len(bodies),
    }  # fmt: skip
    if to_ndjson is not None:
        _write_file(to_ndjson, bodies)
        document["file"] = str(to_ndjson)
    else:
        with opened(settings) as app:
            written = _record(app, bodies, as_json)
        document |= {"recorded": written.recorded, "repeated": written.repeated}
    if as_json:
        print_json(document | {"examples": _examples(seed, accounts)})
        return
    _show(document, seed, accounts)


def _record(app: App, bodies: list[dict[str, Any]], as_json: bool) -> Written:
    with app.pool.connection() as conn:
        is_loading = read_facts(conn).phase == "loading"
    errors = Console(stderr=True)
    with Progress(console=errors, disable=as_json or not errors.is_terminal) as progress:
        task = progress.add_task("recording", total=len(bodies))
        try:
            return write(
                app.books,
                bodies,
                with_recorded_times=is_loading,
                progress=lambda facts: progress.advance(task, facts),
            )
        except SampleRefused as error:
            raise UserError(str(error)) from error


def _write_file(path: Path, bodies: list[dict[str, Any]]) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(orjson.dumps(body) + b"\n" for body in bodies)
    except OSError as error:
        raise UserError(f"The facts cannot be written to {path}: {error.strerror}.") from error


def _examples(seed: int, accounts: int) -> dict[str, str]:
    """The first account of every character."""
    first: dict[str, str] = {}
    for number in range(1, accounts + 1):
        first.setdefault(character_of(number), account_id_of(seed, number))
    return first


def _show(document: dict[str, Any], seed: int, accounts: int) -> None:
    title = f"{accounts} accounts, {document['facts']} facts until {document['until']}"
    rows = [
        (character, account_id, headline_of(character))
        for character, account_id in _examples(seed, accounts).items()
    ]
    console.print(table(title, ["character", "for example", "what it is like"], rows))
    if "file" in document:
        console.print(f"written to {document['file']}; take it in with `duebook import`")
    else:
        console.print(f"{document['recorded']} recorded, {document['repeated']} already there")
