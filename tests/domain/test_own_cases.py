"""In each family of golden cases there is one of our own, and `simulate` agrees with it."""

import json
from pathlib import Path

import pytest

from app.simulation.cases import read_cases
from app.simulation.outcome import Outcome, simulated
from tests.domain.own_cases import OWN_CASES

GOLDEN = Path(__file__).parent.parent / "golden"
FAMILIES = sorted(path.stem for path in GOLDEN.glob("*.json"))


def outcome_of(tmp_path: Path, family: str, case: object) -> Outcome:
    """What `duebook simulate` finds for a case in a file."""
    file = tmp_path / f"{family}.json"
    file.write_text(json.dumps({"family": family, "cases": [case]}))
    [read] = read_cases([file])
    return simulated(read)


def test_every_family_has_a_case_of_our_own() -> None:
    assert sorted(OWN_CASES) == FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_a_case_of_our_own_agrees_with_the_pencil(tmp_path: Path, family: str) -> None:
    outcome = outcome_of(tmp_path, family, OWN_CASES[family])
    assert (outcome.is_understood, outcome.reason) == (True, None)
    assert [one.differences for one in outcome.answers] == [()] * len(OWN_CASES[family]["expect"])
    assert outcome.agrees


@pytest.mark.parametrize("family", FAMILIES)
def test_no_case_of_our_own_is_one_of_the_published(family: str) -> None:
    """Another amount, other terms, or other events; the expectations do not make a case."""
    published = json.loads((GOLDEN / f"{family}.json").read_text())["cases"]
    own = OWN_CASES[family]
    assert all((one["terms"], one["events"]) != (own["terms"], own["events"]) for one in published)


def test_a_figure_that_is_wrong_is_found(tmp_path: Path) -> None:
    """A cent more in the last row of a schedule would not go unnoticed."""
    case = OWN_CASES["schedule_level"]
    schedule = [dict(row) for row in case["expect"][0]["schedule"]]
    schedule[-1]["interest"] = "3.38"
    wrong = {**case, "expect": [{"as_of": "2026-01-01", "schedule": schedule}]}
    outcome = outcome_of(tmp_path, "schedule_level", wrong)
    assert [one.found for one in outcome.answers[0].differences] == ["3.37"]
