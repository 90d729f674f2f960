"""The one way in: all or none, each for itself, the same fact again, and racing writers."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ledger.books import Taken
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.door import Line
from tests.house import House
from tests.lines import drawn, late_payer, opened, paid, reversed_

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def codes(answers: list[Taken | Rejection]) -> list[str]:
    """What became of each line, in a word."""
    return [
        answer.code.value
        if isinstance(answer, Rejection)
        else ("retry" if answer.is_retry else "taken")
        for answer in answers
    ]


def events(house: House) -> int:
    return sum(head.position for head in house.log.heads())


def recorded(line: Line, at: datetime) -> Line:
    return replace(line, recorded_at=at)


def test_a_request_with_one_refused_line_writes_nothing(house: House) -> None:
    with pytest.raises(Rejected, match="payment P-9 is not recorded"):
        house.record(*late_payer("A-1"), reversed_("A-1", "P-9", "2026-02-05"))
    assert events(house) == 0


def test_each_line_gets_its_answer_and_what_can_be_taken_is_taken(house: House) -> None:
    payment = paid("A-1", "P-1", "10.00", "2026-02-05")
    answers = house.books.append_each(
        [*late_payer("A-1"), payment, payment, paid("A-1", "P-1", "11.00", "2026-02-05")]
    )
    assert codes(answers) == [
        "taken", "taken", "taken", "retry", "key_used_with_other_content",
    ]  # fmt: skip
    assert events(house) == 3


def test_a_retry_gets_the_first_answer(house: House) -> None:
    house.record(*late_payer("A-1"))
    payment = paid("A-1", "P-1", "10.00", "2026-02-05")
    [first] = house.books.append_all([payment])
    [again] = house.books.append_all([payment])
    assert (again.recorded, again.is_retry) == (first.recorded, True)


def test_money_taken_back_twice_under_one_id_is_a_retry(house: House) -> None:
    house.record(
        *late_payer("A-1"),
        paid("A-1", "P-1", "30.00", "2026-02-05"),
        paid("A-1", "P-2", "20.00", "2026-02-06"),
    )
    back = _taken_back("A-1", "R-1", "25.00", "2026-02-07")
    [first] = house.books.append_all([back])
    assert [one.key for one in first.recorded] == ["reversal:R-1:P-2", "reversal:R-1:P-1"]
    assert codes(house.books.append_each([back])) == ["retry"]
    other = _taken_back("A-1", "R-1", "26.00", "2026-02-07")
    assert codes(house.books.append_each([other])) == ["key_used_with_other_content"]


def _taken_back(account: str, reversal: str, amount: str, on: str) -> Line:
    line = reversed_(account, "P-1", on, reversal_id=reversal, amount=amount)
    body = {name: value for name, value in line.body.items() if name != "payment_id"}
    return replace(line, body=body)


def test_many_times_given_to_an_open_ledger_are_refused_line_by_line(house: House) -> None:
    house.log.open()
    lines = [recorded(opened(f"A-{number}"), YESTERDAY) for number in range(60)]
    assert set(codes(house.books.append_each(lines))) == {"recorded_time_refused"}


def test_times_that_run_backwards_are_refused_and_the_rest_is_taken(house: House) -> None:
    lines = [recorded(line, YESTERDAY) for line in late_payer("A-1")]
    early = recorded(paid("A-1", "P-1", "1.00", "2026-02-05"), YESTERDAY - timedelta(days=1))
    late = recorded(paid("A-1", "P-2", "1.00", "2026-02-05"), YESTERDAY)
    answers = house.books.append_each([*lines, early, late])
    assert codes(answers) == ["taken", "taken", "recorded_time_refused", "taken"]


def test_a_poisoned_account_refuses_facts_and_the_others_take_theirs(house: House) -> None:
    house.record(*late_payer("A-1"), *late_payer("A-2"))
    house.poison("A-1")
    answers = house.books.append_each(
        [paid(account, "P-1", "1.00", "2026-02-05") for account in ("A-1", "A-2")]
    )
    assert codes(answers) == ["account_unreadable", "taken"]


def test_racing_draws_never_pass_the_limit(house: House) -> None:
    house.record(opened("A-1", credit_limit="1000.00"))
    draws = [drawn("A-1", draw=f"D-{number}", amount="150.00") for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        answers = [
            answer for [answer] in threads.map(lambda x: house.books.append_each([x]), draws)
        ]
    assert codes(answers).count("taken") == 6
    assert codes(answers).count(Code.LIMIT_EXCEEDED.value) == 18


def test_racing_retries_of_one_fact_write_it_once(house: House) -> None:
    house.record(*late_payer("A-1"))
    payment = paid("A-1", "P-1", "10.00", "2026-02-05")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: house.books.append_all([payment])[0], range(16)))
    assert len({answer.recorded for answer in answers}) == 1
    assert events(house) == 3
