"""Plans agree with figures that others published, and with figures worked out by hand.

The files in `golden` hold those figures as plain data, with their sources and conventions.
"""

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.limits import INSTALLMENTS_MAX
from ledger.domain.money import rounded, to_minor
from ledger.domain.schedule import (
    Planned,
    Unrounded,
    contradictions,
    level_installment,
    plan,
    unrounded,
)
from ledger.domain.terms import (
    Grace,
    InterestBasis,
    Period,
    Row,
    Terms,
)

GOLDEN = Path(__file__).parent.parent / "golden"
FAMILIES = (
    "schedule_level",
    "schedule_equal_principal",
    "schedule_interest_free",
    "allocation_oldest_first",
)

DRAWN_ON = date(2024, 1, 1)
LEVEL = Terms("equal_installment", 12, date(2024, 2, 1), annual_rate="0.156")
ROWS = (Row(date(2024, 2, 1), 600), Row(date(2024, 3, 1), 400, interest=5, fee=1))
EXPLICIT = Terms("explicit", rows=ROWS)
DAILY = InterestBasis("daily", "act/365")


# --- figures published by others ---------------------------------------------------------------


def golden_cases() -> list[Any]:
    files = [json.loads((GOLDEN / f"{family}.json").read_text("utf-8")) for family in FAMILIES]
    return [pytest.param(case, id=case["id"]) for file in files for case in file["cases"]]


def golden_terms(given: dict[str, Any]) -> Terms:
    def amount(name: str) -> int | None:
        return to_minor(given[name], given["currency_decimals"]) if name in given else None

    return Terms(
        method=given["method"],
        term_count=given["term_count"],
        first_due_on=date.fromisoformat(given["first_due_on"]),
        due_dates=tuple(date.fromisoformat(day) for day in given["due_dates"]),
        period=Period(**given["period"]),
        annual_rate=given["annual_rate"],
        interest_basis=InterestBasis(**given["interest_basis"]),
        money_rounding=given["money_rounding"],
        installment_multiple=amount("installment_multiple"),
        installment_rounding=given.get("installment_rounding"),
        carry_unrounded=given.get("carry_unrounded", False),
        level_formula=given.get("level_formula", "nominal_period"),
        installment=amount("installment"),
        down_payment_percent=given.get("down_payment_percent"),
    )


def planned_figures(row: Planned | Unrounded, balance: Fraction | int) -> dict[str, Fraction | int]:
    due = row.fee + row.interest + row.principal
    return {
        "principal": row.principal,
        "interest": row.interest,
        "balance": balance,
        "due": due,
    }


@pytest.mark.parametrize("case", golden_cases())
def test_the_plan_agrees_with_published_figures(case: dict[str, Any]) -> None:
    """Penalties and fees are charged later: of rows that bear them, `due` is not asked."""
    draw = case["events"][0]
    decimals = case["terms"]["currency_decimals"]
    amount, drawn_on = to_minor(draw["amount"], decimals), date.fromisoformat(draw["effective"])
    terms = golden_terms(case["terms"])
    assert list(contradictions(terms, amount, drawn_on)) == []
    rows = (unrounded if terms.carry_unrounded else plan)(terms, amount, drawn_on)
    balances = list(accumulate((-row.principal for row in rows), initial=Fraction(amount)))[1:]
    for expected in case["expect"]:
        shown_decimals = expected.get("shown_decimals", decimals)

        def agree(figure: Fraction | int, text: str, shown: int = shown_decimals) -> bool:
            scaled = figure * Fraction(10) ** (shown - decimals)
            return rounded(scaled, terms.money_rounding) == to_minor(text, shown)

        if "installment" in expected:
            assert agree(level_installment(terms, amount, drawn_on), expected["installment"])
        assert len(rows) == expected.get("row_count", len(rows))
        for published in expected.get("schedule", []):
            row = rows[published["nr"] - 1]
            figures = planned_figures(row, balances[row.number - 1])
            assert published.get("due_on", str(row.due_on)) == str(row.due_on)
            charges = [published.get(name, "0") for name in ("penalty", "fee")]
            if any(to_minor(charge, decimals) for charge in charges):
                del figures["due"]
            for name, figure in figures.items():
                assert name not in published or agree(figure, published[name]), (row, name)


