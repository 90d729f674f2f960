"""`duebook keys`: who may come in at the door for services."""

from typing import Annotated

import typer

from app.api.access_log import AccessLog
from app.api.keys import KeyRefused, Keys
from app.api.roles import ApiRole, Caller
from app.cli.errors import UserError
from app.cli.options import Json
from app.cli.output import console, print_json, table, warn
from app.settings import Settings
from app.wiring import App, now, opened

keys = typer.Typer(help="Keys for the HTTP API.", no_args_is_help=True)


@keys.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose it is, for those who read the list.")],
    role: Annotated[ApiRole, typer.Option(help="What it is for.")],
    account: Annotated[str | None, typer.Option(help="The account of a borrower's key.")] = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it: this once, for only a digest of it is kept.

    ```
    duebook keys add checkout --role service
    duebook keys add "borrower of A-1" --role borrower --account A-1
    ```
    """
    with opened(Settings()) as app:
        try:
            key, text = Keys(app.pool, now).add(name, role, account)
        except KeyRefused as error:
            raise UserError(str(error)) from None
        log_operated(app, "duebook keys", f"key {key.key_id} for {role} added", account)
    if as_json:
        print_json({"key": key, "text": text})
    else:
        console.print(text, soft_wrap=True)
        warn(f"key {key.key_id} for the role {role}; it is not shown again")


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """Every key that there is or was, without what would let anybody in.

    ```
    duebook keys list
    ```
    """
    with opened(Settings()) as app:
        found = Keys(app.pool, now).all()
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.key_id,
            one.name,
            one.role,
            one.account_id,
            f"{one.created_at:%Y-%m-%d %H:%M}Z",
            f"{one.revoked_at:%Y-%m-%d %H:%M}Z" if one.revoked_at else None,
        )
        for one in found
    ]
    console.print(table("Keys", ["key", "name", "role", "account", "made", "revoked"], rows))


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The id of the key.")], as_json: Json = False
) -> None:
    """End a key for good; within two seconds no process takes it any more.

    ```
    duebook keys revoke k3j9x0a1b2c4
    ```
    """
    with opened(Settings()) as app:
        revoked = Keys(app.pool, now).revoke(key)
        if revoked is None:
            raise UserError(f"there is no key {key!r:.60}; see duebook keys list")
        log_operated(app, "duebook keys", f"key {key} revoked", None)
    if as_json:
        print_json(revoked)
    else:
        console.print(f"key {key} is revoked since {revoked.revoked_at:%Y-%m-%d %H:%M}Z")


def log_operated(app: App, path: str, outcome: str, account: str | None) -> None:
    """Keep an act of whoever has the command line, where acts of operators are kept."""
    AccessLog(app.pool, now).write(
        "operated",
        outcome,
        caller=Caller("command line", ApiRole.OPERATOR),
        method="",
        path=path,
        account_id=account,
        request_id="",
    )
