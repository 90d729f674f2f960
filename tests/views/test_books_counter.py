"""The counter: many callers in one transaction, each with an answer or an error of his own."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import psycopg
import pytest

from ledger.books import Books, MayBeWritten, Request, Taken
from ledger.counter import Counter, CounterClosed, Overloaded, Withdrawn
from ledger.deciding import Outcome
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.door import Line
from tests.house import House
from tests.lines import drawn, late_payer, opened, paid, reversed_
from tests.system.helpers import eventually

SOON = 60.0


class HeldBooks(Books):
    """Books that begin with a group when the test lets them, and tell how large it was."""

    def __init__(self, house: House) -> None:
        super().__init__(house.log)
        self.may_begin = Event()
        self.groups: list[int] = []

    def append_together(self, requests: Sequence[Request]) -> list[Outcome]:
        self.groups.append(len(requests))
        assert self.may_begin.wait(SOON)
        return super().append_together(requests)


class Bank:
    """A counter with callers who queue; the first of them is at the database already."""

    def __init__(self, house: House, threads: ThreadPoolExecutor, queue_lines_max: int) -> None:
        self.house = house
        self.books = HeldBooks(house)
        self.counter = Counter(self.books, queue_lines_max=queue_lines_max)
        self._threads = threads
        self.first = self.bring(opened("A-0"))
        eventually("the first is at the database", lambda: self.books.groups == [1])

    def bring(self, *lines: Line, seconds: float = SOON) -> "Future[list[Taken]]":
        return self._threads.submit(self.counter.append_all, lines, seconds=seconds)

    def queued(self, *lines: Line, seconds: float = SOON) -> "Future[list[Taken]]":
        """Bring a request, and see that it is in the queue."""
        before = self.waiting
        future = self.bring(*lines, seconds=seconds)
        eventually("it is in the queue", lambda: self.waiting == before + len(lines))
        return future

    @property
    def waiting(self) -> int:
        return self.counter.queued_lines()

    def events(self) -> int:
        return sum(head.position for head in self.house.log.heads())


@contextmanager
def bank_of(house: House, queue_lines_max: int = 1_000) -> Iterator[Bank]:
    with ThreadPoolExecutor(64) as threads:
        bank = Bank(house, threads, queue_lines_max)
        try:
            yield bank
        finally:
            bank.books.may_begin.set()
            bank.counter.close()


@pytest.fixture
def bank(house: House) -> Iterator[Bank]:
    """A bank with room for everybody."""
    with bank_of(house) as large:
        yield large


@pytest.fixture
def small_bank(house: House) -> Iterator[Bank]:
    """A bank in which two lines can wait."""
    with bank_of(house, queue_lines_max=2) as small:
        yield small


# --- answers -----------------------------------------------------------------------------------


def test_who_gathers_is_appended_together_and_answered_alone(bank: Bank) -> None:
    futures = [bank.queued(opened(f"A-{number}")) for number in range(1, 41)]
    bank.books.may_begin.set()
    accounts = [future.result()[0].recorded[0].stream_id for future in futures]
    assert accounts == [f"A-{number}" for number in range(1, 41)]
    assert bank.books.groups == [1, 40]


def test_each_of_a_group_is_woken_by_his_answer_and_not_by_the_clock(bank: Bank) -> None:
    group = [bank.queued(opened(f"A-{number}"), seconds=3 * SOON) for number in range(1, 9)]
    bank.books.may_begin.set()
    assert all(len(brought.result(timeout=SOON)) == 1 for brought in group)
    assert bank.books.groups == [1, 8]


def test_a_refused_request_harms_no_other(bank: Bank) -> None:
    good = [bank.queued(*late_payer(f"A-{number}")) for number in range(1, 4)]
    bad = bank.queued(*late_payer("A-9"), reversed_("A-9", "P-9", "2026-02-05"))
    good += [bank.queued(*late_payer(f"A-{number}")) for number in range(4, 7)]
    bank.books.may_begin.set()
    with pytest.raises(Rejected, match="payment P-9 is not recorded"):
        bad.result()
    assert all(len(future.result()) == 2 for future in good)
    assert bank.events() == 1 + 6 * 2


def test_a_request_that_breaks_the_group_is_broken_alone(bank: Bank) -> None:
    good = [bank.queued(opened(f"A-{number}")) for number in (1, 2)]
    broken = bank.queued(Line("A-3", "no.such_topic", {}))
    good.append(bank.queued(opened("A-4")))
    bank.books.may_begin.set()
    with pytest.raises(KeyError, match=r"no\.such_topic"):
        broken.result()
    assert [len(future.result()) for future in good] == [1, 1, 1]
    assert bank.books.groups == [1, 4, 1, 1, 1, 1]


def test_an_error_of_the_database_is_everybodys(bank: Bank) -> None:
    bank.house.execute("ALTER TABLE heads RENAME TO elsewhere")
    bank.books.patience_seconds = 0.5
    futures = [bank.queued(opened(f"A-{number}")) for number in (1, 2)]
    bank.books.may_begin.set()
    errors = [future.exception() for future in [bank.first, *futures]]
    bank.house.execute("ALTER TABLE elsewhere RENAME TO heads")
    assert [type(error) for error in errors] == [psycopg.errors.UndefinedTable] * 3
    assert len({id(error) for error in errors}) == 3


def test_racing_draws_at_the_counter_never_pass_the_limit(house: House) -> None:
    house.record(opened("A-1", credit_limit="1000.00"))
    draws = [drawn("A-1", draw=f"D-{number}", amount="150.00") for number in range(64)]
    with Counter(house.books) as counter, ThreadPoolExecutor(64) as threads:
        answers = [
            a for [a] in threads.map(lambda x: counter.append_each([x], seconds=SOON), draws)
        ]
    refused = [answer.code for answer in answers if isinstance(answer, Rejection)]
    assert refused == [Code.LIMIT_EXCEEDED] * 58


# --- a full queue ------------------------------------------------------------------------------


def test_a_full_queue_is_refused_at_once_if_asked(small_bank: Bank) -> None:
    inside = [small_bank.queued(opened(f"A-{number}")) for number in (1, 2)]
    with pytest.raises(Overloaded, match=r"2 lines are waiting.*Nothing was written") as caught:
        small_bank.counter.append_all([opened("A-3")], at_once=True)
    assert caught.value.retry_after_seconds > 0
    small_bank.books.may_begin.set()
    assert [len(future.result()) for future in inside] == [1, 1]
    assert small_bank.events() == 3


def test_a_full_queue_is_waited_for_within_the_time(small_bank: Bank) -> None:
    for number in (1, 2):
        small_bank.queued(opened(f"A-{number}"))
    with pytest.raises(Overloaded):
        small_bank.counter.append_all([opened("A-3")], seconds=0.1)
    waiting = small_bank.bring(opened("A-4"))
    small_bank.books.may_begin.set()
    assert len(waiting.result()) == 1
    assert small_bank.events() == 4


def test_a_request_that_is_larger_than_the_queue_gets_its_turn(small_bank: Bank) -> None:
    large = small_bank.queued(*[opened(f"B-{number}") for number in range(10)])
    small_bank.books.may_begin.set()
    assert len(large.result()) == 10


# --- time that is up ---------------------------------------------------------------------------


def test_what_is_still_queued_is_withdrawn(bank: Bank) -> None:
    with pytest.raises(Withdrawn, match=r"waited 0\.1 s in the queue.*Nothing was written"):
        bank.counter.append_all([opened("A-1")], seconds=0.1)
    bank.books.may_begin.set()
    bank.counter.close()
    assert bank.events() == 1, "the withdrawn request came to the log"


def test_what_was_handed_over_may_be_written_and_is_safe_to_repeat(house: House) -> None:
    books = HeldBooks(house)
    payment = paid("A-1", "P-1", "1.00", "2026-02-05")
    house.record(*late_payer("A-1"))
    with Counter(books) as counter:
        with pytest.raises(MayBeWritten, match=r"not done with the request within 1 s"):
            counter.append_all([payment], seconds=1.0)
        books.may_begin.set()
        [again] = counter.append_all([payment], seconds=SOON)
    assert again.is_retry


# --- the end -----------------------------------------------------------------------------------


def test_closing_finishes_what_was_accepted(bank: Bank) -> None:
    futures = [bank.queued(opened(f"A-{number}")) for number in range(1, 21)]
    with ThreadPoolExecutor(1) as thread:
        closing = thread.submit(bank.counter.close)
        eventually("it takes no more", lambda: _is_closed(bank.counter))
        bank.books.may_begin.set()
        closing.result()
    assert all(len(future.result()) == 1 for future in futures)
    assert bank.events() == 21


def _is_closed(counter: Counter) -> bool:
    try:
        counter.append_all([opened("Z-1")], seconds=0.01, at_once=True)
    except CounterClosed:
        return True
    except (Withdrawn, Overloaded):
        return False
    raise AssertionError("nothing can be answered while the books are held")
