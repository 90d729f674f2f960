"""One borrower's life in the making: facts in the order in which a lender would have learnt them.

A life says what happens (`draw`, `pay`, `bounce`), `characters` says to whom.  Amounts come from
the real schedule of each draw, so that a borrower on time really is on time, to the cent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from ledger.assessing import assessed
from ledger.domain.calendar import add_months, due_dates
from ledger.domain.events import (
    AccountEvent,
    AccountOpened,
    DrawMade,
    PaymentReceived,
    PaymentReversed,
    PenaltyCharged,
)
from ledger.domain.money import decimals_of
from ledger.domain.schedule import Planned, plan
from ledger.domain.terms import Delinquency, InterestBasis, LateFee, Row, Terms
from ledger.replay import KnownFact

#: Currency, time zone, and the smallest and largest draw in whole units.
CURRENCIES = (
    *(("CNY", "Asia/Shanghai", 5, 200),) * 23,
    *(("USD", "America/New_York", 2, 40),) * 2,
    ("JPY", "Asia/Tokyo", 100, 3_000),
)
#: The unit of the figures above: draws are whole hundreds.
HUNDRED = 100

#: No day of grace, no tolerance.
STRICT = Delinquency()

#: Work is recorded from 01:00 UTC (9 in the morning in Shanghai) for six hours.  In every time
#: zone that is over before the next business date begins, so no time lies in the future.
FIRST_HOUR = 1
SECONDS_OF_WORK = 6 * 3600


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw with its plan, and the installments of it that have come due."""

    draw_id: str
    amount: int
    drawn_on: date
    rows: tuple[Planned, ...]
    due_rows: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A fact and when the ledger of its time learnt of it."""

    event: AccountEvent
    recorded_at: datetime


class Life:
    """The facts of one account, told by calling its methods in the order of learning."""

    def __init__(self, account_id: str, borrower_ref: str, lots: Random, until: date) -> None:
        self.account_id = account_id
        self.borrower_ref = borrower_ref
        self.lots = lots
        self.until = until
        self.learnt: list[Learnt] = []
        self.currency, self.time_zone, self._least, self._most = lots.choice(CURRENCIES)
        self._work_begins = lots.randrange(SECONDS_OF_WORK)
        self._draws = 0
        self._payments = 0

    def tell(self, event: AccountEvent, *, days_later: int = 0) -> None:
        """Record a fact on its day, or `days_later` if it was learnt late."""
        learnt_on = event.effective_on + timedelta(days=days_later)
        morning = datetime.combine(learnt_on, time(FIRST_HOUR), UTC)
        # A second apart, so that facts of one day keep the order in which they are told.
        seconds = self._work_begins + len(self.learnt)
        self.learnt.append(Learnt(event, morning + timedelta(seconds=seconds)))

    def told(self) -> Iterator[Learnt]:
        """What was learnt before the last day began."""
        return (one for one in self.learnt if one.recorded_at.date() < self.until)

    def amount(self) -> int:
        """The size of a draw."""
        return self.lots.randint(self._least, self._most) * self.unit(HUNDRED)

    def unit(self, count: int = 1) -> int:
        """Whole units of the currency in minor units."""
        return count * int(10 ** decimals_of(self.currency))

    def open(self, on: date, credit_limit: int | None = None) -> None:
        """The account begins."""
        self.tell(
            AccountOpened(
                effective_on=on,
                borrower_ref=self.borrower_ref,
                currency=self.currency,
                time_zone=self.time_zone,
                credit_limit=credit_limit,
            )
        )

    def draw(
        self,
        *,
        due: int | None = None,
        days_ago: int | None = None,
        amount: int | None = None,
        credit_limit: int | None = None,
        delinquency: Delinquency = STRICT,
        late_fee: LateFee | None = None,
    ) -> Draw:
        """Use the credit, so long ago that `due` installments have come due, the last `days_ago`.

        The first draw also opens the account.
        """
        count = self.lots.choice((3, 6, 6, 9, 12, 12))
        due = self.lots.randint(1, count) if due is None else due
        count = max(count, due)
        latest = self.until - timedelta(days=days_ago or self.lots.randint(2, 26))
        first_due_on = add_months(latest, 1 - due, latest.day)
        drawn_on = add_months(first_due_on, -1, latest.day) + timedelta(self.lots.randint(0, 3))
        amount = self.amount() if amount is None else amount
        terms = _terms(self.lots, amount, count, first_due_on, latest.day)
        terms = replace(terms, delinquency=delinquency, late_fee=late_fee)
        if not self.learnt:
            self.open(drawn_on - timedelta(days=self.lots.randint(0, 9)), credit_limit)
        self._draws += 1
        made = DrawMade(
            effective_on=drawn_on, draw_id=f"D-{self._draws}", amount=amount, terms=terms
        )
        self.tell(made)
        rows = plan(terms, amount, drawn_on)
        return Draw(made.draw_id, amount, drawn_on, rows, rows[:due])

    def pay(self, amount: int, on: date, *, days_later: int = 0) -> PaymentReceived:
        """Money comes in."""
        self._payments += 1
        channel = self.lots.choice(("bank_transfer", "wallet", "card"))
        payment = PaymentReceived(
            effective_on=on, payment_id=f"P-{self._payments}", amount=amount, channel=channel
        )
        self.tell(payment, days_later=days_later)
        return payment

    def pay_row(self, row: Planned, *, days: int = 0, days_later: int = 0) -> PaymentReceived:
        """Pay an installment in full, `days` after its due date."""
        return self.pay(total(row), row.due_on + timedelta(days=days), days_later=days_later)

    def bounce(
        self, payment: PaymentReceived, *, days_later: int, amount: int | None = None
    ) -> None:
        """The payment turns out not to be good, wholly or in part, from its own day on."""
        self.tell(
            PaymentReversed(
                effective_on=payment.effective_on,
                reversal_id=f"R-{payment.payment_id}",
                payment_id=payment.payment_id,
                amount=amount,
                reason="returned by the bank",
            ),
            days_later=days_later,
        )

    def assess(self, on: date) -> Iterator[PenaltyCharged]:
        """The assessor comes by and charges what the terms call for: the charges of that day."""
        facts = [
            KnownFact(one.event, version, one.recorded_at)
            for version, one in enumerate(self.learnt, start=1)
        ]
        for event in assessed(facts, on).events:
            self.tell(event)
            if isinstance(event, PenaltyCharged):
                yield event


def total(row: Planned) -> int:
    """What an installment costs by plan."""
    return row.fee + row.interest + row.principal


def _terms(lots: Random, amount: int, count: int, first_due_on: date, anchor: int) -> Terms:
    """One of the lender's products."""
    plain = Terms(
        method="equal_installment",
        term_count=count,
        first_due_on=first_due_on,
        anchor_day=anchor,
        annual_rate=lots.choice(("0.0896", "0.156", "0.24")),
    )
    match lots.choice(("level", "level", "level", "daily", "principal", "free", "explicit")):
        case "daily":
            return replace(plain, interest_basis=InterestBasis("daily", "act/365"))
        case "principal":
            return replace(plain, method="equal_principal")
        case "free":
            return replace(plain, method="interest_free", annual_rate="0")
        case "explicit":
            return _agreed_rows(plain, amount)
        case _:
            return plain


def _agreed_rows(plain: Terms, amount: int) -> Terms:
    """Rows agreed outright: an even split of the draw, with a fee of one per cent on every row."""
    share, rest = divmod(amount, plain.term_count)
    rows = tuple(
        Row(due_on, principal=share + (rest if last else 0), fee=share // 100)
        for due_on, last in _with_last(due_dates(plain))
    )
    return Terms(method="explicit", rows=rows)


def _with_last(dates: tuple[date, ...]) -> Iterator[tuple[date, bool]]:
    return ((due_on, due_on == dates[-1]) for due_on in dates)
