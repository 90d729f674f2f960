"""Explanations of what changes a schedule, its ageing or its money, as a person reads them."""

from dataclasses import replace

from app.explanation import Explanation, explain
from tests.domain.dsl import (
    Story,
    day,
    drawn,
    given,
    joining,
    moved,
    opened,
    paid,
    paused,
    penalised,
    prepaid,
    recorded,
    refunded,
    reinstated,
    restructured,
    settled,
    voided,
    waived,
)

LINE = drawn(900_00, over=3, draw_spread="each_draw_level")
SHARED = given(opened(), LINE, joining(100_00, on="2026-02-10", draw="D-2", joins=LINE))


def explained(story: Story, on: str, draw: str | None = None) -> Explanation:
    """The derivation of the state on a day."""
    return explain("A-1", story.facts, day(on), draw_id=draw)


def said(story: Story, on: str) -> list[str]:
    """What happened after the account was opened and the first draw made."""
    return [happening.sentence for happening in explained(story, on).happenings][2:]


def test_a_draw_that_joins_another_is_told_with_the_schedule_it_joined() -> None:
    for draw in (None, "D-1", "D-2"):
        [told] = explained(SHARED, "2026-02-10", draw).draws
        assert told.plan.sentences == (
            "900.00 drawn on 2026-01-01: D-1",
            "100.00 drawn on 2026-02-10: D-2",
            "a later draw is spread evenly over the installments due after its day",
        )
        assert [(line.principal, line.balance_after, line.how) for line in told.plan.lines] == [
            (300_00, 700_00, "principal 300.00 of D-1"),
            (350_00, 350_00, "principal 300.00 of D-1 + 50.00 of D-2"),
            (350_00, 0, "principal 300.00 of D-1 + 50.00 of D-2"),
        ]
    assert said(SHARED, "2026-02-10") == [
        "draw D-2 of 100.00 joins D-1: its installments rise by 100.00"
    ]


def test_a_draw_into_a_sum_is_told_as_such() -> None:
    first = drawn(900_00, over=3, draw_spread="sum_then_level")
    story = given(opened(), first, joining(300_00, on="2026-02-10", draw="D-2", joins=first))
    assert said(story, "2026-02-10") == [
        "draw D-2 of 300.00 joins D-1, whose plan is that of the sum of all draws"
    ]
    assert explained(story, "2026-02-10").happenings[1].outstanding == 1200_00


def test_a_due_date_moved_is_named_in_the_plan_and_among_what_happened() -> None:
    story = given(opened(), LINE, moved("2026-02-01", "2026-02-20", on="2026-01-10"))
    [told] = explained(story, "2026-01-10").draws
    assert told.plan.sentences[-1] == (
        "what fell due on 2026-02-01 falls due on 2026-02-20; amounts stay"
    )
    assert told.standings[0].due_on == day("2026-02-20")
    assert said(story, "2026-01-10") == [
        "what fell due on 2026-02-01 of draw D-1 falls due on 2026-02-20, and all that is later"
        " follows"
    ]


def test_days_of_a_pause_are_shown_apart() -> None:
    story = given(opened(), LINE, paused("2026-01-27", "2026-02-06"))
    assert said(story, "2026-02-05") == ["ageing of all draws paused until 2026-02-06"]
    [told] = explained(story, "2026-02-11").draws
    assert told.standings[0].why == (
        "2026-02-01 to 2026-02-11: 10 days late; less 10 days of pause, no more than 0 of grace"
    )
    [told] = explained(story, "2026-02-12").draws
    assert told.overdue[1] == (
        "days past due: of the oldest overdue installment 1, 2026-02-01 to 2026-02-12: 11 days"
        " late, 1 of them beyond grace and pauses, in bucket M1 (1 to 30)"
    )


def test_a_refund_that_a_reversal_uncovers_says_where_it_is_owed() -> None:
    story = given(opened(), drawn(100_00), paid(150_00, on="2026-02-01", source="goodwill"))
    story.when(refunded(50_00, on="2026-02-10"))
    assert said(story, "2026-02-10") == [
        "payment P-2026-02-01 of 150.00 (goodwill): 100.00 principal of installment 1, 50.00 kept"
        " as credit",
        "refund G-2026-02-10 of 50.00 out of the credit",
    ]
    story.when(recorded("2026-02-11", voided("2026-02-01")))
    assert said(story, "2026-02-11")[-1] == (
        "refund G-2026-02-10 of 50.00 out of the credit, of which 50.00 is not covered and owed on"
        " installment 2"
    )


def test_a_waiver_that_was_reversed_is_told_twice() -> None:
    story = given(opened(), LINE, penalised(5_00, on="2026-02-05"))
    story.when(waived(5_00, on="2026-02-06", charge="C-2026-02-05"))
    story.when(reinstated("2026-02-06"))
    assert said(story, "2026-02-06")[1:] == [
        "waiver W-2026-02-06 gives up nothing, for it was reversed",
        "reversal U-2026-02-06: waiver W-2026-02-06 is as if it had never been",
    ]


