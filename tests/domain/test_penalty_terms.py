"""Penalty rules that contradict themselves or the contract: the field, the finding, the remedy."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.domain.schedule import contradictions
from ledger.domain.terms import LateFee, PenaltyInterest, Terms

DRAWN_ON = date(2024, 1, 1)
LEVEL = Terms("equal_installment", 12, date(2024, 2, 1), annual_rate="0.156")
FREE = Terms("interest_free", 12, date(2024, 2, 1))


def fee(**rule: Any) -> Terms:
    return replace(LEVEL, late_fee=LateFee(**rule))


def interest(**rule: Any) -> Terms:
    return replace(LEVEL, penalty_interest=PenaltyInterest(**rule))


GOOD = (
    fee(rate="0.015"),
    fee(amount=500, minimum=500, maximum=500, grace_days=3),
    fee(rate="1", maximum=1),
    interest(multiple="1.5", base="principal_and_interest", charged_every="month"),
    interest(annual_rate="0.36", cap_percent="36", cap_base="draw", accrues_from="grace_end"),
    replace(FREE, penalty_interest=PenaltyInterest(annual_rate="0.0005")),
)

CONTRADICTORY: list[tuple[Terms, str, str]] = [
    (fee(rate="15"), "late_fee.rate", "found 15; it is a fraction: write 1.5 % as 0.015"),
    (fee(rate="5 %"), "late_fee.rate", "found '5 %'"),
    (fee(), "late_fee.rate", "a rate or an amount above 0, found neither"),
    (fee(amount=-1), "late_fee.amount", "0 to 1000000000000 minor units, found -1"),
    (fee(rate="0.1", minimum=10**12 + 1), "late_fee.minimum", "found 1000000000001"),
    (fee(rate="0.1", maximum=0), "late_fee.maximum", "1 to 1000000000000 minor units, found 0"),
    (fee(amount=5, maximum=4), "late_fee.maximum", "5 minor units at least, the maximum found 4"),
    (fee(rate="0.1", minimum=5, maximum=4), "late_fee.maximum", "the maximum found 4"),
    (fee(rate="0.1", grace_days=367), "late_fee.grace_days", "0 to 366 days, found 367"),
    (interest(), "penalty_interest.annual_rate", "or a multiple of the contract's, found neither"),
    (
        interest(annual_rate="0.2", multiple="1.5"),
        "penalty_interest.annual_rate",
        "or a multiple of the contract's, found both",
    ),
    (interest(annual_rate="23.4"), "penalty_interest.annual_rate", "write 23.4 % as 0.234"),
    (interest(annual_rate="0"), "penalty_interest.annual_rate", "above 0"),
    (interest(annual_rate="much"), "penalty_interest.annual_rate", "found 'much'"),
    (interest(multiple="150"), "penalty_interest.multiple", "write 150 % of the rate as 1.5"),
    (interest(multiple="-1"), "penalty_interest.multiple", "found '-1'"),
    (
        replace(FREE, penalty_interest=PenaltyInterest(multiple="1.5")),
        "penalty_interest.multiple",
        "the contract's rate is 0; give annual_rate",
    ),
    (
        interest(multiple="1.5", cap_percent="36"),
        "penalty_interest.cap_base",
        "cap_percent is 36, but not of what; write draw or overdue",
    ),
    (
        interest(multiple="1.5", cap_base="draw"),
        "penalty_interest.cap_percent",
        "cap_base is draw, but the percentage is missing",
    ),
    (
        interest(multiple="1.5", cap_percent="0.36", cap_base="draw"),
        "penalty_interest.cap_percent",
        "1 to 1000 %, found 0.36; it is a percentage: write 36 % as 36",
    ),
    (
        interest(multiple="1.5", cap_percent="all", cap_base="draw"),
        "penalty_interest.cap_percent",
        "found 'all'",
    ),
    (
        replace(interest(multiple="1.5"), charges_known="upfront"),
        "penalty_interest",
        "charges_known is upfront; write in_time_order",
    ),
]


@pytest.mark.parametrize("terms", GOOD)
def test_good_rules_have_no_contradictions(terms: Terms) -> None:
    assert list(contradictions(terms, 1000, DRAWN_ON)) == []


@pytest.mark.parametrize(("terms", "field", "sentence"), CONTRADICTORY)
def test_rules_that_cannot_be_followed_are_named(terms: Terms, field: str, sentence: str) -> None:
    found = list(contradictions(terms, 1000, DRAWN_ON))
    assert [text for name, text in found if name == field and sentence in text], found


def test_a_wrong_rate_of_the_contract_is_said_once() -> None:
    terms = replace(interest(multiple="1.5"), annual_rate="NaN")
    assert [field for field, _ in contradictions(terms, 1000, DRAWN_ON)] == ["annual_rate"]
