"""`duebook rebuild` and `duebook generations`: build the views again, compare, switch, clean up."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any

import typer

from app.cli.errors import UserError
from app.cli.options import Json, Today
from app.cli.output import console, counted, print_json, table
from app.cli.progress import bar
from app.settings import Settings
from app.watching import BuildStatus, builds
from app.wiring import App, opened
from ledger.rights import Role
from projections.generations import Consent
from projections.verification import differences
from workers.rebuilds import Progress, Rebuilds

#: Between two looks at chunks that others are at.
LOOK_SECONDS = 0.2
#: Accounts compared with replay in one snapshot.
PAGE_ACCOUNTS = 500

generations = typer.Typer(help="The builds of the views: one is live.", no_args_is_help=True)


def rebuild(
    shard: Annotated[int | None, typer.Option(min=0, help="Only this shard, in place.")] = None,
    view: Annotated[
        str | None, typer.Option(help="Only accounts whose rows of this view are wrong, in place.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Switch whatever changes.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, do not switch.")] = False,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Build every view anew beside the live ones, say what would change, and switch.

    A rebuild that was interrupted is resumed; workers help where they run.  Readers see the old
    views, whole, until the switch.  With --shard or --view it is done in place, account by account;
    for single accounts there is duebook heal.

    ```
    duebook rebuild --dry-run
    duebook rebuild --yes
    duebook rebuild --shard 3
    duebook rebuild --view overdue
    ```
    """
    in_place = shard is not None or view is not None
    if yes and dry_run:
        raise UserError("--yes switches and --dry-run does not; choose one of them.")
    if yes and in_place:
        raise UserError("--yes is about a switch, and in place there is none; leave it out.")
    with opened(Settings(today=today) if today else Settings()) as app:
        shards = _shards(app, shard)
        if view is not None or (in_place and dry_run):
            _compare(app, view, shards, dry_run=dry_run, as_json=as_json)
        elif in_place:
            _rebuild_in_place(app, shards, as_json)
        else:
            _rebuild_beside(app, yes=yes, dry_run=dry_run, as_json=as_json)


@generations.command("list")
def list_generations(as_json: Json = False) -> None:
    """The generations there are: which is live, which is building, and what it would change.

    ```
    duebook generations list
    ```
    """
    with opened(Settings(), role=Role.READER) as app:
        found = builds(app)
    if as_json:
        print_json([{**asdict(one), "progress": progress} for one, progress in found])
        return
    rows = []
    for one, progress in found:
        seen = BuildStatus.of(one, progress)
        made_by = ", ".join(f"{name} {version}" for name, version in sorted(one.recipe.items()))
        begun = f"{one.begun_at:%Y-%m-%d %H:%M}Z"
        rows.append([one.number, seen.standing, begun, seen.changes, made_by])
    columns = [">generation", "state", "begun", ">changes", "made by"]
    console.print(table("Generations", columns, rows))