# --- what the methods do -----------------------------------------------------------------------


def test_equal_installments_are_equal_but_for_the_last() -> None:
    rows = plan(LEVEL, 10_000_00, DRAWN_ON)
    assert {row.interest + row.principal for row in rows[:-1]} == {905_42}
    assert rows[0] == Planned(1, DRAWN_ON, date(2024, 2, 1), 0, 0, 130_00, 775_42)
    assert rows[-1].from_on == rows[-2].due_on


def test_without_a_rate_equal_installments_split_the_draw_evenly() -> None:
    rows = plan(replace(LEVEL, term_count=3, annual_rate="0"), 100_00, DRAWN_ON)
    assert [row.principal for row in rows] == [33_33, 33_33, 33_34]


def test_flat_interest_stays_the_same_while_the_balance_falls() -> None:
    """The installment is rounded to its multiple, not its parts; the residue comes last."""
    flat = replace(LEVEL, method="flat", term_count=4, annual_rate="0.15")
    rows = plan(replace(flat, installment_multiple=100), 1250_00, DRAWN_ON)
    assert [row.interest for row in rows] == [15_62, 15_62, 15_62, 15_64]
    assert [row.principal for row in rows] == [312_38, 312_38, 312_38, 312_86]


def test_equal_principal_with_a_multiple_rounds_what_is_due() -> None:
    terms = replace(LEVEL, method="equal_principal", installment_multiple=100)
    dues = [row.interest + row.principal for row in plan(terms, 10_000_00, DRAWN_ON)]
    assert dues[:3] == [963_00, 953_00, 942_00]


def test_a_down_payment_is_due_at_once_and_bears_no_interest() -> None:
    terms = replace(LEVEL, term_count=2, down_payment_percent="25", installment_multiple=100)
    first, second, _ = plan(terms, 1250_00, DRAWN_ON)
    assert first == Planned(1, DRAWN_ON, DRAWN_ON, 0, 0, 0, 312_00)
    assert (second.number, second.from_on) == (2, DRAWN_ON)
    assert level_installment(terms, 1250_00, DRAWN_ON) == second.interest + second.principal


def test_explicit_rows_are_taken_as_they_are() -> None:
    assert plan(EXPLICIT, 1000, DRAWN_ON) == (
        Planned(1, DRAWN_ON, date(2024, 2, 1), 0, 0, 0, 600),
        Planned(2, date(2024, 2, 1), date(2024, 3, 1), 0, 1, 5, 400),
    )


def test_a_level_amount_below_the_interest_never_makes_the_balance_rise() -> None:
    """A multiple far above the installment rounds it to nothing: interest only, then all."""
    rows = plan(replace(LEVEL, installment_multiple=10_000_00), 1000_00, DRAWN_ON)
    assert {row.principal for row in rows[:-1]} == {0}
    assert (rows[-1].interest, rows[-1].principal) == (13_00, 1000_00)


def test_unrounded_rows_end_at_the_level_amount() -> None:
    """Rounding is what makes a residue; without it the last row is like the others."""
    terms = replace(LEVEL, carry_unrounded=True)
    rows = unrounded(terms, 10_000_00, DRAWN_ON)
    level = level_installment(terms, 10_000_00, DRAWN_ON)
    residue = Fraction(rows[-1].interest + rows[-1].principal - level)
    assert abs(residue) < Fraction(1, 10**24)
    assert sum(row.principal for row in rows) == 10_000_00


def test_the_longest_schedule_of_the_finest_rate_is_made_and_kept() -> None:
    terms = replace(LEVEL, term_count=INSTALLMENTS_MAX, annual_rate="0.123456789017")
    terms = replace(terms, interest_basis=InterestBasis("daily", "act/act"), carry_unrounded=True)
    rows = plan(terms, 10**12, DRAWN_ON)
    assert sum(row.principal for row in rows) == 10**12
    assert plan(terms, 10**12, DRAWN_ON) is rows


