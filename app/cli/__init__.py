"""The command line `duebook`: one module a command, assembled here.

Every command prints a table for people or, with --json, one JSON document for programs.  What a
user can mend ends as one line on stderr and exit code 2.
"""

import logging
import sys

from app.cli.errors import USER_ERRORS, sentence_of
from app.cli.main import build
from app.operations_log import configure
from ledger.garbage import keep_what_is_loaded

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments name."""
    keep_what_is_loaded()
    configure("cli", level=logging.WARNING)
    try:
        build()()
    except USER_ERRORS as error:
        sys.stderr.write(f"duebook: {sentence_of(error)}\n")
        sys.exit(2)
