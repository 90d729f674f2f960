"""Double entry: what each step of a settlement debits, and what it credits.

The postings follow from the very steps that the fold makes, so they can say nothing else than the
state does: the receivables are what installments owe, the customer credit is the credit balance.
Debits are positive, credits negative, and every entry sums to zero.

Principal is owed for what was drawn.  Everything else (interest, fees, penalties) is unearned until
its installment falls due; what is owed after that day is income at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from heapq import heappop, heappush
from typing import Literal, NamedTuple, assert_never, get_args

from ledger.domain.account import Account
from ledger.domain.allocation import INTEREST, PRINCIPAL
from ledger.domain.steps import Step, StepKind, by_source
from ledger.domain.terms import COMPONENTS

CASH = "assets:cash"
RECEIVABLE = tuple(f"assets:receivable:{component}" for component in COMPONENTS)
CUSTOMER_CREDIT = "liabilities:customer_credit"
#: What merchants give back of purchases that were cancelled or returned.
MERCHANTS = "assets:merchant_refunds"
SUSPENSE = "liabilities:suspense"
UNDRAWN = "liabilities:undrawn"
UNEARNED = tuple(f"liabilities:unearned:{component}" for component in COMPONENTS[:PRINCIPAL])
INCOME = tuple(f"income:{component}" for component in COMPONENTS[:PRINCIPAL])
WAIVED = tuple(f"expenses:waived:{component}" for component in COMPONENTS)
WRITTEN_OFF = tuple(f"expenses:written_off:{component}" for component in COMPONENTS)
GOODWILL = "expenses:goodwill"
#: Money for debt that was written off before.
RECOVERY = "income:recovery"

#: The chart of accounts: every account there is.
CHART = (
    CASH, *RECEIVABLE, MERCHANTS, CUSTOMER_CREDIT, SUSPENSE, UNDRAWN, *UNEARNED, *INCOME, RECOVERY,
    *WAIVED, *WRITTEN_OFF, GOODWILL,
)  # fmt: skip

#: One side of a step.  `money` is cash, or our own expense where a payment was our goodwill;
#: `owed_for` is what a debt is owed for: what was drawn, or what is or will be earned; `given_up`
#: is what will then not be earned, or an expense, and `lost` the same of a write-off; `returned` is
#: the merchant's to give back if it is principal, and given up otherwise; `reclaimed` is his too,
#: and nothing otherwise.
Side = Literal[
    "cash", "money", "receivable", "owed_for", "given_up", "lost", "returned", "reclaimed",
    "recovery", "interest_earned", "customer_credit", "suspense", "undrawn",
]  # fmt: skip


@cache
def sides_of(kind: StepKind) -> tuple[Side, Side]:
    """What a step debits and what it credits.  This is the only place that says so."""
    match kind:
        case "drawn":
            return "undrawn", "cash"
        case "planned":
            return "receivable", "owed_for"
        case "charged":
            return "receivable", "owed_for"
        case "paid":
            return "money", "receivable"
        case "credited":
            return "money", "customer_credit"
        case "suspended":
            return "money", "suspense"
        case "taken_back":
            return "suspense", "money"
        case "paid_from_credit":
            return "customer_credit", "receivable"
        case "waived":
            return "given_up", "receivable"
        case "refunded":
            return "customer_credit", "cash"
        case "refund_owed":
            return "receivable", "cash"
        case "written_off":
            return "lost", "receivable"
        case "recovered":
            return "money", "recovery"
        case "recovered_from_credit":
            return "customer_credit", "recovery"
        case "cancelled":
            return "returned", "receivable"
        case "cancelled_written_off":
            return "reclaimed", "recovery"
        case "given_back":
            return "returned", "customer_credit"
        case "replanned" | "restructured" | "accrued":
            return "receivable", "owed_for"
        case "capitalised":
            return "undrawn", "interest_earned"
        case _:
            assert_never(kind)


_KINDS: tuple[StepKind, ...] = get_args(StepKind)
#: By the kind of a step, what it debits and credits.
_SIDES = {kind: sides_of(kind) for kind in _KINDS}


def _signs(side: Side) -> dict[StepKind, int]:
    """By the kind of a step, whether it debits a side (1), credits it (-1), or neither."""
    return {kind: (debit == side) - (credit == side) for kind, (debit, credit) in _SIDES.items()}


_ON_DEBT, _ON_CREDIT = _signs("receivable"), _signs("customer_credit")


def change_of_debt(step: Step) -> int:
    """What a step adds to what is owed."""
    return step.amount * _ON_DEBT[step.kind]


def change_of_credit(step: Step) -> int:
    """What a step adds to the money held for the customer.  A liability grows on the credit."""
    return -step.amount * _ON_CREDIT[step.kind]


class Posting(NamedTuple):
    """One line of an entry; a debit is positive.  Receivables and income name the installment."""

    account: str
    amount: int
    draw_id: str | None
    installment: int | None


class Entry(NamedTuple):
    """What one event posts on a day, or what a day posts by itself; its postings sum to zero.

    The kind is that of the event's key (`draw`, `payment` ...), and the fact what follows in it.
    Time alone makes the kinds `credit` (that of a payment pays what falls due), `due` (an
    installment has earned what was charged on it) and `accrual` (what a draw is to pay has changed
    because interest accrues on what is really owed).
    """

    on: date
    kind: str
    fact_id: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """Every entry of an account up to a day, in the order of time."""

    entries: tuple[Entry, ...]
    #: The next day that posts an entry by itself, because something is earned; None is never.
    next_earned_on: date | None


def journal_of(account: Account, steps: Iterable[Step], as_of: date) -> Journal:
    """The entries that the steps of a settlement up to `as_of` post."""
    ours = _facts_of_goodwill(account)
    dues = _Dues()
    entries: list[Entry] = []
    for on, key, of_fact in by_source(steps):
        dues.fall(on, entries)
        page = _Page(GOODWILL if key in ours else CASH)
        for step in of_fact:
            debit, credit = _SIDES[step.kind]
            page.post(debit, step, step.amount, dues)
            page.post(credit, step, -step.amount, dues)
        page.close(on, key, entries)
    dues.fall(as_of, entries)
    return Journal(tuple(entries), dues.next_on())


def _facts_of_goodwill(account: Account) -> frozenset[str]:
    """The keys of payments that were not money but our goodwill, and of their reversals."""
    ours = {name for name, paid in account.payments.items() if paid.source == "goodwill"}
    reversed_ = {one.fact_id for one in account.taken_back if one.payment_id in ours}
    return frozenset(
        {f"payment:{name}" for name in ours} | {f"reversal:{name}" for name in reversed_}
    )


class _Page:
    """An entry while its lines are written; lines of the same account and place are one."""

    __slots__ = ("_money", "_sums")

    def __init__(self, money: str) -> None:
        self._money = money
        self._sums: dict[tuple[str, str | None, int | None], int] = {}

    def add(
        self, account: str, amount: int, draw_id: str | None = None, installment: int | None = None
    ) -> None:
        """Write a line."""
        place = account, draw_id, installment
        self._sums[place] = self._sums.get(place, 0) + amount

    def post(self, side: Side, step: Step, amount: int, dues: "_Dues") -> None:
        """Write one side of a step in the accounts that it stands for, the most frequent first."""
        match side:
            case "receivable":
                self.add(RECEIVABLE[_part(step)], amount, step.draw_id, step.installment)
            case "owed_for":
                dues.owe(self, step, amount)
            case "money":
                self.add(self._money, amount)
            case "undrawn":
                self.add(UNDRAWN, amount, step.draw_id)
            case "cash":
                self.add(CASH, amount)
            case "customer_credit":
                self.add(CUSTOMER_CREDIT, amount)
            case "suspense":
                self.add(SUSPENSE, amount)
            case "interest_earned":
                self.add(INCOME[INTEREST], amount, step.draw_id, step.installment)
            case "given_up":
                dues.give_up(self, step, amount, WAIVED)
            case "lost":
                dues.give_up(self, step, amount, WRITTEN_OFF)
            case "returned" | "reclaimed" if step.component == PRINCIPAL:
                self.add(MERCHANTS, amount, step.draw_id)
            case "returned":
                dues.give_up(self, step, amount, WAIVED)
            case "reclaimed" | "recovery":
                self.add(RECOVERY, amount, step.draw_id)
            case _:
                assert_never(side)

    def close(self, on: date, key: str, entries: list[Entry]) -> None:
        """Make these lines an entry, debits first; none if they cancel out."""
        debited: list[Posting] = []
        credited: list[Posting] = []
        balance = 0
        for (account, draw_id, number), amount in self._sums.items():
            balance += amount
            if amount > 0:
                debited.append(Posting(account, amount, draw_id, number))
            elif amount:
                credited.append(Posting(account, amount, draw_id, number))
        assert balance == 0, (on, key)
        if debited:
            kind, _, fact_id = key.partition(":")
            entries.append(Entry(on, kind, fact_id, (*debited, *credited)))


class _Dues:
    """What the installments will have earned on the days they fall due."""

    def __init__(self) -> None:
        self._unearned: dict[tuple[str, int], list[int]] = {}
        self._due_on: dict[tuple[str, int], date] = {}
        #: Due dates to come; one that has been moved since is passed over.
        self._by_day: list[tuple[date, str, int]] = []

    def owe(self, page: _Page, step: Step, amount: int) -> None:
        """What a debt is owed for: a credit, and a debit where it is owed no more."""
        component = _part(step)
        if component == PRINCIPAL:
            page.add(UNDRAWN, amount, step.draw_id)
        elif step.due_on is None or step.due_on <= step.on:
            page.add(INCOME[component], amount, step.draw_id, step.installment)
        else:
            place = draw_id, number = _place(step)
            waiting = self._unearned.get(place)
            if waiting is None:
                waiting = self._unearned[place] = [0] * PRINCIPAL
            waiting[component] -= amount
            page.add(UNEARNED[component], amount, draw_id)
            if self._due_on.get(place) != step.due_on:
                self._due_on[place] = step.due_on
                heappush(self._by_day, (step.due_on, draw_id, number))

    def give_up(self, page: _Page, step: Step, amount: int, expenses: tuple[str, ...]) -> None:
        """What is not earned yet will not be earned; what is, or was lent, is an expense."""
        component, (draw_id, number) = _part(step), _place(step)
        waiting = self._unearned.get((draw_id, number))
        if waiting is not None and component != PRINCIPAL:
            unearned = min(amount, waiting[component])
            waiting[component] -= unearned
            amount -= unearned
            page.add(UNEARNED[component], unearned, draw_id)
        page.add(expenses[component], amount, draw_id, number)

    def fall(self, until: date, entries: list[Entry]) -> None:
        """Post what is earned by the due dates that have come, an entry a day and installment."""
        while self._by_day and self._by_day[0][0] <= until:
            on, draw_id, number = heappop(self._by_day)
            place = draw_id, number
            if self._due_on.get(place) != on:
                continue
            del self._due_on[place]
            page = _Page(CASH)
            for component, amount in enumerate(self._unearned.pop(place)):
                if amount:
                    page.add(UNEARNED[component], amount, draw_id)
                    page.add(INCOME[component], -amount, draw_id, number)
            page.close(on, f"due:{draw_id}:{number}", entries)

    def next_on(self) -> date | None:
        """The next day on which something is earned."""
        days = (self._due_on[place] for place, waiting in self._unearned.items() if any(waiting))
        return min(days, default=None)


def _place(step: Step) -> tuple[str, int]:
    assert step.draw_id is not None
    assert step.installment is not None
    return step.draw_id, step.installment


def _part(step: Step) -> int:
    assert step.component is not None
    return step.component


def balances(entries: Sequence[Entry]) -> dict[str, int]:
    """The balance of every account that has one, in the order of the chart."""
    sums = dict.fromkeys(CHART, 0)
    for entry in entries:
        for posting in entry.postings:
            sums[posting.account] += posting.amount
    return {account: amount for account, amount in sums.items() if amount}
