"""The page on cases shows what borrowers are really told: five causes, brought about and answered.

Where the page lacks an example, the failure has the text of it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.answers import answer_text, standing_of
from ledger.domain.cases import LANGUAGES
from projections.diagnosis import Diagnosis, diagnose
from projections.reading import AccountUnknown
from tests.house import House
from tests.lines import paid
from tests.views.builds import LATE

PAGE = Path(__file__).parents[2] / "docs" / "cases.md"


def paid_up(house: House) -> str:
    """The borrower has paid what fell due."""
    return "A-01"


def shown(house: House) -> str:
    """The page shows it."""
    return "A-00"


def drifted(house: House) -> str:
    """Somebody deleted the row of the view."""
    house.execute("DELETE FROM overdue WHERE account_id = 'A-03'")
    return "A-03"


def not_projected(house: House) -> str:
    """A payment is recorded, and no worker has projected it."""
    house.record(paid("A-06", "P-1", "40.00", "2026-02-19"))
    return "A-06"


def quarantined(house: House) -> str:
    """An event is there that this code cannot read."""
    house.poison("A-09")
    house.follow(LATE)
    return "A-09"


CAUSES: list[Callable[[House], str]] = [paid_up, shown, drifted, not_projected, quarantined]


def found_and_told(house: House, account: str) -> tuple[Diagnosis, list[str]]:
    found = diagnose(house.log, account, LATE)
    try:
        standing = standing_of(house.reader.replayed(account, LATE))
    except AccountUnknown:
        raise
    except Exception:  # An account that cannot be read has no standing.
        standing = None
    sub_cause = found.finding.sub_cause if found.finding else None
    texts = [
        answer_text(
            language, account, LATE, found.cause, sub_cause, standing,
            is_complete=not found.incomplete,
        )
        for language in LANGUAGES
    ]  # fmt: skip
    return found, texts


@pytest.mark.parametrize("bring_about", CAUSES)
def test_the_page_shows_what_is_told(late: House, bring_about: Callable[[House], str]) -> None:
    found, texts = found_and_told(late, bring_about(late))
    assert found.finding is not None
    sub_cause = f" ({found.finding.sub_cause})" if found.finding.sub_cause else ""
    example = "\n".join(
        [
            f"### `{found.cause}`{sub_cause}",
            "",
            f"{bring_about.__doc__}",
            "",
            "```text",
            f"{found.cause}{sub_cause}: {found.finding.summary}",
            "",
            "\n\n".join(texts),
            "```",
        ]
    )
    assert example in PAGE.read_text(encoding="utf-8"), f"the page lacks:\n{example}"
