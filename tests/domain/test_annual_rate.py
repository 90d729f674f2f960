"""The annual rate: by hand, against another library, and as the rate of the terms themselves."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.annual_rate import (
    Flow,
    NoAnnualRate,
    appendix_j,
    effective,
    nominal,
    shown_rates,
)
from ledger.domain.schedule import plan
from ledger.domain.terms import Grace, InterestBasis, Method, Period, Row, Terms

DRAWN_ON = date(2024, 1, 1)
LEVEL = Terms("equal_installment", 12, date(2024, 2, 1), annual_rate="0.156")


def flows(*amounts: int) -> list[Flow]:
    return [Flow(Fraction(amount), Fraction(time)) for time, amount in enumerate(amounts)]


def test_two_payments_are_a_quadratic_equation() -> None:
    """1000 = 600 / x + 600 / x² has the root x = (3 + √69) / 10."""
    assert effective(flows(-1000, 600, 600)) == pytest.approx((3 + Decimal(69).sqrt()) / 10 - 1)


def test_a_part_of_a_unit_period_is_simple_interest() -> None:
    """100 lent, 102.01 × 1.005 back after two and a half months at one percent a month."""
    lent, repaid = Flow(Fraction(-100), Fraction(0)), Fraction("102.01") * Fraction("1.005")
    rate = appendix_j([lent, Flow(repaid, Fraction(2), Fraction(1, 2))], Fraction(12))
    assert rate == pytest.approx(Decimal("0.12"))


def test_the_gap_to_the_neighbour_is_simple_interest() -> None:
    """50 × 1.05 of interest and then all of it: 10 % a year by halves of a year."""
    half = Fraction(1, 2)
    rate = nominal([(Fraction(-1000), Fraction(0)), (Fraction(50), half), (Fraction(1050), half)])
    assert rate == pytest.approx(Decimal("0.1"))


def test_who_repays_less_than_was_lent_pays_a_negative_rate() -> None:
    assert effective(flows(-1000, 900)) == pytest.approx(Decimal("-0.1"))


@pytest.mark.parametrize("amounts", [(-1000,), (1000, 500)])
def test_flows_without_a_rate_are_refused(amounts: tuple[int, ...]) -> None:
    with pytest.raises(NoAnnualRate, match="there is no annual rate"):
        effective(flows(*amounts))


@settings(max_examples=50)
@given(st.integers(1_00, 10**9), st.integers(1, 36), st.integers(0, 3000))
def test_the_effective_rate_is_that_of_another_library(amount: int, count: int, rate: int) -> None:
    terms = replace(LEVEL, term_count=count, annual_rate=f"{rate / 1000:.3f}")
    rows = plan(terms, amount, DRAWN_ON)
    days = [DRAWN_ON, *(row.due_on for row in rows)]
    amounts = [-amount, *(row.interest + row.principal for row in rows)]
    theirs = pyxirr.xirr(days, [float(amount) for amount in amounts])
    ours = shown_rates(terms, amount, DRAWN_ON).effective
    assert ours is not None
    assert float(ours) == pytest.approx(theirs, abs=1e-9)


METHODS: tuple[Method, ...] = ("equal_installment", "equal_principal", "interest_only")
BASES = (
    InterestBasis("period"), InterestBasis("daily", "act/365"), InterestBasis("daily", "30/360"),
    InterestBasis("daily", "act/act"), InterestBasis("month_prorated"),
)  # fmt: skip


@settings(max_examples=100)
@given(
    st.sampled_from(METHODS),
    st.sampled_from(BASES),
    st.integers(1, 36),
    st.integers(0, 10**9),
    st.integers(1, 40),
    st.sampled_from((None, "25")),
    st.booleans(),
)
def test_without_fees_the_flows_give_the_rate_back(
    method: Method,
    basis: InterestBasis,
    count: int,
    rate: int,
    days: int,
    down: str | None,
    grace: bool,
) -> None:
    """On an amount large enough for cents not to matter."""
    terms = Terms(
        method,
        count,
        DRAWN_ON + timedelta(days=days),
        period=Period(1),
        annual_rate=f"0.{rate:09}",
        interest_basis=basis,
        down_payment_percent=down,
        grace=Grace(count // 2) if grace and method != "interest_only" else None,
    )
    shown = shown_rates(terms, 10**12, DRAWN_ON)
    assert shown.nominal is not None
    assert abs(shown.nominal - Decimal(terms.annual_rate)) < Decimal("1e-6")


def test_rows_agreed_elsewhere_have_a_rate_too() -> None:
    terms = Terms("explicit", rows=(Row(date(2024, 12, 31), 1000, interest=100, fee=50),))
    shown = shown_rates(terms, 1000, DRAWN_ON)
    assert shown.nominal == pytest.approx(shown.effective) == pytest.approx(Decimal("0.15"))


def test_a_flat_price_for_one_day_compounds_beyond_any_rate() -> None:
    """5 % of one day make 1.05 to the 365th: 53 million times the amount in a year."""
    terms = Terms("explicit", rows=(Row(DRAWN_ON + timedelta(days=1), 1000, interest=50),))
    shown = shown_rates(terms, 1000, DRAWN_ON)
    assert shown.nominal == pytest.approx(Decimal("0.05") * 365)
    assert shown.effective is None
