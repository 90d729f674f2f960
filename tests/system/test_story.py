"""The story of `duebook up --story`, told twice in a home of its own by real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.engines import remove

SECONDS_MAX = 120


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder in a path short enough for sockets."""
    with TemporaryDirectory(prefix="duebook-") as folder:
        yield Path(folder)
        remove(Path(folder, "story"))


def told(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DUEBOOK_")}
    return subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", "up", *arguments],
        env={**environment, "DUEBOOK_HOME": str(home), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )


def test_the_story_ends_well_and_again(home: Path) -> None:
    for _ in range(2):
        ran = told(home, "--story", "--end", "--accounts", "100", "--today", "2026-03-31")
        assert ran.returncode == 0, ran.stderr
        assert "2026-03-27" in ran.stdout  # late within grace
        assert "(1 row lost)" in ran.stdout
        assert "and gets nothing" in ran.stdout
        assert "replayed on the spot" in ran.stdout
        assert "drifted" in ran.stdout
        assert "$ duebook heal story-1" in ran.stdout
        assert "101 accounts: all views equal replay" in ran.stdout
        assert ran.stderr == ""


def test_the_story_leaves_no_process_behind(home: Path) -> None:
    assert told(home, "--story", "--end", "--accounts", "1").returncode == 0
    remove(home / "story")  # Refused while a process uses the engines.
    assert not (home / "story" / "postgres").exists()


def test_an_end_without_a_story_is_refused(home: Path) -> None:
    ran = told(home, "--end")
    assert ran.returncode == 2
    assert ran.stderr == ("duebook: --end is about the story; write duebook up --story --end.\n")
