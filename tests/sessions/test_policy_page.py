"""docs/policy.md: its file is the example, its session is run, and what it says is refused is."""

import json
import re
from pathlib import Path

import pytest

from tests.sessions.terminal import ROOT, Terminal, bare, fits, sessions

PAGE = ROOT / "docs" / "policy.md"
EXAMPLE = ROOT / "examples" / "policy.toml"


def test_the_file_of_the_page_is_the_example() -> None:
    [shown] = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert shown == EXAMPLE.read_text()


def test_the_session_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with Terminal(tmp_path / "home") as terminal:
        for command, expected in sessions(PAGE):
            found = terminal.run(command)
            assert fits("\n".join(expected), found), f"{command} printed\n{found}"
        bad = tmp_path / "bad.toml"
        bad.write_text(EXAMPLE.read_text().replace("days_late_max = 10", "days_late_max = 31"))
        for wrong, sentence in (
            (f"policy publish {bad}", "policy_contradictory: rule gold-courtesy hides"),
            (f"policy test {bad}", "policy_contradictory: rule gold-courtesy hides"),
            (f"policy publish {tmp_path}", "cannot be read"),
            ("shown A-1 --at 2999-01-01T00:00Z", "has not come yet"),
            ("display A-1 --client mobile", "does not say what the client is"),
            ("display rules/disclosure", "names no account"),
        ):
            said = terminal.run(f"duebook {wrong} 2>&1 || echo exit $?")
            assert sentence in bare(said), said
            assert bare(said).endswith("exit 2")
        shown = terminal.run("duebook policy show --json")
        assert json.loads(shown)["version"] == 1, "nothing of it was written"
