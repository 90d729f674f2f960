"""What does not go together with interest that follows the principal really outstanding.

Like the checks of `consistency`, it yields findings, (field, sentence), and never raises.
"""

from collections.abc import Iterator

from ledger.domain.interest import accrues, is_simple
from ledger.domain.terms import Terms

Findings = Iterator[tuple[str, str]]


def wrong_accruing(terms: Terms) -> Findings:
    """All findings about terms whose interest accrues, and about what only those can have."""
    if terms.allocation.sequence == "component_then_installment" and not is_simple(terms):
        yield (
            "allocation.sequence",
            "component_then_installment is for interest that is owed day by day (accrual"
            f" daily_simple), found {terms.interest_basis.accrual}",
        )
    if accrues(terms):
        for is_wrong, field, sentence in (*_of_the_plan(terms), *_of_what_follows(terms)):
            if is_wrong:
                yield field, f"interest that accrues on what is really owed {sentence}"


def _of_the_plan(terms: Terms) -> Iterator[tuple[bool, str, str]]:
    """Conventions of a plan that is made once."""
    days, simple = terms.business_days, is_simple(terms)
    yield terms.grace is not None, "grace", "has no grace; leave it out"
    yield (
        terms.broken_period == "spread",
        "broken_period",
        "makes the first installment dearer by the days before it; write first_installment",
    )
    yield terms.carry_unrounded, "carry_unrounded", "is rounded when it falls due; write false"
    yield (
        terms.period_rates is not None and not simple,
        "period_rates",
        "has a price for every day; write annual_rate instead of a rate for each period",
    )
    yield (
        days is not None and days.period_adjustment != "adjusted",
        "business_days.period_adjustment",
        "runs to the day on which it falls due; write adjusted",
    )
    yield (
        simple and terms.draw_spread is not None,
        "draw_spread",
        "and is owed day by day takes no draws that join later; leave it out",
    )
    yield (
        not simple and terms.draw_spread == "each_draw_level",
        "draw_spread",
        "is solved anew for the sum of all draws; write sum_then_level",
    )


def _of_what_follows(terms: Terms) -> Iterator[tuple[bool, str, str]]:
    """What may happen to the draw."""
    refunds, penalty = terms.refunds, terms.penalty_interest
    yield (
        terms.allocation.in_advance_target != "next_installment",
        "allocation.in_advance_target",
        "is lowered by principal paid early, which is that of the next installment; write"
        " next_installment",
    )
    yield (
        refunds is not None and refunds.future_interest == "kept",
        "refunds.future_interest",
        "falls with the principal that a merchant gives back; write in_proportion",
    )
    yield (
        penalty is not None and penalty.multiple is not None,
        "penalty_interest.multiple",
        "goes on for what is overdue, so a multiple would charge it twice; write the annual_rate"
        " that comes on top of it",
    )
    yield (
        is_simple(terms) and penalty is not None and penalty.base == "principal_and_interest",
        "penalty_interest.base",
        "and is owed day by day never bears interest itself; write principal",
    )
