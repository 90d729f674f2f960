"""The commands of `duebook`, in the order in which a newcomer meets them."""

import typer


def build() -> typer.Typer:
    """The assembled command line.  Commands are imported here so that `--help` stays quick."""
    cli = typer.Typer(
        name="duebook",
        help="The loan ledger that can say why.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    from app.cli import simulate

    cli.command()(simulate.simulate)
    return cli
