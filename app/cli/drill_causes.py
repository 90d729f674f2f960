"""`duebook drill causes`: every cause of the diagnosis at once, named, healed, and asked again."""

import logging
from collections.abc import Iterator
from random import Random
from typing import Annotated

import typer

from app.cli.errors import UserError
from app.cli.options import Json
from app.cli.output import console, counted, print_json, table
from app.drill.causes import Outcome, Wrong, document, prepared
from app.drill.folder import DrillRefused
from app.operations_log import configure
from app.settings import Settings

SEED_MAX = 999_999
ACCOUNTS_DEFAULT = 2_000
EACH_DEFAULT = 20
#: Of what went wrong so much is printed; --json has all of it.
WRONG_SHOWN_MAX = 20

Seed = Annotated[
    int | None, typer.Option(min=0, max=SEED_MAX, help="Repeat the run with this seed.")
]
Accounts = Annotated[
    int | None, typer.Option(min=1, max=100_000, help="Accounts of the portfolio.")
]
Each = Annotated[int, typer.Option(min=1, help="Accounts that suffer each cause.")]


def causes(
    accounts: Accounts = ACCOUNTS_DEFAULT,
    seed: Seed = None,
    each: Each = EACH_DEFAULT,
    as_json: Json = False,
) -> None:
    """Inject every cause into some accounts at once, name them all, and heal them.

    The ledger is made anew in the folder `drill` of DUEBOOK_HOME; no other is touched.  Printed is
    a table by the cause injected and the cause named, which must be diagonal; then every remedy is
    run as its diagnosis names it, and nobody may be ill any more.  Otherwise the exit code is 1.

    ```
    duebook drill causes
    duebook drill causes --accounts 2000 --each 20 --seed 7
    ```
    """
    configure("drill", level=logging.CRITICAL)
    accounts = ACCOUNTS_DEFAULT if accounts is None else accounts
    seed = Random().randint(0, SEED_MAX) if seed is None else seed

    def say(sentence: str) -> None:
        if not as_json:
            console.print(sentence)

    say(f"seed {seed}, {counted(accounts, 'account')}, {each} of each cause")
    try:
        with prepared(Settings(), seed=seed, accounts=accounts, each=each) as drill:
            outcome = drill.run(say)
    except DrillRefused as error:
        raise UserError(str(error)) from error
    if as_json:
        print_json({"seed": seed, **document(outcome)})
    else:
        console.print(*_report(outcome), sep="\n", soft_wrap=True)
    if not outcome.is_passed:
        raise typer.Exit(1)


def _report(outcome: Outcome) -> Iterator[object]:
    rows = [
        (injected, *next(iter(sorted(named.items(), key=lambda one: one[0] != injected)), ("", 0)),
         ", ".join(f"{name} {count}" for name, count in named.items() if name != injected))
        for injected, named in outcome.matrix.items()
    ]  # fmt: skip
    columns = ("injected", "named", ">accounts", "named otherwise")
    yield table("What was injected, and what was named", columns, rows)
    for one in outcome.wrong[:WRONG_SHOWN_MAX]:
        yield _sentence(one)
    yield f"{counted(outcome.remedies_run, 'remedy command')} run as named"
    yield from outcome.remedies_failed[:WRONG_SHOWN_MAX]
    yield (
        f"{counted(outcome.asked_again, 'account')} asked again:"
        f" {len(outcome.still_ill) or 'none'} still ill"
    )
    for one in outcome.still_ill[:WRONG_SHOWN_MAX]:
        yield _sentence(one)
    verdict = "passed" if outcome.is_passed else "FAILED"
    yield f"{verdict} in {outcome.seconds:.0f} s"


def _sentence(one: Wrong) -> str:
    said = f"{one.account_id}: {one.injected} {one.how}".rstrip()
    rest = "; ".join((*one.noticed, *one.incomplete))
    return f"{said}, named {one.named}" + (f" ({rest})" if rest else "")
