"""`duebook monitor` and `duebook incidents`: find faults first, and say what was found."""

from typing import Annotated, Any

import typer

from app.cli.options import Json, Today
from app.cli.output import console, counted, print_json, table
from app.cli.progress import bar
from app.monitoring import monitor_of, monitor_settings, webhook_of
from app.settings import Settings
from app.wiring import App, now, opened
from ledger.rights import Role
from projections.incidents import Incident, Incidents, Outbox
from workers.monitor import Pass, passes_of

incidents = typer.Typer(help="What the monitor found wrong.", no_args_is_help=True)

COLUMNS = (">number", "cause", "concerns", ">of them", ">ill", "opened", "closed")


def monitor(
    once: Annotated[
        bool, typer.Option("--once", help="Look at everything now, heal, and end.")
    ] = False,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """How far the monitor has looked.  With --once: measure every shard, compare every account with
    replay, open an incident for each cause, heal what may be healed, tell the webhook.

    Workers do the same by themselves, samples all the time and everything once a day.  Exit 1 if an
    incident is open at the end.

    ```
    duebook monitor
    duebook monitor --once
    DUEBOOK_MONITOR_HEAL=0 duebook monitor --once --json
    ```
    """
    settings = Settings(today=today) if today else Settings()
    # What the cache holds is looked at too.
    role = Role.SERVICE if once else Role.READER
    with opened(settings, needs_redis=once, role=role) as app:
        told = _run(app, as_json) if once else None
        passes = passes_of(app.pool)
        found = Incidents(app.pool).page(only_open=True)
        waiting = Outbox(app.pool, now).waiting()
    if as_json:
        document = {"passes": passes, "open": [one.document() for one in found]}
        print_json({**document, "messages_waiting": waiting.messages, "messages_sent": told})
    else:
        console.print(table("Passes", PASS_COLUMNS, map(_pass_row, passes)))
        _show(found, "no incident is open")
        if waiting.messages:
            outcome = f", {waiting.outcome}" if waiting.outcome else ""
            console.print(f"{counted(waiting.messages, 'message')} for the webhook wait{outcome}")
    if once and found:
        raise typer.Exit(1)


@incidents.command("list")
def list_incidents(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are open.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """Incidents, the newest first: cause, whom it concerns, since when, until when.

    ```
    duebook incidents list
    duebook incidents list --open --json
    ```
    """
    with opened(Settings(), role=Role.READER) as app:
        found = Incidents(app.pool).page(only_open=only_open, limit=limit)
    if as_json:
        print_json([one.document() for one in found])
    else:
        _show(found, "there is no incident")


@incidents.command("show")
def show_incident(
    number: Annotated[int, typer.Argument(help="The number of the incident.")],
    as_json: Json = False,
) -> None:
    """One incident: whom it concerns, what was done, and the proof with which it was closed.

    ```
    duebook incidents show 7
    ```
    """
    with opened(Settings(), role=Role.READER) as app:
        found = Incidents(app.pool).document(number)
    if as_json:
        print_json(found)
        return
    until = f"closed {_at(found['closed_at'])}" if found["closed_at"] else "[bold]open[/bold]"
    console.print(
        f"incident {number}: [bold]{found['cause']}[/bold] of {found['group']}, opened"
        f" {_at(found['opened_at'])}, {until}"
    )
    for step in found["steps"]:
        console.print(f"  {_at(step['at'])}  {_said(step)}", soft_wrap=True)
    columns = ["account", ">shard", "joined", "clean since", ">tries", "proof"]
    console.print(table("Concerns", columns, map(_member_row, found["concerns"])))


def _run(app: App, as_json: bool) -> int:
    settings = monitor_settings()
    watch, webhook = monitor_of(app, settings), webhook_of(app, settings)
    with bar(as_json) as progress:
        task = progress.add_task("looking", total=app.log.shards)
        watch.run_once(app.today(), lambda shards: progress.update(task, completed=shards))
    return webhook.deliver() if webhook is not None else 0


PASS_COLUMNS = (">shard", "day", ">streams", ">suspects", "begun", "finished", "checked to its end")


def _pass_row(one: Pass) -> tuple[object, ...]:
    begun, finished = _at(one.begun_at), _at(one.finished_at)
    return one.shard, one.day, one.streams, one.suspects, begun, finished, one.checked_day


def _show(found: list[Incident], nothing: str) -> None:
    if not found:
        console.print(nothing)
        return
    rows = (
        (
            one.number, one.cause, one.group, one.members, one.ill, _at(one.opened_at),
            _at(one.closed_at),
        )
        for one in found
    )  # fmt: skip
    console.print(table("Incidents", COLUMNS, rows))


def _said(step: dict[str, Any]) -> str:
    """A step in words."""
    data = step["data"]
    named = ", ".join(filter(None, data.get("named", ())))
    match step["step"]:
        case "opened" | "joined" as did:
            whom = f": {named}" if named else ""
            return f"{did}, {counted(data['joined'], 'suspect')} in {data['group']}{whom}"
        case "cleared":
            return f"clean: {counted(data['accounts'], 'suspect')}"
        case "closed":
            return f"closed with {counted(len(data['proofs']), 'proof')} of {data['group']}"
        case act:
            return f"{act}: {data['said']}"


def _member_row(one: dict[str, Any]) -> tuple[object, ...]:
    proof = one["proof"] or {}
    said = None
    if "version" in proof:
        digest = str(proof.get("digest", ""))[:12]
        said = f"version {proof['version']} at {proof.get('position')}, digest {digest}"
    elif proof:
        said = proof["says"]
    whom = one["account_id"] or "(the whole shard)"
    cleared = _at(one["cleared_at"])
    return whom, one["shard"], _at(one["joined_at"]), cleared, one["tries"], said


def _at(instant: Any) -> str | None:
    return f"{instant:%Y-%m-%d %H:%M:%S}Z" if instant else None
