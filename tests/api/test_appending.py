"""A fact a request: what is taken, what a repetition gets, and what headers add."""

from itertools import count

import httpx
import pytest

from app.api.resources import RESOURCES
from ledger.domain.events import EVENT_TYPES
from tests.api.serving import Served, opening, payment, problem_of

NUMBERS = count(1)


@pytest.fixture
def account(service: httpx.Client) -> str:
    """An account of the test's own."""
    name = f"appending-{next(NUMBERS)}"
    assert service.post("/v1/accounts", json=opening(name)).status_code == 201
    return name


def test_every_topic_has_a_resource_of_its_own() -> None:
    assert sorted(one.topic for one in RESOURCES) == sorted(EVENT_TYPES)
    assert len({one.path for one in RESOURCES}) == len(RESOURCES)


def test_the_examples_of_the_document_are_a_story_that_the_books_take(
    service: httpx.Client,
) -> None:
    for resource in RESOURCES:
        body = dict(resource.example)
        path = f"/v1/accounts/A-1/{resource.path}" if resource.path else "/v1/accounts"
        answer = service.post(path, json=body)
        if resource.path == "refunds":  # It would take a credit balance.
            assert problem_of(answer) == (409, "refund_exceeds_credit")
            continue
        assert answer.status_code == 201, answer.text
        assert answer.json()["topic"] == resource.topic


def test_the_answer_says_where_the_fact_stands(service: httpx.Client, account: str) -> None:
    answer = service.post(f"/v1/accounts/{account}/payments", json=payment())
    assert answer.status_code == 201
    document = answer.json()
    [recorded] = document["recorded"]
    assert (document["account"], document["topic"], document["is_retry"]) == (
        account,
        "payment.received",
        False,
    )
    assert (recorded["version"], recorded["key"]) == (2, "payment:P-1")
    assert len(bytes.fromhex(recorded["digest"])) == 32
    assert answer.headers["etag"] == '"2"'


def test_the_same_fact_again_gets_the_first_answer(service: httpx.Client, account: str) -> None:
    first = service.post(f"/v1/accounts/{account}/payments", json=payment())
    again = service.post(f"/v1/accounts/{account}/payments", json=payment())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "is_retry": True}


def test_other_content_under_the_same_key_is_refused_and_names_the_first(
    service: httpx.Client, account: str
) -> None:
    first = service.post(f"/v1/accounts/{account}/payments", json=payment())
    refused = service.post(f"/v1/accounts/{account}/payments", json=payment(amount="1.00"))
    assert problem_of(refused) == (409, "key_used_with_other_content")
    [recorded] = first.json()["recorded"]
    assert refused.json()["first"] == {
        **recorded,
        "topic": "payment.received",
        "effective_on": "2026-02-05",
    }


def test_the_key_of_the_request_is_the_id_of_the_fact(service: httpx.Client, account: str) -> None:
    body = payment()
    del body["payment_id"]
    path = f"/v1/accounts/{account}/payments"
    first = service.post(path, json=body, headers={"Idempotency-Key": '"P-7"'})
    assert first.json()["recorded"][0]["key"] == "payment:P-7"
    for key in ('"P-7"', "P-7"):  # As the draft writes it, and as many clients do.
        again = service.post(path, json=body, headers={"Idempotency-Key": key})
        assert (again.status_code, again.json()["is_retry"]) == (200, True)


@pytest.mark.parametrize("key", ['""', '"P 7"', '"P-7', "P-7;q=1", '"P-8"', "\u00e9".encode()])
def test_a_key_that_is_no_id_or_another_one_than_the_facts_is_refused(
    service: httpx.Client, account: str, key: str | bytes
) -> None:
    answer = service.post(
        f"/v1/accounts/{account}/payments",
        json=payment("P-7"),
        headers=[(b"Idempotency-Key", key.encode() if isinstance(key, str) else key)],
    )
    assert problem_of(answer) == (400, "header_invalid")


def test_a_fact_decided_upon_an_older_version_is_refused(
    service: httpx.Client, account: str
) -> None:
    path = f"/v1/accounts/{account}/payments"
    taken = service.post(path, json=payment("P-1"), headers={"If-Match": '"1"'})
    assert taken.status_code == 201
    late = service.post(path, json=payment("P-2"), headers={"If-Match": '"1"'})
    assert problem_of(late) == (412, "version_mismatch")
    retry = service.post(path, json=payment("P-1"), headers={"If-Match": '"1"'})
    assert retry.status_code == 200, "a retry is no new decision"
    then = service.post(path, json=payment("P-2"), headers={"If-Match": taken.headers["etag"]})
    assert then.status_code == 201
    assert problem_of(service.post(path, json=payment("P-3"), headers={"If-Match": "2"})) == (
        400,
        "header_invalid",
    )


def test_without_workers_waiting_ends_with_the_truth(served: Served, account: str) -> None:
    with served.caller() as service:
        answer = service.post(f"/v1/accounts/{account}/payments?wait=view", json=payment())
    assert answer.status_code == 201
    seen = answer.json()["view"]
    assert (seen["shows_the_fact"], seen["account_version"]) == (False, 0)
    assert seen["waited_seconds"] >= 5
