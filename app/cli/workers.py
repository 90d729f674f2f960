"""`duebook workers`: follow the log and the calendar until told to stop."""

from typing import Annotated

import typer

from app.cli.options import Today
from app.monitoring import monitor_settings
from app.operations_log import configure
from app.settings import Settings
from app.supervisor import Supervisor


def workers(
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Worker processes; DUEBOOK_WORKER_PROCESSES without."),
    ] = None,
    today: Today = None,
) -> None:
    """Keep the views equal to replay until Ctrl-C or SIGTERM.

    Runs the clock and the worker processes, and starts again what dies.  What they report goes to
    stderr: lines for people on a terminal, one JSON document a line elsewhere.

    ```
    duebook workers
    duebook workers --processes 4 2> workers.ndjson
    ```
    """
    configure("supervisor")
    settings = Settings(today=today) if today else Settings()
    monitor_settings()  # What its processes cannot use is said here, once.
    with Supervisor(settings, processes=processes) as crew:
        crew.wait()
