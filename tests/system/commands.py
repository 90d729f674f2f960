"""Commands as a user runs them: in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

from app.settings import Settings
from app.supervisor import environment_of

DUEBOOK = Path(sys.executable).with_name("duebook")


def duebook(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with these settings."""
    return subprocess.run(
        [DUEBOOK, *words],
        env={**os.environ, **environment_of(settings)},
        capture_output=True,
        text=True,
        check=False,
    )


def refused(settings: Settings, *words: str) -> str:
    """The one sentence with which a command ends that cannot be done."""
    done = duebook(settings, *words)
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) == (2, 1), done.stdout + done.stderr
    return lines[0].removeprefix("duebook: ")
