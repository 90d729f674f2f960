"""The session on the first screen of the README is run, and what it prints is what stands there.

`…` stands for anything; spaces and the rules of tables do not count.
"""

import re
import subprocess
from pathlib import Path

from typer.main import get_group

from app.api.settings import ApiSettings
from app.cli.main import build
from app.monitoring import MonitorSettings
from app.settings import Settings
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


def test_every_command_stands_in_the_readme() -> None:
    told = set(re.findall(r"`duebook ([\w-]+)", README.read_text()))
    commands = get_group(build()).commands
    assert len(commands) > 30
    assert {name for name, one in commands.items() if not one.hidden} <= told


def test_the_first_screen_is_one_screen() -> None:
    first, _, _ = README.read_text().partition("Services speak to it over HTTP")
    assert len(first.splitlines()) <= 45


def test_every_promise_is_held_by_a_test_that_there_is() -> None:
    _, _, rest = README.read_text().partition("## What it promises\n")
    promises = rest.partition("\n## ")[0].split("\n- ")[1:]
    assert len(promises) > 8
    for promise in promises:
        held = re.findall(r"\[(\w+)\]\((tests/[\w/]+\.py)\)", promise)
        assert held, f"no test is named: {promise}"
        for name, path in held:
            assert f"def test_{name}(" in (ROOT / path).read_text(), f"{path} has no test_{name}"


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(([\w./-]+)\)", README.read_text()))
    for path in linked:
        assert (ROOT / path).exists(), f"the README links {path}"
    pages = {page.relative_to(ROOT).as_posix() for page in ROOT.glob("docs/*.md")}
    assert pages <= linked


def test_every_setting_stands_in_the_readme_or_in_a_page() -> None:
    pages = [README, *ROOT.glob("docs/*.md")]
    told = set(re.findall(r"`(DUEBOOK_[A-Z_]+)", "".join(page.read_text() for page in pages)))
    known = {
        f"{kind.model_config['env_prefix']}{name}".upper()
        for kind in (Settings, ApiSettings, MonitorSettings)
        for name in kind.model_fields
    }
    assert known <= told, sorted(known - told)
    of_the_table = set(re.findall(r"^\| `(DUEBOOK_[A-Z_]+)`", README.read_text(), re.MULTILINE))
    assert of_the_table <= known, sorted(of_the_table - known)
