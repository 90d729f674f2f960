"""Given, when, then: the small vocabulary of the tests of the books.

    given(opened(), drawn(900_00, over=3)).when(paid(300_00, on="2026-02-01")).then(...)
    given(opened(), drawn(900_00, over=3)).as_of("2026-02-15").shows(overdue=300_00, days_late=14)

What a test does not say is ordinary: the account opens and draws D-1 on 1 January 2026, without
interest, due on the 1st of every month; a payment is called after its day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from ledger.assessing import assessed
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.decisions import Proposal, decide
from ledger.domain.events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    ChargeReversed,
    DelinquencyPaused,
    DrawMade,
    DrawRestructured,
    DueDateMoved,
    DuesWaived,
    FeeCharged,
    PaymentIntent,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
    PaymentSource,
    PenaltyCharged,
    WaiverReversed,
)
from ledger.domain.refusals import Decision
from ledger.domain.rejections import Code, Rejection
from ledger.domain.reversal_decisions import MoneyTakenBack
from ledger.domain.state import AccountState, DrawState
from ledger.domain.steps import Step
from ledger.domain.terms import Component, InAdvanceTarget, Terms
from ledger.replay import KnownFact, replay, state_of

NEW_YEAR = "2026-01-01"
FIRST_DUE = "2026-02-01"


def day(text: str) -> date:
    """A date as tests write it."""
    return date.fromisoformat(text)


# --- facts ---------------------------------------------------------------------------------------


def opened(on: str = NEW_YEAR, limit: int | None = None) -> AccountOpened:
    """An account in dollars."""
    return AccountOpened(
        effective_on=day(on), borrower_ref="B-1", currency="USD", credit_limit=limit
    )


def drawn(
    amount: int, *, over: int = 1, on: str = NEW_YEAR, draw: str = "D-1", **terms: Any
) -> DrawMade:
    """A draw repaid `over` so many months; `terms` are named as in the contract."""
    contract: dict[str, Any] = {
        "method": "interest_free",
        "term_count": over,
        "first_due_on": day(FIRST_DUE),
    }
    return DrawMade(
        effective_on=day(on), draw_id=draw, amount=amount, terms=Terms(**(contract | terms))
    )


def joining(amount: int, *, on: str, draw: str, joins: DrawMade) -> DrawMade:
    """A draw that is repaid by the schedule of another."""
    return DrawMade(
        effective_on=day(on), draw_id=draw, amount=amount, terms=joins.terms,
        joins_draw_id=joins.draw_id,
    )  # fmt: skip


def paid(
    amount: int,
    *,
    on: str,
    toward: str | None = None,
    payment: str | None = None,
    source: PaymentSource | None = None,
    ahead: InAdvanceTarget | None = None,
    intent: PaymentIntent = "due",
) -> PaymentReceived:
    """Money in, perhaps meant for one draw, perhaps not the borrower's."""
    return PaymentReceived(
        effective_on=day(on), payment_id=payment or f"P-{on}", amount=amount, draw_id=toward,
        source=source, in_advance_target=ahead, intent=intent,
    )  # fmt: skip


def prepaid(
    amount: int, *, on: str, to: Literal["shorten", "lower"] = "lower", draw: str = "D-1"
) -> PaymentReceived:
    """Money to repay principal early, for fewer or for lower installments."""
    intent: PaymentIntent = "prepay_shorten" if to == "shorten" else "prepay_lower"
    return paid(amount, on=on, toward=draw, intent=intent)


def settled(amount: int, *, on: str, draw: str = "D-1") -> PaymentReceived:
    """Money to settle a draw."""
    return paid(amount, on=on, toward=draw, intent="settle")


def restructured(
    *,
    on: str,
    over: int,
    first_due: str,
    draw: str = "D-1",
    covers: Literal["not_yet_due", "all_unpaid"] = "not_yet_due",
    unpaid_interest: Literal["first_installment", "capitalised"] = "first_installment",
    **terms: Any,
) -> DrawRestructured:
    """What is unpaid is planned anew, over so many months; `terms` as in the new contract."""
    contract: dict[str, Any] = {
        "method": "interest_free",
        "term_count": over,
        "first_due_on": day(first_due),
    }
    return DrawRestructured(
        effective_on=day(on), restructure_id=f"N-{on}", draw_id=draw, covers=covers,
        unpaid_interest=unpaid_interest, terms=Terms(**(contract | terms)),
    )  # fmt: skip


