"""`duebook fault`: break things on purpose, in a ledger that was made for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from app.cli.errors import UserError
from app.cli.options import Json, Today
from app.cli.output import console, counted, print_json, table
from app.faults import FaultRefused, Site
from app.faults.listing import Listed, cause_of, listed, mend, refuse_without_drills
from app.faults.listing import inject as put_in
from app.faults.opening import site_of
from app.settings import Settings
from app.wiring import opened

fault = typer.Typer(help="Inject faults into a ledger for drills.", no_args_is_help=True)


@fault.command()
def inject(
    cause: Annotated[str, typer.Argument(help="A cause of the diagnosis, such as drifted.")],
    account: Annotated[str, typer.Option(help="The account that suffers it.")],
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Make an overdue account suffer a cause, for `duebook diagnose` to find.

    Refused unless the ledger was made with `duebook init --drills`.

    ```
    duebook fault inject drifted --account A-1
    duebook fault inject not_recorded --account A-new
    ```
    """
    with _site(today) as site:
        refuse_without_drills(site)
        made = put_in(site, cause_of(cause), account)
    if as_json:
        print_json(made)
    else:
        console.print(f"{_sentence(made)}; ask {_question(made)}", soft_wrap=True)


@fault.command("list")
def list_faults(today: Today = None, as_json: Json = False) -> None:
    """Everything that was injected, and whether the outside world has done its part.

    ```
    duebook fault list
    ```
    """
    with _site(today) as site:
        faults = listed(site)
    if as_json:
        print_json({"faults": faults})
        return
    rows = [
        (f.number, f.injected.cause, f.injected.account_id, f.injected.how, f.mended_at)
        for f in faults
    ]
    console.print(table("Faults", (">number", "cause", "account", "how", "mended"), rows))


@fault.command("mend")
def mend_faults(today: Today = None, as_json: Json = False) -> None:
    """Do what only the outside world can: hand in facts, restore a backup, let workers go on.

    What a remedy of the diagnosis heals is left to it.

    ```
    duebook fault mend
    ```
    """
    with _site(today) as site:
        done = mend(site, listed(site))
    if as_json:
        print_json({"mended": done})
    else:
        console.print(f"mended {counted(done, 'fault')}; the rest is healed by its remedy")


@contextmanager
def _site(today: object) -> Iterator[Site]:
    with opened(Settings(today=today) if today else Settings(), needs_redis=True) as app:
        try:
            yield site_of(app)
        except FaultRefused as error:
            raise UserError(str(error)) from None


def _sentence(made: Listed) -> str:
    one = made.injected
    return f"fault {made.number}: {one.cause} in {one.account_id} ({one.how})"


def _question(made: Listed) -> str:
    one = made.injected
    question = f"duebook diagnose {one.account_id}"
    if one.look.app:
        question += f" --client {one.look.app}/{one.look.version}"
    if one.look.known_at is not None:
        question += f" --known-at {one.look.known_at.isoformat()}"
    if one.look.sees is not None:
        question += " --key with the id of a key for another account"
    return question
