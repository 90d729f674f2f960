"""Programs of the engines as processes: find one, run one as another user, end one.

A pid file alone is never believed: after a crash or a restart of the machine the number in it
may be free, a zombie, or a stranger. A process counts only if its command line bears our mark.
"""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# The environment of the engines is the same whoever starts them: PGPORT, TZ or a locale of the
# starter must not change the server that all share.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


@dataclass(frozen=True)
class User:
    """The system user that a server runs as."""

    uid: int
    gid: int


def run(
    command: Sequence[str | Path],
    user: User | None,
    *,
    cwd: Path = Path("/"),
    text: str = "",
    environment: Mapping[str, str] = {},
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, away from our terminal: Ctrl-C is ours and not the server's."""
    return subprocess.run(
        command,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        cwd=cwd,
        env={**ENVIRONMENT, **environment},
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        check=False,
    )


def running(pid_file: Path, mark: bytes) -> int | None:
    """The process that the file names, if it is really the one that bears the mark."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if _lives(pid, mark) else None


def end(pid: int, mark: bytes, signal: int, *, seconds: float) -> bool:
    """Signal the process and wait for its end.  False if it outlives the wait."""
    deadline = time.monotonic() + seconds
    with suppress(ProcessLookupError):
        os.kill(pid, signal)
    while _lives(pid, mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def orphans(folder: Path, title: bytes) -> list[int]:
    """Processes at work in the folder, so titled, that have lost their parent.

    Without /proc (macOS) none are found.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It has ended, or it is a stranger's.
            if not (process / "cmdline").read_bytes().startswith(title):
                continue
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if _works_in(process, folder) and not _works_in(process.with_name(parent), folder):
                found.append(int(process.name))
    return found


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False


def last_lines(log: Path) -> str:
    """The end of a server's log, for an error message."""
    if not log.exists():
        return "(no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        return tail(file.read().decode("utf-8", "replace"))


def tail(text: str) -> str:
    return "\n".join(text.splitlines()[-8:]) or "(nothing)"


def _lives(pid: int, mark: bytes) -> bool:
    """A zombie has no command line, so it does not count as living."""
    if Path("/proc/self/cmdline").exists():
        try:
            return mark in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)  # Without /proc (macOS) the number is all that can be asked for.
    except ProcessLookupError:
        return False
    return True
