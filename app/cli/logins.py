"""`duebook logins`: which login of the database sees which borrower's account."""

from typing import Annotated

import typer

from app.cli.errors import UserError
from app.cli.keys import log_operated
from app.cli.options import Json
from app.cli.output import console, counted, print_json, table
from app.settings import Settings
from app.wiring import now, opened
from ledger import rights
from ledger.rights import Role
from projections.published.logins import LoginRefused, all_logins
from projections.published.logins import bind as bind_login
from projections.published.logins import unbind as unbind_login
from projections.reading import AccountUnknown

logins = typer.Typer(help="Borrowers' logins to the database.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="A login of the database.")]


@logins.command()
def bind(
    login: Login,
    account: Annotated[str, typer.Argument(help="The account it may see.")],
    as_json: Json = False,
) -> None:
    """Let a login of the database see an account in the schema `borrower`, and nothing else.

    An administrator makes the login first, as a member of duebook_borrower and of no other role.

    ```
    psql -c "CREATE ROLE ann LOGIN PASSWORD '...' IN ROLE duebook_borrower"
    duebook logins bind ann A-1
    ```
    """
    with opened(Settings()) as app:
        if app.log.versions([account])[account].version == 0:
            raise AccountUnknown(account)
        with rights.connect(app.engines.database_url, Role.OWNER) as conn:
            try:
                bind_login(conn, login, app.log.shard_of(account), account, now())
            except LoginRefused as error:
                raise UserError(str(error)) from None
        log_operated(app, "duebook logins", f"login {login} bound", account)
    if as_json:
        print_json({"login": login, "account": account})
    else:
        console.print(f"the login {login} sees {account}")


@logins.command("list")
def list_logins(as_json: Json = False) -> None:
    """Which logins see which accounts.

    ```
    duebook logins list
    ```
    """
    with opened(Settings()) as app, rights.connect(app.engines.database_url, Role.OWNER) as conn:
        found = all_logins(conn)
    if as_json:
        print_json(found)
        return
    rows = [
        (one.login, one.account_id, f"{one.bound_at:%Y-%m-%d %H:%M}Z", "" if one.exists else "yes")
        for one in found
    ]
    console.print(table("Logins", ["login", "account", "bound", "dropped"], rows))


@logins.command()
def unbind(login: Login, as_json: Json = False) -> None:
    """Let a login see nothing any more, from its next query on.

    ```
    duebook logins unbind ann
    ```
    """
    with opened(Settings()) as app:
        with rights.connect(app.engines.database_url, Role.OWNER) as conn:
            count = unbind_login(conn, login)
        if not count:
            raise UserError(f"the login {login!r:.70} sees no account; see duebook logins list")
        log_operated(app, "duebook logins", f"login {login} unbound", None)
    if as_json:
        print_json({"login": login, "accounts": count})
    else:
        console.print(
            f"the login {login} sees nothing any more; it saw {counted(count, 'account')}"
        )
