"""Laws of plans that change: settling, prepaying and restructuring, under every kind of terms."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal

from hypothesis import assume, event, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from app.explanation import explain
from ledger.domain.decisions import Proposal
from ledger.domain.events import DrawMade, DrawRestructured, PaymentReceived
from ledger.domain.money import rounded
from ledger.domain.quote import settle_quote
from ledger.domain.rejections import Rejection
from ledger.domain.state import AccountState
from ledger.domain.steps import Step
from ledger.domain.terms import (
    COMPONENTS,
    Allocation,
    BusinessDays,
    Delinquency,
    Grace,
    InterestBasis,
    Method,
    Period,
    Row,
)
from ledger.replay import replay
from tests.domain.accruing import RECALCULATED, accruing_draws
from tests.domain.dsl import (
    Story,
    bounced,
    charged,
    day,
    drawn,
    given,
    joining,
    moved,
    opened,
    paid,
    penalised,
    prepaid,
    recorded,
    restructured,
    settled,
    waived,
)

FIRST_DAY = day("2026-01-01")
DAYS = 200
ASKED = st.integers(0, DAYS).map(lambda days: FIRST_DAY + timedelta(days=days))
DATES = ASKED.map(date.isoformat)
AMOUNTS = st.one_of(st.integers(1, 20), st.integers(1, 400_00))
WAYS: st.SearchStrategy[Literal["shorten", "lower"]] = st.sampled_from(("shorten", "lower"))

#: Conventions that change how interest is earned, each with the methods that can have it.
CONVENTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"interest_basis": InterestBasis("daily", "act/365")},
    {"interest_basis": InterestBasis("daily", "30/360"), "carry_unrounded": True},
    {"interest_basis": InterestBasis("month_prorated"), "interest_from": day("2026-01-11")},
    {"interest_basis": InterestBasis("daily", "act/360"), "broken_period": "spread"},
    {"grace": Grace(principal_periods=1, interest_payment_periods=2)},
    {"installment_multiple": 1_00, "installment_rounding": "ceiling"},
    {"down_payment_percent": "10"},
    {
        "interest_basis": InterestBasis("daily", "act/365"),
        "term_count": 3,
        "business_days": BusinessDays(
            "CN",
            period_adjustment="adjusted",
            due_dates=(day("2026-02-11"), day("2026-03-10"), day("2026-04-12")),
        ),
    },
    {"payoff_interest_until": "period_end"},
    {"period": Period(2, "week"), "level_formula": "actual_periods"},
    {"period_rates": ("0.01", "0.03", "0.02"), "term_count": 3},
)
METHODS: tuple[Method, ...] = ("equal_installment", "equal_principal", "interest_only")
BARE: tuple[Method, ...] = (
    "flat", "bullet", "interest_free", "fixed_installment", "explicit"
)  # fmt: skip


@st.composite
def draws(draw: st.DrawFn) -> DrawMade:
    """A draw under any terms that the books plan by themselves."""
    method: Method = draw(st.sampled_from(METHODS + BARE))
    amount = draw(st.integers(100, 900_00))
    terms: dict[str, Any] = {
        "method": method,
        "annual_rate": "0" if method == "interest_free" else draw(st.sampled_from(("0.18", "0.6"))),
        "term_count": 1 if method == "bullet" else draw(st.integers(3, 7)),
        "first_due_on": day("2026-02-10"),
        "allocation": Allocation(in_advance=draw(st.sampled_from(((), COMPONENTS)))),
        "unearned_charges": draw(st.sampled_from((None, "owed"))),
    }
    if method in METHODS:
        terms |= draw(st.sampled_from(CONVENTIONS))
    if method == "interest_only" and "grace" in terms:
        terms["grace"] = Grace(interest_payment_periods=2)
    if method == "fixed_installment":
        terms |= {"term_count": 0, "installment": max(20, amount // draw(st.integers(2, 8)))}
    if method == "explicit":
        terms |= {"term_count": 0, "first_due_on": None, "rows": draw(rows(amount))}
    return drawn(amount, **terms)


@st.composite
def lines(draw: st.DrawFn) -> tuple[DrawMade, ...]:
    """Draws that are repaid by one schedule, with or without a down payment."""
    terms: dict[str, Any] = {
        "draw_spread": draw(st.sampled_from(("each_draw_level", "sum_then_level"))),
        "down_payment_percent": draw(st.sampled_from((None, "10"))),
        "allocation": Allocation(in_advance=draw(st.sampled_from(((), COMPONENTS)))),
        "unearned_charges": draw(st.sampled_from((None, "owed"))),
    }
    if draw(st.booleans()):
        terms |= RECALCULATED | {"draw_spread": "sum_then_level"}
    first = drawn(draw(st.integers(100, 900_00)), over=draw(st.integers(3, 7)), **terms)
    days = draw(st.lists(st.integers(0, 50), min_size=1, max_size=2))
    return first, *(
        joining(
            draw(st.integers(100, 400_00)),
            on=(FIRST_DAY + timedelta(days=day_)).isoformat(),
            draw=f"D-{number}",
            joins=first,
        )
        for number, day_ in enumerate(days, start=2)
    )


@st.composite
def rows(draw: st.DrawFn, amount: int) -> tuple[Row, ...]:
    """Installments agreed row by row, some without principal."""
    first = draw(st.integers(0, amount))
    dates = ("2026-02-01", "2026-03-15", "2026-03-15", "2026-05-01")
    principals = (first, amount - first, 0, 0)
    return tuple(
        Row(day(on), principal, draw(st.integers(0, 30_00)), draw(st.integers(0, 5_00)))
        for on, principal in zip(dates, principals, strict=True)
    )


@st.composite
def restructurings(draw: st.DrawFn, on: str) -> DrawRestructured:
    """A new agreement about what is unpaid."""
    return restructured(
        on=on,
        over=draw(st.integers(1, 4)),
        first_due=(day(on) + timedelta(days=draw(st.integers(1, 40)))).isoformat(),
        covers=draw(st.sampled_from(("not_yet_due", "all_unpaid"))),
        unpaid_interest=draw(st.sampled_from(("first_installment", "capitalised"))),
        method=draw(st.sampled_from(METHODS)),
        annual_rate="0.24",
    )


@st.composite
def wishes(draw: st.DrawFn, on: str, number: int) -> Proposal:
    """What happens to a draw that is repaid early more often than not."""
    amount = draw(AMOUNTS)
    payment = f"P-{draw(st.integers(0, 8))}"
    possible: tuple[Proposal, ...] = (
        paid(amount, on=on),
        prepaid(amount, on=on, to=draw(WAYS)),
        prepaid(amount, on=on, to=draw(WAYS)),
        settled(amount * 3, on=on),
        draw(restructurings(on)),
        bounced(payment, since=on),
        penalised(amount, on=on),
        charged(amount, on=on, installment=draw(st.integers(1, 4))),
        waived(draw(st.integers(1, 20)), on=on, of=draw(st.sampled_from(COMPONENTS))),
        moved("2026-03-01", draw(DATES), on=on),
    )
    wish = draw(st.sampled_from(possible))
    return replace(wish, payment_id=f"P-{number}") if isinstance(wish, PaymentReceived) else wish


@st.composite
def histories(draw: st.DrawFn) -> Story:
    """An account with one schedule, and what the books took of some wishes."""
    alone = st.one_of(draws(), accruing_draws("D-1", Delinquency(), ("2026-01-01",)))
    story = given(opened(), *draw(st.one_of(alone.map(lambda made: (made,)), lines())))
    keys = {fact.event.key for fact in story.facts}
    for number, on in enumerate(draw(st.lists(DATES, max_size=8))):
        wish = draw(wishes(on, number))
        if getattr(wish, "key", None) not in keys:
            story.when(recorded(draw(DATES), wish))
        keys |= {fact.event.key for fact in story.facts}
    for fact in story.facts[2:]:
        event(f"{fact.event.TOPIC} {getattr(fact.event, 'intent', '')}")
    return story


def timeless(state: AccountState) -> AccountState:
    """The state without payments that do not count, and without facts to come."""
    payments = tuple(split for split in state.payments if split.counting)
    return replace(state, changes_on=None, payments=payments)


def is_complete(story: Story, on: date) -> bool:
    """Whether every draw of the schedule was made by a day; before, it is not planned anew."""
    return all(draw.effective_on <= on for draw in story.account.draws.values())


@settings(deadline=None, max_examples=150)
@forall(histories(), ASKED)
def test_a_quote_is_what_settling_costs_to_the_cent(story: Story, on: date) -> None:
    before = story.as_of(on.isoformat()).draw()
    assume(sum(before.outstanding) and is_complete(story, on))
    quote = settle_quote(story.state_on, "D-1", on)
    assert quote.unearned >= 0
    if quote.to_pay:
        short = story.when(replace(settled(quote.to_pay - 1, on=str(on)), payment_id="P-short"))
        assert isinstance(short.answer, Rejection)
    story.when(replace(settled(quote.to_pay, on=str(on)), payment_id="P-last"))
    assert not isinstance(story.answer, Rejection), story.answer
    books = story.as_of(on.isoformat())
    assert (sum(books.draw().outstanding), books.draw().status) == (0, "settled")
    assert books.state.credit_balance == before_credit(story, on) - quote.from_credit
    [split] = (one for one in books.state.payments if one.payment_id == "P-last")
    assert (split.counting, split.credit) == (quote.to_pay, 0)


@settings(deadline=None)
@forall(histories(), AMOUNTS, ASKED, WAYS)
def test_a_prepayment_takes_its_amount_off_the_quote_of_the_day(
    story: Story, amount: int, on: date, way: Literal["shorten", "lower"]
) -> None:
    draw = story.as_of(on.isoformat()).draw()
    assume(draw.terms.payoff_interest_until != "period_end" and is_complete(story, on))
    before = settle_quote(story.state_on, "D-1", on).to_pay
    assume(amount < before)
    story.when(replace(prepaid(amount, on=str(on), to=way), payment_id="P-last"))
    after = settle_quote(story.state_on, "D-1", on).to_pay
    if draw.terms.unearned_charges == "owed":
        assert after <= before - amount  # A plan with fewer periods has fewer charges to keep.
    else:
        assert after == before - amount


@settings(deadline=None)
@forall(histories(), ASKED, st.data())
def test_a_new_agreement_changes_nothing_of_what_settles_on_the_day(
    story: Story, on: date, data: st.DataObject
) -> None:
    before = settle_quote(story.state_on, "D-1", on)
    terms = story.as_of(on.isoformat()).draw().terms
    story.when(data.draw(restructurings(str(on))))
    assume(not isinstance(story.answer, Rejection))
    after = settle_quote(story.state_on, "D-1", on)
    if terms.settlement_grace_days is not None:
        return  # The days that cost nothing are those of the first agreement.
    if (terms.payoff_interest_until, terms.unearned_charges) == (None, None):
        assert (after.total, after.to_pay) == (before.total, before.to_pay)
    else:
        assert after.total <= before.total  # An agreement does not ask for what is not earned.


def before_credit(story: Story, on: date) -> int:
    """The credit of the day without the last fact."""
    return replay(story.facts[:-1], on).credit_balance


@settings(deadline=None, max_examples=150)
@forall(histories(), ASKED)
def test_a_plan_that_changes_repays_what_was_drawn(story: Story, as_of: date) -> None:
    books = story.as_of(as_of.isoformat())
    draw = books.draw()
    grown = sum(one.capitalised for one in draw.restructurings)
    assert sum(row.owed[3] for row in draw.installments) == draw.amount + grown
    assert [row.due_on for row in draw.installments] == sorted(r.due_on for r in draw.installments)
    assert [row.number for row in draw.installments] == [*range(1, len(draw.installments) + 1)]
    assert draw.installments[-1].balance == 0
    for row in draw.installments:
        for owed, paid_part, waived_part in zip(row.owed, row.paid, row.waived, strict=True):
            assert 0 <= paid_part + waived_part <= owed
        assert (row.outstanding == 0) == (row.status == "settled")


@settings(deadline=None, max_examples=150)
@forall(histories(), ASKED)
def test_every_change_of_an_installment_is_told(story: Story, as_of: date) -> None:
    books = story.as_of(as_of.isoformat())
    told = [0, 0, 0, 0]
    for step in books.trace:
        if step.component is not None:
            told[step.component] += _DEBT.get(step.kind, 0) * step.amount
    assert tuple(told) == books.draw().outstanding
    assert moved_principal(books.trace, "replanned") == 0
    grown = sum(step.amount for step in books.trace if step.kind == "capitalised")
    assert moved_principal(books.trace, "restructured") == grown


#: What a step does to the debt.
_DEBT = {
    "planned": 1, "charged": 1, "replanned": 1, "restructured": 1, "accrued": 1,
    "paid": -1, "paid_from_credit": -1, "waived": -1,
}  # fmt: skip


def moved_principal(trace: list[Step], kind: str) -> int:
    """What a kind of step did to the principal, over all installments."""
    return sum(step.amount for step in trace if step.kind == kind and step.component == 3)


@settings(deadline=None)
@forall(histories(), ASKED)
def test_the_pencil_arrives_at_the_state(story: Story, as_of: date) -> None:
    explanation = explain("A-1", story.facts, as_of)
    last = explanation.happenings[-1]
    assert (last.outstanding, last.credit) == (
        sum(explanation.state.outstanding), explanation.state.credit_balance
    )  # fmt: skip
    [told], [draw] = explanation.draws, explanation.state.draws
    assert (told.course is None) == (draw.course is None and draw.accrual is None)
    rows = {row.number: row for row in draw.installments}
    for line in told.course.lines if told.course else ():
        assert line.due_on == rows[line.number].due_on
        assert line.principal <= rows[line.number].owed[3]
        if line.exact_interest is not None:
            mode = draw.terms.interest_rounding or draw.terms.money_rounding
            assert rounded(line.exact_interest, mode) == line.interest
    if told.course and told.course.lines:
        assert told.course.lines[-1].balance_after == 0


@settings(deadline=None)
@forall(histories(), AMOUNTS, ASKED, WAYS | st.none(), ASKED)
def test_an_early_payment_taken_back_never_was(
    story: Story, amount: int, on: date, way: Literal["shorten", "lower"] | None, as_of: date
) -> None:
    before = replay(story.facts, as_of)
    wish = prepaid(amount, on=str(on), to=way or "lower")
    if way is None:
        wish = settled(settle_quote(story.state_on, "D-1", on).to_pay, on=str(on))
    story.when(replace(wish, payment_id="P-last"))
    assume(not isinstance(story.answer, Rejection))
    story.when(bounced("P-last", since=str(on)))
    assert timeless(replay(story.facts, as_of)) == timeless(before)


@settings(deadline=None)
@forall(draws(), AMOUNTS, ASKED, WAYS)
def test_repaying_early_never_costs_interest(
    draw: DrawMade, amount: int, on: date, way: Literal["shorten", "lower"]
) -> None:
    assume(draw.terms.installment_multiple is None)
    story = given(opened(), draw)
    before = interest_owed(story, on)
    story.when(prepaid(amount, on=on.isoformat(), to=way))
    assert interest_owed(story, on) <= before + len(draw.terms.rows or range(7))


def interest_owed(story: Story, on: date) -> int:
    """The interest of all installments as they stand on a day."""
    return sum(row.owed[2] for row in story.as_of(on.isoformat()).draw().installments)


@settings(deadline=None)
@forall(histories(), ASKED)
def test_a_state_holds_until_the_day_it_says_it_changes(story: Story, as_of: date) -> None:
    state = replay(story.facts, as_of)
    end = state.changes_on or FIRST_DAY + timedelta(days=2 * DAYS)
    for days in range(1, (end - as_of).days):
        on = as_of + timedelta(days=days)
        assert replay(story.facts, on) == replace(state, as_of=on)
