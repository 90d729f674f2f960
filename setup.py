"""Builds duebook as `pyproject.toml` says; asked for it, with the fold as machine code beside it.

`DUEBOOK_COMPILED=2` asks, with the level by which the C compiler improves its code, 0 to 3.  Where
it is not set nothing is compiled.  Why, and why so: docs/decisions/0040-the-fold-compiled.md.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import setup

#: Where the fold spends its time.  Left out is what pydantic looks into, the events and their
#: terms, and `outcome`, whose journal would be made again each time that it is asked for.
FOLD = [
    f"ledger/domain/{name}.py"
    for name in (
        "account accrual accruals activity allocation calendar episodes interest journal money"
        " outcomes penalty penalty_books replanning replans schedule schedule_fees settlement"
        " splits spreading state statement steps"
    ).split()
]


def check_compiler() -> None:
    """End with one sentence where there is nothing to compile with."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    header = Path(sysconfig.get_path("include"), "Python.h")
    if shutil.which(compiler) is None:
        lacks = f"a C compiler, and {compiler} is not on the path"
        remedy = "Install one (Debian: apt-get install gcc), or name one: CC=clang"
    elif not header.exists():
        lacks = f"the headers of Python, and {header} is not there"
        remedy = "Install them (Debian: apt-get install python3-dev)"
    else:
        return
    sys.exit(
        f"A compiled fold was asked for, which needs {lacks}. {remedy}."
        " Nothing else does: without it duebook runs as plain Python."
    )


level = os.environ.get("DUEBOOK_COMPILED")
if level is None:
    setup()
elif level not in ("0", "1", "2", "3"):
    sys.exit(f"DUEBOOK_COMPILED is {level!r}; write a level from 0 to 3, 2 if in doubt.")
else:
    check_compiler()
    from mypyc.build import mypycify  # Only now: whoever compiles nothing needs no mypy.

    setup(ext_modules=mypycify(FOLD, opt_level=level, debug_level="0", group_name="duebook"))
