"""The sample portfolio: the same every time, everybody in it, and nothing that would be refused."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from functools import cache
from random import Random
from typing import Any

import pytest

from app.sample import account_id_of, character_of, portfolio
from app.sample.characters import CHARACTERS, ORDER
from ledger.assessing import assessed
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.decisions import decide
from ledger.domain.rejections import Rejection
from ledger.domain.state import AccountState
from ledger.door import line_of, proposal_of
from ledger.replay import KnownFact, replay, state_of

UNTIL = date(2026, 1, 31)
ACCOUNTS = 200
NUMBERS = range(1, ACCOUNTS + 1)


@cache
def bodies(seed: int = 1) -> list[dict[str, Any]]:
    return portfolio(Random(seed), seed, ACCOUNTS, UNTIL)


class Recorder:
    """An account that takes the lines of the sample in the order of recording, as the books do."""

    def __init__(self) -> None:
        self.account = Account()
        self.facts: list[KnownFact] = []

    def take(self, body: dict[str, Any]) -> None:
        line = line_of(body)
        assert line.recorded_at is not None
        decision = decide(self.account, proposal_of(line, self.account), state_of(self.facts))
        assert not isinstance(decision, Rejection), f"{body}: {decision}"
        assert len(decision) == 1, f"{body} says nothing new"
        version = len(self.facts) + 1
        self.facts.append(KnownFact(decision[0], version, line.recorded_at))
        evolve(self.account, Fact(decision[0], version))


@cache
def recorded(seed: int = 1) -> dict[str, Recorder]:
    recorders: dict[str, Recorder] = defaultdict(Recorder)
    for body in bodies(seed):
        recorders[body["account"]].take(body)
    return dict(recorders)


def states_of(character: str) -> list[AccountState]:
    numbers = [n for n in range(1, ACCOUNTS + 1) if character_of(n) == character]
    return [replay(recorded()[account_id_of(1, number)].facts, UNTIL) for number in numbers]


def test_the_same_seed_makes_the_same_facts() -> None:
    assert portfolio(Random(1), 1, ACCOUNTS, UNTIL) == bodies()
    assert portfolio(Random(2), 2, ACCOUNTS, UNTIL) != bodies()


def test_a_larger_portfolio_begins_with_the_smaller_one() -> None:
    few = portfolio(Random(1), 1, 20, UNTIL)
    accounts = {body["account"] for body in few}
    assert [body for body in bodies() if body["account"] in accounts] == few


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_line_is_taken(seed: int) -> None:
    assert len(recorded(seed)) == ACCOUNTS
    assert sum(len(one.facts) for one in recorded(seed).values()) == len(bodies(seed))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_assessor_finds_nothing_to_add(seed: int) -> None:
    assert {name: assessed(one.facts, UNTIL).events for name, one in recorded(seed).items()} == (
        dict.fromkeys(recorded(seed), ())
    )


def test_penalties_are_those_of_a_rule_of_the_terms() -> None:
    penalties = [body for body in bodies() if body["topic"] == "penalty.charged"]
    assert {body["rule"] for body in penalties} == {"late_fee"}
    assert len(penalties) == sum(character_of(n) in ("penalised", "waived") for n in NUMBERS)
    assert all(body["basis"].startswith("0.05 × ") for body in penalties)


def test_facts_come_in_the_order_of_recording_and_none_from_the_future() -> None:
    times = [datetime.fromisoformat(body["recorded_at"]) for body in bodies()]
    assert times == sorted(times)
    assert times[-1] < datetime(UNTIL.year, UNTIL.month, UNTIL.day, tzinfo=UTC)
    assert all(body["effective_on"] < UNTIL.isoformat() for body in bodies())


def test_every_character_is_there_and_named_in_the_borrower() -> None:
    borrowers = [body["borrower_ref"] for body in bodies() if "borrower_ref" in body]
    characters = Counter(one.removeprefix("sample-").rsplit("-", 1)[0] for one in borrowers)
    assert characters.keys() == CHARACTERS.keys()
    assert sum(characters.values()) == ACCOUNTS
    assert set(ORDER) == CHARACTERS.keys()


def test_there_is_a_bit_of_everything() -> None:
    topics = {body["topic"] for body in bodies()}
    methods = {body["terms"]["method"] for body in bodies() if "terms" in body}
    currencies = {body["currency"] for body in bodies() if "currency" in body}
    assert {"payment.reversed", "penalty.charged", "dues.waived", "fee.charged"} <= topics
    assert {"account.limit_changed", "account.frozen", "account.closed"} <= topics
    assert methods == {"equal_installment", "equal_principal", "interest_free", "explicit"}
    assert currencies == {"CNY", "USD", "JPY"}


@pytest.mark.parametrize(
    "character", ["on-time", "early", "slow", "ahead", "back-dated", "waived", "with-fee", "new"]
)
def test_who_paid_is_not_overdue(character: str) -> None:
    for state in states_of(character):
        assert state.overdue_total == 0


@pytest.mark.parametrize(
    "character",
    [
        *("late", "partial", "reversed", "partly-reversed", "penalised", "long-overdue"),
        *("frozen", "several-draws"),
    ],
)
def test_who_did_not_pay_is_overdue(character: str) -> None:
    for state in states_of(character):
        assert state.overdue_total > 0


def test_grace_and_tolerance_keep_the_late_from_being_overdue() -> None:
    assert {d.status for s in states_of("within-grace") for d in s.draws} == {"within_grace"}
    assert {d.status for s in states_of("below-tolerance") for d in s.draws} == {"below_tolerance"}


def test_the_back_dated_were_once_shown_as_overdue() -> None:
    for number in range(1, ACCOUNTS + 1):
        if character_of(number) == "back-dated":
            facts = recorded()[account_id_of(1, number)].facts
            found, before = facts[-1], facts[-2]
            day = found.recorded_at.date()
            assert replay(facts, day, found.recorded_at).overdue_total == 0
            assert replay(facts, day, before.recorded_at).overdue_total > 0


def test_other_ends() -> None:
    assert all(state.credit_balance > 0 for state in states_of("ahead"))
    assert all(state.is_frozen for state in states_of("frozen"))
    assert all(not state.is_open for state in states_of("closed"))
    assert all(len(state.draws) == 2 for state in states_of("limit-raised"))
