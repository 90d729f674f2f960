"""What the benchmarks are fed: borrowers as door lines, the same for the same seed and number.

A borrower draws once, for 6 to 12 monthly installments, and pays by the plan of the draw, to the
cent, or does not.  Lines come in the order of their dates, as a lender's days would bring them: the
events of one account lie far apart in the log.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

import orjson

from ledger.codec import encode
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.calendar import add_months
from ledger.domain.events import AccountEvent, AccountOpened
from ledger.domain.money import to_text
from ledger.domain.schedule import Planned, plan
from ledger.domain.terms import Terms
from ledger.door import parse_line, proposal_of
from ledger.log.records import NewEvent

#: The business date of every benchmark; all payments lie before it.
TODAY = date(2026, 7, 1)

#: How borrowers pay: `settled` always and on time, `late` never after the third installment.
Payers = Literal["mixed", "settled", "late"]

_HABITS: dict[Payers, str] = {
    "mixed": "on_time " * 7 + "days_later by_halves stops",
    "settled": "on_time",
    "late": "stops",
}
_PLAIN = Terms(method="equal_installment", annual_rate="0.156")

Body = dict[str, Any]
#: A line's date, and the line as NDJSON has it.
Dated = tuple[str, bytes]


def portfolio(name: str, accounts: int, payers: Payers = "mixed") -> list[bytes]:
    """The lines of `accounts` borrowers.  Portfolios of different names share no account."""
    return in_order(dated(name, accounts, payers))


def dated(name: str, accounts: int, payers: Payers = "mixed") -> Iterator[Dated]:
    """The same lines, account by account, each with its date."""
    for number in range(1, accounts + 1):
        lots = Random(f"{name} {number}")
        account = f"{name}-{number:07}"
        opened_on = add_months(TODAY, -lots.randint(13, 15), 1) + timedelta(lots.randint(0, 27))
        yield _line(account, opened_on, "account.opened", currency="CNY", borrower_ref=account)
        yield from _draw(account, lots, 1, opened_on, payers)


def one_account(account: str, events: int) -> list[bytes]:
    """One borrower who draws again and again, with exactly this many events."""
    lots = Random(account)
    first = add_months(TODAY, -15, 1)
    found = [_line(account, first, "account.opened", currency="CNY", borrower_ref=account)]
    draws = 0
    while len(found) < events:
        draws += 1
        found += _draw(account, lots, draws, first + timedelta(lots.randint(0, 27)), "mixed")
    return in_order(found[:events])


def much_paid(account: str, events: int, draws: int) -> list[bytes]:
    """One borrower with so many draws, all of a year, and small payments until it is this many.

    The payments come evenly over the time and make up what was drawn.
    """
    first, drawn = add_months(TODAY, -13, 1), draws * 1200_00
    found = [_line(account, first, "account.opened", currency="CNY", borrower_ref=account)]
    contract = {"method": "interest_free", "term_count": 12}
    for number in range(1, draws + 1):
        on = first + timedelta(days=number * 28 // draws)
        terms = contract | {"first_due_on": add_months(on, 1, on.day).isoformat()}
        fields = {"draw_id": f"D-{number}", "amount": "1200.00", "terms": terms}
        found.append(_line(account, on, "draw.made", **fields))
    begin, left = first + timedelta(days=29), events - len(found)
    days = (TODAY - begin).days
    for number in range(1, left + 1):
        cents = drawn * number // left - drawn * (number - 1) // left
        fields = {"payment_id": f"P-{number}", "amount": to_text(cents, 2)}
        on = begin + timedelta(days=(number - 1) * days // left)
        found.append(_line(account, on, "payment.received", **fields))
    return in_order(found)


def in_order(lines: Iterable[Dated]) -> list[bytes]:
    """Lines by date; those of one account and date keep their order."""
    return [raw for _, raw in sorted(lines, key=lambda line: line[0])]


def payments(accounts: Iterable[str], payment_id: str) -> list[bytes]:
    """One small payment of today to each account."""
    fields = {"payment_id": payment_id, "amount": "1.00"}
    return [_line(one, TODAY, "payment.received", **fields)[1] for one in accounts]


def backdated(account: str, payment_id: str) -> bytes:
    """A small payment of a year ago, when the account of `one_account` had drawn already."""
    fields = {"payment_id": payment_id, "amount": "1.00"}
    return _line(account, add_months(TODAY, -12, 1), "payment.received", **fields)[1]


def new_event_of() -> Callable[[bytes], NewEvent]:
    """Turns lines into events without deciding on them: validated, encoded, keyed."""
    account = Account()
    opened = AccountOpened(effective_on=TODAY, borrower_ref="anybody", currency="CNY")
    evolve(account, Fact(opened, 1))

    def new_event(raw: bytes) -> NewEvent:
        line = parse_line(raw)
        event = proposal_of(line, account)
        assert isinstance(event, AccountEvent)  # No line here takes money back.
        state = encode(event)
        return NewEvent(line.account_id, event.TOPIC, event.effective_on, event.key, state)

    return new_event


def _draw(
    account: str, lots: Random, number: int, drawn_on: date, payers: Payers
) -> Iterator[Dated]:
    terms = replace(
        _PLAIN, term_count=lots.randint(6, 12), first_due_on=add_months(drawn_on, 1, drawn_on.day)
    )
    assert terms.first_due_on is not None
    amount = lots.randint(5, 200) * 100_00
    contract = {
        "method": terms.method,
        "term_count": terms.term_count,
        "first_due_on": terms.first_due_on.isoformat(),
        "annual_rate": terms.annual_rate,
    }
    fields = {"draw_id": f"D-{number}", "amount": to_text(amount, 2), "terms": contract}
    yield _line(account, drawn_on, "draw.made", **fields)
    habit = lots.choice(_HABITS[payers].split())
    paid = (part for row in plan(terms, amount, drawn_on) for part in _paid(row, habit))
    for count, (on, cents) in enumerate(paid, start=1):
        if on >= TODAY:
            break
        body = {"payment_id": f"P-{number}-{count}", "amount": to_text(cents, 2)}
        yield _line(account, on, "payment.received", **body)


def _paid(row: Planned, habit: str) -> list[tuple[date, int]]:
    """When and how much a borrower of this habit pays for an installment."""
    cents = row.fee + row.interest + row.principal
    match habit:
        case "on_time":
            return [(row.due_on, cents)]
        case "days_later":
            return [(row.due_on + timedelta(days=6), cents)]
        case "by_halves":
            return [(row.due_on, cents // 2), (row.due_on + timedelta(days=9), cents - cents // 2)]
        case _:
            return [(row.due_on, cents)] if row.number <= 3 else []


def _line(account: str, on: date, topic: str, **fields: object) -> Dated:
    body = {"account": account, "topic": topic, "effective_on": on.isoformat(), **fields}
    return on.isoformat(), orjson.dumps(body)
