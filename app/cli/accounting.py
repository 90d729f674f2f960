"""`duebook trial-balance` and `duebook export journal`: the books of all accounts together."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from app.balancing import NotBalanced, TrialBalance, in_order
from app.balancing import trial_balance as balanced
from app.cli.errors import UserError
from app.cli.options import AsOf, Json, KnownAt, Today
from app.cli.output import console, counted, print_json, table, warn
from app.cli.progress import bar
from app.export import Format, journal_lines
from app.settings import Settings
from app.wiring import opened
from ledger.domain.money import decimals_of, to_text
from ledger.rights import Role
from projections.reading import Reading

#: Accounts whose rows are not current and that are named; the rest is counted.
NAMED_MAX = 3

export = typer.Typer(help="The books as files for other programs.", no_args_is_help=True)


def trial_balance(
    account: Annotated[str | None, typer.Argument(help="An account; without it, all.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """The balance of every ledger account, and that they sum to zero.  Exit 1 if they do not.

    All accounts are summed up from the view `journal`; one account is replayed.

    ```
    duebook trial-balance
    duebook trial-balance --as-of 2026-03-31
    duebook trial-balance A-1 --as-of 2026-03-31 --known-at 2026-04-01T00:00Z
    ```
    """
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        try:
            found = balanced(app, account, as_of, known_at)
        except NotBalanced as error:
            raise UserError(str(error)) from None
    _show_balances(found, as_json)
    for code, total in found.unbalanced.items():
        more, less = ("debits", "credits") if total > 0 else ("credits", "debits")
        warn(
            f"the trial balance in {code} is not zero: {more} exceed {less} by"
            f" {to_text(abs(total), decimals_of(code))}; `duebook verify` names the accounts whose"
            " journal is not what their events say"
        )
    if found.unbalanced:
        raise typer.Exit(1)


@export.command("journal")
def export_journal(
    format_: Annotated[Format, typer.Option("--format", help="The program that will read it.")],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to this file, not to stdout.")
    ] = None,
    today: Today = None,
) -> None:
    """The journal of all accounts, for hledger or Beancount.  Exit 1 if an account is not current.

    Rows that may not be trusted are replayed on the way.  The order is always the same: by shard,
    account and time.

    ```
    duebook export journal --format hledger --output books.journal
    duebook export journal --format beancount | bean-check /dev/stdin
    ```
    """
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        day = app.today()
        doubtful: list[str] = []
        with _written(output) as file, bar(quiet=False) as progress:
            total = app.reader.account_count(range(app.log.shards))
            task = progress.add_task("exporting", total=total)

            def noted(readings: Iterable[Reading]) -> Iterator[Reading]:
                for reading in readings:
                    if reading.source == "stale_view":
                        doubtful.append(reading.account_id)
                    yield reading
                    progress.advance(task)

            readings = noted(app.reader.read_all("journal", day))
            file.writelines(f"{line}\n" for line in journal_lines(readings, format_, day))
    if doubtful:
        warn(f"not current, for they cannot be replayed: {_named(doubtful)}; see quarantine list")
        raise typer.Exit(1)


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """Where the lines go; a file is there when it is complete, or not at all."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            with part.open("w", encoding="utf-8") as file:
                yield file
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"the journal cannot be written to {path}: {error.strerror}") from error


def _show_balances(found: TrialBalance, as_json: bool) -> None:
    if as_json:
        print_json(found.document())
    else:
        for code, of_code in found.balances.items():
            _show_currency(f"Trial balance in {code} as of {found.as_of}", code, of_code)
        if not found.balances:
            console.print("nothing is posted")
    if found.not_current:
        warn(
            "not current in the view, and summed up as they stand there:"
            f" {_named(found.not_current)}; run `duebook workers`"
        )


def _show_currency(title: str, code: str, of_code: Mapping[str, int]) -> None:
    decimals = decimals_of(code)
    debits = {name: of_code[name] for name in of_code if of_code[name] > 0}
    credits_ = {name: -of_code[name] for name in of_code if of_code[name] < 0}
    rows = [
        (
            name,
            to_text(debits[name], decimals) if name in debits else "",
            to_text(credits_[name], decimals) if name in credits_ else "",
        )
        for name in in_order(of_code)
    ]
    sums = ("total", *(to_text(sum(side.values()), decimals) for side in (debits, credits_)))
    console.print(table(title, ["account", ">debit", ">credit"], [*rows, sums]))


def _named(accounts: list[str]) -> str:
    """How many, and some of them by name."""
    names = ", ".join(accounts[:NAMED_MAX])
    more = len(accounts) - NAMED_MAX
    return f"{counted(len(accounts), 'account')} ({names}{', ...' if more > 0 else ''})"
