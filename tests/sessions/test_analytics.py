"""The pages for those who come in SQL: their sessions are run, tables are the comments of views."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from projections.published.comments import COMMENTS
from tests.sessions.terminal import Terminal, fits, sessions

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "analytics.md"
#: The logins that the pages make.  A role belongs to the whole server: each run has its own.
LOGINS = ("ana", "ann")


def own(login: str) -> str:
    """The name that a login of the pages has in this run."""
    return f"{login}_{os.getpid()}"


@pytest.fixture
def administrator(empty_database_url: str) -> Iterator[str]:
    """The URL of a fresh database as an administrator; the logins are gone at the end."""
    yield empty_database_url
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        for login in LOGINS:
            conn.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(own(login))))


@pytest.mark.parametrize("page", ["analytics.md", "rights.md"])
def test_the_session_of_the_page(administrator: str, page: str, tmp_path: Path) -> None:
    def here(text: str) -> str:
        joint = "&" if "?" in administrator else "?"
        text = text.replace("$DUEBOOK_DATABASE_URL", '"$DUEBOOK_DATABASE_URL"')
        text = re.sub(
            r"postgresql://(\w+):secret@/books",
            rf"'{administrator}{joint}user=\1&password=secret'",
            text.replace("postgresql:///books", f"'{administrator}'"),
        )
        return re.sub(rf"\b({'|'.join(LOGINS)})\b", lambda match: own(match[1]), text)

    with Terminal(tmp_path / "home") as terminal:
        for command, expected in sessions(DOCS / page):
            found = terminal.run(here(command))
            assert fits(here("\n".join(expected)), found), f"{command} printed\n{found}"
    with psycopg.connect(administrator) as conn:
        kept = conn.execute("SELECT outcome FROM access_log WHERE act = 'operated' ORDER BY number")
        acts = [row[0] for row in kept.fetchall()]
    if page == "rights.md":
        assert acts == [f"login {own('ann')} bound", f"login {own('ann')} unbound"]


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
