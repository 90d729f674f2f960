"""The code of docs/eventsourcing.md runs, and prints what the page says that it prints."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.popo import POPOApplicationRecorder

from ledger.persistence import Factory

PAGE = (Path(__file__).parents[2] / "docs" / "eventsourcing.md").read_text()


def block_with(words: str) -> str:
    """The only Python block of the page that has these words."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    [found] = [block for block in blocks if words in block]
    return str(found)


def test_the_session_of_the_page(empty_database_url: str, tmp_path: Path) -> None:
    (tmp_path / "school.py").write_text(block_with("class DogSchool"))
    environment = os.environ | {
        "PERSISTENCE_MODULE": "ledger.persistence",
        "DUEBOOK_DATABASE_URL": empty_database_url,
    }
    said = re.findall(r"^\$ python school.py\n(.*)$", PAGE, re.MULTILINE)
    for expected in said:
        done = subprocess.run(
            [sys.executable, tmp_path / "school.py"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == (f"{expected}\n", "")
    assert len(said) == 2


def test_history_is_brought_over_and_a_second_time_changes_nothing(
    empty_database_url: str,
) -> None:
    names: dict[str, Any] = {
        "ApplicationRecorder": ApplicationRecorder,
        "StoredEvent": StoredEvent,
    }
    exec(block_with("def bring_over"), names)
    bring_over: Callable[[ApplicationRecorder, ApplicationRecorder], None] = names["bring_over"]
    source = POPOApplicationRecorder()
    factory = Factory({"DUEBOOK_DATABASE_URL": empty_database_url})
    target = factory.application_recorder()
    for _ in range(3):
        source.insert_events(
            [StoredEvent(uuid4(), version, "dog.taught", b"{}") for version in range(700)]
        )
        bring_over(source, target)
        bring_over(source, target)
        assert target.select_notifications(None, 3_000) == source.select_notifications(None, 3_000)
    factory.close()