def refunded(amount: int, *, on: str, toward: str | None = None) -> PaymentRefunded:
    """Credit given back."""
    return PaymentRefunded(effective_on=day(on), refund_id=f"G-{on}", amount=amount, draw_id=toward)


def moved(due: str, to: str, *, on: str, draw: str = "D-1") -> DueDateMoved:
    """What falls due on a day falls due on another."""
    return DueDateMoved(
        effective_on=day(on), move_id=f"M-{on}", draw_id=draw, due_on=day(due), new_due_on=day(to)
    )


def paused(since: str, until: str, draw: str | None = None) -> DelinquencyPaused:
    """Ageing stands still from a day to a day."""
    return DelinquencyPaused(
        effective_on=day(since), pause_id=f"S-{since}", until=day(until), draw_id=draw
    )


def bounced(payment: str, *, since: str, part: int | None = None) -> PaymentReversed:
    """The payment of that day (or of that id) counts no longer, from a day on."""
    payment_id = payment if payment.startswith("P-") else f"P-{payment}"
    return PaymentReversed(
        effective_on=day(since), reversal_id=f"R-{since}", payment_id=payment_id, amount=part
    )


def voided(payment_on: str) -> PaymentReversed:
    """The payment of that day never was."""
    return bounced(payment_on, since=payment_on)


def taken_back(amount: int, *, on: str) -> MoneyTakenBack:
    """Money goes back, and nobody says of which payment."""
    return MoneyTakenBack(effective_on=day(on), reversal_id=f"R-{on}", amount=amount)


def penalised(
    amount: int,
    *,
    on: str,
    due: str | None = None,
    installment: int | None = None,
    draw: str = "D-1",
) -> PenaltyCharged:
    """A late fee."""
    return PenaltyCharged(
        effective_on=day(on), charge_id=f"C-{on}", draw_id=draw, amount=amount,
        due_on=day(due) if due else None, installment=installment,
    )  # fmt: skip


def charged(
    amount: int, *, on: str, due: str | None = None, installment: int | None = None
) -> FeeCharged:
    """A service fee."""
    return FeeCharged(
        effective_on=day(on), charge_id=f"F-{on}", draw_id="D-1", amount=amount,
        due_on=day(due) if due else None, installment=installment,
    )  # fmt: skip


def uncharged(
    charge: str, *, since: str, part: int | None = None, of: Literal["penalty", "fee"] = "penalty"
) -> ChargeReversed:
    """The charge of that id was a mistake, from a day on."""
    return ChargeReversed(
        effective_on=day(since), reversal_id=f"X-{since}", charge_id=charge, component=of,
        amount=part,
    )  # fmt: skip


def waived(
    amount: int,
    *,
    on: str,
    of: Component = "penalty",
    installment: int | None = None,
    draw: str = "D-1",
    charge: str | None = None,
) -> DuesWaived:
    """The lender gives up a part of the debt, perhaps of one charge."""
    return DuesWaived(
        effective_on=day(on), waiver_id=f"W-{on}", draw_id=draw, component=of, amount=amount,
        installment=installment, charge_id=charge,
    )  # fmt: skip


def reinstated(waiver_on: str, *, since: str | None = None) -> WaiverReversed:
    """The waiver of that day was a mistake, from a day on or altogether."""
    on = since or waiver_on
    return WaiverReversed(effective_on=day(on), reversal_id=f"U-{on}", waiver_id=f"W-{waiver_on}")


def closed(on: str) -> AccountClosed:
    """The account ends."""
    return AccountClosed(effective_on=day(on))


# --- the three verbs -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Late:
    """A fact that the books learnt of later than it counts."""

    fact: Proposal
    recorded_on: str


def recorded(on: str, fact: Proposal) -> Late:
    """Record a fact on that day instead of its own."""
    return Late(fact, on)


