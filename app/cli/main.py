"""The commands of `duebook`, in the order in which a newcomer meets them."""

import typer


def build() -> typer.Typer:
    """The assembled command line.  Commands are imported here, so that `app` alone stays quick."""
    from app.cli import (
        api,
        append,
        diagnose,
        drill,
        explain,
        founding,
        history,
        import_,
        keys,
        sample,
        simulate,
        status,
        up,
        upkeep,
        views,
        workers,
    )

    cli = _empty()
    cli.command()(founding.init)
    cli.command("open")(founding.open_)
    cli.command()(up.up)
    cli.command()(workers.workers)
    cli.command()(api.api)
    cli.add_typer(keys.keys, name="keys")
    cli.command()(status.status)
    cli.command()(sample.sample)
    cli.command("import")(import_.import_)
    cli.command()(append.append)
    cli.command()(history.history)
    cli.command()(history.replay)
    cli.command()(explain.explain)
    cli.command()(views.schedule)
    cli.command()(views.overdue)
    cli.command()(diagnose.diagnose)
    cli.command()(upkeep.roll)
    cli.command()(upkeep.rebuild)
    cli.command()(upkeep.heal)
    cli.command()(upkeep.verify)
    cli.add_typer(upkeep.quarantine, name="quarantine")
    cli.command()(simulate.simulate)
    cli.add_typer(drill.drill, name="drill")
    return cli


def _empty() -> typer.Typer:
    return typer.Typer(
        name="duebook",
        help="The loan ledger that can say why.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
