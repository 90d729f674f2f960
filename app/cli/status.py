"""`duebook status`: how far the log is, how far the views are, who works and what waits."""

import time
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.cli.errors import USER_ERRORS, UserError, sentence_of
from app.cli.options import Json, Today
from app.cli.output import console, counted, print_json, print_json_line, table, warn
from app.settings import Settings
from app.watching import HeadLock, ShardStatus, Status, look
from app.wiring import App, opened
from ledger.rights import Role

SECONDS = 2.0
#: Of more shards only those that are behind are shown; --json has them all.
SHARDS_SHOWN_MAX = 32
SHARD_COLUMNS = (">shard", ">head", ">projected", ">lag", ">seconds", "oldest waiting", "business")


def status(
    seconds: Annotated[
        float | None, typer.Argument(min=0.1, help="With --watch: between two looks.  Default: 2.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Look again until Ctrl-C.")] = False,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Heads, lag, business date, roll date, quarantine, generations, workers, queues, and who
    holds a head.

    With --watch and --json there is one JSON document a line.

    ```
    duebook status
    duebook status --watch 5
    duebook status --json
    ```
    """
    if seconds is not None and not watch:
        raise UserError("SECONDS are about --watch; write duebook status --watch 5.")
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        if not watch:
            found = look(app)
            print_json(found) if as_json else console.print(*_tables(found))
            return
        try:
            _watch(app, seconds or SECONDS, as_json=as_json)
        except KeyboardInterrupt:
            return


def _watch(app: App, seconds: float, *, as_json: bool) -> None:
    looks = _looks(app, seconds)
    if as_json or not console.is_terminal:
        for found, trouble in looks:
            if trouble:
                warn(trouble)
            elif found and as_json:
                print_json_line(found)
            elif found:
                console.print(*_tables(found))
    else:
        with Live(console=console, auto_refresh=False) as live:
            for found, trouble in looks:
                live.update(_screen(found, trouble, seconds), refresh=True)


def _looks(app: App, seconds: float) -> Iterator[tuple[Status | None, str]]:
    """What is seen, again and again; in an outage the last that was seen, and what is wrong."""
    found = None
    while True:
        trouble = ""
        try:
            found = look(app)
        except USER_ERRORS as error:
            trouble = sentence_of(error)
        yield found, trouble
        time.sleep(seconds)


def _screen(found: Status | None, trouble: str, seconds: float) -> RenderableType:
    """What matters most on top: a terminal that is too low cuts off the end."""
    seen = f"seen at {found.seen_at:%H:%M:%S}Z, " if found else ""
    parts: list[RenderableType] = [f"{seen}again every {seconds:g} s; Ctrl-C ends"]
    if trouble:
        parts.append(Text(trouble, style="red"))
    return Group(*parts, *(_tables(found) if found else ()))


def _tables(found: Status) -> Iterator[Table]:
    yield table("Ledger", ["", ""], _facts(found))
    shown = found.shards
    if len(shown) > SHARDS_SHOWN_MAX:
        shown = [one for one in shown if one.lag or one.rolled_to != found.today]
    columns = [*SHARD_COLUMNS, "rolled to"]
    title = "Shards" if shown is found.shards else f"Shards that are behind ({len(shown)})"
    yield table(title, columns, map(_shard_row, shown))
    if found.head_locks:
        rows = (_lock_row(one, found) for one in found.head_locks)
        columns = [">shard", ">process", "role", "application", "state", ">seconds", ">waiting"]
        yield table("Heads that are locked", columns, rows)


def _facts(found: Status) -> list[tuple[str, object]]:
    lag = counted(found.lag, "event")
    if found.oldest_waiting:
        lag += f", {counted(found.lag_seconds, 'second')}; {found.oldest_waiting} waits longest"
    unknown = "unknown: the broker does not answer"
    queues = unknown
    if found.queues is not None:
        queues = ", ".join(f"{number} in {name}" for name, number in found.queues.items())
    generations = (f"{one.number} {one.standing}" for one in found.generations)
    return [
        ("ledger", found.ledger_id),
        ("phase", found.phase),
        ("today", found.today),
        ("accounts", found.accounts),
        ("events", found.events),
        ("lag", lag),
        ("rolled to", found.rolled_to or "never rolled"),
        ("quarantined", found.quarantined),
        ("generations", "; ".join(generations)),
        ("workers alive", unknown if found.workers_alive is None else found.workers_alive),
        ("messages waiting", queues),
        ("database", found.database),
        ("broker", found.broker),
    ]


def _shard_row(one: ShardStatus) -> tuple[object, ...]:
    return (
        one.shard,
        one.head,
        one.projected,
        one.lag,
        one.lag_seconds if one.lag else None,
        one.oldest_waiting,
        one.business_date,
        one.rolled_to,
    )


def _lock_row(one: HeadLock, found: Status) -> tuple[object, ...]:
    held = "?" if one.since is None else max(0, int((found.seen_at - one.since).total_seconds()))
    return (one.shard, one.pid, one.role, one.application, one.state, held, one.waiting)
