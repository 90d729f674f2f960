"""`duebook roll`, `heal`, `verify` and `quarantine`: keep the views equal to replay."""

from collections.abc import Callable, Iterator
from itertools import islice
from textwrap import shorten
from typing import Annotated, Any

import typer

from app.cli.errors import UserError
from app.cli.options import Json, Today
from app.cli.output import console, counted, print_json, table
from app.cli.progress import bar
from app.settings import Settings
from app.wiring import App, opened
from ledger.proof.verify import verify_streams
from ledger.rights import Role
from projections.display import StoreAway
from projections.projector import OtherGeneration
from projections.reading import AccountUnknown
from projections.verification import Difference, differences

#: Accounts compared with replay in one snapshot.
PAGE_ACCOUNTS = 500
#: Of a longer error the table shows the beginning; --json has all of it.
ERROR_SHOWN_MAX = 120

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


def purge(
    accounts: Annotated[list[str], typer.Argument(help="Accounts whose pages are forgotten.")],
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Forget the pages of accounts that the cache holds; the next look reads them anew.

    ```
    duebook purge A-1
    ```
    """
    with opened(Settings(today=today) if today else Settings(), needs_redis=True) as app:
        for account, head in app.log.versions(accounts).items():
            if head.version == 0:
                raise AccountUnknown(account)
        try:
            places = sum(app.display.purge(account, app.today()) for account in accounts)
        except StoreAway as error:
            raise UserError(f"the cache does not answer ({error}); is Redis up?") from None
    if as_json:
        print_json({"accounts": len(accounts), "places": places})
    else:
        console.print(f"purged {counted(len(accounts), 'account')}, {counted(places, 'place')}")


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
        with bar(as_json) as progress:
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
    """Accounts in quarantine: the event that fails, how many are held with it, error, code.

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
        columns = [
            "account", ">version", "fails at", ">events held", "error", "code", "since", ">tries",
        ]  # fmt: skip
        console.print(table("Quarantine", columns, map(_quarantine_row, entries)))


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


def _quarantine_row(entry: dict[str, Any]) -> list[object]:
    failed = entry["failed_topic"]
    return [
        entry["account_id"],
        entry["account_version"],
        failed and f"{failed}, version {entry['failed_version']} at {entry['failed_position']}",
        failed and entry["account_version"] - entry["failed_version"] + 1,
        shorten(entry["error"], ERROR_SHOWN_MAX, placeholder=" ..."),
        entry["code"],
        f"{entry['since']:%Y-%m-%d %H:%M}Z",
        entry["tries"],
    ]


def _settings(today: Any) -> Settings:
    return Settings(today=today) if today else Settings()


def _report_heal(app: App, accounts: list[str], as_json: bool) -> None:
    versions = app.log.versions(accounts)
    for account, head in versions.items():
        if head.version == 0:
            raise AccountUnknown(account)
    steps = app.projector.heal(accounts, app.today())
    if accounts and not steps:
        raise OtherGeneration(None)  # Healed in the one that is being built; readers see another.
    healed = sum(step.accounts - step.quarantined for step in steps)
    failed = sum(step.quarantined for step in steps)
    if as_json:
        print_json({"healed": healed, "still_quarantined": failed})
    else:
        console.print(f"healed {counted(healed, 'account')}, {failed} in quarantine")
    if failed:
        raise typer.Exit(1)


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