def test_a_plan_that_was_lowered_is_told_with_its_pencil() -> None:
    loan = drawn(1200_00, over=4, method="equal_installment", annual_rate="0.12")
    story = given(opened(), loan, paid(307_54, on="2026-02-01"))
    [draw] = explained(story, "2026-02-15").draws
    assert draw.course is None
    story.when(prepaid(304_46, on="2026-02-15"))
    assert said(story, "2026-02-15")[1] == (
        "payment P-2026-02-15 of 304.46 to prepay and have lower installments: 304.46 principal of"
        " installment 2; planned anew: installment 2 -1.52 interest +203.97 principal,"
        " installment 3 -2.04 interest -101.49 principal,"
        " installment 4 -1.02 interest -102.48 principal"
    )
    [draw] = explained(story, "2026-02-15").draws
    assert draw.course is not None
    assert draw.course.sentences == (
        "planned anew on 2026-02-15: 600.00 of the principal to come is left",
        "level installment: 204.01",
    )
    assert [f"{line.number}: {line.how}" for line in draw.course.lines] == [
        "2: interest 904.46 × 0.12 / 12 × 14 / 28 + 600.00 × 0.12 / 12 × 14 / 28 = 7.52;"
        " principal 204.01 - 6.00 = 198.01",
        "3: interest 401.99 × 0.12 / 12 = 4.02; principal 204.01 - 4.02 = 199.99",
        "4: interest 202.00 × 0.12 / 12 = 2.02; principal 202.00: all that is left",
    ]


def test_a_settlement_is_told_with_what_is_given_up() -> None:
    loan = drawn(1200_00, over=3, method="flat", annual_rate="0.12")
    story = given(opened(), loan, settled(1206_00, on="2026-01-16"))
    [told] = said(story, "2026-01-16")
    assert told.startswith("payment P-2026-01-16 of 1206.00 to settle: 5.81 interest + 400.00")
    assert told.endswith(
        "0.19 kept as credit; planned anew: installment 1 -6.19 interest,"
        " installment 2 -12.00 interest, installment 3 -12.00 interest"
    )
    [draw] = explained(story, "2026-01-16").draws
    assert draw.course is not None
    assert draw.course.lines[0].how.startswith("interest 1200.00 × 1/100 × 15 / 31 = 5.81;")


def test_a_new_agreement_is_told_as_a_draw_of_what_was_unpaid() -> None:
    loan = drawn(1200_00, over=3, method="equal_principal", annual_rate="0.12")
    again = restructured(
        on="2026-02-15",
        over=2,
        first_due="2026-03-15",
        covers="all_unpaid",
        unpaid_interest="capitalised",
    )
    story = given(opened(), loan, replace(again, reason="flood"))
    assert said(story, "2026-02-15") == [
        "restructuring N-2026-02-15 plans what is unpaid of D-1 anew, principal 1216.00 instead of"
        " 1200.00, interest 0.00 instead of 24.00; 16.00 of unpaid interest became principal"
        " (flood)"
    ]
    [draw] = explained(story, "2026-02-15").draws
    assert draw.course is not None
    assert draw.course.sentences[:2] == (
        "restructuring N-2026-02-15 of 2026-02-15: 1216.00, 16.00 of it unpaid interest, is planned"
        " anew, as if it had been drawn on that day",
        "1216.00 drawn on 2026-02-15: equal installments without interest, 2 of them, every month",
    )
    assert [(line.number, line.principal) for line in draw.course.lines] == [
        (2, 608_00), (3, 608_00)
    ]  # fmt: skip


def test_what_is_unpaid_is_told_by_the_age_of_each_installment() -> None:
    [told] = explained(given(opened(), LINE), "2026-03-15").draws
    assert told.overdue[2] == (
        "tier of risk: special mention; by the age of each installment 300.00 M2, 300.00 M1"
    )


def test_money_that_was_taken_back_is_told_whichever_draw_is_asked_for() -> None:
    story = given(opened(), LINE, paid(50_00, on="2026-02-01"), voided("2026-02-01"))
    told = explained(story, "2026-02-01", "D-1").happenings
    assert [happening.sentence for happening in told][2:] == said(story, "2026-02-01")
    assert said(story, "2026-02-01") == [
        "payment P-2026-02-01 of 50.00, of which 50.00 was taken back: nothing to place",
        "reversal R-2026-02-01: all of payment P-2026-02-01 taken back, as if it had never come",
    ]
    came, went = told[2:]
    assert [step.kind for step in (*came.steps, *went.steps)] == ["suspended", "taken_back"]
