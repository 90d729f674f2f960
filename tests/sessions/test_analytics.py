"""The page for analysts: its session is run, and its tables are the comments of the database."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from projections.published.comments import COMMENTS
from tests.databases import url_of
from tests.sessions.test_readme import Terminal, fits, sessions_of

PAGE = Path(__file__).parents[2] / "docs" / "analytics.md"
#: A role belongs to the whole server: each run has its own.
ANALYST = f"ana_{os.getpid()}"


@pytest.fixture
def administrator(empty_database_url: str) -> Iterator[str]:
    """The URL of a fresh database as an administrator; the analyst's login is gone at the end."""
    yield empty_database_url
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(ANALYST)))


def test_the_session_of_the_page(administrator: str, tmp_path: Path) -> None:
    with psycopg.connect(administrator) as conn:
        database = conn.info.dbname
    analyst = f"{url_of(administrator, database)}{'&' if '?' in administrator else '?'}"
    analyst = f"'{analyst}user={ANALYST}&password=secret'"

    def here(text: str) -> str:
        text = text.replace("postgresql://ana:secret@/books", analyst)
        text = text.replace("postgresql:///books", f"'{administrator}'")
        return text.replace("$DUEBOOK_DATABASE_URL", '"$DUEBOOK_DATABASE_URL"').replace(
            "ROLE ana ", f"ROLE {ANALYST} "
        )

    with Terminal(tmp_path / "home") as terminal:
        for command, expected in sessions_of(PAGE):
            found = terminal.run(here(command))
            assert fits("\n".join(expected), found), f"{command} printed\n{found}"


def test_the_tables_of_the_page_are_the_comments() -> None:
    found: dict[str, dict[str, str]] = {}
    for line in PAGE.read_text().splitlines():
        if match := re.fullmatch(r"### `(analytics\.\w+)`", line):
            found[match[1]] = {}
        elif found and (match := re.fullmatch(r"\| `(\w+)` \| (.*) \|", line)):
            found[list(found)[-1]][match[1]] = match[2]
    assert found == {
        name: meanings for name, (_, meanings) in COMMENTS.items() if name.startswith("analytics.")
    }