class Story:
    """What happened to an account, in the order in which the books learnt of it."""

    def __init__(self) -> None:
        self.account = Account()
        self.facts: list[KnownFact] = []
        self.answer: Decision = ()

    def when(self, wish: Proposal | Late) -> "Story":
        """Propose something; what is decided is recorded."""
        late = wish if isinstance(wish, Late) else Late(wish, wish.effective_on.isoformat())
        self.answer = decide(self.account, late.fact, self.state_on)
        if not isinstance(self.answer, Rejection):
            for event in self.answer:
                self.record(event, late.recorded_on)
        return self

    def state_on(self, as_of: date, /, *supposed: AccountEvent) -> AccountState:
        """The state with all that is recorded, and with what is supposed to come last."""
        return state_of(self.facts)(as_of, *supposed)

    def assessed(self, on: str) -> "Story":
        """The assessor comes by on that day; the books must take what it brings."""
        events = assessed(self.facts, day(on)).events
        for event in events:
            self.when(recorded(on, event))
            assert not isinstance(self.answer, Rejection), self.answer
        self.answer = events
        return self

    def record(self, event: AccountEvent, on: str) -> None:
        """Record a fact on a day, whatever it was decided on."""
        recorded_at = _noon(on)
        if self.facts:
            recorded_at = max(recorded_at, self.facts[-1].recorded_at)
        version = len(self.facts) + 1
        self.facts.append(KnownFact(event, version, recorded_at))
        evolve(self.account, Fact(event, version))

    def then(self, *expected: AccountEvent | Code) -> "Story":
        """These facts were decided, or this is why it was refused; nothing means nothing to do."""
        if isinstance(self.answer, Rejection):
            assert expected == (self.answer.code,), self.answer.message
            assert self.answer.message
        else:
            assert self.answer == expected
        return self

    def as_of(self, on: str, known: str | None = None) -> "Books":
        """The books at the end of a day, perhaps with only what was recorded by another day."""
        trace: list[Step] = []
        state = replay(self.facts, day(on), _noon(known) if known else None, trace)
        return Books(state, trace)


def given(*facts: Proposal | Late) -> Story:
    """An account to which this has happened; the books must have taken all of it."""
    story = Story()
    for fact in facts:
        story.when(fact)
        assert not isinstance(story.answer, Rejection), story.answer
    return story


def _noon(on: str) -> datetime:
    return datetime.combine(day(on), time(12), tzinfo=UTC)


# --- what the books show -------------------------------------------------------------------------


@dataclass(frozen=True)
class Books:
    """The state of an account on a day, and how it came about."""

    state: AccountState
    trace: list[Step]

    def shows(self, draw: str = "D-1", **figures: object) -> "Books":
        """Compare any of FIGURES; the draw's are those of `draw`."""
        found = {name: FIGURES[name](self.state, self.draw(draw)) for name in figures}
        assert found == figures
        return self

    def draw(self, draw_id: str = "D-1") -> DrawState:
        """A draw that must be there."""
        found = self.state.draw(draw_id)
        assert found is not None
        return found

    def split(self, payment_on: str) -> dict[str, int]:
        """Where the money of a payment went, components with nothing left out."""
        payment_id = f"P-{payment_on}"
        [split] = [one for one in self.state.payments if one.payment_id == payment_id]
        names = ("penalty", "fee", "interest", "principal", "recovered", "credit")
        amounts = zip(names, (*split.paid, sum(split.recovered), split.credit), strict=True)
        return {name: amount for name, amount in amounts if amount}


def _text(on: date | None) -> str | None:
    return on.isoformat() if on else None


#: The bookkeeper's words for what a state holds.
FIGURES: dict[str, Callable[[AccountState, DrawState], object]] = {
    "overdue": lambda _, draw: draw.overdue_total,
    "late": lambda _, draw: draw.late_total,
    "days_late": lambda _, draw: draw.days_late,
    "days_past_due": lambda _, draw: draw.days_past_due,
    "delinquent_days": lambda _, draw: draw.delinquent_days,
    "late_since": lambda _, draw: _text(draw.late_since),
    "overdue_since": lambda _, draw: _text(draw.overdue_since),
    "status": lambda _, draw: draw.status,
    "bucket": lambda _, draw: draw.bucket,
    "risk": lambda _, draw: draw.risk_class,
    "outstanding": lambda _, draw: sum(draw.outstanding),
    "written_off": lambda _, draw: sum(draw.written_off),
    "next_due": lambda _, draw: _text(draw.next_due_on),
    "rows": lambda _, draw: [row.outstanding for row in draw.installments],
    "statuses": lambda _, draw: [row.status for row in draw.installments],
    "dues": lambda _, draw: [sum(row.owed) for row in draw.installments],
    "balances": lambda _, draw: [row.balance for row in draw.installments],
    "due_dates": lambda _, draw: [row.due_on.isoformat() for row in draw.installments],
    "settled": lambda _, draw: [_text(row.settled_on) for row in draw.installments],
    "credit": lambda state, _: state.credit_balance,
    "changes": lambda state, _: _text(state.changes_on),
}
