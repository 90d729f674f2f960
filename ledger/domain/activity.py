"""The activity of an account: what moved its money or its debt, with the balance after each.

It is the journal seen by the borrower.  What a day earns moves neither, and is not shown.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ledger.domain.journal import CASH, CUSTOMER_CREDIT, GOODWILL, RECEIVABLE, Entry
from ledger.domain.state import Amounts
from ledger.domain.terms import COMPONENTS

#: What a movement is made of: its money, the credit held, and the components of the debt.
_COLUMNS = ("money", "credit", *COMPONENTS)
#: Which of these an account shows.
_SHOWN = {
    account: _COLUMNS.index(column)
    for account, column in [
        (CASH, "money"), (GOODWILL, "money"), (CUSTOMER_CREDIT, "credit"),
        *zip(RECEIVABLE, COMPONENTS, strict=True),
    ]
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
    shown: list[Activity] = []
    outstanding = credit_balance = 0
    for entry in entries:
        moved = [0] * len(_COLUMNS)
        for line in entry.postings:
            column = _SHOWN.get(line.account)
            if column is not None:
                moved[column] += line.amount
        if any(moved):
            money, credit, *debt = moved
            penalty, fee, interest, principal = debt
            outstanding += sum(debt)
            credit_balance -= credit
            shown.append(
                Activity(
                    entry.on, entry.kind, entry.fact_id, money,
                    (penalty, fee, interest, principal), outstanding, credit_balance,
                )
            )  # fmt: skip
    return shown
