"""The fold compiled from its source finds what the source finds, and plain Python is the default.

It is compiled here without improving the code, which takes less than a minute; `make
compiled-check` holds all rules of the loan against what `make compiled` builds.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from ledger.compiled import FOLD_IS

ROOT = Path(__file__).parent.parent.parent
PARTS = ("setup.py", "pyproject.toml", "LICENSE", "ledger", "projections", "workers", "app")
DUEBOOK = Path(sys.executable).with_name("duebook")

needs_compiler = pytest.mark.skipif(
    shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]) is None
    or not Path(sysconfig.get_path("include"), "Python.h").exists(),
    reason="nothing to compile with: a C compiler and the headers of Python",
)


def run(
    *words: str | Path, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A program in an environment of its own, which finds `ledger` only where it is told to."""
    return subprocess.run(
        words, cwd=cwd, env={**os.environ, "PYTHONSAFEPATH": "1", **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def copied(to: Path) -> Path:
    """The source in a folder of its own, where a build disturbs nobody."""
    to.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, to / part, ignore=ignored)
        else:
            shutil.copy2(ROOT / part, to / part)
    return to


def figures(*path: Path) -> dict[str, Any]:
    """What the fold found on this path of Python makes of everything."""
    where = os.pathsep.join(map(str, (*path, ROOT)))
    done = run(sys.executable, "-m", "tests.compiled.figures", PYTHONPATH=where)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_plain_python_is_the_default() -> None:
    assert FOLD_IS == "plain"
    assert run(DUEBOOK, "--version").stdout.endswith(", plain fold\n")


@needs_compiler
@pytest.mark.timeout(900)  # Compiling has to share the processors with other tests.
def test_the_compiled_fold_finds_what_the_plain_one_finds(tmp_path: Path) -> None:
    source, lib = copied(tmp_path / "source"), tmp_path / "lib"
    words = ("setup.py", "--quiet", "build", "--build-lib", str(lib))
    built = run(sys.executable, *words, cwd=source, DUEBOOK_COMPILED="0")
    assert built.returncode == 0, built.stderr
    assert run(DUEBOOK, "--version", PYTHONPATH=str(lib)).stdout.endswith(", compiled fold\n")

    plain, compiled = figures(), figures(lib)
    assert (plain.pop("fold"), compiled.pop("fold")) == ("plain", "compiled")
    assert compiled == plain
    assert len(plain["golden"]) > 100
    assert len(plain["lots"]) > 60


def test_without_a_compiler_it_says_what_is_missing(tmp_path: Path) -> None:
    words = ("setup.py", "--quiet", "build", "--build-lib", str(tmp_path / "lib"))
    source = copied(tmp_path / "source")
    done = run(sys.executable, *words, cwd=source, DUEBOOK_COMPILED="2", CC="no-such-compiler")
    assert done.returncode == 1
    assert done.stderr == (
        "A compiled fold was asked for, which needs a C compiler, and no-such-compiler is not on"
        " the path. Install one (Debian: apt-get install gcc), or name one: CC=clang. Nothing else"
        " does: without it duebook runs as plain Python.\n"
    )
    done = run(sys.executable, *words, cwd=source, DUEBOOK_COMPILED="yes")
    assert done.stderr == "DUEBOOK_COMPILED is 'yes'; write a level from 0 to 3, 2 if in doubt.\n"
