"""`duebook simulate` as a user runs it: cases in, states or differences out."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.errors import UserError
from app.cli.simulate import simulate

GOLDEN = Path(__file__).parent.parent / "golden"
FAMILIES = sorted(path.name for path in GOLDEN.glob("*.json"))

LOAN: dict[str, Any] = {
    "id": "loan-1",
    "family": "what_if",
    "terms": {
        "currency": "USD", "method": "interest_free", "term_count": 3,
        "first_due_on": "2026-02-01", "delinquency": {"grace_days": 0, "tolerance": "0.00"},
    },
    "events": [
        {"seq": 1, "type": "draw", "effective": "2026-01-01", "amount": "900.00"},
        {"seq": 2, "type": "payment", "effective": "2026-02-01", "amount": "300.00"},
        {"seq": 3, "type": "payment_reversal", "effective": "2026-02-09", "reverses": 2},
        {"seq": 4, "type": "penalty", "effective": "2026-02-10", "due_on": "2026-02-10",
         "amount": "15.00"},
        {"seq": 5, "type": "waiver", "effective": "2026-02-12", "charge": 4, "amount": "15.00"},
    ],
    "expect": [
        {"after_seq": 2, "as_of": "2026-02-05", "outstanding_total": "600.00",
         "delinquency": {"dpd": 0}},
        {"after_seq": 4, "as_of": "2026-02-11", "outstanding_total": "915.00", "status": "active",
         "delinquency": {"dpd": 10, "overdue_total": "300.00", "bucket": "M1"}},
        {"as_of": "2026-02-12", "principal_balance": "900.00",
         "payments": [{"event": 5, "penalty": "15.00", "principal_balance": "900.00"}],
         "schedule": [{"nr": 1, "outstanding": "300"}, {"nr": 2, "waived": "15", "paid_on": None},
                      {"nr": 3}]},
    ],
}  # fmt: skip

Change = Callable[[dict[str, Any]], object]


def run(*arguments: object) -> Result:
    """Run the command in this process."""
    cli = typer.Typer(pretty_exceptions_enable=False)
    cli.command()(simulate)
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def loan(tmp_path: Path) -> Callable[..., Path]:
    """A file with the loan above, after some changes."""

    def written(*changes: Change) -> Path:
        case = deepcopy(LOAN)
        for change in changes:
            change(case)
        path = tmp_path / "loan.json"
        path.write_text(json.dumps(case), encoding="utf-8")
        return path

    return written


def test_penalties_come_from_the_assessor_of_the_books(tmp_path: Path) -> None:
    """365.00 at 10 % costs 0.10 a day.  By 11 February: the fee of 5.00, and ten days.

    With 100.00 found on the 6th, 5.50 of it pays what was charged by then, 94.50 the principal,
    and the five days after cost 270.50 × 0.1 × 5/365 = 0.3705.
    """
    case = {
        "id": "late-1",
        "family": "what_if",
        "terms": {
            "currency": "CNY", "method": "interest_free", "term_count": 1,
            "first_due_on": "2026-02-01", "penalty_interest": {"annual_rate": "0.1"},
            "late_fee": {"amount": "5.00", "dated": "first_overdue_day"},
        },
        "events": [
            {"seq": 1, "type": "draw", "effective": "2026-01-01", "amount": "365.00"},
            {"seq": 2, "type": "payment", "effective": "2026-02-11", "amount": "6.00"},
            {"seq": 3, "type": "payment", "effective": "2026-02-06", "recorded": "2026-02-20",
             "amount": "100.00"},
        ],
        "expect": [
            {"after_seq": 2, "as_of": "2026-02-11",
             "totals": {"penalty": "6.00", "outstanding": "365.00"}},
            {"after_seq": 3, "as_of": "2026-02-11",
             "totals": {"penalty": "5.87", "outstanding": "264.87"}},
        ],
    }  # fmt: skip
    path = tmp_path / "late.json"
    path.write_text(json.dumps(case), encoding="utf-8")
    result = run(path, "--check")
    assert result.exit_code == 0, result.output
    assert "1 of 1 cases agree" in result.output


def cases_in(family: str) -> int:
    """How many cases a golden file holds."""
    return len(json.loads((GOLDEN / family).read_text(encoding="utf-8"))["cases"])


@pytest.mark.parametrize("family", FAMILIES)
def test_every_golden_case_agrees(family: str) -> None:
    count = cases_in(family)
    result = run(GOLDEN / family, "--check")
    assert result.output.endswith(f"{count} of {count} cases agree\n"), result.output
    assert result.exit_code == 0


def test_a_folder_stands_for_its_files() -> None:
    count = sum(cases_in(family) for family in FAMILIES)
    assert run(GOLDEN, "--check").output.endswith(f"{count} of {count} cases agree\n")


def test_a_case_of_ones_own_agrees(loan: Callable[..., Path]) -> None:
    result = run(loan(), "--check")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "1 of 1 cases agree")


def test_a_wrong_figure_is_named_with_what_was_found(loan: Callable[..., Path]) -> None:
    def spoil(case: dict[str, Any]) -> None:
        case["expect"][1]["outstanding_total"] = "915.01"
        case["expect"][2]["schedule"][0]["outstanding"] = "299.99"

    result = run(loan(spoil), "--check")
    assert result.exit_code == 1
    assert (
        "loan-1 after event 4 as of 2026-02-11: outstanding_total: expected 915.01, found 915.00\n"
        "loan-1 after event 5 as of 2026-02-12: schedule[nr 1].outstanding:"
        " expected 299.99, found 300.00\n"
    ) in result.output
    assert result.output.endswith("0 of 1 cases agree\n")


def test_a_row_too_few_or_too_many_is_a_difference(loan: Callable[..., Path]) -> None:
    shorter = run(loan(lambda case: case["expect"][2]["schedule"].pop()), "--check")
    assert "schedule rows: expected 2, found 3" in shorter.output
    longer = run(loan(lambda case: case["expect"][2]["schedule"].append({"nr": 4})), "--check")
    assert "schedule[nr 4]: expected a row, found none" in longer.output
    assert (shorter.exit_code, longer.exit_code) == (1, 1)


def test_the_states_are_shown_as_tables(loan: Callable[..., Path]) -> None:
    def ask_openly(case: dict[str, Any]) -> None:
        case["expect"] = [{"as_of": "2026-02-12"}]

    result = run(loan(ask_openly))
    assert result.exit_code == 0
    assert "loan-1 as of 2026-02-12, with the events up to 5" in result.output
    for text in ("schedule", "2026-02-01", "300.00", "delinquency dpd", "11", "active"):
        assert text in result.output
    assert "…" not in result.output, "figures are never cut"


def test_one_document_for_programs(loan: Callable[..., Path]) -> None:
    result = run(loan(), "--json")
    document = json.loads(result.output)
    assert (document["agree"], document["of"], result.exit_code) == (1, 1, 0)
    [case] = document["cases"]
    assert (case["case"], case["agrees"], case["reason"]) == ("loan-1", True, None)
    assert case["answers"][1]["figures"]["outstanding_total"] == "915.00"
    assert case["answers"][1]["as_of"] == "2026-02-11"


def test_differences_are_in_the_document_too(loan: Callable[..., Path]) -> None:
    path = loan(lambda case: case["expect"][0].update(outstanding_total="1.00"))
    result = run(path, "--json", "--check")
    assert result.exit_code == 1
    [answer, *_] = json.loads(result.output)["cases"][0]["answers"]
    assert answer["differences"] == [
        {"field": "outstanding_total", "expected": "1.00", "found": "600.00"}
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda case: case["terms"].update(daily_rate="0.008"),
            "daily_rate is for accrual daily_simple, found period",
        ),
        (
            lambda case: case["events"][1].update(type="credit", subtype="cashback"),
            "not offered yet: credit cashback",
        ),
        (
            lambda case: case["events"].append({**case["events"][0], "seq": 6}),
            "event 6 is refused: terms_contradictory",
        ),
        (lambda case: case["expect"][0].update(rate="1"), "figure rate"),
        (
            lambda case: case["expect"][1]["delinquency"].update(installment_buckets={}),
            "delinquency.installment_buckets.M1: expected nothing, found 300.00",
        ),
        (
            lambda case: case["events"][4].update(amount="15.01"),
            "event 5 is refused: waiver_exceeds_debt",
        ),
        (
            lambda case: case["terms"].update(first_due_on="2025-12-31"),
            "event 1 is refused: terms_contradictory",
        ),
    ],
)
def test_what_cannot_be_folded_does_not_agree(
    loan: Callable[..., Path], change: Change, reason: str
) -> None:
    result = run(loan(change), "--check")
    assert reason in result.output
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "0 of 1 cases agree")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda case: case["terms"].update(anual_rate="0.1"), "terms.anual_rate is unknown"),
        (lambda case: case["terms"].update(annual_rate=0.1), "write it as a decimal string"),
        (lambda case: case["terms"].update(annual_rate=1), "terms.annual_rate"),
        (lambda case: case["terms"].update(currency=None), "terms.currency"),
        (lambda case: case["terms"].update(currency_decimals=3), "terms.currency_decimals is 3"),
        (lambda case: case["terms"]["delinquency"].update(grace=1), "grace is no field"),
        (lambda case: case.pop("terms"), "terms is a dict, found nothing"),
        (lambda case: case.update(kind="loan"), "kind 'loan' is unknown"),
        (lambda case: case.update(exepct=[]), "exepct is unknown"),
        (lambda case: case["events"].append(7), "event 6 is int"),
        (lambda case: case["events"][1].update(type="gift"), "type 'gift' is unknown"),
        (lambda case: case["events"][1].update(tip="1"), "tip is unknown"),
        (
            lambda case: case["events"].append(
                {"seq": 6, "type": "due_date_shift", "effective": "2026-02-12"}
            ),
            "from_due is a date",
        ),
        (lambda case: case["events"][1].update(seq=1), "seq must rise"),
        (lambda case: case["events"][1].update(seq="2"), "seq is a whole number"),
        (lambda case: case["events"][1].update(effective="soon"), "effective is a date"),
        (lambda case: case["events"][1].update(amount="1.001"), "more than the 2 decimals"),
        (lambda case: case["events"][1].update(amount=300.0), "write it as a decimal string"),
        (lambda case: case["events"][1].pop("amount"), "amount"),
        (lambda case: case["events"][2].update(reverses=1), "seq of an earlier payment"),
        (lambda case: case["events"][2].update(reverses=[]), "seq of an earlier payment"),
        (lambda case: case["events"].pop(0), "needs a draw before it"),
        (lambda case: case["expect"][0].update(debt="1"), "debt is no figure"),
        (lambda case: case["expect"][0].update(delinquency={"days": 1}), "days is no figure"),
        (lambda case: case["expect"][0].pop("as_of"), "as_of is a date"),
        (lambda case: case["expect"][2].update(schedule=[{}]), "is named by one of nr, event"),
        (lambda case: case["expect"][0].update(shown_decimals=99), "shown_decimals"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(
    loan: Callable[..., Path], change: Change, says: str
) -> None:
    result = run(loan(change), "--check")
    assert isinstance(result.exception, UserError), result.output
    assert says in str(result.exception)
    assert result.output.endswith("0 of 1 cases agree\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"id": "a", "terms": {"annual_rate": NaN}}', "is no JSON"),
        (b'{"id": "\xff"}', "is no JSON"),
        (b'{"id": "a", "te', "is no JSON"),
        (b"[]", "a JSON object"),
        (b'{"cases": {}}', "cases is dict"),
        (b'{"cases": ["a"]}', "case 1 is str"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "torn.json"
    path.write_bytes(content)
    assert says in str(run(path).exception)


def test_beside_a_case_that_cannot_be_understood_the_others_are_folded(tmp_path: Path) -> None:
    cases = json.loads((GOLDEN / "schedule_interest_free.json").read_text())
    cases["cases"][0]["terms"]["colour"] = "red"
    path = tmp_path / "mixed.json"
    path.write_text(json.dumps(cases))
    result = run(path, "--check")
    assert "4 of 5 cases agree" in result.output
    assert isinstance(result.exception, UserError)
    assert "terms.colour is unknown" in str(result.exception)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in str(run(tmp_path / "none.json").exception)
    assert "holds no .json file" in str(run(tmp_path).exception)
