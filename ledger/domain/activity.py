"""The activity of an account: what moved its money or its debt, with the balance after each.

It is the journal seen by the borrower.  What a day earns moves neither, and is not shown.
"""

from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from ledger.domain.journal import CASH, CUSTOMER_CREDIT, GOODWILL, RECEIVABLE, Entry
from ledger.domain.state import Amounts
from ledger.domain.terms import COMPONENTS

#: What of a movement an account shows: its money, a component of the debt, or the credit held.
_SHOWN = {
    CASH: "money", GOODWILL: "money", CUSTOMER_CREDIT: "credit",
    **dict(zip(RECEIVABLE, COMPONENTS, strict=True)),
}  # fmt: skip


class Activity(NamedTuple):
    """One movement.  `kind` and `fact_id` are those of its entry in the journal."""

    on: date
    kind: str
    fact_id: str
    #: What came in; what was paid out is negative.
    money: int
    #: What is owed more, by component; what is owed less is negative.
    debt: Amounts
    #: What is then owed, due or not.
    outstanding: int
    #: What is then held for the customer.
    credit_balance: int


def activity_of(entries: Iterable[Entry]) -> list[Activity]:
    """The movements of a journal in its order."""
    shown = [one for one in map(_movement, entries) if one is not None]
    return list(accumulate(shown, _after))


def _movement(entry: Entry) -> Activity | None:
    """The movement with what it changes instead of balances; None where nothing moved."""
    moved = dict.fromkeys(("money", "credit", *COMPONENTS), 0)
    for line in entry.postings:
        if line.account in _SHOWN:
            moved[_SHOWN[line.account]] += line.amount
    if not any(moved.values()):
        return None
    money, credit, penalty, fee, interest, principal = moved.values()
    debt = penalty, fee, interest, principal
    return Activity(entry.on, entry.kind, entry.fact_id, money, debt, sum(debt), -credit)


def _after(before: Activity, now: Activity) -> Activity:
    return now._replace(
        outstanding=before.outstanding + now.outstanding,
        credit_balance=before.credit_balance + now.credit_balance,
    )
