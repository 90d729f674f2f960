"""The commands of `duebook`, in the order in which a newcomer meets them."""

from importlib.metadata import version as version_of
from typing import Annotated

import typer

from app.cli.output import console
from ledger.compiled import FOLD_IS


def build() -> typer.Typer:
    """The assembled command line.  Commands are imported here, so that `app` alone stays quick."""
    from app.cli import (
        accounting,
        api,
        append,
        explain,
        founding,
        history,
        import_,
        keys,
        logins,
        quote,
        sample,
        status,
        up,
        views,
        workers,
    )

    cli = _bare()
    cli.command()(founding.init)
    cli.command("open")(founding.open_)
    cli.command()(up.up)
    cli.command()(workers.workers)
    cli.command()(api.api)
    cli.add_typer(keys.keys, name="keys")
    cli.add_typer(logins.logins, name="logins")
    cli.command()(status.status)
    cli.command()(sample.sample)
    cli.command("import")(import_.import_)
    cli.command()(append.append)
    cli.command()(history.history)
    cli.command()(history.replay)
    cli.command()(explain.explain)
    cli.command("schedule")(views.schedule)
    cli.command()(views.overdue)
    cli.command()(quote.quote)
    cli.command("activity")(views.activity)
    cli.command("episodes")(views.episodes)
    cli.command("journal")(views.journal)
    cli.command()(accounting.trial_balance)
    cli.add_typer(accounting.export, name="export")
    _add_what_borrowers_see(cli)
    _add_upkeep(cli)
    return cli


def _add_what_borrowers_see(cli: typer.Typer) -> None:
    """What they see and why, and what they are told."""
    from app.cli import cases, diagnose, display, policy

    cli.add_typer(policy.policy, name="policy")
    cli.command()(display.display)
    cli.command()(display.shown)
    cli.command()(diagnose.diagnose)
    cli.add_typer(cases.case, name="case")
    cli.add_typer(cases.contact, name="contact")


def _add_upkeep(cli: typer.Typer) -> None:
    """What keeps the ledger true, and what can be tried without harm."""
    from app.cli import assess, drill, fault, incidents, rebuild, simulate, upkeep

    cli.command()(assess.assess)
    cli.command()(upkeep.roll)
    cli.command()(rebuild.rebuild)
    cli.add_typer(rebuild.generations, name="generations")
    cli.command()(upkeep.heal)
    cli.command()(upkeep.purge)
    cli.command()(upkeep.verify)
    cli.add_typer(upkeep.quarantine, name="quarantine")
    cli.command()(incidents.monitor)
    cli.add_typer(incidents.incidents, name="incidents")
    cli.command()(simulate.simulate)
    cli.add_typer(drill.drill, name="drill")
    cli.add_typer(fault.fault, name="fault")


def _bare() -> typer.Typer:
    """The command line before it has commands."""
    cli = typer.Typer(
        name="duebook",
        help="The loan ledger that can say why.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    cli.callback()(_duebook)
    return cli


def _say_version(is_asked: bool) -> None:
    if is_asked:
        console.print(f"duebook {version_of('duebook')}, {FOLD_IS} fold", highlight=False)
        raise typer.Exit


def _duebook(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_say_version,
            is_eager=True,
            help="Say which version this is, and whether its fold is plain Python or compiled.",
        ),
    ] = False,
) -> None:
    """What stands before any command."""
