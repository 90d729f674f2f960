"""Draws whose interest accrues, for laws that hold whatever happens to them."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from ledger.domain.events import DrawMade, DrawRestructured
from ledger.domain.terms import (
    COMPONENTS,
    Allocation,
    Delinquency,
    InterestBasis,
    RateWindow,
    ScheduleFee,
)
from tests.domain.dsl import day, drawn, restructured

#: 36.5 % a year are a tenth of a percent a day.
RECALCULATED: dict[str, Any] = {
    "method": "equal_installment",
    "annual_rate": "0.365",
    "interest_basis": InterestBasis("daily", "act/365"),
    "prepayment": "reduce_installment",
}
#: Money that comes early is principal at once, and does not wait for its due date.
PRINCIPAL_AT_ONCE = Allocation(in_advance=("principal", "interest", "fee", "penalty"))
#: The usual order of simple interest, whatever is due.
BY_COMPONENT = Allocation(
    sequence="component_then_installment",
    past_due=("penalty", "fee", "interest", "principal"),
    due=("penalty", "fee", "interest", "principal"),
    in_advance=("penalty", "fee", "interest", "principal"),
)
SIMPLE: dict[str, Any] = {
    "method": "equal_installment",
    "daily_rate": "0.001",
    "interest_basis": InterestBasis("daily_simple"),
    "interest_rounding": "down",
    "installment_rounding": "up",
    "allocation": BY_COMPONENT,
}
_ORDERS = st.sampled_from((
    Allocation(), PRINCIPAL_AT_ONCE, Allocation(in_advance=COMPONENTS),
    Allocation(sequence="status_component_then_installment", in_advance=COMPONENTS),
    Allocation(sequence="status_then_installment", in_advance=("penalty_due", *COMPONENTS)),
))  # fmt: skip
DAYS_DRAWN = ("2026-01-01", "2026-01-20")
FEES = (ScheduleFee("per_installment", amount=5), ScheduleFee("up_front", percent="1"))
_WINDOW = RateWindow(day("2026-01-25"), day("2026-02-20"), "0.05")


@st.composite
def accruing_draws(
    draw: st.DrawFn, name: str, delinquency: Delinquency, days: tuple[str, ...] = DAYS_DRAWN
) -> DrawMade:
    """A draw of one to four months whose interest follows the principal really outstanding."""
    amount, over = draw(st.integers(1, 900_00)), draw(st.integers(1, 4))
    on = draw(st.sampled_from(days))
    common: dict[str, Any] = {
        "delinquency": delinquency,
        "down_payment_percent": draw(st.sampled_from((None, None, "25"))),
        "charges_known": draw(st.sampled_from(("in_time_order", "upfront"))),
        "payoff_interest_until": draw(st.sampled_from((None, "payoff_date", "period_end"))),
        "fees": draw(st.sampled_from((None, None, FEES))),
        "unearned_charges": draw(st.sampled_from((None, "rebated", "owed"))),
    }
    if draw(st.booleans()):
        daily, prorated = InterestBasis("daily", "act/365"), InterestBasis("month_prorated")
        basis = draw(st.sampled_from((daily, prorated)))
        return drawn(
            amount, over=over, on=on, draw=name, **common,
            **RECALCULATED | {
                "interest_basis": basis,
                "prepayment": draw(st.sampled_from(("reduce_installment", "reduce_term"))),
                "round_each_segment": draw(st.sampled_from((None, True))),
                "draw_spread": None if common["fees"] else draw(
                    st.sampled_from((None, "sum_then_level"))
                ),
                "level_formula": draw(st.sampled_from(("nominal_period", "first_period_rate"))),
                "allocation": draw(_ORDERS),
            },
        )  # fmt: skip
    return drawn(
        amount, over=over, on=on, draw=name, **common,
        **SIMPLE | {
            "allocation": draw(st.one_of(st.just(BY_COMPONENT), _ORDERS)),
            "interest_rounding": draw(st.sampled_from((None, "down", "half_up"))),
            "interest_total_cap_percent": draw(st.sampled_from((None, None, "100", "2"))),
            "settlement_grace_days": draw(st.sampled_from((None, 3, 14))),
            "rate_windows": draw(st.sampled_from((None, None, (_WINDOW,)))),
        },
    )  # fmt: skip


@st.composite
def accruing_agreements(
    draw: st.DrawFn, on: str, name: str, first_due: date, delinquency: Delinquency
) -> DrawRestructured:
    """A new agreement under which interest accrues."""
    terms = draw(accruing_draws(name, delinquency)).terms
    terms = replace(terms, first_due_on=first_due, down_payment_percent=None, draw_spread=None)
    agreed = restructured(on=on, over=1, first_due=first_due.isoformat(), draw=name)
    return replace(agreed, terms=terms)
