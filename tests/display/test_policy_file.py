"""A policy as people write it: what is refused, with one sentence each."""

from datetime import date
from pathlib import Path

import pytest

from app.policy_file import PolicyUnusable, read_policy
from ledger.domain.disclosure import Capability, ClientRange
from ledger.domain.disclosure_decisions import publish
from ledger.domain.rejections import Rejected

EXAMPLE = Path(__file__).parents[2] / "examples" / "policy.toml"
TODAY = date(2026, 3, 1)


def test_the_example_is_a_policy(tmp_path: Path) -> None:
    policy = read_policy(EXAMPLE, TODAY)
    assert publish(policy) == [policy]
    assert (policy.policy_id, policy.effective_on) == ("2026-02", date(2026, 2, 1))
    assert policy.clients == (Capability("mobile", "3.0"),)
    assert [rule.show for rule in policy.rules] == ["nothing", "summary"]


def test_json_says_the_same_and_the_day_is_today_where_none_is_given(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(
        '{"policy_id": "P", "mandatory_days": 5, "clients": [{"app": "web", "overdue_plans_since":'
        ' "1"}], "rules": [{"rule_id": "r", "show": "full", "reason": "why", "legal_basis": "",'
        ' "until": "2026-04-01", "clients": [{"app": "web", "before": "2"}]}]}'
    )
    policy = read_policy(file, TODAY)
    assert policy.effective_on == TODAY
    assert policy.rules[0].until == date(2026, 4, 1)
    assert policy.rules[0].clients == (ClientRange("web", before="2"),)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("days_late_max = 10", "days_late_max = 31", "up to 31 days late"),
        ("days_late_max = 10\n", "", "without a limit"),
        ("order = 2", "order = 1", "can fit the same draw"),
        ('tiers = ["gold"]', 'tiers = ["golden"]', "names the tier 'golden'"),
        ("until = 2026-06-30", "until = 2026-01-30", "before it begins"),
        ('legal_basis = "interim order 12/2026"', 'legal_basis = ""', "has no legal_basis"),
    ],
)
def test_a_policy_that_contradicts_itself(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(Rejected, match=sentence):
        publish(read_policy(written(tmp_path, old, new), TODAY))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("order = 1", "odrer = 1", r"rules\[0\]\.odrer is no field here"),
        ("mandatory_days = 30", "mandatory_days = soon", "is no TOML"),
        ("mandatory_days = 30", "", "mandatory_days: field required"),
        ('show = "nothing"', 'show = "little"', r"rules\.0\.show: input should be"),
        ('legal_basis = "interim order 12/2026"', "", r"rules\.1\.legal_basis: field required"),
        ("effective_on = 2026-02-01", "effective_on = 7", "effective_on: "),
    ],
)
def test_a_file_that_holds_no_policy(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(PolicyUnusable, match=sentence):
        read_policy(written(tmp_path, old, new), TODAY)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    torn, listed = tmp_path / "torn.json", tmp_path / "list.json"
    torn.write_text("{")
    listed.write_text("[]")
    for file, sentence in (
        (tmp_path / "nowhere.toml", "cannot be read"), (tmp_path, "cannot be read"),
        (torn, "is no JSON"), (listed, "holds a list"),
    ):  # fmt: skip
        with pytest.raises(PolicyUnusable, match=sentence):
            read_policy(file, TODAY)


def written(folder: Path, old: str, new: str) -> Path:
    """The example with one thing changed."""
    good = EXAMPLE.read_text()
    assert old in good
    file = folder / "policy.toml"
    file.write_text(good.replace(old, new, 1))
    return file
