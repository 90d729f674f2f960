"""`duebook roll`, `rebuild`, `heal`, `verify` and `quarantine`: keep the views equal to replay."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.errors import UserError
from app.cli.options import Json, Today
from app.cli.output import console, counted, print_json, table
from app.settings import Settings
from app.wiring import App, opened
from ledger.proof.verify import verify_streams
from ledger.rights import Role
from projections.reading import AccountUnknown
from projections.verification import Difference, differences

#: Accounts compared with replay in one snapshot.
PAGE_ACCOUNTS = 500

quarantine = typer.Typer(help="Accounts that could not be folded.", no_args_is_help=True)


def roll(today: Today = None, as_json: Json = False) -> None:
    """Bring the views to today: fold again what changes with the days that have passed.

    ```
    duebook roll
    duebook roll --today 2026-03-31
    ```
    """
    with opened(_settings(today)) as app:
        accounts = sum(
            step.accounts
            for shard in range(app.log.shards)
            for step in app.projector.roll(shard, app.today())
        )
        day = app.today()
    if as_json:
        print_json({"day": day, "accounts": accounts})
    else:
        console.print(f"rolled to {day}: {counted(accounts, 'account')} changed with it")


def rebuild(
    shard: Annotated[int | None, typer.Option(min=0, help="Only this shard.")] = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Fold every account again and replace its rows.

    ```
    duebook rebuild
    duebook rebuild --shard 3
    ```
    """
    with opened(_settings(today)) as app:
        if shard is not None and shard >= app.log.shards:
            raise UserError(f"there is no shard {shard}; the ledger has 0 to {app.log.shards - 1}")
        shards = range(app.log.shards) if shard is None else [shard]
        accounts = quarantined = 0
        with progress_of(as_json) as progress:
            task = progress.add_task("rebuilding", total=app.reader.account_count(list(shards)))
            for number in shards:
                for step, _ in app.projector.rebuild(number, app.today()):
                    accounts += step.accounts
                    quarantined += step.quarantined
                    progress.advance(task, step.accounts)
                _catch_up(app, number)
    if as_json:
        print_json({"accounts": accounts, "quarantined": quarantined})
    else:
        console.print(
            f"rebuilt {counted(accounts, 'account')}, {quarantined} of them in quarantine"
        )


def heal(
    accounts: Annotated[list[str], typer.Argument(help="Ids of accounts.")],
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Fold these accounts again, whatever their rows say.

    ```
    duebook heal A-1 A-2
    ```
    """
    with opened(_settings(today)) as app:
        _report_heal(app, accounts, as_json)


def verify(
    accounts: Annotated[list[str] | None, typer.Argument(help="Accounts; without, all.")] = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Check the digests of the log, and the views against replay.  Exit 1 if anything differs.

    ```
    duebook verify
    duebook verify A-1
    ```
    """
    with opened(_settings(today), role=Role.READER) as app:
        chain = list(verify_streams(app.log, accounts or None))
        with progress_of(as_json) as progress:
            shards = list(range(app.log.shards))
            total = len(accounts) if accounts else app.reader.account_count(shards)
            task = progress.add_task("comparing", total=total)
            drift = list(_differences(app, accounts, lambda n: progress.advance(task, n)))
    if as_json:
        print_json({"accounts": total, "log": chain, "views": drift})
    else:
        for found in chain:
            where = f"{found.stream_id} version {found.version}, position {found.position}"
            console.print(f"log: {where}: {found.problem}")
        for difference in drift:
            console.print(f"{difference.view} of {difference.account_id}: {difference.problem}")
        console.print(
            f"{counted(total, 'account')}: {counted(len(chain), 'finding')} in the log,"
            f" {counted(len(drift), 'difference')} between views and replay"
        )
    if chain or drift:
        raise typer.Exit(1)


@quarantine.command("list")
def list_quarantined(as_json: Json = False) -> None:
    """Accounts in quarantine, with error, version and since when.

    ```
    duebook quarantine list
    ```
    """
    with opened(Settings(), role=Role.READER) as app:
        entries = app.reader.quarantined()
    if as_json:
        print_json(entries)
    elif not entries:
        console.print("no account is in quarantine")
    else:
        columns = ["account_id", "account_version", "error", "projector", "since", "tries"]
        rows = [[entry[column] for column in columns] for entry in entries]
        console.print(table("Quarantine", columns, rows))


@quarantine.command("retry")
def retry_quarantined(
    accounts: Annotated[list[str] | None, typer.Argument(help="Accounts; without, all.")] = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Try to fold quarantined accounts again.

    ```
    duebook quarantine retry
    duebook quarantine retry A-1
    ```
    """
    with opened(_settings(today)) as app:
        held = [entry["account_id"] for entry in app.reader.quarantined()]
        strangers = [account for account in accounts or [] if account not in held]
        if strangers:
            raise UserError(f"{', '.join(strangers)} is not in quarantine; see quarantine list")
        _report_heal(app, accounts or held, as_json)


def _settings(today: Any) -> Settings:
    return Settings(today=today) if today else Settings()


def _report_heal(app: App, accounts: list[str], as_json: bool) -> None:
    versions = app.log.versions(accounts)
    for account, head in versions.items():
        if head.version == 0:
            raise AccountUnknown(account)
    steps = app.projector.heal(accounts, app.today())
    healed = sum(step.accounts - step.quarantined for step in steps)
    failed = sum(step.quarantined for step in steps)
    if as_json:
        print_json({"healed": healed, "still_quarantined": failed})
    else:
        console.print(f"healed {counted(healed, 'account')}, {failed} in quarantine")
    if failed:
        raise typer.Exit(1)


def _catch_up(app: App, shard: int) -> None:
    """Take the checkpoint over what the rebuild has just folded."""
    while app.projector.follow(shard, app.today()) is not None:
        pass


def _differences(
    app: App, accounts: list[str] | None, done: Callable[[int], None]
) -> Iterator[Difference]:
    for page in _pages(app, accounts):
        yield from differences(app.log, page, app.today())
        done(len(page))


def _pages(app: App, accounts: list[str] | None) -> Iterator[list[str]]:
    """The accounts, a shard at a time, in pages."""
    if accounts:
        yield from ([account] for account in accounts)
        return
    for shard in range(app.log.shards):
        ids = app.reader.account_ids(shard)
        while page := list(islice(ids, PAGE_ACCOUNTS)):
            yield page


def progress_of(quiet: bool) -> Progress:
    """A bar for long runs, on a terminal only."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=type(console)(stderr=True),
        disable=quiet or not console.is_terminal,
        transient=True,
    )
