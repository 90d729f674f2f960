"""`duebook simulate` with cases of each kind, made up and worked out by hand."""

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

DRAW = {"seq": 1, "type": "draw", "effective": "2026-01-01", "amount": "1000.00"}
PAID = {"seq": 2, "type": "payment", "effective": "2026-01-11", "amount": "500.00"}
CASES: dict[str, dict[str, Any]] = {
    "daily": {
        "kind": "daily",
        "terms": {
            "currency": "USD", "method": "equal_installment", "daily_rate": "0.001",
            "interest_basis": {"accrual": "daily_simple"},
            "due_dates": ["2026-01-11", "2026-01-21"],
            "allocation": {"name": "usual", "order": ["penalty", "interest", "principal"]},
            "rate_windows": [{"from": "2026-01-21", "to": "2026-01-21", "annual_rate": "0"}],
        },
        "events": [
            DRAW, PAID, {**PAID, "seq": 3},
            {"seq": 4, "type": "payment_reversal", "effective": "2026-01-12", "reverses": 3},
        ],
        "expect": [{"as_of": "2026-01-21", "installment": "507.51", "ledger": [
            {"on": "2026-01-11", "interest_paid": "10.00", "principal_balance": "510.00"},
            {"on": "2026-01-21", "new_interest": "4.5900", "settlement": "514.59"}]}],
    },
    "recalc": {
        "kind": "recalc",
        "terms": {
            "currency": "USD", "method": "equal_installment", "annual_rate": "0.365",
            "due_dates": ["2026-01-11", "2026-01-21"], "prepayment": "reduce_installment",
            "level_formula": "period_rates",
            "interest_basis": {"accrual": "daily", "day_count": "act/365"},
        },
        "events": [DRAW, PAID],
        "expect": [{"as_of": "2026-01-16", "payoff": {"principal": "510.00", "interest": "2.55"},
                    "schedule": [{"nr": 1, "paid": "500.00", "outstanding": "7.51"}]}],
    },
    "multidraw": {
        "kind": "multidraw",
        "terms": {
            "currency": "USD", "method": "equal_installment", "annual_rate": "0.365",
            "due_dates": ["2026-01-11", "2026-01-21"], "round_each_segment": True,
            "level_formula": "period_rates",
            "interest_basis": {"accrual": "daily", "day_count": "act/365"},
        },
        # Paid when due, 507.51 leaves 502.49; five days on that and five on 1000 more cost 10.02.
        "events": [DRAW, {**DRAW, "seq": 2, "effective": "2026-01-16"}],
        "expect": [{"as_of": "2026-01-16", "schedule": [
            {"nr": 1, "interest": "10.00", "principal": "497.51"},
            {"nr": 2, "interest": "10.02", "principal": "1502.49"}]}],
    },
    "ledger": {
        "kind": "ledger",
        "terms": {
            "currency": "USD", "method": "equal_principal", "annual_rate": "0.12",
            "term_count": 4, "first_due_on": "2026-02-01",
        },
        "events": [
            {**DRAW, "amount": "1200.00"},
            {**PAID, "effective": "2026-02-01", "amount": "312.00"},
            {**PAID, "seq": 3, "effective": "2026-02-15", "amount": "300.00",
             "intent": "prepay_shorten"},
            {"seq": 4, "type": "restructure", "effective": "2026-02-15", "terms": {
                "method": "interest_free", "term_count": 2, "first_due_on": "2026-03-15"}},
            {**PAID, "seq": 5, "effective": "2026-02-20", "amount": "604.50", "intent": "settle"},
        ],
        "expect": [
            {"as_of": "2026-02-15", "after_seq": 3, "row_count": 3,
             "payoff": {"principal": "600.00", "interest": "4.50", "amount": "604.50"},
             "totals": {"principal": "1200.00", "interest": "22.50"}},
            {"as_of": "2026-02-15", "after_seq": 4, "row_count": 4, "outstanding_total": "604.50"},
            {"as_of": "2026-02-20", "status": "closed", "payoff": {"amount": "0.00"}},
        ],
    },
    "apr": {
        "kind": "apr",
        "terms": {"convention": "eu_annual", "advances": [{"amount": "100", "years": "0"}],
                  "payments": [{"amount": "121", "years": "4/2"}]},
        "events": [],
        "expect": [{"apr_percent": "10.0", "decimals": 1}],
    },
    "day_count": {
        "kind": "day_count", "terms": {"day_count": "act/365"}, "events": [],
        "expect": [{"fractions": [{"from": "2026-01-01", "to": "2026-03-15", "years": "0.2"}]}],
    },
    "due_dates": {
        "kind": "due_dates", "events": [],
        "terms": {"first_due_on": "2026-01-31", "term_count": 2},
        "expect": [{"due_dates": [{"nr": 2, "due_on": "2026-02-28"}]}],
    },
}  # fmt: skip

