"""The typed client says what the door says, and is patient with what can be repeated."""

from collections.abc import Iterator
from datetime import date

import pytest

from app.api.roles import ApiRole
from app.client import Client, Refused, Unanswered
from tests.api.serving import Served, opening, payment
from tests.system.helpers import account_lines


@pytest.fixture
def duebook(served: Served) -> Iterator[Client]:
    """A client of a backend service."""
    with Client(served.url, served.key(ApiRole.SERVICE)) as client:
        yield client


def test_facts_in_and_views_out(duebook: Client) -> None:
    fact = opening("client-1")
    assert duebook.open_account("client-1", fact).version == 1
    paid = duebook.append("client-1", "payments", payment(), expected_version=1)
    assert (paid.version, paid.is_retry, paid.is_shown) == (2, False, None)
    again = duebook.append("client-1", "payments", payment())
    assert (again.is_retry, again.recorded) == (True, paid.recorded)
    reading = duebook.overdue("client-1", as_of=date(2026, 3, 1))
    assert (reading.rows, reading.freshness.stream_version) == ((), 2)


def test_a_case_is_one_however_often_it_is_opened(served: Served, duebook: Client) -> None:
    duebook.open_account("client-3", opening("client-3"))
    for who, account in ((ApiRole.BORROWER, "client-3"), (ApiRole.SUPPORT, None)):
        with Client(served.url, served.key(who, account)) as asker:
            opened = asker.open_case("client-3", "client-C-1", "没有显示", language="zh")
            assert asker.case("client-3", "client-C-1") == opened
            assert (opened.status, opened.language) == ("answered", "zh")
            assert "client-3" in (opened.answer or "")
    with served.caller(ApiRole.SUPPORT) as support:
        assert len(support.get("/v1/accounts/client-3/cases").json()["cases"]) == 1


def test_a_refusal_is_raised_as_it_was_given(duebook: Client) -> None:
    duebook.open_account("client-2", opening("client-2"))
    with pytest.raises(Refused) as caught:
        duebook.append("client-2", "payments", payment(amount="1.001"))
    assert (caught.value.status, caught.value.code, caught.value.field) == (
        422,
        "amount_invalid",
        "amount",
    )


def test_a_batch_of_several_parts_and_the_events_that_it_made(
    duebook: Client, served: Served
) -> None:
    lines = [
        {"account": f"client-b-{number}", "topic": line.topic, **line.body}
        for number in range(400)
        for line in account_lines("any")
    ]
    answers = list(duebook.batch([*lines[:700], {"topic": "no.topic"}, *lines[700:]]))
    assert [one.line for one in answers] == list(range(1, len(lines) + 2))
    [refused] = [one for one in answers if one.problem is not None]
    assert (refused.line, refused.problem and refused.problem["code"]) == (701, "topic_unknown")
    versions = {
        (event.stream, event.version)
        for shard in range(served.app.log.shards)
        for event in duebook.events(shard)
        if event.stream.startswith("client-b-")
    }
    assert versions == {(f"client-b-{n}", version) for n in range(400) for version in (1, 2, 3)}
    listed = [one.account for one in duebook.list_overdue(status="current", limit=150)]
    ours = [account for account in listed if account.startswith("client-b-")]
    assert ours == sorted(f"client-b-{number}" for number in range(400))


def test_where_nobody_answers_the_deadline_ends_it(duebook: Client) -> None:
    with (
        Client("http://127.0.0.1:9", "key", deadline_seconds=0.5) as lonely,
        pytest.raises(Unanswered),
    ):
        lonely.overdue("A-1")
