"""Terms that contradict themselves are named: the field, what was found, what is allowed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.domain.events import DrawMade
from ledger.domain.rejections import Code, Rejection
from ledger.domain.schedule import contradictions
from ledger.domain.terms import (
    COMPONENTS,
    Allocation,
    Bucket,
    BusinessDays,
    Delinquency,
    Grace,
    InterestBasis,
    LateFee,
    Period,
    RateWindow,
    Row,
    ScheduleFee,
    Terms,
)
from tests.domain.dsl import given, opened

DRAWN_ON = date(2024, 1, 1)
LEVEL = Terms("equal_installment", 12, date(2024, 2, 1), annual_rate="0.156")
ROWS = (Row(date(2024, 2, 1), 600), Row(date(2024, 3, 1), 400, interest=5, fee=1))
EXPLICIT = Terms("explicit", rows=ROWS)
DAILY = InterestBasis("daily", "act/365")


def test_good_terms_have_no_contradictions() -> None:
    assert list(contradictions(LEVEL, 1000, DRAWN_ON)) == []
    assert list(contradictions(EXPLICIT, 1000, DRAWN_ON)) == []


def test_two_rows_may_fall_due_on_one_day_and_the_first_on_the_day_of_the_draw() -> None:
    rows = (Row(DRAWN_ON, 500), Row(date(2024, 3, 1), 500), Row(date(2024, 3, 1), 0))
    assert list(contradictions(Terms("explicit", rows=rows), 1000, DRAWN_ON)) == []


def fixed(installment: int, **changes: Any) -> Terms:
    return replace(LEVEL, method="fixed_installment", installment=installment, **changes)


def explicit(*principals: int) -> Terms:
    days = (date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1))
    return Terms("explicit", rows=tuple(map(Row, days, principals)))


def overdue(**changes: Any) -> Terms:
    return replace(LEVEL, delinquency=Delinquency(**changes))


def spread(**changes: Any) -> Terms:
    return replace(LEVEL, allocation=Allocation(**changes))


def moving(*days: date, **changes: Any) -> Terms:
    """Three interest-free installments, due on 1 February, March and April 2024, that move."""
    rules = BusinessDays(**{"calendar": "CN", "due_dates": days} | changes)
    return replace(Terms("interest_free", 3, date(2024, 2, 1)), business_days=rules)


def costing(*fees: ScheduleFee, **changes: Any) -> Terms:
    return replace(LEVEL, fees=fees, **changes)


def simple(**changes: Any) -> Terms:
    """Simple interest by the day."""
    basis = InterestBasis("daily_simple")
    return replace(LEVEL, interest_basis=basis, **changes)


def window(first: str, last: str, rate: str = "0.1", days: str = "365") -> RateWindow:
    return RateWindow(date.fromisoformat(first), date.fromisoformat(last), rate, days)


SERVICE = ScheduleFee("per_installment", amount=5)

FEB, MAR, APR = date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)

CONTRADICTORY: list[tuple[Terms, str, str]] = [
    (replace(LEVEL, method="bullet"), "term_count", "bullet has 1 installment"),
    (replace(LEVEL, method="fixed_installment"), "installment", "needs the installment"),
    (fixed(13, term_count=0), "installment", "interest of the first period alone is 13"),
    (fixed(300, term_count=3), "installment", "3 installments of 300 minor units leave"),
    (fixed(300), "term_count", "installments of 300 minor units are 4, found 12"),
    (replace(LEVEL, grace=Grace(12)), "grace.principal_periods", "is 0 to 11, found 12"),
    (replace(LEVEL, grace=Grace(0, -1)), "grace.interest_payment_periods", "found -1"),
    (replace(LEVEL, method="flat", grace=Grace(1)), "grace", "method flat has no grace"),
    (
        replace(LEVEL, method="interest_only", grace=Grace(1)),
        "grace.principal_periods",
        "repays at the end anyway",
    ),
    (replace(LEVEL, broken_period="spread"), "broken_period", "found period"),
    (
        replace(LEVEL, method="flat", interest_basis=DAILY, broken_period="spread"),
        "broken_period",
        "method flat has no broken_period",
    ),
    (replace(LEVEL, period_rates=("0.01",)), "period_rates", "found 1 for 12"),
    (replace(LEVEL, period_rates=("1%",) * 12), "period_rates", "rate 1 of period_rates"),
    (
        replace(LEVEL, interest_basis=InterestBasis("month_prorated", "act/365")),
        "interest_basis",
        "found act/365",
    ),
    (
        replace(LEVEL, interest_basis=InterestBasis("month_prorated"), period=Period(1, "week")),
        "interest_basis",
        "needs periods of months, found weeks",
    ),
    (
        replace(LEVEL, interest_basis=DAILY, interest_from=date(2024, 2, 1)),
        "interest_from",
        "before the first due date",
    ),
    (replace(LEVEL, interest_from=DRAWN_ON), "interest_from", "counts days, found period"),
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
    (
        spread(in_advance=COMPONENTS, in_advance_target="last_installment"),
        "allocation.in_advance_target",
        "needs a sequence by status and an order in_advance, found sequence installment",
    ),
    (
        spread(sequence="status_then_installment", in_advance_target="all_evenly"),
        "allocation.in_advance_target",
        "in_advance of 0 steps",
    ),
    (spread(due=(*COMPONENTS, "fee")), "allocation.due", "penalty, fee, interest, principal, fee"),
    (spread(in_advance=("penalty_due",)), "allocation.in_advance", "found penalty_due"),
    (replace(LEVEL, late_fee=LateFee("1.5")), "late_fee.rate", "write 1.5 % as 0.015"),
    (replace(LEVEL, late_fee=LateFee("0")), "late_fee.rate", "a rate or an amount above 0"),
    (replace(LEVEL, late_fee=LateFee("1,5")), "late_fee.rate", "found '1,5'"),
    (simple(method="equal_principal"), "method", "level installments, found equal_principal"),
    (simple(daily_rate="0.0005"), "daily_rate", "write one of them, found 0.0005 and 0.156"),
    (simple(daily_rate="0.05", annual_rate="0"), "daily_rate", "write 0.05 % as 0.0005"),
    (simple(daily_rate="5 %", annual_rate="0"), "daily_rate", "found '5 %'"),
    (simple(days_per_year="363"), "days_per_year", "360, 364, 365, 366 days by convention"),
    (
        simple(interest_total_cap_percent="1001"),
        "interest_total_cap_percent",
        "1 to 1000 % of the draw, found 1001; it is a percentage",
    ),
    (simple(interest_total_cap_percent="0.36"), "interest_total_cap_percent", "found 0.36"),
    (simple(prepayment="reduce_term"), "prepayment", "month_prorated, found daily_simple"),
    (simple(interest_total_cap_percent="-1"), "interest_total_cap_percent", "found -1"),
    (simple(settlement_grace_days=-1), "settlement_grace_days", "0 to 366 days, found -1"),
    (
        simple(rate_windows=(window("2024-03-01", "2024-02-01"),)),
        "rate_windows",
        "ends on or after its first day, found 2024-03-01 to 2024-02-01",
    ),
    (
        simple(rate_windows=(window("2024-02-01", "2024-02-09", rate="15.6"),)),
        "rate_windows",
        "found 15.6; it is a fraction",
    ),
    (
        simple(rate_windows=(window("2024-02-01", "2024-02-09", days="1"),)),
        "rate_windows",
        "found 1",
    ),
    (
        simple(
            rate_windows=(
                window("2024-02-01", "2024-02-09"),
                window("2024-02-09", "2024-02-19"),
            )
        ),
        "rate_windows",
        "without overlap, found one from 2024-02-09 after one to 2024-02-09",
    ),
    (
        replace(LEVEL, daily_rate="0.0005"),
        "daily_rate",
        "for accrual daily_simple, found period",
    ),
    (
        replace(LEVEL, prepayment="reduce_term"),
        "prepayment",
        "is for accrual daily or month_prorated, found period",
    ),
    (
        replace(LEVEL, method="equal_principal", interest_basis=DAILY, round_each_segment=True),
        "round_each_segment",
        "offered with equal installments, found equal_principal",
    ),
    (
        replace(LEVEL, interest_basis=DAILY, broken_period="spread", period_rates=("0.01",) * 12),
        "broken_period",
        "period_rates say what the first period costs",
    ),
    (
        replace(EXPLICIT, period_rates=("0.01",) * 2),
        "period_rates",
        "method explicit with accrual period takes none",
    ),
    (replace(LEVEL, period_rates=("15",) * 12), "period_rates", "at most 10, found 15"),
    (
        spread(principal_first_after_days=-1),
        "allocation.principal_first_after_days",
        "0 to 3653 days, found -1",
    ),
    (
        overdue(risk_classes=(Bucket("watch", 1, 30), Bucket("bad", 30))),
        "delinquency.risk_classes",
        "found bad from day 30, watch until 30",
    ),
    (
        costing(ScheduleFee("up_front", kind="origination")),
        "fees",
        "fee 1 'origination' is an amount or a percent, found neither",
    ),
    (costing(SERVICE, ScheduleFee("up_front", 5, "1")), "fees", "fee 2 '' is an amount or a"),
    (costing(ScheduleFee("up_front", amount=0)), "fees", "1 to 1000000000000 minor units, found 0"),
    (costing(ScheduleFee("up_front", percent="101")), "fees", "at most 100 %, found 101"),
    (costing(ScheduleFee("up_front", percent="0")), "fees", "more than 0"),
    (costing(ScheduleFee("up_front", percent="1%")), "fees", "found '1%'"),
    (costing(*[SERVICE] * 21), "fees", "at most 20 fees, found 21"),
    (costing(SERVICE, draw_spread="each_draw_level"), "fees", "leave draw_spread out"),
    (replace(EXPLICIT, fees=(SERVICE,)), "fees", "as the fee of each row"),
    (moving(), "business_days.due_dates", "each of the 3 due dates, found 0"),
    (
        moving(FEB, date(2024, 2, 29), APR),
        "business_days.due_dates",
        "2024-03-01 moves FOLLOWING by at most 15 days, found 2024-02-29",
    ),
    (
        moving(convention="PRECEDING", due_dates=(FEB, MAR, date(2024, 4, 2))),
        "business_days.due_dates",
        "2024-04-01 moves PRECEDING by at most 15 days, found 2024-04-02",
    ),
    (
        moving(convention="MODFOLLOWING", due_dates=(FEB, date(2024, 2, 29), APR)),
        "business_days.due_dates",
        "moves MODFOLLOWING",
    ),
    (
        moving(convention="NONE", due_dates=(FEB, MAR, date(2024, 4, 2))),
        "business_days.due_dates",
        "moves NONE",
    ),
    (moving(FEB, date(2024, 3, 17), APR), "business_days.due_dates", "found 2024-03-17"),
    (
        replace(
            moving(FEB, date(2024, 2, 5), APR),
            due_dates=(FEB, date(2024, 2, 3), APR),
            first_due_on=None,
            term_count=0,
            business_days=BusinessDays("CN", due_dates=(date(2024, 2, 5), date(2024, 2, 5), APR)),
        ),
        "business_days.due_dates",
        "found 2024-02-05 after 2024-02-05",
    ),
    (
        moving(FEB, MAR, APR, period_adjustment="adjusted"),
        "business_days.period_adjustment",
        "found period; write unadjusted",
    ),
    (replace(EXPLICIT, business_days=BusinessDays("CN")), "business_days", "rows are given"),
    (
        fixed(300, term_count=0, business_days=BusinessDays("CN")),
        "business_days",
        "write term_count",
    ),
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


@pytest.mark.parametrize(("terms", "field", "sentence"), CONTRADICTORY)
def test_the_door_refuses_them_with_one_sentence_that_names_the_field(
    terms: Terms, field: str, sentence: str
) -> None:
    wish = DrawMade(effective_on=DRAWN_ON, draw_id="D-1", amount=1000, terms=terms)
    answer = given(opened("2024-01-01")).when(wish).answer
    assert isinstance(answer, Rejection)
    assert answer.code in (Code.TERMS_CONTRADICTORY, Code.FIELD_INVALID, Code.AMOUNT_INVALID)
    assert answer.field is not None
    assert answer.field.startswith("terms.")
    assert "\n" not in answer.message
