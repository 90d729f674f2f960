"""What clients send: facts drawn by lot, the same for the same seed, client and request.

Every fact has a name of its own, so that the books can be held against what was sent.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from ledger.domain.calendar import add_months
from ledger.domain.events import (
    AccountEvent,
    AccountOpened,
    DrawMade,
    PaymentReceived,
    PaymentReversed,
)
from ledger.domain.terms import Terms
from ledger.door import as_written

#: The business date of every drill: the same seed makes the same facts on any day.
TODAY = date(2026, 3, 1)
OPENED_ON = date(2025, 6, 1)
CURRENCY = "CNY"
#: Low enough that draws are refused now and then.
CREDIT_LIMIT = 5_000_00

FACTS_MAX = 4
#: One request in so many is all or nothing; the others are taken line by line.
WHOLE_ONE_IN = 3
KINDS = {"payment": 70, "draw": 12, "reversal": 18}
#: Payments that a client may still reverse.
REVERSIBLE_MAX = 30


class Name(NamedTuple):
    """What a fact is called in the whole ledger."""

    account: str
    key: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as it is sent."""

    name: Name
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """Facts that are sent together."""

    number: int
    is_whole: bool
    facts: tuple[Fact, ...]


def account_ids(count: int) -> list[str]:
    """The accounts of a drill."""
    return [f"A-{number:04}" for number in range(1, count + 1)]


def openings(accounts: list[str]) -> tuple[Fact, ...]:
    """Every account begins."""
    return tuple(
        _fact(
            account,
            AccountOpened(
                effective_on=OPENED_ON,
                borrower_ref=f"borrower-of-{account}",
                currency=CURRENCY,
                credit_limit=CREDIT_LIMIT,
            ),
        )
        for account in accounts
    )


class Writer:
    """Makes the requests of one client, in their order."""

    def __init__(self, seed: int, client: int, accounts: list[str]) -> None:
        self._seed = seed
        self._client = client
        self._accounts = accounts
        #: Account, payment and day, the oldest first.
        self._reversible: deque[tuple[str, str, str]] = deque(maxlen=REVERSIBLE_MAX)

    def request(self, number: int) -> Request:
        """The request of this number, given that `sent` and `taken` know all before it."""
        lots = Random(f"{self._seed}/client {self._client}/{number}")
        taken_back: list[tuple[str, str, str]] = []
        facts = []
        for place in range(1, lots.randint(1, FACTS_MAX) + 1):
            name = f"{self._client}-{number}-{place}"
            [kind] = lots.choices(list(KINDS), list(KINDS.values()))
            left = [one for one in self._reversible if one not in taken_back]
            if kind == "reversal" and left:
                payment = lots.choice(left)
                taken_back.append(payment)
                facts.append(_reversal(name, *payment))
            else:
                make = _draw if kind == "draw" else _payment
                facts.append(_fact(lots.choice(self._accounts), make(name, lots)))
        return Request(number, lots.randrange(WHOLE_ONE_IN) == 0, tuple(facts))

    def sent(self, request: Request) -> None:
        """What the request reverses is not reversed again, whatever the answer."""
        named = {
            (fact.name.account, fact.body["payment_id"])
            for fact in request.facts
            if fact.body["topic"] == PaymentReversed.TOPIC
        }
        left = [one for one in self._reversible if one[:2] not in named]
        self._reversible = deque(left, maxlen=REVERSIBLE_MAX)

    def taken(self, fact: Fact) -> None:
        """A payment that was acknowledged may be reversed."""
        if fact.body["topic"] == PaymentReceived.TOPIC:
            paid = (fact.name.account, fact.body["payment_id"], fact.body["effective_on"])
            self._reversible.append(paid)


def _fact(account: str, event: AccountEvent) -> Fact:
    return Fact(Name(account, event.key), {"account": account, **as_written(event, CURRENCY)})


def _payment(name: str, lots: Random) -> AccountEvent:
    return PaymentReceived(
        effective_on=_day(lots), payment_id=f"P-{name}", amount=lots.randint(1, 300_00)
    )


def _draw(name: str, lots: Random) -> AccountEvent:
    drawn_on = _day(lots)
    terms = Terms(
        method="equal_installment",
        term_count=lots.choice((3, 6)),
        first_due_on=add_months(drawn_on, 1, drawn_on.day),
        annual_rate="0.156",
    )
    amount = lots.randint(2, 20) * 100_00
    return DrawMade(effective_on=drawn_on, draw_id=f"D-{name}", amount=amount, terms=terms)


def _reversal(name: str, account: str, payment_id: str, paid_on: str) -> Fact:
    reversal = PaymentReversed(
        effective_on=date.fromisoformat(paid_on), reversal_id=f"R-{name}", payment_id=payment_id
    )
    return _fact(account, reversal)


def _day(lots: Random) -> date:
    return TODAY - timedelta(days=lots.randint(0, 90))
