"""Plans agree with figures that others published, and terms that cannot be followed are named.

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
from ledger.domain.terms import Allocation, Bucket, Delinquency, InterestBasis, Period, Row, Terms

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
    assert abs(rows[-1].interest + rows[-1].principal - level) < Fraction(1, 10**24)
    assert sum(row.principal for row in rows) == 10_000_00


def test_the_longest_schedule_of_the_finest_rate_is_made_and_kept() -> None:
    terms = replace(LEVEL, term_count=INSTALLMENTS_MAX, annual_rate="0.123456789017")
    terms = replace(terms, interest_basis=InterestBasis("daily", "act/act"), carry_unrounded=True)
    rows = plan(terms, 10**12, DRAWN_ON)
    assert sum(row.principal for row in rows) == 10**12
    assert plan(terms, 10**12, DRAWN_ON) is rows


# --- terms that contradict themselves ----------------------------------------------------------


def test_good_terms_have_no_contradictions() -> None:
    assert list(contradictions(LEVEL, 1000, DRAWN_ON)) == []
    assert list(contradictions(EXPLICIT, 1000, DRAWN_ON)) == []


def test_two_rows_may_fall_due_on_one_day_and_the_first_on_the_day_of_the_draw() -> None:
    rows = (Row(DRAWN_ON, 500), Row(date(2024, 3, 1), 500), Row(date(2024, 3, 1), 0))
    assert list(contradictions(Terms("explicit", rows=rows), 1000, DRAWN_ON)) == []


def explicit(*principals: int) -> Terms:
    days = (date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1))
    return Terms("explicit", rows=tuple(map(Row, days, principals)))


def overdue(**changes: Any) -> Terms:
    return replace(LEVEL, delinquency=Delinquency(**changes))


def spread(**changes: Any) -> Terms:
    return replace(LEVEL, allocation=Allocation(**changes))


CONTRADICTORY: list[tuple[Terms, str, str]] = [
    (replace(LEVEL, method="interest_only"), "method", "not offered yet; choose one of"),
    (replace(LEVEL, method="fixed_installment"), "method", "not offered yet"),
    (Terms("explicit", 2, date(2024, 2, 1)), "rows", "there are none"),
    (replace(LEVEL, rows=ROWS), "rows", "rows are given, but method is equal_installment"),
    (replace(EXPLICIT, installment=5), "installment", "no level installment"),
    (replace(LEVEL, term_count=0), "term_count", "1 to 600 installments, found 0"),
    (replace(LEVEL, term_count=601), "term_count", "found 601"),
    (replace(EXPLICIT, term_count=3), "term_count", "is 3, but 2 due dates are given"),
    (replace(LEVEL, first_due_on=None), "first_due_on", "no due date is given"),
    (replace(LEVEL, first_due_on=DRAWN_ON), "first_due_on", "not after the draw"),
    (replace(LEVEL, first_due_on=date(2500, 1, 1)), "first_due_on", "found 2500-01-01"),
    (replace(LEVEL, first_due_on=date(2100, 1, 1)), "due_dates", "found 2100-12-01"),
    (replace(LEVEL, period=Period(0)), "period", "at least 1 month apart, found 0"),
    (replace(LEVEL, period=Period(60)), "period", "more than the 50 years"),
    (replace(LEVEL, anchor_day=32), "anchor_day", "from 1 to 31, found 32"),
    (replace(LEVEL, anchor_day=5, period=Period(2, "week")), "anchor_day", "leave it out"),
    (
        Terms("interest_free", due_dates=(date(2024, 3, 1), date(2024, 2, 1))),
        "due_dates",
        "must rise, but 2024-02-01 follows 2024-03-01",
    ),
    (
        replace(LEVEL, term_count=1, due_dates=(date(2024, 3, 1),)),
        "first_due_on",
        "is 2024-02-01, but the due dates begin on 2024-03-01",
    ),
    (replace(LEVEL, annual_rate="15.6"), "annual_rate", "write 15.6 % as 0.156"),
    (replace(LEVEL, annual_rate="NaN"), "annual_rate", "found 'NaN'"),
    (replace(LEVEL, annual_rate="-0.1"), "annual_rate", "found '-0.1'"),
    (replace(LEVEL, interest_basis=InterestBasis("none")), "annual_rate", "charges no interest"),
    (replace(LEVEL, method="interest_free"), "annual_rate", "charges no interest"),
    (replace(LEVEL, interest_basis=InterestBasis("daily")), "interest_basis", "needs a day_count"),
    (
        replace(LEVEL, interest_basis=InterestBasis("period", "act/365")),
        "interest_basis",
        "only daily does",
    ),
    (replace(LEVEL, installment_multiple=0), "installment_multiple", "found 0"),
    (replace(LEVEL, installment=0), "installment", "found 0"),
    (replace(LEVEL, installment=13), "installment", "interest of the first period alone is 13"),
    (replace(LEVEL, installment=300), "installment", "repay the draw before the last of 12"),
    (replace(LEVEL, down_payment_percent="100"), "down_payment_percent", "found 100"),
    (replace(LEVEL, down_payment_percent="1/4"), "down_payment_percent", "found '1/4'"),
    (replace(EXPLICIT, down_payment_percent="25"), "down_payment_percent", "first of them"),
    (explicit(1200, -200), "rows", "row 2 of 2024-03-01 has principal -200 minor units"),
    (explicit(600, 300), "rows", "found 900 for a draw of 1000"),
    (explicit(10**12 + 1), "rows", "more than the 1000000000000 of any amount"),
    (
        spread(due=("penalty", "fee", "principal")),
        "allocation.due",
        "found penalty, fee, principal",
    ),
    (spread(past_due=()), "allocation.past_due", "once each"),
    (spread(in_advance=("principal", "principal")), "allocation.in_advance", "found principal"),
    (overdue(grace_days=-1), "delinquency.grace_days", "found -1"),
    (overdue(grace_days=367), "delinquency.grace_days", "0 to 366 days, found 367"),
    (overdue(tolerance=-1), "delinquency.tolerance", "found -1"),
    (
        overdue(buckets=(Bucket("M1", 1, 30), Bucket("M2", 30))),
        "delinquency.buckets",
        "found M2 from day 30, M1 until 30",
    ),
    (overdue(buckets=(Bucket("M1", 9, 3),)), "delinquency.buckets", "found 9 to 3"),
    (overdue(buckets=(Bucket("", 1),)), "delinquency.buckets", "name"),
    (
        overdue(buckets=(Bucket("M", 1, 2), Bucket("M", 3))),
        "delinquency.buckets",
        "a name of its own",
    ),
    (
        overdue(buckets=tuple(Bucket(f"B{day}", day, day) for day in range(1, 22))),
        "delinquency.buckets",
        "at most 20 buckets, found 21",
    ),
]


@pytest.mark.parametrize(("terms", "field", "sentence"), CONTRADICTORY)
def test_terms_that_cannot_be_followed_are_named(terms: Terms, field: str, sentence: str) -> None:
    """Of a draw of 1000 minor units at 15.6 %."""
    found = list(contradictions(terms, 1000, DRAWN_ON))
    assert [text for name, text in found if name == field and sentence in text], found
