"""A bar on stderr for work that takes a while: only where a person looks at it."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.output import console


def bar(quiet: bool) -> Progress:
    """What is done, of how much, and how long the rest will take; gone at the end."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet or not console.is_terminal,
        transient=True,
    )
