"""Facts by the million in one request: each line has its answer, and a torn batch is sent again."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from app.api.keys import Keys
from app.api.roles import ApiRole
from app.wiring import now
from tests.api.serving import Served, opening, payment, problem_of

NDJSON = {"Content-Type": "application/x-ndjson"}


def line(account: str, topic: str, fact: dict[str, str]) -> bytes:
    """A fact as one line."""
    return json.dumps({**fact, "account": account, "topic": topic}).encode() + b"\n"


def lines_of(account: str, payments: int) -> list[bytes]:
    """An account with so many payments."""
    opened = line(account, "account.opened", opening(account))
    paid = [line(account, "payment.received", payment(f"P-{number}")) for number in range(payments)]
    return [opened, *paid]


def answers(answer: httpx.Response) -> list[dict[str, Any]]:
    """What each line was answered."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(one) for one in answer.text.splitlines()]


def test_every_line_has_its_answer_and_the_last_counts_them(service: httpx.Client) -> None:
    good = lines_of("batch-1", 2)
    body = b"".join(
        [
            good[0],
            b"\n",
            good[1],
            good[1],
            b"no json\n",
            line("batch-9", "payment.received", payment()),
            good[2].rstrip(),
        ]
    )
    said = answers(service.post("/v1/batch", content=body, headers=NDJSON))
    assert [one.get("line") for one in said] == [1, 3, 4, 5, 6, 7, None]
    assert [one.get("is_retry") for one in said[:3]] == [False, False, True]
    assert [one["problem"]["code"] for one in said[3:5]] == ["line_malformed", "account_unknown"]
    assert said[5]["recorded"][0]["version"] == 3
    assert said[6] == {"end": {"lines": 7, "recorded": 3, "retries": 1, "refused": 2}}


def test_it_answers_while_it_reads(served: Served) -> None:
    """The second line is sent only after the first was answered."""
    head = (
        f"POST /v1/batch HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer"
        f" {served.key(ApiRole.SERVICE)}\r\nContent-Type: application/x-ndjson\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    place = urlsplit(served.url)
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(head.encode())
        heard = connection.makefile("rb")
        for number, sent in enumerate(lines_of("batch-2", 2), start=1):
            connection.sendall(b"%x\r\n%s\r\n" % (len(sent), sent))
            while not (said := heard.readline()).startswith(b'{"line"'):
                assert said, "the server hung up"
            assert json.loads(said)["line"] == number


def test_a_line_that_is_too_long_is_refused_and_the_others_are_taken(
    service: httpx.Client,
) -> None:
    good = lines_of("batch-3", 0)
    long = line("batch-3", "payment.received", payment(channel="x" * 3_000_000))
    said = answers(service.post("/v1/batch", content=long + good[0], headers=NDJSON))
    assert said[0]["problem"]["code"] == "line_malformed"
    assert said[1]["recorded"][0]["version"] == 1


def test_a_body_that_is_no_ndjson_is_refused(service: httpx.Client) -> None:
    answer = service.post("/v1/batch", content=b"[]", headers={"Content-Type": "application/json"})
    assert problem_of(answer) == (415, "media_type_unsupported")


def test_an_empty_batch_has_nothing_but_its_end(service: httpx.Client) -> None:
    said = answers(service.post("/v1/batch", content=b"", headers=NDJSON))
    assert said == [{"end": {"lines": 0, "recorded": 0, "retries": 0, "refused": 0}}]


def test_a_key_revoked_in_mid_stream_ends_it_there(served: Served) -> None:
    """What was answered before is recorded, what comes after is not."""
    keys = Keys(served.app.pool, now)
    key, text = keys.add("short-lived", ApiRole.SERVICE)
    body = lines_of("batch-4", 3)

    def sent() -> Iterator[bytes]:
        yield body[0] + body[1]
        time.sleep(0.5)
        keys.revoke(key.key_id)
        time.sleep(2.1)  # As long as a process believes what it knew.
        yield body[2] + body[3]

    with served.with_key(text) as service:
        said = answers(service.post("/v1/batch", content=sent(), headers=NDJSON))
    assert [one.get("line") for one in said] == [1, 2, None]
    assert said[2]["torn_after_line"] == 2
    assert said[2]["problem"]["code"] == "unauthenticated"
    assert served.app.log.versions(["batch-4"])["batch-4"].version == 2
    with served.caller(ApiRole.OPERATOR) as operator:
        kept = operator.get("/v1/access-log?limit=1000").json()["entries"]
    [refused] = [one for one in kept if one["caller"] == f"key:{key.key_id}"]
    assert (refused["act"], refused["outcome"]) == ("refused", "unauthenticated")
