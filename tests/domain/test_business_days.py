"""Due dates that fall on holidays: where they move, what that costs, and that they then stay."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import given as forall
from hypothesis import strategies as st

from app.explanation import explain
from ledger.annual_rate import shown_rates
from ledger.business_days import CalendarUnusable, resolved
from ledger.domain.calendar import due_dates
from ledger.domain.events import DrawMade
from ledger.domain.rejections import Code, Rejected
from ledger.domain.schedule import contradictions, plan
from ledger.domain.terms import BusinessDayConvention, BusinessDays, InterestBasis, Terms
from ledger.door import Line, as_written, proposal_of
from tests.domain.dsl import day, drawn, given, moved, opened

DAILY = InterestBasis("daily", "act/365")


def loan(amount: int = 1200_00, **rules: Any) -> DrawMade:
    """Three months at 12 % by days; 1 February and 1 March 2026 are Sundays."""
    agreed = ("2026-02-02", "2026-03-02", "2026-04-01")
    business_days = BusinessDays(**{"calendar": "DE", "due_dates": tuple(map(day, agreed))} | rules)
    return drawn(
        amount, over=3, method="equal_principal", annual_rate="0.12", interest_basis=DAILY,
        business_days=business_days,
    )  # fmt: skip


# --- the calendars -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calendar", "convention", "agreed", "found"),
    [
        ("DE", "FOLLOWING", "2026-02-02", "2026-02-02"),  # A Monday.
        ("DE", "FOLLOWING", "2026-02-01", "2026-02-02"),  # A Sunday.
        ("DE", "PRECEDING", "2026-02-01", "2026-01-30"),
        ("DE", "MODFOLLOWING", "2026-02-01", "2026-02-02"),
        ("DE", "MODFOLLOWING", "2026-01-31", "2026-01-30"),  # Monday is in another month.
        ("DE", "NONE", "2026-02-01", "2026-02-01"),
        ("DE", "FOLLOWING", "2026-04-03", "2026-04-07"),  # Good Friday to Easter Monday.
        ("CN", "FOLLOWING", "2025-10-01", "2025-10-09"),  # National Day with Mid-Autumn.
        ("CN", "FOLLOWING", "2025-10-11", "2025-10-11"),  # A Saturday that is worked instead.
        ("US-MA", "FOLLOWING", "2025-04-21", "2025-04-22"),  # Patriots' Day.
        ("US", "FOLLOWING", "2025-04-21", "2025-04-21"),
        ("XNYS", "FOLLOWING", "2026-04-03", "2026-04-06"),  # The market is closed on Good Friday.
    ],
)
def test_a_date_becomes_a_business_day(
    calendar: str, convention: BusinessDayConvention, agreed: str, found: str
) -> None:
    assert resolved(BusinessDays(calendar, convention), [day(agreed)]).due_dates == (day(found),)


@pytest.mark.parametrize(
    ("calendar", "agreed", "sentence"),
    [
        ("ZZ", "2026-02-01", "calendar 'ZZ' is unknown"),
        ("US-ZZ", "2026-02-01", "calendar 'US-ZZ' is unknown"),
        ("", "2026-02-01", "calendar '' is unknown"),
        ("CN", "2150-02-01", "calendar CN knows the years 1950 to 2100"),
    ],
)
def test_a_calendar_that_cannot_be_used(calendar: str, agreed: str, sentence: str) -> None:
    with pytest.raises(CalendarUnusable, match=sentence):
        resolved(BusinessDays(calendar), [day(agreed)])


# --- the schedule --------------------------------------------------------------------------------


def test_unadjusted_a_due_date_moves_at_no_interest() -> None:
    story = given(opened(), loan())
    # 31, 28 and 31 days, as agreed.
    story.as_of("2026-01-01").shows(
        due_dates=["2026-02-02", "2026-03-02", "2026-04-01"],
        dues=[412_23, 407_36, 404_08],
    )
    story.as_of("2026-02-02").shows(status="current", days_late=0)
    story.as_of("2026-02-03").shows(status="overdue", days_late=1)


def test_adjusted_the_interest_runs_to_the_day_on_which_it_falls_due() -> None:
    story = given(opened(), loan(period_adjustment="adjusted"))
    # 32, 28 and 30 days.
    story.as_of("2026-01-01").shows(
        due_dates=["2026-02-02", "2026-03-02", "2026-04-01"],
        dues=[412_62, 407_36, 403_95],
    )


def test_a_due_date_that_was_moved_is_named_by_the_day_on_which_it_falls() -> None:
    story = given(opened(), loan(), moved("2026-03-02", "2026-03-10", on="2026-02-10"))
    story.as_of("2026-02-10").shows(due_dates=["2026-02-02", "2026-03-10", "2026-04-10"])


def test_the_annual_rate_is_the_one_agreed_whichever_days_move() -> None:
    for adjustment in ("unadjusted", "adjusted"):
        draw = loan(120_000_00, period_adjustment=adjustment)
        rate = shown_rates(draw.terms, draw.amount, draw.effective_on).nominal
        assert rate is not None
        assert abs(rate - Decimal("0.12")) < Decimal("1e-6")


@pytest.mark.parametrize(
    ("adjustment", "cost", "days"),
    [("unadjusted", "at no interest", 31), ("adjusted", "interest runs with them", 32)],
)
def test_the_explanation_says_which_days_moved(adjustment: str, cost: str, days: int) -> None:
    story = given(opened(), loan(period_adjustment=adjustment))
    [told] = explain("A-1", story.facts, day("2026-01-01")).draws
    assert told.plan.sentences[1] == (
        "due dates move to business days of DE (FOLLOWING): 2026-02-01 to 2026-02-02,"
        f" 2026-03-01 to 2026-03-02, {cost}"
    )
    assert told.plan.lines[0].how.startswith(f"interest 1200.00 × 0.12 × {days} / 365 = 12.")


# --- the door ------------------------------------------------------------------------------------


def asked(**business_days: Any) -> Line:
    """A draw as a service writes it: with the name of a calendar, and no days."""
    terms = {
        "method": "interest_free", "term_count": 3, "first_due_on": "2026-02-01",
        "business_days": business_days,
    }  # fmt: skip
    body = {"draw_id": "D-1", "effective_on": "2026-01-01", "amount": "90", "terms": terms}
    return Line("A-1", "draw.made", body)


def made(line: Line, *facts: DrawMade) -> DrawMade:
    """What the door makes of it."""
    draw = proposal_of(line, given(opened(), *facts).account)
    assert isinstance(draw, DrawMade)
    return draw


def test_the_door_writes_the_days_into_the_terms() -> None:
    draw = made(asked(calendar="DE"))
    assert draw.terms.business_days == BusinessDays(
        "DE", "FOLLOWING", "unadjusted", tuple(map(day, ("2026-02-02", "2026-03-02", "2026-04-01")))
    )
    given(opened()).when(draw).then(draw)


def test_days_that_are_given_are_taken_as_they_are() -> None:
    days = ["2026-02-05", "2026-03-02", "2026-04-01"]
    rules = made(asked(calendar="our own", due_dates=days)).terms.business_days
    assert rules is not None
    assert [one.isoformat() for one in rules.due_dates] == days


def test_a_retry_is_the_same_whatever_has_become_of_the_calendar() -> None:
    """The draw was signed when the calendar had another day."""
    draw = made(asked(calendar="DE"))
    days = (day("2026-02-03"), day("2026-03-02"), day("2026-04-01"))
    rules = BusinessDays("DE", due_dates=days)
    signed = replace(draw, terms=replace(draw.terms, business_days=rules))
    assert made(asked(calendar="DE"), signed) == signed
    written = as_written(signed, "USD")
    assert made(Line("A-1", written.pop("topic"), written), signed) == signed


def test_what_cannot_be_looked_up_is_refused_at_the_door() -> None:
    with pytest.raises(Rejected) as caught:
        made(asked(calendar="ZZ"))
    rejection = caught.value.rejection
    assert (rejection.code, rejection.field) == (
        Code.FIELD_INVALID, "terms.business_days.calendar",
    )  # fmt: skip


def test_terms_that_contradict_themselves_are_refused_for_that() -> None:
    line = asked(calendar="DE")
    line.body["terms"]["term_count"] = 0
    draw = made(line)
    given(opened()).when(draw).then(Code.TERMS_CONTRADICTORY)


# --- laws ----------------------------------------------------------------------------------------

RULES = st.builds(
    BusinessDays,
    calendar=st.sampled_from(("CN", "DE", "US", "XNYS", "JP")),
    convention=st.sampled_from(("FOLLOWING", "PRECEDING", "MODFOLLOWING")),
)


@forall(
    RULES, st.dates(date(2024, 1, 2), date(2027, 12, 31)), st.integers(1, 24), st.integers(1, 10**8)
)
def test_moving_due_dates_changes_no_amount_and_keeps_their_order(
    rules: BusinessDays, first: date, count: int, amount: int
) -> None:
    plain = Terms("equal_installment", count, first, annual_rate="0.18", interest_basis=DAILY)
    moving = replace(plain, business_days=resolved(rules, due_dates(plain)))
    drawn_on = date(2024, 1, 1)
    assume(not list(contradictions(moving, amount, drawn_on)))
    one, other = plan(plain, amount, drawn_on), plan(moving, amount, drawn_on)
    assert [row[3:] for row in one] == [row[3:] for row in other]
    days = [row.due_on for row in other]
    assert days == sorted(set(days))
    again = resolved(replace(rules, convention="FOLLOWING"), days).due_dates
    assert list(again) == days, "a business day stays where it is"
    assert [row.from_on for row in other] == [drawn_on, *days[:-1]]
