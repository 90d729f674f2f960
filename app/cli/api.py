"""`duebook api`: serve the door for services in the foreground."""

from typing import Annotated

import typer

from app.api.settings import ApiSettings
from app.attached import leave_when_told
from app.cli.errors import UserError
from app.cli.options import Today
from app.cli.output import console
from app.founding import make_derived
from app.operations_log import configure
from app.settings import Settings
from app.wiring import opened


def api(
    host: Annotated[
        str | None, typer.Option(help="Where to listen; DUEBOOK_API_HOST without.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="DUEBOOK_API_PORT without; 0 takes a free one."),
    ] = None,
    today: Today = None,
) -> None:
    """Serve the HTTP API until Ctrl-C or SIGTERM; what was accepted is finished first.

    Workers are not its affair: run `duebook workers` beside it, or `duebook up`, which has both.

    ```
    duebook api
    duebook api --host 0.0.0.0 --port 8443
    ```
    """
    # Only now: the other commands need no HTTP.
    from app.api.server import serve
    from app.api.tokens import TokensMisconfigured

    configure("api")
    leave_when_told()
    given = {"host": host, "port": port}
    settings = ApiSettings().model_copy(
        update={name: one for name, one in given.items() if one is not None}
    )
    with opened(
        Settings(today=today) if today else Settings(),
        needs_redis=True,
        connect_seconds=settings.database_seconds_max,
    ) as app:
        make_derived(app.engines.database_url, app.log.shards)
        try:
            serve(app, settings, lambda address: console.print(f"serving {address}  Ctrl-C stops."))
        except TokensMisconfigured as error:
            raise UserError(str(error)) from None
