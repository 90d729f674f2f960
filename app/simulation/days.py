"""An accruing draw day by day, as lenders of simple interest print it: read off the books.

Every row is the same fold, stopped on its day.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ledger.domain.accruals import Grace
from ledger.domain.allocation import INTEREST, PENALTY, PRINCIPAL
from ledger.domain.settlement import Settlement
from ledger.domain.state import DrawState
from ledger.domain.statement import books_of
from ledger.replay import KnownFact, account_as_of


class Day(NamedTuple):
    """The draw at the end of a day.  A balance below zero is money owed to the customer.

    `new_interest` is what accrued since the day before it in the list.  `settlement` is what would
    close the draw on the day.
    """

    on: date
    new_interest: Fraction
    payment: int
    penalty_paid: int
    interest_paid: int
    principal_paid: int
    penalty_balance: int
    interest_balance: Fraction
    principal_balance: int
    settlement: int


class _Standing(NamedTuple):
    """What is paid and owed at one moment, and the interest that accrued and is not paid."""

    paid: tuple[int, int, int]
    owed: tuple[int, int]
    exact: Fraction
    payable: int


def days_of(
    facts: Sequence[KnownFact], draw: DrawState, as_of: date, asked: Iterable[date]
) -> Iterator[Day]:
    """The draw on the days that are asked for, its due dates and every day with a movement."""
    free = books_of(account_as_of(facts, as_of), as_of, None).free
    grace_end = None if draw.accrual is None else draw.accrual.grace_end
    if grace_end is not None and as_of <= grace_end:
        # The grace ends with its last day: until then nothing has been earned for certain.
        free |= {(draw.draw_id, draw.drawn_on)}
    moved = {fact.event.effective_on for fact in facts if fact.event.effective_on > draw.drawn_on}
    later = {fact.event.effective_on for fact in facts if hasattr(fact.event, "payment_id")}
    days = {*moved, *later, *asked, as_of, *(row.due_on for row in draw.installments)}
    exact, before = Fraction(0), (0, 0, 0)
    for day in sorted(day for day in days if day <= as_of):
        accrued = _standing([x for x in facts if x.event.effective_on < day], draw, day, free)
        now = _standing(facts, draw, day, free)
        penalty, interest, principal = (
            paid - earlier for paid, earlier in zip(now.paid, before, strict=True)
        )
        yield Day(
            day, accrued.exact - exact, penalty + interest + principal, penalty, interest,
            principal, now.owed[0], now.exact, now.owed[1], sum(now.owed) + now.payable,
        )  # fmt: skip
        exact, before = now.exact, now.paid


def _standing(
    facts: Sequence[KnownFact], draw: DrawState, day: date, free: frozenset[Grace]
) -> _Standing:
    books = Settlement(account_as_of(facts, day), None, free)
    books.run(day)
    accrual = books.accruals.by_draw.get(draw.draw_id)
    if accrual is None:
        return _Standing((0, 0, 0), (0, 0), Fraction(0), 0)
    lines = books.lines_by_draw[draw.draw_id]
    splits = list(books.splits.values())
    credit = books.credit_balance
    paid = (
        sum(split.paid[PENALTY] for split in splits),
        sum(split.paid[INTEREST] for split in splits),
        sum(split.paid[PRINCIPAL] for split in splits) + credit,
    )
    owed = (
        sum(line.open(PENALTY) for line in lines),
        sum(line.open(PRINCIPAL) for line in lines) - credit,
    )
    return _Standing(paid, owed, accrual.exact(day), accrual.owed(day))
