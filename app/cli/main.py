"""The commands of `duebook`, in the order in which a newcomer meets them."""

import typer


def build() -> typer.Typer:
    """The assembled command line.  Commands are imported here, so that `app` alone stays quick."""
    from app.cli import (
        accounting,
        append,
        diagnose,
        drill,
        explain,
        founding,
        history,
        import_,
        sample,
        simulate,
        status,
        up,
        views,
        workers,
    )

    cli = typer.Typer(
        name="duebook",
        help="The loan ledger that can say why.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    cli.command()(founding.init)
    cli.command("open")(founding.open_)
    cli.command()(up.up)
    cli.command()(workers.workers)
    cli.command()(status.status)
    cli.command()(sample.sample)
    cli.command("import")(import_.import_)
    cli.command()(append.append)
    cli.command()(history.history)
    cli.command()(history.replay)
    cli.command()(explain.explain)
    cli.command()(views.schedule)
    cli.command()(views.overdue)
    cli.command()(views.activity)
    cli.command()(views.episodes)
    cli.command()(views.journal)
    cli.command()(accounting.trial_balance)
    cli.add_typer(accounting.export, name="export")
    cli.command()(diagnose.diagnose)
    _add_upkeep(cli)
    cli.command()(simulate.simulate)
    cli.add_typer(drill.drill, name="drill")
    return cli


def _add_upkeep(cli: typer.Typer) -> None:
    from app.cli import rebuild, upkeep

    cli.command()(upkeep.roll)
    cli.command()(rebuild.rebuild)
    cli.add_typer(rebuild.generations, name="generations")
    cli.command()(upkeep.heal)
    cli.command()(upkeep.verify)
    cli.add_typer(upkeep.quarantine, name="quarantine")
