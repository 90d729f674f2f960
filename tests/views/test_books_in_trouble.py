"""The way in on a bad day: what is lost is tried again, and what is not known is said."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Timer

import psycopg
import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.books import Books, Busy, MayBeWritten, Request
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.log.log import Log
from tests.databases import ledger_pool
from tests.house import House
from tests.lines import drawn, late_payer, opened, paid, reversed_
from tests.wire import Wire, wire_to

PAYMENT = paid("A-1", "P-1", "10.00", "2026-02-05")


@pytest.fixture
def wire(database_url: str) -> Iterator[Wire]:
    """A wire to the fresh ledger."""
    with wire_to(database_url) as whole:
        yield whole


@pytest.fixture
def books(house: House, wire: Wire) -> Iterator[Books]:
    """The books at the end of the wire; the account A-1 is in them."""
    house.record(*late_payer("A-1"))
    with ledger_pool(wire.url) as pool:
        yield Books(Log(pool, lambda: datetime.now(UTC)))


def keys(house: House, account: str = "A-1") -> list[str]:
    return [event.key for event in house.log.streams([account])[account]]


# --- the connection ----------------------------------------------------------------------------


def test_a_lost_connection_is_no_error(house: House, books: Books, wire: Wire) -> None:
    wire.cut()
    [taken] = books.append_all([PAYMENT])
    assert not taken.is_retry
    assert keys(house).count("payment:P-1") == 1


def test_a_commit_that_never_arrives_is_done_again(house: House, books: Books, wire: Wire) -> None:
    wire.fault = "commit lost"
    [taken] = books.append_all([PAYMENT])
    assert not taken.is_retry
    assert keys(house).count("payment:P-1") == 1


@pytest.mark.parametrize("others", [0, 100], ids=["pipelined", "copied"])
def test_a_commit_whose_answer_is_lost_counts_once(
    house: House, books: Books, wire: Wire, others: int
) -> None:
    wire.fault = "answer lost"
    accounts = [opened(f"B-{number}") for number in range(others)]
    taken = books.append_all([PAYMENT, *accounts])
    assert {answer.is_retry for answer in taken} == {True}, "it was recorded at the first attempt"
    assert keys(house).count("payment:P-1") == 1


def test_an_answer_that_stays_away_is_told_apart(house: House, books: Books, wire: Wire) -> None:
    books.patience_seconds = 0.5
    wire.fault, wire.stays_down = "answer lost", True
    with pytest.raises(MayBeWritten, match=r"may have been written\. Repeat it unchanged"):
        books.append_all([PAYMENT])
    wire.mend()
    books.patience_seconds = 60
    assert books.append_all([PAYMENT])[0].is_retry


def test_a_database_that_is_away_is_an_error_in_the_end(
    house: House, books: Books, wire: Wire
) -> None:
    books.patience_seconds = 0.5
    wire.stays_down = True
    wire.cut()
    with pytest.raises(psycopg.OperationalError) as caught:
        books.append_all([PAYMENT])
    assert not isinstance(caught.value, MayBeWritten)
    assert "payment:P-1" not in keys(house)


def test_a_database_that_comes_back_costs_waiting(house: House, books: Books, wire: Wire) -> None:
    books.patience_seconds = 60
    wire.stays_down = True
    wire.cut()
    Timer(1.5, wire.mend).start()
    [taken] = books.append_all([PAYMENT])
    assert not taken.is_retry


# --- the server --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["40001", "40P01"], ids=["serialization", "deadlock"])
def test_whom_the_database_sends_away_comes_again(
    house: House, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    house.record(*late_payer("A-1"))
    house.execute("CREATE SEQUENCE attempts")
    house.execute(
        f"""
        CREATE FUNCTION send_away() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('attempts') <= 2 THEN RAISE 'not now' USING ERRCODE = '{state}'; END IF;
          RETURN NULL;
        END $$
        """
    )
    house.execute("CREATE TRIGGER a AFTER INSERT ON events EXECUTE FUNCTION send_away()")
    assert not house.books.append_all([PAYMENT])[0].is_retry
    assert keys(house).count("payment:P-1") == 1
    assert caplog.messages == [], "psycopg complains of a pipeline that was left in disorder"


def test_who_holds_a_head_for_ever_does_not_hold_up_the_others(
    house: House, pool: ConnectionPool[Connection]
) -> None:
    house.record(*late_payer("A-1"))
    books = Books(house.log, patience_seconds=0.5)
    with pool.connection() as holder, holder.transaction():
        house.log.lock(["A-1"], holder)
        with pytest.raises(Busy, match=r"for 0\.5 s\. Nothing was written"):
            books.append_all([PAYMENT])
    assert "payment:P-1" not in keys(house)
    assert not books.append_all([PAYMENT])[0].is_retry


# --- requests that are decided together --------------------------------------------------------


def test_a_refused_request_leaves_nothing_to_those_after_it(house: House) -> None:
    house.record(opened("A-1", credit_limit="1000.00"))
    draw = drawn("A-1", draw="D-1", amount="600.00")
    refused, taken, over, retry = house.books.append_together(
        [
            Request([draw, reversed_("A-1", "P-9", "2026-02-05")], all_or_nothing=True),
            Request([draw], all_or_nothing=True),
            Request([drawn("A-1", draw="D-2", amount="600.00")], all_or_nothing=False),
            Request([draw], all_or_nothing=False),
        ]
    )
    assert isinstance(refused, Rejected)
    assert "payment P-9 is not recorded" in str(refused)
    assert isinstance(taken, list)
    assert isinstance(over, list)
    assert isinstance(over[0], Rejection)
    assert over[0].code is Code.LIMIT_EXCEEDED
    assert isinstance(retry, list)
    [again] = retry
    assert not isinstance(again, Rejection)
    assert again.is_retry
    assert [again.recorded] == [one.recorded for one in taken if not isinstance(one, Rejection)]
    assert keys(house) == ["account:opened", "draw:D-1"]


def test_a_full_account_refuses_line_by_line(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.record(*late_payer("A-1"))
    monkeypatch.setattr("ledger.deciding.EVENTS_PER_STREAM_MAX", 3)
    payments = [paid("A-1", f"P-{n}", "1.00", "2026-02-05") for n in range(3)]
    first, *others = house.books.append_each(payments)
    assert not isinstance(first, Rejection)
    assert [one.code for one in others if isinstance(one, Rejection)] == [Code.STREAM_FULL] * 2
