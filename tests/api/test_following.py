"""The log by position: no gap, nothing twice, from anywhere, while it grows."""

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from app.api.roles import ApiRole
from app.wiring import App
from ledger.door import line_of
from ledger.log.records import NewEvent
from tests.api.serving import Served, payment, problem_of
from tests.system.helpers import TODAY, account_lines

ACCOUNT = "followed"
EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def shard(ledger: App) -> int:
    """The shard of an account with some facts."""
    ledger.books.append_all(account_lines(ACCOUNT))
    return ledger.log.shard_of(ACCOUNT)


@pytest.fixture
def consumer(served: Served, shard: int) -> Iterator[httpx.Client]:
    """A service that keeps books of its own."""
    with served.caller() as caller:
        yield caller


def test_page_after_page_is_the_whole_shard(
    ledger: App, consumer: httpx.Client, shard: int
) -> None:
    seen: list[dict[str, object]] = []
    after = 0
    while True:
        page = consumer.get("/v1/events", params={"shard": shard, "after": after, "limit": 200})
        document = page.json()
        if not document["events"]:
            break
        seen += document["events"]
        after = document["next"]
    assert [one["position"] for one in seen] == list(range(1, after + 1))
    assert after == document["head"] == ledger.log.heads()[shard].position
    paid = [one for one in seen if one["stream"] == ACCOUNT][2]
    assert paid["fact"] == {
        "topic": "payment.received",
        "effective_on": "2026-02-05",
        "payment_id": "P-1",
        "amount": "408.03",
        "channel": "",
        "intent": "due",
    }


def test_an_event_that_cannot_be_read_is_not_left_out(ledger: App, consumer: httpx.Client) -> None:
    [appended] = ledger.log.append(
        [NewEvent("unreadable", "draw.teleported", TODAY, "draw:T-1", b"{}")]
    )
    place = appended.recorded
    asked = {"shard": place.shard, "after": place.position - 1, "limit": 1}
    [event] = consumer.get("/v1/events", params=asked).json()["events"]
    assert (event["topic"], event["fact"]) == ("draw.teleported", None)


def test_a_stream_goes_on_as_the_log_does(ledger: App, consumer: httpx.Client, shard: int) -> None:
    """It is begun behind the first event, and hears what is recorded while it listens."""

    def record() -> None:
        for number in range(20):
            fact = payment(f"S-{number}", "1.00")
            line = {"account": ACCOUNT, "topic": "payment.received", **fact}
            ledger.books.append_all([line_of(line)])

    head = ledger.log.heads()[shard].position
    writer = threading.Thread(target=record)
    asked = {"shard": shard, "after": 1}
    heard: list[int] = []
    with consumer.stream("GET", "/v1/events", params=asked, headers=EVENTS) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        writer.start()
        for line in answer.iter_lines():
            if line.startswith("id: "):
                heard.append(int(line.removeprefix("id: ")))
            if line.startswith("data: "):
                assert json.loads(line.removeprefix("data: "))["position"] == heard[-1]
            if heard and heard[-1] == head + 20:
                break
    writer.join()
    assert heard == list(range(2, head + 21))


def test_a_consumer_that_was_cut_off_goes_on_where_it_was(
    consumer: httpx.Client, shard: int
) -> None:
    headers = {**EVENTS, "Last-Event-ID": "2"}
    with consumer.stream("GET", f"/v1/events?shard={shard}", headers=headers) as answer:
        first = next(line for line in answer.iter_lines() if line.startswith("id: "))
    assert first == "id: 3"


def test_a_shard_that_is_not_there(consumer: httpx.Client) -> None:
    for query in ("shard=4", "shard=-1", "shard=x", "", "shard=0&after=-1", "shard=0&limit=0"):
        assert problem_of(consumer.get(f"/v1/events?{query}")) == (422, "parameter_invalid")


def test_a_borrower_does_not_follow(served: Served) -> None:
    with served.caller(ApiRole.BORROWER, ACCOUNT) as borrower:
        assert problem_of(borrower.get("/v1/events?shard=0")) == (403, "forbidden")