Change = Callable[[dict[str, Any]], object]


def run(tmp_path: Path, kind: str, change: Change | None = None) -> Result:
    """Check a case of that kind, after a change."""
    case = deepcopy({"id": "case-1", "family": "what_if", **CASES[kind]})
    if change:
        change(case)
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case))
    cli = typer.Typer(pretty_exceptions_enable=False)
    cli.command()(simulate)
    return CliRunner().invoke(cli, [str(path), "--check"])


@pytest.mark.parametrize("kind", CASES)
def test_figures_by_hand_agree(tmp_path: Path, kind: str) -> None:
    result = run(tmp_path, kind)
    assert result.exit_code == 0, (result.output, result.exception)
    assert result.output.endswith("1 of 1 cases agree\n")


def test_a_difference_names_the_row(tmp_path: Path) -> None:
    found = run(
        tmp_path, "day_count", lambda case: case["expect"][0]["fractions"][0].update(years="0.3")
    )
    place = "fractions[from 2026-01-01 to 2026-03-15].years"
    assert f"case-1 by its terms: {place}: expected 0.3, found 0.200000000000" in found.output
    assert found.exit_code == 1


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("daily", lambda case: case["terms"].update(daily_rate="2"), "daily_rate 2 is more than"),
        ("recalc", lambda case: case["terms"].update(installment="1.00"), "repays nothing"),
        ("recalc", lambda case: case["events"].append(
            {**DRAW, "seq": 3, "effective": "2026-01-15"}), "name no draw_spread"),
        ("multidraw", lambda case: case["events"].append(
            {**DRAW, "seq": 3, "effective": "2026-01-31"}), "falls due on 2026-01-21, not after"),
    ],
)  # fmt: skip
def test_what_the_books_would_refuse_is_refused(
    tmp_path: Path, kind: str, change: Change, says: str
) -> None:
    result = run(tmp_path, kind, change)
    assert "event" in result.output
    assert says in result.output.replace("\n", " ")
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("daily", lambda case: case["events"].clear(), "begins with a draw"),
        ("daily", lambda case: case["terms"].update(colour="red"), "terms.colour is unknown"),
        ("daily", lambda case: case["terms"].update(rate_windows=[7]), "rate_windows"),
        ("daily", lambda case: case["events"][0].pop("amount"), "amount"),
        ("daily", lambda case: case["events"][1].update(amount="1.001"), "2 decimals"),
        ("daily", lambda case: case["expect"][0]["ledger"][0].pop("on"), "with the day `on`"),
        ("daily", lambda case: case["expect"][0].update(debt="1"), "debt is no figure"),
        ("recalc", lambda case: case["expect"][0].pop("as_of"), "as_of is a date"),
        ("apr", lambda case: case["terms"].update(convention="x"), "one of reg_z_appendix_j"),
        ("apr", lambda case: case["terms"].update(payments=[]), "payments is a list of objects"),
        ("apr", lambda case: case["terms"]["payments"][0].update(years="1/0"), "found '1/0'"),
        ("apr", lambda case: case["terms"]["payments"][0].update(count="601"), "found 601"),
        ("apr", lambda case: case["terms"]["payments"][0].update(amount="0"), "no annual rate"),
        ("apr", lambda case: case["expect"][0].update(decimals=99), "decimals is 0 to 12"),
        ("day_count", lambda case: case["terms"].update(day_count="act/999"), "found 'act/999'"),
        ("day_count", lambda case: case["expect"][0].pop("fractions"), "fractions is a list"),
        ("day_count", lambda case: case["expect"][0]["fractions"][0].update(to="soon"), "to is a"),
        ("due_dates", lambda case: case["terms"].update(term_count=0), "1 to 600 installments"),
        ("due_dates", lambda case: case["terms"].update(term_count="2"), "terms.term_count: "),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_one_sentence(
    tmp_path: Path, kind: str, change: Change, says: str
) -> None:
    result = run(tmp_path, kind, change)
    assert isinstance(result.exception, UserError), (result.output, result.exception)
    assert says in str(result.exception)