@generations.command("remove")
def remove(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Generations; without, all old ones.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take away the rows of old generations, or give up one that is building.  Never the live one.

    ```
    duebook generations remove
    duebook generations remove 2
    ```
    """
    with opened(Settings()) as app:
        rebuilds = Rebuilds(app.pool)
        old = [one.number for one in rebuilds.generations.all() if one.state == "old"]
        removed = list(dict.fromkeys(numbers)) if numbers else old
        for number in removed:
            rebuilds.remove(number)
    if as_json:
        print_json({"removed": removed})
    else:
        console.print(f"removed {counted(len(removed), 'generation')}")


def _shards(app: App, shard: int | None) -> list[int]:
    if shard is not None and shard >= app.log.shards:
        raise UserError(f"there is no shard {shard}; the ledger has 0 to {app.log.shards - 1}")
    return list(range(app.log.shards)) if shard is None else [shard]


def _rebuild_beside(app: App, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    consent: Consent = "given" if yes else "withheld" if dry_run else "if_equal"
    may_ask = not (yes or dry_run or as_json) and sys.stdin.isatty()
    rebuilds = Rebuilds(app.pool)
    number = rebuilds.begin(app.today(), consent).number
    _build(app, rebuilds, number, range(app.log.shards), as_json)
    with rebuilds.turn_to_switch(wait=True) as built:
        if built is None or built.number != number:
            is_live, report = True, _found_by_workers(rebuilds, number)
        else:
            found = rebuilds.compare(app.log, app.projector, built, app.today())
            report = asdict(found)
            is_live = not dry_run and (yes or found.is_equal)
        if not as_json:
            _print(report)
        if not is_live and may_ask:
            is_live = typer.confirm("Let readers see the new views?", err=True)
        if is_live and built is not None and built.number == number:
            rebuilds.generations.switch(app.projector, number, app.today())
    progress = rebuilds.progress(number, range(app.log.shards))
    if as_json:
        print_json({"generation": number, "is_live": is_live, "report": report} | asdict(progress))
    else:
        console.print(_ending(report, progress, is_live=is_live))
    if not (is_live or dry_run or may_ask):
        raise UserError(
            f"generation {number} changes what readers see, so it is not live; look at the report,"
            " then repeat with --yes"
        )


def _found_by_workers(rebuilds: Rebuilds, number: int) -> dict[str, Any]:
    """What workers found when they switched to it."""
    for one in rebuilds.generations.all():
        if one.number == number and one.state == "live" and one.report is not None:
            return one.report
    raise UserError(f"generation {number} was given up; see duebook generations list")


def _ending(report: dict[str, Any], progress: Progress, *, is_live: bool) -> str:
    accounts = counted(progress.accounts, "account")
    standing = (
        "is live; duebook generations remove takes the old ones away"
        if is_live
        else "is built and not live; duebook rebuild --yes switches to it"
    )
    return (
        f"rebuilt {accounts}, {progress.quarantined} of them in quarantine:"
        f" generation {report['new']} {standing}"
    )


def _print(report: dict[str, Any]) -> None:
    """What a switch changes, in words and tables."""
    console.print(
        f"generation {report['new']} against {report['live']}, which is live:"
        f" {counted(report['changed'], 'account')} of {report['accounts']:,} change,"
        f" {report['added']:,} are added, {report['removed']:,} removed,"
        f" {report['failing']:,} cannot be folded any more, {report['moved']:,} have moved on"
    )
    for name in report["lost"]:
        console.print(f"{name} is no longer there")
    for account, reason in report["reasons"].items():
        console.print(f"{account}: {reason}")
    if report["by_field"]:
        rows = [
            [name, f"{count:,}", sample["account_id"], sample["row"], sample["live"], sample["new"]]
            for name, count in sorted(report["by_field"].items())
            for sample in report["samples"][name]
        ]
        columns = ["field", ">accounts", "for example", "row", "live", "new"]
        console.print(table("What changes", columns, rows))


def _rebuild_in_place(app: App, shards: Sequence[int], as_json: bool) -> None:
    rebuilds = Rebuilds(app.pool)
    rebuilds.ask(shards)
    number = rebuilds.generations.live().number
    _build(app, rebuilds, number, shards, as_json)
    for shard in shards:
        while app.projector.follow(shard, app.today()) is not None:
            pass  # What came in meanwhile, so that the command leaves nothing to do.
    progress = rebuilds.progress(number, shards)
    if as_json:
        print_json({"accounts": progress.accounts, "quarantined": progress.quarantined})
    else:
        console.print(
            f"rebuilt {counted(progress.accounts, 'account')}, {progress.quarantined} of them in"
            " quarantine"
        )


def _build(
    app: App, rebuilds: Rebuilds, generation: int, shards: Sequence[int], as_json: bool
) -> None:
    """Build until nothing is owed.  Workers are called; what they do not take, we build."""
    with bar(as_json) as shown:
        at_first = rebuilds.progress(generation, shards)
        task = shown.add_task("building", total=at_first.accounts, completed=at_first.done)
        while owed := [shard for shard in rebuilds.owed() if shard in shards]:
            for shard in owed:
                app.doorbell.call("rebuild_shard", shard)
            steps = [rebuilds.build(app.projector, shard, app.today()) for shard in owed]
            if not any(steps):
                time.sleep(LOOK_SECONDS)
            shown.update(task, completed=rebuilds.progress(generation, shards).done)


def _compare(
    app: App, view: str | None, shards: Sequence[int], *, dry_run: bool, as_json: bool
) -> None:
    """Heal the accounts whose rows of one view, or of any, are not what replay says."""
    views = tuple(one for one in app.projector.views if view in (None, one.name))
    if not views:
        known = ", ".join(one.name for one in app.projector.views)
        raise UserError(f"there is no view {view!r}; there are {known}")
    accounts = 0
    wrong: list[str] = []
    with bar(as_json) as shown:
        task = shown.add_task("comparing", total=app.reader.account_count(shards))
        for shard in shards:
            ids = app.reader.account_ids(shard)
            while page := list(islice(ids, PAGE_ACCOUNTS)):
                found = differences(app.log, page, app.today(), views)
                wrong_here = list(dict.fromkeys(one.account_id for one in found))
                if not dry_run:
                    app.projector.heal(wrong_here, app.today())
                wrong += wrong_here
                accounts += len(page)
                shown.advance(task, len(page))
    if as_json:
        key = "would_be_rebuilt" if dry_run else "rebuilt"
        print_json({"views": [one.name for one in views], "accounts": accounts, key: wrong})
    else:
        verb = "would rebuild" if dry_run else "rebuilt"
        names = ", ".join(one.name for one in views)
        console.print(f"{names}: {verb} {len(wrong):,} of {counted(accounts, 'account')}")
