"""Loans of a Czech bank: which of them were in arrears in 1994, and what became of them by 1998.

The rows are about real people and are not part of the repository: the tests look for them where
the Kiva data is looked for, and are left out where they are not.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from app.settings import Settings
from app.wiring import App, opened
from ledger.domain.state import DrawState
from tests.system.commands import duebook
from tests.system.helpers import REALDATA, REPOSITORY, found, new_home

AS_OF = date(1994, 10, 31)
#: Loans granted later had no due date by then.
LAST_GRANT = "1994-10-11"

pytestmark = pytest.mark.skipif(
    not (REALDATA / "berka_loans.csv").exists(),
    reason="the Berka data is not here; DUEBOOK_REALDATA",
)


@pytest.fixture(scope="module")
def berka() -> Iterator[App]:
    """All 682 loans in a ledger."""
    with new_home() as home:
        settings = Settings(home=home, today=AS_OF)
        found(settings)
        mapping = str(REPOSITORY / "examples" / "berka.toml")
        done = duebook(settings, "import", "--mapping", mapping, "--json", str(REALDATA))
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["refused"] == {}
        with opened(settings) as app:
            yield app


def _loans() -> list[dict[str, str]]:
    with (REALDATA / "berka_loans.csv").open(newline="") as file:
        return [loan for loan in csv.DictReader(file) if loan["granted_on"] <= LAST_GRANT]


def _draw(app: App, loan_id: str) -> DrawState:
    [draw] = app.reader.replayed(loan_id, AS_OF, None).draws
    return draw


def test_those_that_were_overdue_are_among_those_that_ended_badly(berka: App) -> None:
    loans = _loans()
    assert len(loans) == 100
    ended_well = Counter(loan["status"] in ("A", "C") for loan in loans)
    assert (ended_well[True], ended_well[False]) == (85, 15)
    overdue = [loan for loan in loans if _draw(berka, loan["loan_id"]).status == "overdue"]
    assert Counter(loan["status"] in ("A", "C") for loan in overdue) == {False: 7}


def test_a_loan_is_late_by_no_more_than_its_standing_order_is_short(berka: App) -> None:
    """The order pays a tenth of a koruna less than is due, month by month."""
    for loan in _loans():
        draw = _draw(berka, loan["loan_id"])
        if draw.status != "overdue":
            months = sum(row.due_on <= AS_OF for row in draw.installments)
            assert draw.late_total <= 50 * months, loan


def test_the_tiers_of_the_overdue_loans_are_those_of_their_days(berka: App) -> None:
    draws = [_draw(berka, loan["loan_id"]) for loan in _loans()]
    overdue = [draw for draw in draws if draw.status == "overdue"]
    assert Counter(draw.risk_class for draw in overdue) == {
        "special_mention": 5, "substandard": 1, "doubtful": 1,
    }  # fmt: skip
