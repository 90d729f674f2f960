"""What does not go with interest that accrues on what is really owed is refused in one sentence."""

from typing import Any

import pytest

from ledger.domain.events import DrawMade
from ledger.domain.rejections import Code, Rejection
from ledger.domain.terms import (
    COMPONENTS,
    Allocation,
    BusinessDays,
    Grace,
    PenaltyInterest,
    Refunds,
    ScheduleFee,
    Terms,
)
from tests.domain.accruing import RECALCULATED, SIMPLE
from tests.domain.dsl import day, drawn, given, joining, opened


def recalculated(**changes: Any) -> Terms:
    """Interest that follows the principal really outstanding, period by period."""
    return drawn(100, over=12, **RECALCULATED | changes).terms


def simple(**changes: Any) -> Terms:
    """Simple interest by the day."""
    return drawn(100, over=12, **SIMPLE | changes).terms


def fixed(**changes: Any) -> Terms:
    """Interest that is fixed at the draw."""
    return drawn(100, over=12, method="equal_installment", **changes).terms


REFUSED: list[tuple[Terms, str, str]] = [
    (recalculated(grace=Grace(1)), "grace", "has no grace; leave it out"),
    (recalculated(broken_period="spread"), "broken_period", "write first_installment"),
    (recalculated(carry_unrounded=True), "carry_unrounded", "rounded when it falls due"),
    (recalculated(period_rates=("0.01",) * 12), "period_rates", "a price for every day"),
    (
        recalculated(
            term_count=1, business_days=BusinessDays("CN", due_dates=(day("2026-02-02"),))
        ),
        "business_days.period_adjustment",
        "write adjusted",
    ),
    (
        recalculated(
            allocation=Allocation(
                "status_then_installment", in_advance=COMPONENTS, in_advance_target="all_evenly"
            )
        ),
        "allocation.in_advance_target",
        "that of the next installment",
    ),
    (recalculated(draw_spread="each_draw_level"), "draw_spread", "write sum_then_level"),
    (simple(draw_spread="sum_then_level"), "draw_spread", "takes no draws that join later"),
    (
        recalculated(refunds=Refunds(future_interest="kept")),
        "refunds.future_interest",
        "write in_proportion",
    ),
    (
        recalculated(penalty_interest=PenaltyInterest(multiple="1.5")),
        "penalty_interest.multiple",
        "would charge it twice",
    ),
    (
        simple(penalty_interest=PenaltyInterest("0.1", base="principal_and_interest")),
        "penalty_interest.base",
        "never bears interest itself",
    ),
    (
        fixed(allocation=Allocation("component_then_installment")),
        "allocation.sequence",
        "is for interest that is owed day by day (accrual daily_simple), found period",
    ),
    (
        recalculated(fees=(ScheduleFee("per_installment", None, "1", "outstanding_principal"),)),
        "fees",
        "an amount or a percent of the draw",
    ),
]


@pytest.mark.parametrize(("terms", "field", "sentence"), REFUSED)
def test_the_door_refuses_it(terms: Terms, field: str, sentence: str) -> None:
    wish = DrawMade(effective_on=day("2026-01-01"), draw_id="D-1", amount=1000, terms=terms)
    answer = given(opened()).when(wish).answer
    assert isinstance(answer, Rejection)
    assert (answer.code, answer.field) == (Code.TERMS_CONTRADICTORY, f"terms.{field}")
    assert sentence in answer.message
    assert "\n" not in answer.message


def test_draws_join_one_that_is_recalculated_and_none_that_is_fixed() -> None:
    line = drawn(900_00, over=3, **RECALCULATED | {"draw_spread": "sum_then_level"})
    given(opened(), line, joining(100_00, on="2026-01-10", draw="D-2", joins=line))
    flat = drawn(900_00, over=3, method="flat", annual_rate="0.1", draw_spread="sum_then_level")
    story = given(opened(), flat).when(joining(1_00, on="2026-01-10", draw="D-2", joins=flat))
    assert isinstance(story.answer, Rejection)
    assert "interest_free, or whose interest is recalculated" in story.answer.message
