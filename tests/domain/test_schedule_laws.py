"""Laws that hold for every plan, whatever the terms."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import get_args

from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.domain.conventions import AMORTISING
from ledger.domain.limits import AMOUNT_MAX
from ledger.domain.money import Rounding, rounded
from ledger.domain.schedule import annuity, contradictions, plan, unrounded
from ledger.domain.terms import DayCount, Grace, InterestBasis, Method, Period, Row, Terms

DRAWN_ON = date(2024, 1, 31)
ROUNDINGS = st.sampled_from(get_args(Rounding))
AMOUNTS = st.one_of(st.integers(1, 1000), st.integers(1, AMOUNT_MAX))
METHODS: tuple[Method, ...] = (
    "equal_installment", "equal_principal", "flat", "interest_only", "bullet", "interest_free",
)  # fmt: skip
BASES = st.one_of(
    st.just(InterestBasis("period")),
    st.builds(InterestBasis, st.just("daily"), st.sampled_from(get_args(DayCount))),
)


@st.composite
def computed_terms(draw: st.DrawFn) -> Terms:
    """Terms of every method that computes its rows."""
    method = draw(st.sampled_from(METHODS))
    terms = Terms(
        method=method,
        term_count=1 if method == "bullet" else draw(st.integers(1, 40)),
        first_due_on=DRAWN_ON + timedelta(days=draw(st.integers(1, 60))),
        period=draw(
            st.builds(Period, st.integers(1, 12), st.sampled_from(("month", "week", "day")))
        ),
        money_rounding=draw(ROUNDINGS),
        installment_rounding=draw(st.none() | ROUNDINGS),
        installment_multiple=draw(st.none() | st.sampled_from((1, 5, 100, 10_000))),
        carry_unrounded=draw(st.booleans()),
        level_formula=draw(st.sampled_from(("nominal_period", "actual_periods"))),
        down_payment_percent=draw(st.none() | st.sampled_from(("0.5", "25", "99.99"))),
    )
    if method == "interest_free":
        return replace(terms, interest_basis=InterestBasis("none"))
    rate = draw(st.integers(0, 10_000_000))
    annual_rate = f"{rate // 10**6}.{rate % 10**6:06}"
    basis = draw(BASES)
    if terms.period.unit == "month" and draw(st.booleans()):
        basis = InterestBasis("month_prorated")
    is_broken = basis.accrual != "period" and method in AMORTISING and draw(st.booleans())
    return replace(
        terms,
        annual_rate=annual_rate,
        interest_basis=basis,
        grace=draw(graces(terms)),
        broken_period="spread" if is_broken else None,
    )


def graces(terms: Terms) -> st.SearchStrategy[Grace | None]:
    if terms.method not in ("equal_installment", "equal_principal", "interest_only"):
        return st.none()
    periods = st.integers(0, terms.term_count - 1)
    principal_periods = st.just(0) if terms.method == "interest_only" else periods
    return st.none() | st.builds(Grace, principal_periods, periods)


@given(computed_terms(), AMOUNTS)
def test_a_plan_repays_the_draw_and_only_ever_falls(terms: Terms, amount: int) -> None:
    assert list(contradictions(terms, amount, DRAWN_ON)) == []
    rows = plan(terms, amount, DRAWN_ON)
    assert sum(row.principal for row in rows) == amount
    assert all(figure >= 0 for row in rows for figure in row[3:])
    balances = list(accumulate((-row.principal for row in rows), initial=amount))
    assert all(one >= other >= 0 for one, other in pairwise(balances))


@given(computed_terms(), AMOUNTS)
def test_periods_follow_each_other_and_due_dates_rise(terms: Terms, amount: int) -> None:
    rows = plan(terms, amount, DRAWN_ON)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0].from_on == DRAWN_ON
    assert all(one.due_on == other.from_on < other.due_on for one, other in pairwise(rows))


@given(computed_terms(), AMOUNTS)
def test_installments_are_multiples(terms: Terms, amount: int) -> None:
    """But where the rest is taken, or interest is more than the level amount or falls due late."""
    assume(not terms.carry_unrounded)
    assume(terms.grace is None or not terms.grace.interest_payment_periods)
    assume(terms.broken_period is None)
    multiple = terms.installment_multiple or 1
    balance = amount
    for row in plan(terms, amount, DRAWN_ON)[:-1]:
        balance -= row.principal
        if row.principal and balance:
            assert (row.interest + row.principal) % multiple == 0


@given(computed_terms(), AMOUNTS)
def test_what_is_carried_unrounded_is_rounded_once(terms: Terms, amount: int) -> None:
    """The principal of the last row takes the residue, as it does everywhere."""
    terms = replace(terms, carry_unrounded=True)
    whole, parts = plan(terms, amount, DRAWN_ON), unrounded(terms, amount, DRAWN_ON)
    mode, left = terms.money_rounding, amount
    for row, exact in zip(whole, parts, strict=True):
        assert row[:3] == exact[:3]
        assert row.interest == rounded(exact.interest, mode)
        if row is not whole[-1]:
            assert row.principal == min(rounded(exact.principal, mode), left)
        left -= row.principal
    assert left == 0


@given(st.integers(1, AMOUNT_MAX), st.lists(st.fractions(0, 2, max_denominator=366), min_size=1))
def test_the_annuity_repays_exactly(amount: int, rates: list[Fraction]) -> None:
    level = annuity(Fraction(amount), rates)
    balance = Fraction(amount)
    for rate in rates:
        balance += balance * rate - level
    assert balance == 0


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10**6), st.integers(0, 9)), min_size=1)
)
def test_explicit_rows_come_out_as_they_went_in(given_rows: list[tuple[int, int, int]]) -> None:
    days = accumulate((gap for gap, _, _ in given_rows), initial=0)
    rows = tuple(
        Row(DRAWN_ON + timedelta(days=day), principal, interest)
        for day, (_, principal, interest) in zip(days, given_rows, strict=False)
    )
    terms = Terms("explicit", rows=rows)
    amount = sum(row.principal for row in rows)
    assert list(contradictions(terms, amount, DRAWN_ON)) == []
    planned = plan(terms, amount, DRAWN_ON)
    assert [Row(row.due_on, row.principal, row.interest, row.fee) for row in planned] == list(rows)
