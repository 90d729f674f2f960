"""`duebook init` and `duebook open`: make a ledger, and end its loading phase."""

from typing import Annotated
from uuid import uuid4

import typer

from app import founding
from app.cli.options import Json, Today
from app.cli.output import console, print_json, warn
from app.settings import Settings
from app.wiring import now, opened


def init(
    shards: Annotated[
        int, typer.Option(min=1, max=1024, help="Logs the ledger is made of, fixed for good.")
    ] = 8,
    drills: Annotated[
        bool, typer.Option("--drills", help="A ledger for exercises: faults may be injected.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the ledger, or bring the one that is there up to date.

    ```
    duebook init
    DUEBOOK_DATABASE_URL=postgresql:///books duebook init --shards 16
    DUEBOOK_HOME=~/exercise duebook init --drills
    ```

    Whether faults may be injected (`duebook fault`) is decided here, and for good.
    """
    settings = Settings()
    made = founding.make_ledger(
        settings, shards=shards, ledger_id=uuid4(), created_at=now(), drills=drills
    )
    facts = made.facts
    if as_json:
        print_json(facts)
    else:
        console.print(
            f"ledger {facts.ledger_id}: {facts.shards} shards, phase {facts.phase},"
            f" made {facts.created_at:%Y-%m-%d %H:%M}Z" + (", for drills" if facts.drills else "")
        )
    if made.advice:
        warn(
            "The ledger is ready, but in it every process has all rights of the login user. To part"
            " them, have an administrator run this, then repeat `duebook init`:\n"
            + "\n".join(made.advice)
        )


def open_(today: Today = None, as_json: Json = False) -> None:
    """End the loading phase for good: from now on only the log says when a fact came in.

    ```
    duebook open
    ```
    """
    with opened(Settings(today=today) if today else Settings()) as app:
        appended = app.log.open(app.today())
        if as_json:
            print_json({"phase": app.log.phase, "recorded": appended.recorded})
        else:
            already = " already" if appended.is_retry else ""
            console.print(
                f"the ledger is{already} open since {appended.recorded.recorded_at:%Y-%m-%d %H:%M}Z"
            )