def parts(terms: Terms, amount: int = 1000_00) -> list[tuple[int, int]]:
    assert list(contradictions(terms, amount, DRAWN_ON)) == []
    return [(row.interest, row.principal) for row in plan(terms, amount, DRAWN_ON)]


FREE_OF_DATES = replace(LEVEL, term_count=0, annual_rate="0.12")
PERCENT_A_MONTH = replace(LEVEL, term_count=4, annual_rate="0.12")


def test_of_an_amount_agreed_the_number_of_installments_follows() -> None:
    fixed = replace(FREE_OF_DATES, method="fixed_installment", installment=300_00)
    assert parts(fixed) == [(10_00, 290_00), (7_10, 292_90), (4_17, 295_83), (1_21, 121_27)]


def test_a_grace_on_principal_leaves_the_level_amount_to_the_rest() -> None:
    """1000 × 1.01² / 2.01 = 507.51."""
    grace = replace(PERCENT_A_MONTH, grace=Grace(principal_periods=2))
    assert parts(grace) == [(10_00, 0), (10_00, 0), (10_00, 497_51), (5_02, 502_49)]
    assert level_installment(grace, 1000_00, DRAWN_ON) == 507_51


def test_a_grace_on_interest_defers_it_and_forgives_nothing() -> None:
    plain = parts(replace(PERCENT_A_MONTH, method="equal_principal"))
    assert plain == [(10_00, 250_00), (7_50, 250_00), (5_00, 250_00), (2_50, 250_00)]
    grace = Grace(interest_payment_periods=2)
    later = parts(replace(PERCENT_A_MONTH, method="equal_principal", grace=grace))
    assert later == [(0, 250_00), (0, 250_00), (22_50, 250_00), (2_50, 250_00)]


def test_interest_first_and_all_at_the_end() -> None:
    interest_only = replace(PERCENT_A_MONTH, method="interest_only")
    assert parts(interest_only) == [(10_00, 0), (10_00, 0), (10_00, 0), (10_00, 1000_00)]
    bullet = replace(PERCENT_A_MONTH, method="bullet", term_count=1, period=Period(4))
    assert parts(bullet) == [(40_00, 1000_00)]


def test_interest_of_a_broken_period_is_in_the_first_installment_or_spread_over_all() -> None:
    """A tenth of a percent a day: 4 + 31 days on 1000, then 29 and 31 on what is left."""
    broken = replace(
        PERCENT_A_MONTH,
        method="equal_principal",
        term_count=2,
        first_due_on=date(2024, 2, 5),
        annual_rate="0.365",
        interest_basis=DAILY,
    )
    assert parts(broken) == [(35_00, 500_00), (14_50, 500_00)]
    spread = replace(broken, broken_period="spread")
    assert parts(spread) == [(31_00 + 2_00, 500_00), (14_50 + 2_00, 500_00)]


def test_a_part_of_a_month_costs_its_share_of_the_days_of_the_month() -> None:
    """From 1 January to 16 February: a whole month and 16 of the 31 days before 16 January."""
    terms = replace(
        PERCENT_A_MONTH,
        method="interest_only",
        term_count=2,
        first_due_on=date(2024, 2, 16),
        interest_basis=InterestBasis("month_prorated"),
    )
    assert parts(terms) == [(10_00 + 4_84, 0), (10_00, 1000_00)]
    later = replace(terms, interest_from=date(2024, 1, 16))
    assert parts(later) == [(10_00, 0), (10_00, 1000_00)]
    before_it_was_lent = replace(terms, interest_from=date(2023, 12, 16))
    assert parts(before_it_was_lent) == parts(terms)


def test_rates_agreed_period_by_period() -> None:
    """1000 × 1.01 × 1.02 / (1.02 + 1) = 510.00."""
    terms = replace(LEVEL, term_count=2, annual_rate="0", period_rates=("0.01", "0.02"))
    assert parts(terms) == [(10_00, 500_00), (10_00, 500_00)]
