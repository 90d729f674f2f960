"""Bodies and heads as no honest client sends them: each has its answer and leaves no trace."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.api.roles import ApiRole
from app.wiring import App
from tests.api.serving import Served, opening, payment, problem_of, serving

JSON = "application/json"
ACCOUNT = "bad-requests"
PAYMENTS = f"/v1/accounts/{ACCOUNT}/payments"
GOOD = json.dumps(payment())


@pytest.fixture(autouse=True)
def untouched(served: Served, service: httpx.Client) -> Iterator[None]:
    """An account that nothing in this file may change."""
    service.post("/v1/accounts", json=opening(ACCOUNT))
    yield
    assert served.app.log.versions([ACCOUNT])[ACCOUNT].version == 1


def with_field(name: str, value: Any) -> bytes:
    """A payment with another field, or with another value of one."""
    return json.dumps({**payment(), name: value}).encode()


NESTED = "[" * 200 + "]" * 200
BODIES = [
    (b"", 400, "line_malformed", None),
    (b"{", 400, "line_malformed", None),
    (b"null", 400, "line_malformed", None),
    (b"[]", 400, "line_malformed", None),
    (b'"text"', 400, "line_malformed", None),
    (b'{"amount": NaN}', 400, "line_malformed", None),
    (b'{"amount": 1e999}', 400, "line_malformed", None),
    (b"\xef\xbb\xbf{}", 400, "line_malformed", None),
    (b'{"reason": "\xff"}', 400, "line_malformed", None),
    (b'{"reason": "\\ud800"}', 400, "line_malformed", None),
    (GOOD.replace("{", '{"amount": "1.00", ', 1).encode(), 400, "line_malformed", None),
    (GOOD.replace("{", '{"am\\u006funt": "1.00", ', 1).encode(), 400, "line_malformed", None),
    (f'{{"reason": {NESTED}}}'.encode(), 400, "line_malformed", None),
    (with_field("amount", 100.0), 422, "amount_invalid", "amount"),
    (with_field("amount", 100), 422, "amount_invalid", "amount"),
    (with_field("amount", "1e2"), 422, "amount_invalid", "amount"),
    (with_field("amount", "1.001"), 422, "amount_invalid", "amount"),
    (with_field("amount", "-1"), 422, "amount_invalid", "amount"),
    (with_field("amount", None), 422, "field_invalid", "amount"),
    (with_field("amount", ["1"]), 422, "amount_invalid", "amount"),
    (with_field("amnt", "1"), 422, "field_invalid", "amnt"),
    (with_field("account", "A-1"), 422, "field_invalid", "account"),
    (with_field("topic", "draw.made"), 422, "field_invalid", "topic"),
    (with_field("recorded_at", "2026-01-01T00:00Z"), 422, "field_invalid", "recorded_at"),
    (with_field("effective_on", "2026-02-30"), 422, "field_invalid", "effective_on"),
    (with_field("effective_on", 1770000000), 422, "field_invalid", "effective_on"),
    (with_field("channel", "x" * 501), 422, "field_invalid", "channel"),
    (with_field("channel", "\x00"), 422, "field_invalid", "channel"),
    (with_field("payment_id", "P 1"), 422, "field_invalid", "payment_id"),
    (with_field("payment_id", {"a": NESTED}), 422, "field_invalid", "payment_id"),
    (with_field("draw_id", "D-9"), 422, "draw_unknown", "draw_id"),
    (with_field("currency", "USD"), 422, "currency_mismatch", "currency"),
    (b"{}", 422, "field_invalid", None),
]


@pytest.mark.parametrize(("body", "status", "code", "field"), BODIES)
def test_a_body_that_is_refused(
    service: httpx.Client, body: bytes, status: int, code: str, field: str | None
) -> None:
    answer = service.post(PAYMENTS, content=body, headers={"Content-Type": JSON})
    assert problem_of(answer) == (status, code), answer.text
    if field is not None:
        assert answer.json()["field"] == field


def test_a_text_that_looks_like_names_is_a_text(service: httpx.Client) -> None:
    body = with_field("channel", 'he said "amount": "1", then "amount": "2"')
    answer = service.post(PAYMENTS + "?wait=now", content=body, headers={"Content-Type": JSON})
    assert problem_of(answer) == (422, "parameter_invalid"), "the body alone is a good one"


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/x-ndjson", "application/json; charset=utf-16"]
)
def test_a_body_of_another_type_is_refused(service: httpx.Client, media_type: str) -> None:
    answer = service.post(PAYMENTS, content=GOOD, headers={"Content-Type": media_type})
    assert problem_of(answer) == (415, "media_type_unsupported")


def test_a_compressed_body_is_refused(service: httpx.Client) -> None:
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    answer = service.post(PAYMENTS, content=b"\x1f\x8b", headers=headers)
    assert problem_of(answer) == (415, "media_type_unsupported")


def test_a_field_of_ten_megabytes_is_refused_before_it_is_read(service: httpx.Client) -> None:
    body = with_field("channel", "x" * 10_000_000)
    answer = service.post(PAYMENTS, content=body, headers={"Content-Type": JSON})
    assert problem_of(answer) == (413, "body_too_large")

    def unannounced() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    answer = service.post(PAYMENTS, content=unannounced(), headers={"Content-Type": JSON})
    assert problem_of(answer) == (413, "body_too_large")


def said_to(served: Served, *pieces: bytes) -> bytes:
    """What the server answers to these bytes, to the end of the connection."""
    place = urlsplit(served.url)
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answered = b""
        while received := connection.recv(65_536):
            answered += received
    return answered


def announced(key: str, length: int) -> bytes:
    """The head of a payment whose body has so many bytes."""
    return (
        f"POST {PAYMENTS} HTTP/1.1\r\nHost: duebook\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {JSON}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def test_who_listens_only_after_ten_megabytes_gets_the_whole_answer(served: Served) -> None:
    body = b" " * 10_000_000
    answered = said_to(served, announced(served.key(ApiRole.SERVICE), len(body)), body)
    assert answered.startswith(b"HTTP/1.1 413 "), answered[:200]
    assert b'"code":"body_too_large"' in answered


def test_what_is_no_http_is_answered_and_cut(served: Served) -> None:
    answered = said_to(served, b"\x16\x03\x01 hello\r\n\r\n")
    assert answered.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"request_malformed"' in answered


def test_a_head_that_is_too_long_is_answered_and_cut(served: Served) -> None:
    whole = b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"
    endless = b"GET /" + b"x" * 20_000
    for head in (whole, endless):
        answered = said_to(served, head)
        assert answered.startswith(b"HTTP/1.1 431 "), answered[:200]
        assert b'"code":"head_too_large"' in answered


def test_who_does_not_go_on_is_answered_and_cut(ledger: App) -> None:
    hasty = {"DUEBOOK_API_HEAD_SECONDS_MAX": "1", "DUEBOOK_API_BODY_SECONDS_MAX": "0.5"}
    with serving(ledger, hasty) as served:
        for head in (b"", b"GET /healthz HTTP/1.1\r\nHost:"):
            answered = said_to(served, head)
            assert answered.startswith(b"HTTP/1.1 408 "), answered[:200]
            assert b'"code":"request_timeout"' in answered
        key = served.key(ApiRole.SERVICE)
        answered = said_to(served, announced(key, len(GOOD)), GOOD[:20].encode())
        assert answered.startswith(b"HTTP/1.1 408 "), answered[:200]
        assert b'"code":"request_timeout"' in answered


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/keys", "GET, POST"),
        ("/v1/keys/aaaaaaaaaaaa", "DELETE"),
        ("/v1/rebuilds", "GET, POST"),
        ("/v1/accounts/A-1/overdue", "GET"),
    ],
)
def test_a_method_that_a_path_does_not_know(served: Served, path: str, methods: str) -> None:
    answer = httpx.options(f"{served.url}{path}")
    assert problem_of(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == methods
    assert methods in answer.json()["detail"]
