"""What the penalty rules come to: late fees and penalty interest, figure by figure."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.events import PenaltyCharged
from ledger.domain.rejections import Code
from ledger.domain.terms import Delinquency, LateFee, PenaltyInterest
from tests.domain.dsl import Story, day, drawn, given, opened, paid, paused, penalised, prepaid
from tests.domain.endings import goods_back

FEE = LateFee("0.015")
GRACE = Delinquency(grace_days=5)


def called_for(story: Story, on: str) -> list[PenaltyCharged]:
    """The charges that the assessor brings on a day."""
    answer = story.assessed(on).answer
    assert isinstance(answer, tuple)
    charges = [event for event in answer if isinstance(event, PenaltyCharged)]
    assert len(charges) == len(answer)
    return charges


def loan(amount: int = 300_00, **terms: Any) -> Story:
    """One draw due in whole on 1 February."""
    return given(opened(), drawn(amount, **terms))


def accruing(amount: int = 365_00, **rule: Any) -> Story:
    """365.00 at 10 % costs 0.10 a day: what is overdue can be counted on the fingers."""
    terms = {name: rule.pop(name) for name in ("delinquency", "over") if name in rule}
    interest = PenaltyInterest(**({"annual_rate": "0.1"} | rule))
    return loan(amount, penalty_interest=interest, **terms)


# --- late fees -----------------------------------------------------------------------------------


def test_a_share_of_the_installment_once_for_each_that_is_missed() -> None:
    story = loan(900_00, over=3, late_fee=FEE)
    assert called_for(story, "2026-02-01") == []
    [fee] = called_for(story, "2026-02-02")
    assert (fee.amount, f"{fee.effective_on}", fee.installment) == (4_50, "2026-02-01", 1)
    assert fee.basis == "0.015 × 300.00 principal = 4.50"
    assert called_for(story, "2026-02-28") == []
    story.as_of("2026-02-28").shows(dues=[304_50, 300_00, 300_00], overdue=304_50)
    [second] = called_for(story, "2026-03-02")
    assert (second.amount, second.installment) == (4_50, 2)


def test_the_base_may_hold_the_interest() -> None:
    # 900.00 flat at 12 % a year for three months: 27.00 of interest, 9.00 with each 300.00.
    fee = LateFee("0.1", base="principal_and_interest")
    story = loan(900_00, over=3, method="flat", annual_rate="0.12", late_fee=fee)
    [found] = called_for(story, "2026-02-02")
    assert (found.amount, found.basis) == (30_90, "0.1 × 309.00 principal and interest = 30.90")


def test_principal_that_was_repaid_early_is_no_base() -> None:
    story = given(opened(), drawn(900_00, over=3, late_fee=FEE), prepaid(300_00, on="2026-01-10"))
    [fee] = called_for(story, "2026-02-02")
    assert fee.amount == 3_00  # 1.5 % of the 200.00 that fell due.


def test_what_a_refund_took_off_is_no_base() -> None:
    story = loan(late_fee=FEE).when(goods_back(100_00, on="2026-01-10"))
    [fee] = called_for(story, "2026-02-02")
    assert fee.amount == 3_00  # 1.5 % of the 200.00 that are left.


def test_whoever_pays_within_grace_owes_none() -> None:
    story = loan(late_fee=FEE, delinquency=GRACE).when(paid(300_00, on="2026-02-06"))
    assert called_for(story, "2026-03-01") == []


def test_whoever_pays_the_day_after_grace_is_late() -> None:
    story = loan(late_fee=FEE, delinquency=GRACE).when(paid(300_00, on="2026-02-07"))
    assert called_for(story, "2026-02-06") == []
    assert [fee.amount for fee in called_for(story, "2026-02-07")] == [4_50]


def test_a_late_fee_may_have_a_grace_of_its_own() -> None:
    story = loan(late_fee=replace(FEE, grace_days=10), delinquency=GRACE)
    assert called_for(story, "2026-02-11") == []
    assert len(called_for(story, "2026-02-12")) == 1


def test_it_may_count_from_the_first_day_overdue() -> None:
    fee = replace(FEE, dated="first_overdue_day")
    [found] = called_for(loan(late_fee=fee, delinquency=GRACE), "2026-03-01")
    assert f"{found.effective_on}" == "2026-02-07"


@pytest.mark.parametrize(
    ("rule", "amount", "basis"),
    [
        (LateFee(amount=10_00), 10_00, "10.00 = 10.00"),
        (LateFee("0.01", amount=10_00), 13_00, "10.00 + 0.01 × 300.00 principal = 13.00"),
        (
            LateFee("0.01", minimum=5_00),
            5_00,
            "0.01 × 300.00 principal = 3.00, at least 5.00",
        ),
        (
            LateFee("0.05", maximum=10_00),
            10_00,
            "0.05 × 300.00 principal = 15.00, at most 10.00",
        ),
    ],
)
def test_an_amount_a_minimum_and_a_maximum(rule: LateFee, amount: int, basis: str) -> None:
    [fee] = called_for(loan(late_fee=rule), "2026-02-02")
    assert (fee.amount, fee.basis) == (amount, basis)


def test_a_fee_that_rounds_to_nothing_is_none() -> None:
    assert called_for(loan(30, late_fee=FEE), "2026-02-02") == []


def test_what_is_below_tolerance_is_not_missed() -> None:
    story = loan(late_fee=FEE, delinquency=Delinquency(tolerance=1_00))
    story.when(paid(299_00, on="2026-02-01"))
    assert called_for(story, "2026-03-01") == []


def test_days_of_pause_put_it_off() -> None:
    story = loan(late_fee=FEE).when(paused("2026-02-01", "2026-02-20"))
    assert called_for(story, "2026-02-20") == []
    assert len(called_for(story, "2026-02-21")) == 1


def test_an_extra_row_made_by_charges_is_no_installment() -> None:
    story = loan(late_fee=LateFee(amount=10_00)).when(paid(300_00, on="2026-02-01"))
    story.when(penalised(5_00, on="2026-03-01"))
    story.as_of("2026-04-01").shows(rows=[0, 5_00], status="overdue")
    assert called_for(story, "2026-04-01") == []


# --- penalty interest ----------------------------------------------------------------------------


def test_every_day_overdue_costs_its_share() -> None:
    story = accruing()
    assert called_for(story, "2026-02-01") == []
    charges = called_for(story, "2026-02-04")
    assert [(f"{one.effective_on}", one.amount) for one in charges] == [
        ("2026-02-02", 10), ("2026-02-03", 10), ("2026-02-04", 10),
    ]  # fmt: skip
    assert charges[0].basis == "overdue 365.00 × 0.1 × 1/365 = 0.10000000"
    story.as_of("2026-02-04").shows(overdue=365_30)


def test_a_part_that_is_paid_bears_none_from_the_day_it_is_paid() -> None:
    story = accruing().when(paid(182_60, on="2026-02-03"))
    assert [one.amount for one in called_for(story, "2026-02-05")] == [10, 10, 5, 5]
    # 0.20 of the payment went to the penalty that its day began with.
    assert story.as_of("2026-02-05").split("2026-02-03") == {"penalty": 20, "principal": 182_40}


def test_a_multiple_of_the_rate_of_the_contract() -> None:
    rule = PenaltyInterest(multiple="1.5")
    terms: dict[str, Any] = {
        "method": "equal_installment",
        "annual_rate": "0.156",
        "penalty_interest": rule,
    }
    story = given(opened(), drawn(1000_00, **terms))
    [charge] = called_for(story, "2026-02-02")
    # 1000.00 × 0.156 × 1.5 / 365 = 0.6411
    assert charge.amount == 64
    assert charge.basis == "overdue 1000.00 × 0.234 × 1/365 = 0.64109589"


def test_what_rounding_left_is_carried_so_that_no_day_gains_or_loses() -> None:
    rule = PenaltyInterest(annual_rate="0.234")
    story = given(opened(), drawn(1000_00, penalty_interest=rule))
    charges = called_for(story, "2026-02-11")
    assert [one.amount for one in charges] == [64, 64, 64, 64, 65, 64, 64, 64, 64, 64]
    assert charges[1].basis == (
        "overdue 1000.00 × 0.234 × 1/365 = 0.64109589,"
        " + 0.00109589 carried by rounding = 0.64219178"
    )
    # Ten days in one go: 1000.00 × 0.234 × 10 / 365 = 6.4110
    assert sum(one.amount for one in charges) == 6_41


@pytest.mark.parametrize(("base", "amount"), [("principal", 10), ("principal_and_interest", 11)])
def test_interest_on_unpaid_interest_where_that_is_agreed(base: Any, amount: int) -> None:
    # 365.00 of principal and 36.50 of interest: 0.10 and 0.01 a day.
    story = loan(
        365_00, method="flat", annual_rate="1.2",
        penalty_interest=PenaltyInterest(annual_rate="0.1", base=base),
    )  # fmt: skip
    story.as_of("2026-01-01").shows(outstanding=401_50)
    assert [one.amount for one in called_for(story, "2026-02-03")] == [amount, amount]


def test_whoever_outlasts_the_grace_pays_for_it_too() -> None:
    charges = called_for(accruing(delinquency=GRACE), "2026-02-08")
    assert [(f"{one.effective_on}", one.amount) for one in charges] == [
        ("2026-02-07", 60), ("2026-02-08", 10),
    ]  # fmt: skip
    assert charges[0].basis == "overdue 365.00 × 0.1 × 6/365 = 0.60000000"


def test_or_only_for_the_days_after_it() -> None:
    charges = called_for(accruing(delinquency=GRACE, accrues_from="grace_end"), "2026-02-08")
    assert [(f"{one.effective_on}", one.amount) for one in charges] == [
        ("2026-02-07", 10), ("2026-02-08", 10),
    ]  # fmt: skip


def test_whoever_pays_within_grace_pays_no_interest() -> None:
    story = accruing(delinquency=GRACE).when(paid(365_00, on="2026-02-06"))
    assert called_for(story, "2026-03-01") == []


def test_paid_in_part_within_grace_it_counts_what_was_overdue_each_day() -> None:
    story = accruing(delinquency=GRACE).when(paid(182_50, on="2026-02-04"))
    [charge] = called_for(story, "2026-02-07")
    # Three days of 365.00 and three of 182.50.
    assert (charge.amount, charge.basis) == (
        45, "overdue (365.00 × 3/365 + 182.50 × 3/365) × 0.1 = 0.45000000",
    )  # fmt: skip


def test_once_a_month_on_the_day_of_the_due_date() -> None:
    story = accruing(charged_every="month")
    assert called_for(story, "2026-02-28") == []
    charges = called_for(story, "2026-04-15")
    assert [(f"{one.effective_on}", one.amount) for one in charges] == [
        ("2026-03-01", 2_80), ("2026-04-01", 3_10),
    ]  # fmt: skip


def test_what_a_month_has_accrued_is_charged_although_the_debt_was_paid_meanwhile() -> None:
    story = accruing(charged_every="month").when(paid(365_00, on="2026-02-11"))
    assert [one.amount for one in called_for(story, "2026-04-15")] == [1_00]


def test_a_cap_of_what_was_overdue() -> None:
    story = accruing(cap_percent="1", cap_base="overdue")
    assert sum(one.amount for one in called_for(story, "2026-12-31")) == 3_65
    assert called_for(story, "2027-12-31") == []


def test_a_charge_that_a_cap_made_less_says_so() -> None:
    capped: dict[str, Any] = {"annual_rate": "0.2", "cap_percent": "1", "cap_base": "overdue"}
    [charge] = called_for(accruing(charged_every="month", **capped), "2026-03-01")
    assert (charge.amount, charge.basis) == (
        3_65, "overdue 365.00 × 0.2 × 28/365 = 5.60000000, but 1 % of what was overdue is reached",
    )  # fmt: skip


def test_a_cap_of_the_draw_is_one_for_all_its_installments() -> None:
    story = accruing(730_00, over=2, cap_percent="1", cap_base="draw")
    charges = called_for(story, "2026-12-31")
    assert sum(one.amount for one in charges) == 7_30
    assert charges[-1].basis == "overdue 365.00 × 0.1 × 1/365 = 0.10000000"
    # 28 days of the first alone, then both share what is left of 7.30: 4.50.
    by_installment = [sum(o.amount for o in charges if o.installment == n) for n in (1, 2)]
    assert by_installment == [2_80 + 2_30, 2_20]


def test_nothing_accrues_on_days_of_pause() -> None:
    story = accruing().when(paused("2026-02-03", "2026-02-06"))
    # Days of pause are added to those that make it overdue, and cost nothing themselves.
    assert [f"{one.effective_on}" for one in called_for(story, "2026-02-08")] == [
        "2026-02-02", "2026-02-03", "2026-02-07", "2026-02-08",
    ]  # fmt: skip


def test_a_day_of_a_leap_year_is_a_366th() -> None:
    rule = PenaltyInterest(annual_rate="0.1", day_count="act/act")
    terms: dict[str, Any] = {"first_due_on": day("2027-12-30"), "penalty_interest": rule}
    story = given(opened(), drawn(36_600_00, **terms))
    # 36600.00 × 0.1 / 365 = 10.0274 on the last day of 2027, 10.00 on the first of 2028.
    assert [one.amount for one in called_for(story, "2028-01-02")] == [10_03, 10_02, 10_00]


def test_a_draw_with_a_long_id_is_told_from_another() -> None:
    names = [f"{'D' * 110}-{number}" for number in (1, 2)]
    story = given(opened(), *(drawn(300_00, draw=name, late_fee=FEE) for name in names))
    charges = called_for(story, "2026-02-02")
    assert [one.draw_id for one in charges] == names
    assert len({one.charge_id for one in charges}) == 2


@pytest.mark.parametrize("rate", ["0", "1.5", "a tenth", "-0.1"])
def test_a_rate_that_is_no_share_is_refused(rate: str) -> None:
    wish = drawn(300_00, late_fee=LateFee(rate))
    answer = given(opened()).when(wish).then(Code.TERMS_CONTRADICTORY).answer
    assert getattr(answer, "field", None) == "terms.late_fee.rate"
