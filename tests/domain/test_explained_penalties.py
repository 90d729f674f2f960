"""How explain tells of penalties: rules, the arithmetic of each charge, and what was reversed."""

from typing import Any

from app.explanation import Explanation, explain
from ledger.domain.terms import Delinquency, LateFee, PenaltyInterest
from tests.domain.dsl import Story, day, drawn, given, opened, paid, recorded

RULES: dict[str, Any] = {
    "late_fee": LateFee("0.01", amount=2_00, maximum=20_00),
    "penalty_interest": PenaltyInterest(annual_rate="0.1", cap_percent="36", cap_base="draw"),
}
LATE = drawn(365_00, delinquency=Delinquency(grace_days=2), **RULES)


def explained(story: Story, on: str) -> Explanation:
    return explain("A-1", story.facts, day(on))


def sentences(story: Story, on: str) -> list[str]:
    return [happening.sentence for happening in explained(story, on).happenings]


def test_the_rules_stand_with_the_plan() -> None:
    [draw] = explained(given(opened(), LATE), "2026-01-10").draws
    assert draw.plan.sentences[-2:] == (
        "late fee: 2.00 + 0.01 × its principal, at most 20.00, of an installment unpaid 2 days"
        " after the due date",
        "penalty interest: 0.1 a year (act/365) of overdue principal, from the due date on,"
        " charged every day, at most 36 % of the draw",
    )
    multiple = PenaltyInterest(multiple="1.5", accrues_from="grace_end")
    loan = drawn(5_00, method="flat", annual_rate="0.1", penalty_interest=multiple)
    [draw] = explained(given(opened(), loan), "2026-01-10").draws
    assert draw.plan.sentences[-1].startswith(
        "penalty interest: 1.5 × the rate of the contract a year (act/365) of overdue principal,"
        " from the end of the grace on"
    )


def test_each_charge_comes_with_its_arithmetic() -> None:
    story = given(opened(), LATE).assessed("2026-02-05")
    assert sentences(story, "2026-02-05")[2:] == [
        "penalty late_fee:D-1:1:2026-02-01 of 5.65 (2.00 + 0.01 × 365.00 principal = 5.65)"
        " on installment 1, as the charge says",
        "penalty penalty_interest:D-1:1:2026-02-04 of 0.30 (overdue 365.00 × 0.1 × 3/365"
        " = 0.30000000) on installment 1, as the charge says",
        "penalty penalty_interest:D-1:1:2026-02-05 of 0.10 (overdue 365.00 × 0.1 × 1/365"
        " = 0.10000000) on installment 1, as the charge says",
    ]


def test_what_a_payment_found_later_took_back_says_why() -> None:
    story = given(opened(), LATE).assessed("2026-02-05")
    story.when(recorded("2026-02-05", paid(182_50, on="2026-02-01"))).assessed("2026-02-05")
    told = sentences(story, "2026-02-05")
    assert (
        "penalty penalty_interest:D-1:1:2026-02-05 of 0.10 (overdue 365.00 × 0.1 × 1/365"
        " = 0.10000000), of which 0.05 was reversed on installment 1, as the charge says"
    ) in told
    assert (
        "reversal penalty_interest:D-1:1:2026-02-05:2: 0.05 of penalty"
        " penalty_interest:D-1:1:2026-02-05 taken back, as if it had never been charged"
        " (overdue 182.50 × 0.1 × 1/365 = 0.05000000: 0.05 is called for, 0.10 charged)"
    ) in told
    story.when(recorded("2026-02-05", paid(182_50, on="2026-02-02"))).assessed("2026-02-05")
    told = sentences(story, "2026-02-05")
    assert any(one.endswith(", of which 5.65 was reversed") for one in told)


def test_a_charge_stands_before_the_payment_of_its_day_and_the_amounts_run() -> None:
    story = given(opened(), LATE, paid(100_00, on="2026-02-05")).assessed("2026-02-06")
    told = explained(story, "2026-02-06").happenings
    kinds = [happening.sentence.split()[0] for happening in told]
    assert kinds == ["account", "draw", "penalty", "penalty", "penalty", "payment", "penalty"]
    assert [happening.outstanding for happening in told[1:]] == [
        365_00, 370_65, 370_95, 371_05, 271_05, 271_12,
    ]  # fmt: skip
