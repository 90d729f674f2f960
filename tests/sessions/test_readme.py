"""The session on the first screen of the README is run, and what it prints is what stands there.

`…` stands for anything; spaces and the rules of tables do not count.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("duebook"))


def sessions() -> list[tuple[str, list[str]]]:
    """Each command of the README's console blocks with the lines that it must print."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    commands: list[tuple[str, list[str]]] = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            commands.append((line.removeprefix("$ "), []))
        else:
            commands[-1][1].append(line)
    return commands


def test_the_session_of_the_readme(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DUEBOOK_")}
    environment["DUEBOOK_HOME"] = str(tmp_path / "home")
    assert len(sessions()) > 5
    for command, expected in sessions():
        words = shlex.split(command)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            environment[name] = value
            continue
        assert words[0] == "duebook"
        done = subprocess.run(
            [COMMAND, *words[1:]], env=environment, capture_output=True, text=True, check=False
        )
        found = _bare(done.stdout + done.stderr)
        assert _fits(_bare("\n".join(expected)), found), (
            f"{command} printed\n{done.stdout}{done.stderr}"
        )


def test_every_command_of_the_readme_exists() -> None:
    helped = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    for name in set(re.findall(r"`duebook (\w+)", (ROOT / "README.md").read_text())):
        assert re.search(rf"\b{name}\b", helped), f"the README names duebook {name}"


def _bare(text: str) -> str:
    """Text without the drawing of tables and panels, each run of spaces one space."""
    without_rules = re.sub(r"[─━│╭╮╰╯┃]", " ", text)
    return " ".join(without_rules.split())


def _fits(pattern: str, text: str) -> bool:
    parts = (re.escape(part.strip()) for part in pattern.split("…"))
    return re.fullmatch(r"\s*.*\s*".join(parts), text, re.DOTALL) is not None
