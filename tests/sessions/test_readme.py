"""The session on the first screen of the README is run, and what it prints is what stands there.

`…` stands for anything; spaces and the rules of tables do not count.
"""

import re
import subprocess
from pathlib import Path

from tests.sessions.terminal import COMMAND, ROOT, Terminal, bare, fits, sessions

README = ROOT / "README.md"


def test_the_session_of_the_readme(tmp_path: Path) -> None:
    assert len(sessions(README)) > 10
    with Terminal(tmp_path / "home") as terminal:
        for command, expected in sessions(README):
            found = bare(terminal.run(terminal.at_its_port(command)))
            wanted = bare(terminal.at_its_port("\n".join(expected)))
            assert fits(wanted, found), f"{command} printed\n{found}"


def test_every_command_of_the_readme_exists() -> None:
    helped = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    for name in set(re.findall(r"`duebook (\w+)", README.read_text())):
        assert re.search(rf"\b{name}\b", helped), f"the README names duebook {name}"
