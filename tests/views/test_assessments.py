"""The assessor over a ledger: whom it looks at, what it appends, what a stop in between does."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ledger.assessing import assessed
from ledger.door import Line, line_of
from ledger.replay import known_facts, replay
from tests.house import House
from tests.lines import drawn, late_payer, opened, paid
from workers import assessments
from workers.assessments import Assessments, Step

DUE = date(2026, 2, 5)
LATE = date(2026, 2, 8)
#: 5.00 for being late and 0.10 a day.
RULES = {
    "late_fee": {"amount": "5.00"},
    "penalty_interest": {"annual_rate": "0.365"},
}
OWED = 5_00 + 3 * 10


def borrower(account: str, **terms: Any) -> list[Line]:
    """A late payer of 100.00 a month whose terms have penalty rules."""
    return [opened(account), drawn(account, **{**RULES, **terms})]


@pytest.fixture
def assessor(house: House) -> Assessments:
    """The assessor of a fresh ledger that is open."""
    with house.pool.connection() as conn:
        assessments.create(conn, house.log.shards)
    house.log.open(DUE)
    return Assessments(house.pool, house.log, house.books)


def run(house: House, assessor: Assessments, today: date) -> Step:
    """Assess every shard; what all the steps came to."""
    total = Step()
    for shard in range(house.log.shards):
        for step in assessor.assess(shard, today):
            total.accounts += step.accounts
            total.taken += step.taken
            total.failures += step.failures
    return total


def penalties(house: House, account: str, today: date) -> int:
    """The penalties of the first draw, in minor units."""
    state = replay(known_facts(house.log.streams([account])[account]), today)
    return sum(row.owed[0] for row in state.draws[0].installments)


def test_a_ledger_that_was_never_assessed(house: House, assessor: Assessments) -> None:
    house.record(*borrower("A-1"), *borrower("A-2"), *late_payer("A-3"))
    step = run(house, assessor, LATE)
    assert step.accounts == 2, "terms without penalty rules are not looked at"
    assert {one.account_id for one in step.taken} == {"A-1", "A-2"}
    assert penalties(house, "A-1", LATE) == penalties(house, "A-2", LATE) == OWED
    assert penalties(house, "A-3", LATE) == 0
    assert assessor.owed(LATE) == []


def test_nobody_is_looked_at_twice_for_the_same_day(house: House, assessor: Assessments) -> None:
    house.record(*borrower("A-1"), *borrower("A-2"))
    run(house, assessor, LATE)
    again = run(house, assessor, LATE)
    assert (again.accounts, again.taken) == (0, [])


def test_a_day_calls_for_those_alone_whom_it_concerns(house: House, assessor: Assessments) -> None:
    house.record(*borrower("A-1"), *borrower("A-2"), paid("A-2", "P-1", "100.00", "2026-02-05"))
    run(house, assessor, DUE)
    step = run(house, assessor, date(2026, 2, 6))
    assert {one.account_id for one in step.taken} == {"A-1"}
    # A-2 is looked at once, because a payment of the due date counts from the day after.
    assert step.accounts == 2
    assert run(house, assessor, date(2026, 2, 7)).accounts == 1


def test_missed_days_are_made_up(house: House, assessor: Assessments) -> None:
    house.record(*borrower("A-1"))
    run(house, assessor, date(2026, 2, 6))
    run(house, assessor, LATE)
    assert penalties(house, "A-1", date(2026, 2, 7)) == 5_00 + 2 * 10
    assert penalties(house, "A-1", LATE) == OWED


def test_a_payment_found_later_is_news_also_where_nothing_is_overdue_any_more(
    house: House, assessor: Assessments
) -> None:
    house.record(*borrower("A-1"))
    run(house, assessor, LATE)
    house.record(paid("A-1", "P-1", "105.30", "2026-02-08"))
    run(house, assessor, date(2026, 2, 9))
    assert replayed_status(house, "A-1", date(2026, 2, 9)) == "current"
    house.record(paid("A-1", "P-2", "50.00", "2026-02-05"))
    step = run(house, assessor, date(2026, 2, 9))
    assert [one.event.TOPIC for one in step.taken] == ["charge.reversed"] * 3
    assert penalties(house, "A-1", date(2026, 2, 9)) == 5_00 + 3 * 5


def replayed_status(house: House, account: str, today: date) -> str:
    state = replay(known_facts(house.log.streams([account])[account]), today)
    return state.draws[0].status


def test_a_worker_that_dies_before_it_has_noted_its_charges_doubles_nothing(
    house: House, assessor: Assessments, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.record(*borrower("A-1"), *borrower("A-2"))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Assessments, "_note", die)
        with pytest.raises(KeyboardInterrupt):
            run(house, assessor, LATE)
    assert assessor.owed(LATE), "nothing is taken for done"
    run(house, assessor, LATE)
    for account in ("A-1", "A-2"):
        assert penalties(house, account, LATE) == OWED
        assert assessed(known_facts(house.log.streams([account])[account]), LATE).events == ()


def test_two_workers_at_once_make_the_same_charges(house: House, assessor: Assessments) -> None:
    house.record(*borrower("A-1"))
    other = Assessments(house.pool, house.log, house.books)
    one = other.look_at(["A-1"], LATE)
    run(house, assessor, LATE)
    answers = house.books.append_each([line_of(each.written) for each in one[0].corrections])
    assert [answer.is_retry for answer in answers if hasattr(answer, "is_retry")] == [True] * 4
    assert penalties(house, "A-1", LATE) == OWED


def test_an_account_that_cannot_be_read_stops_no_other(house: House, assessor: Assessments) -> None:
    house.record(*borrower("A-1"), *borrower("A-2"))
    house.poison("A-1")
    step = run(house, assessor, LATE)
    assert {account for account, _ in step.failures} == {"A-1"}
    assert "topic 'draw.teleported' is unknown" in step.failures[0][1]
    assert penalties(house, "A-2", LATE) == OWED
    assert run(house, assessor, LATE).accounts == 0
    assert run(house, assessor, date(2026, 2, 9)).failures, "it is tried again every day"


def test_bounded_steps(
    house: House, assessor: Assessments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessments, "NEWS_EVENTS_MAX", 9)
    monkeypatch.setattr(assessments, "STEP_ACCOUNTS_MAX", 2)
    monkeypatch.setattr(assessments, "REQUEST_LINES_MAX", 3)
    names = [f"A-{number}" for number in range(20)]
    house.record(*(line for name in names for line in borrower(name)))
    for today in (DUE, LATE):
        for shard in range(house.log.shards):
            assert all(step.accounts <= 2 for step in assessor.assess(shard, today))
    assert Counter(penalties(house, name, LATE) for name in names) == {OWED: 20}


def test_the_books_do_not_go_back(house: House, assessor: Assessments) -> None:
    house.record(*borrower("A-1"))
    run(house, assessor, LATE)
    assert run(house, assessor, DUE) == Step()
    assert penalties(house, "A-1", LATE) == OWED
    assert assessor.assessed_to() == LATE


def test_while_the_ledger_is_loading_nothing_is_owed(house: House) -> None:
    with house.pool.connection() as conn:
        assessments.create(conn, house.log.shards)
    assert Assessments(house.pool, house.log, house.books).owed(LATE) == []


def test_the_search_looks_for_what_is_stored(house: House) -> None:
    """For the names of the rules, in the bytes of a draw."""
    house.record(*borrower("A-1"), *borrower("A-2", late_fee=None), *late_payer("A-3"))
    states = dict(_states(house))
    assert b'"late_fee":{' in states["A-1"]
    assert b'"penalty_interest":{' in states["A-2"]
    assert b'"late_fee"' not in states["A-2"]
    assert b"penalty_interest" not in states["A-3"]


def _states(house: House) -> Iterator[tuple[str, bytes]]:
    for account, history in house.log.streams(["A-1", "A-2", "A-3"]).items():
        yield account, history[1].state
