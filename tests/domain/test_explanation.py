"""The explanation of a state adds up by itself, and comes to that state."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.explanation import DrawUnknown, Explanation, explain
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.calendar import UNITS_PER_YEAR, year_fraction
from ledger.domain.decisions import decide
from ledger.domain.events import (
    AccountEvent,
    AccountFrozen,
    AccountOpened,
    DrawMade,
    DuesWaived,
    FeeCharged,
    PaymentReceived,
    PaymentReversed,
    PenaltyCharged,
)
from ledger.domain.money import rounded, to_rate
from ledger.domain.rejections import Rejection
from ledger.domain.terms import (
    COMPONENTS,
    DayCount,
    Delinquency,
    InterestBasis,
    Method,
    Period,
    Row,
    Terms,
)
from ledger.replay import KnownFact, replay, state_of

BEGIN = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAYS = 400
METHODS: tuple[Method, ...] = ("equal_installment", "equal_principal", "flat", "interest_free")
DAY_COUNTS: tuple[DayCount, ...] = ("act/365", "act/act", "30/360", "act/360")

LEVEL = Terms(
    method="equal_installment",
    term_count=3,
    first_due_on=date(2026, 2, 5),
    annual_rate="0.12",
    delinquency=Delinquency(grace_days=3, tolerance=100),
)


class History:
    """Facts that the decisions let pass, each recorded a minute after the one before."""

    def __init__(self) -> None:
        self.facts: list[KnownFact] = []
        self.account = Account()

    def propose(self, event: AccountEvent) -> None:
        decision = decide(self.account, event, state_of(self.facts))
        if isinstance(decision, Rejection):
            return
        for one in decision:
            version = len(self.facts) + 1
            self.facts.append(KnownFact(one, version, NOON + timedelta(minutes=version)))
            evolve(self.account, Fact(one, version))


def random_terms(lots: Random, drawn_on: date, amount: int) -> Terms:
    count = lots.randint(1, 8)
    first_due_on = drawn_on + timedelta(days=lots.randint(1, 40))
    delinquency = Delinquency(lots.choice((0, 5)), tolerance=lots.choice((0, 500)))
    method = lots.choice(METHODS)
    if lots.random() < 0.15:
        rows = [amount // count] * count
        rows[-1] += amount - sum(rows)
        return Terms(
            method="explicit",
            rows=tuple(
                Row(first_due_on + timedelta(days=30 * n), principal, interest=n, fee=7)
                for n, principal in enumerate(rows)
            ),
        )
    free = method == "interest_free"
    daily = not free and method != "flat" and lots.random() < 0.3
    day_count = lots.choice(DAY_COUNTS)
    return Terms(
        method=method,
        term_count=count,
        first_due_on=first_due_on,
        period=Period(lots.randint(1, 2), lots.choice(("month", "week"))),
        annual_rate="0" if free else lots.choice(("0.05", "0.156", "0.24")),
        interest_basis=InterestBasis("daily", day_count) if daily else InterestBasis(),
        money_rounding=lots.choice(("half_even", "half_up")),
        carry_unrounded=lots.random() < 0.2,
        down_payment_percent=lots.choice((None, None, "20")),
        charges_known=lots.choice(("in_time_order", "upfront")),
        delinquency=delinquency,
    )


def random_event(lots: Random, number: int, account: Account) -> AccountEvent:
    on = BEGIN + timedelta(days=lots.randrange(DAYS))
    draw_id = lots.choice([*account.draws, "D-none"])
    amount = lots.randint(1, 60_000)
    installment = lots.choice((None, None, 1, 2))
    match lots.randrange(8):
        case 0:
            drawn = lots.randint(1_000, 900_000)
            terms = random_terms(lots, on, drawn)
            return DrawMade(effective_on=on, draw_id=f"D-{number}", amount=drawn, terms=terms)
        case 1:
            return PaymentReversed(
                effective_on=on,
                reversal_id=f"R-{number}",
                payment_id=lots.choice([*account.payments, "P-none"]),
                amount=lots.choice((None, amount)),
            )
        case 2 | 3:
            charge = PenaltyCharged if lots.random() < 0.5 else FeeCharged
            return charge(
                effective_on=on,
                charge_id=f"C-{number}",
                draw_id=draw_id,
                amount=amount // 20 + 1,
                installment=installment,
            )
        case 4:
            component = lots.choice(COMPONENTS)
            return DuesWaived(
                effective_on=on,
                waiver_id=f"W-{number}",
                draw_id=draw_id,
                component=component,
                amount=amount // 30 + 1,
                installment=installment,
            )
        case 5:
            return AccountFrozen(effective_on=on, change_id=f"F-{number}", reason="a test")
        case _:
            target = draw_id if lots.random() < 0.3 and account.draws else None
            return PaymentReceived(
                effective_on=on, payment_id=f"P-{number}", amount=amount, draw_id=target
            )


def random_history(seed: int) -> list[KnownFact]:
    lots = Random(seed)
    history = History()
    history.propose(AccountOpened(effective_on=BEGIN, borrower_ref="b", currency="CNY"))
    drawn_on = BEGIN + timedelta(days=lots.randint(0, 60))
    terms = random_terms(lots, drawn_on, 120_000)
    history.propose(DrawMade(effective_on=drawn_on, draw_id="D-1", amount=120_000, terms=terms))
    for number in range(lots.randint(0, 25)):
        history.propose(random_event(lots, number + 2, history.account))
    return history.facts


def moved(explanation: Explanation, kinds: set[str]) -> dict[tuple[object, ...], int]:
    """What steps of these kinds come to, by draw, installment and component."""
    sums: dict[tuple[object, ...], int] = defaultdict(int)
    for happening in explanation.happenings:
        for step in happening.steps:
            if step.kind in kinds:
                sums[step.draw_id, step.installment, step.component] += step.amount
    return sums


@given(st.integers(0, 10**9), st.integers(0, DAYS))
def test_every_step_adds_up_to_the_state(seed: int, day: int) -> None:
    as_of = BEGIN + timedelta(days=day)
    facts = random_history(seed)
    explanation = explain("A-1", facts, as_of)
    assert explanation.state == replay(facts, as_of)
    owed, paid, waived = (
        moved(explanation, kinds)
        for kinds in ({"planned", "charged"}, {"paid", "paid_from_credit"}, {"waived"})
    )
    for draw in explanation.state.draws:
        for row in draw.installments:
            for component in range(len(COMPONENTS)):
                place = (draw.draw_id, row.number, component)
                assert owed[place] == row.owed[component]
                assert paid[place] == row.paid[component]
                assert waived[place] == row.waived[component]


@given(st.integers(0, 10**9), st.integers(0, DAYS))
@example(216, 19)  # A draw whose price for one day is beyond any yearly rate.
def test_the_amounts_that_run_end_at_the_state(seed: int, day: int) -> None:
    explanation = explain("A-1", random_history(seed), BEGIN + timedelta(days=day))
    happenings = explanation.happenings
    assert [one.on for one in happenings] == sorted(one.on for one in happenings)
    if happenings:
        assert happenings[-1].outstanding == sum(explanation.state.outstanding)
        assert happenings[-1].credit == explanation.state.credit_balance
    assert all(one.outstanding >= 0 and one.credit >= 0 for one in happenings)
    for split in explanation.state.payments:
        came = sum(
            step.amount
            for one in happenings
            for step in one.steps
            if step.fact_id == split.payment_id and step.kind in ("paid", "credited")
        )
        assert came == split.counting


@given(st.integers(0, 10**9), st.integers(0, DAYS))
def test_one_draw_alone_comes_to_that_draw(seed: int, day: int) -> None:
    facts = random_history(seed)
    as_of = BEGIN + timedelta(days=day)
    for draw in replay(facts, as_of).draws:
        explanation = explain("A-1", facts, as_of, draw_id=draw.draw_id)
        [shown] = explanation.draws
        assert shown.draw_id == draw.draw_id
        assert explanation.happenings[-1].outstanding == sum(draw.outstanding)
        for row in shown.standings:
            assert row.owed - row.paid - row.waived == row.open
        assert sum(row.open for row in shown.standings) == sum(draw.outstanding)


@given(st.integers(0, 10**9))
def test_the_plan_follows_from_the_terms(seed: int) -> None:
    facts = random_history(seed)
    explanation = explain("A-1", facts, BEGIN + timedelta(days=DAYS))
    draws = {f.event.draw_id: f.event for f in facts if isinstance(f.event, DrawMade)}
    for shown in explanation.draws:
        made = draws[shown.draw_id]
        left = made.amount
        for line in shown.plan.lines:
            left -= line.principal
            assert line.balance_after == left
            if line.exact_interest is not None:
                assert rounded(line.exact_interest, made.terms.money_rounding) == line.interest
            if made.terms.method in ("equal_installment", "equal_principal") and line.how != (
                "down payment"
            ):
                rate = rate_of(made.terms, line.from_on, line.due_on)
                assert line.exact_interest == line.balance_before * rate
        assert left == 0


def rate_of(terms: Terms, from_on: date, due_on: date) -> Fraction:
    yearly, basis = to_rate(terms.annual_rate), terms.interest_basis
    if basis.day_count is not None:
        return yearly * year_fraction(basis.day_count, from_on, due_on)
    return yearly * terms.period.every / UNITS_PER_YEAR[terms.period.unit]


def given_history(*events: AccountEvent) -> list[KnownFact]:
    history = History()
    opened = AccountOpened(effective_on=BEGIN, borrower_ref="b", currency="CNY")
    drawn_on = date(2026, 1, 5)
    draw = DrawMade(effective_on=drawn_on, draw_id="D-1", amount=120_000, terms=LEVEL)
    for event in (opened, draw, *events):
        history.propose(event)
    assert len(history.facts) == len(events) + 2
    return history.facts


def paid(payment_id: str, amount: int, on: date) -> PaymentReceived:
    return PaymentReceived(effective_on=on, payment_id=payment_id, amount=amount)


def test_a_person_can_follow_the_plan_and_the_payment() -> None:
    facts = given_history(paid("P-1", 40_802, date(2026, 2, 7)))
    explanation = explain("A-1", facts, date(2026, 3, 10))
    assert explanation.happenings[2].sentence == (
        "payment P-1 of 408.02: 12.00 interest + 396.02 principal of installment 1"
    )
    [draw] = explanation.draws
    assert draw.plan.sentences == (
        "1200.00 drawn on 2026-01-05: equal installments (等额本息), 3 of them, every month,"
        " at 0.12 a year",
        "amounts are rounded half even",
        "level installment: 1200.00 × r / (1 - (1 + r)^-3) with r = 0.12 / 12, which is 408.03",
        "annual rate paid as planned: 12.00% nominal, 12.87% effective (IRR)",
    )
    assert draw.plan.lines[0].how == (
        "interest 1200.00 × 0.12 / 12 = 12.00; principal 408.03 - 12.00 = 396.03"
    )
    late, overdue, upcoming = (row.why for row in draw.standings)
    assert late == ("2026-02-05 to 2026-03-10: 33 days late; 0.01 is within the tolerance of 1.00")
    assert overdue == (
        "2026-03-05 to 2026-03-10: 5 days late, more than 3 days of grace;"
        " 408.03 is more than the tolerance of 1.00"
    )
    assert upcoming == "due after 2026-03-10"
    assert draw.overdue == (
        "overdue: 408.03 = 408.03",
        "days past due: of the oldest overdue installment 2,"
        " 2026-03-05 to 2026-03-10: 5 days late, 2 of them beyond grace and pauses, in bucket M1"
        " (1 to 30)",
        "tier of risk: special mention; by the age of each installment 0.01 M2, 408.03 M1",
    )
    assert explanation.changes == "changes on 2026-03-11: what is late is then one day later"


def test_money_taken_back_is_said_where_it_came_and_where_it_went() -> None:
    on = date(2026, 2, 5)
    facts = given_history(
        paid("P-1", 50_000, on),
        PaymentReversed(effective_on=on, reversal_id="R-1", payment_id="P-1", reason="bounced"),
    )
    came, went = explain("A-1", facts, date(2026, 2, 20)).happenings[-2:]
    assert (
        came.sentence == "payment P-1 of 500.00, of which 500.00 was taken back: nothing to place"
    )
    assert went.sentence == (
        "reversal R-1: all of payment P-1 taken back, as if it had never come (bounced)"
    )


def test_credit_pays_on_the_due_date() -> None:
    facts = given_history(paid("P-1", 50_000, date(2026, 2, 5)))
    credited, used = explain("A-1", facts, date(2026, 3, 5)).happenings[-2:]
    assert credited.credit == 9_197
    assert used.version is None
    assert used.on == date(2026, 3, 5)
    assert used.sentence == (
        "credit of payment P-1 pays 8.04 interest + 83.93 principal of installment 2"
    )


def test_facts_left_out_are_named_with_the_reason() -> None:
    facts = given_history(
        paid("P-1", 10_000, date(2026, 2, 5)), paid("P-2", 10_000, date(2026, 4, 5))
    )
    known_at = facts[2].recorded_at
    early = explain("A-1", facts, date(2026, 2, 5), known_at)
    assert [(one.version, one.key) for one in early.left_out] == [(4, "payment:P-2")]
    assert "not known before" in early.left_out[0].reason
    [later] = explain("A-1", facts, date(2026, 2, 5)).left_out
    assert later.reason == "counts only from 2026-04-05"


def test_a_draw_that_was_not_made_is_refused() -> None:
    with pytest.raises(DrawUnknown, match=r"D-9 was asked for; account A-1 has made D-1"):
        explain("A-1", given_history(), date(2026, 2, 5), draw_id="D-9")
