"""Run the commands that diagnoses name as a person would, in this process: there are many."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO

from app.settings import Settings
from app.supervisor import environment_of


class RemedyFailed(Exception):
    """A command that a diagnosis named could not be run.  The message is what it said."""


def run(settings: Settings, remedy: str) -> str:
    """What the command printed.  Raises `RemedyFailed` where it did not end well."""
    from app.cli.main import build  # Only now: it imports every command, this drill's too.

    program, *words = shlex.split(remedy)
    if program != "duebook" or "..." in remedy:
        raise RemedyFailed(f"{remedy} is no command that can be run as it stands")
    with _as_a_person(settings) as printed:
        try:
            ended = build()(words, prog_name="duebook", standalone_mode=False)
        except Exception as error:  # Whatever it is, the remedy did not heal.
            raise RemedyFailed(f"{remedy}: {type(error).__name__}: {error}") from error
    if ended:
        raise RemedyFailed(f"{remedy} ended with {ended}: {printed.getvalue()[-500:]}")
    return printed.getvalue()


@contextmanager
def _as_a_person(settings: Settings) -> Iterator[StringIO]:
    """With the settings in the environment, and all output caught."""
    printed, before = StringIO(), dict(os.environ)
    told = environment_of(settings)
    for name in before.keys() - told.keys():
        del os.environ[name]
    os.environ.update(told)
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            yield printed
    finally:
        for name in told.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
