"""Alive, ready, figures, the access log, and a stop that finishes what was accepted."""

import json
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.api.roles import ApiRole
from app.api.server import listening
from app.api.settings import ApiSettings
from app.wiring import App
from tests.api.serving import Served, opening, payment, problem_of, serving
from tests.api.test_batch import NDJSON, answers, lines_of
from tests.sessions.terminal import ROOT
from tests.system.helpers import eventually


@pytest.fixture
def operator(served: Served) -> Iterator[httpx.Client]:
    """Who runs it."""
    with served.caller(ApiRole.OPERATOR) as caller:
        yield caller


def test_it_says_that_it_lives_and_how_far_it_is(served: Served) -> None:
    assert httpx.get(f"{served.url}/healthz").json() == {"is_alive": True}
    ready = httpx.get(f"{served.url}/readyz").json()
    assert (ready["is_ready"], ready["phase"], ready["today"]) == (True, "loading", "2026-03-01")
    assert ready["lag"] >= 0


def test_the_figures_count_what_was_done(operator: httpx.Client, service: httpx.Client) -> None:
    def figures() -> dict[str, float]:
        lines = operator.get("/metrics").text.splitlines()
        return {
            name: float(value)
            for name, _, value in (one.rpartition(" ") for one in lines if one[0] != "#")
        }

    before = figures()
    assert service.post("/v1/accounts", json=opening("figures")).status_code == 201
    assert service.post("/v1/accounts", json=opening("figures")).status_code == 200
    assert service.post("/v1/accounts/figures/payments", json={}).status_code == 422
    after = figures()
    for name in (
        'duebook_facts_total{outcome="recorded"}',
        'duebook_facts_total{outcome="retry"}',
        'duebook_rejections_total{code="field_invalid"}',
        'duebook_requests_total{method="POST",route="/v1/accounts",status="201"}',
    ):
        assert after[name] == before.get(name, 0) + 1, name
    assert after["duebook_commit_lines_sum"] == before["duebook_commit_lines_sum"] + 3
    assert 'duebook_lag_events{shard="0"}' in after
    assert "duebook_quarantined_accounts" in after


def test_every_figure_stands_in_the_docs_and_every_one_there_is_given(
    operator: httpx.Client,
) -> None:
    given = set(re.findall(r"^# TYPE (\w+) ", operator.get("/metrics").text, re.MULTILINE))
    page = (ROOT / "docs/api.md").read_text()
    told = set(re.findall(r"`(duebook_[a-z_]+)`", page.partition("| figure |")[2]))
    assert told == {name for name in given if not name.endswith("_created")}


def test_keys_are_made_shown_and_revoked(served: Served, operator: httpx.Client) -> None:
    made = operator.post("/v1/keys", json={"name": "checkout", "role": "service"})
    assert made.status_code == 201
    text, key = made.json()["text"], made.json()["key"]
    assert key in operator.get("/v1/keys").json()["keys"]
    assert text not in operator.get("/v1/keys").text
    with served.with_key(text) as caller:
        assert caller.post("/v1/accounts", json=opening("by-new-key")).status_code == 201
        assert operator.delete(f"/v1/keys/{key['key_id']}").json()["revoked_at"] is not None
        assert problem_of(caller.get("/v1/overdue")) == (401, "unauthenticated")
    assert problem_of(operator.delete("/v1/keys/aaaaaaaaaaaa")) == (404, "key_unknown")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x", "role": "king"},
        {"name": "x", "role": ["service"]},
        {"name": "", "role": "service"},
        {"name": "x\n", "role": "service"},
        {"name": "x", "role": "borrower"},
        {"name": "x", "role": "borrower", "account": "no id"},
        {"name": "x", "role": "service", "account": "A-1"},
        {"name": "x", "role": "service", "account": None},
        {"name": "x", "role": "service", "admin": True},
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    operator: httpx.Client, body: dict[str, object]
) -> None:
    assert problem_of(operator.post("/v1/keys", json=body)) == (422, "key_refused")


def test_what_is_refused_and_what_operators_do_is_kept(
    served: Served, operator: httpx.Client
) -> None:
    last = 0
    while entries := operator.get(f"/v1/access-log?after={last}").json()["entries"]:
        last = entries[-1]["number"]
    httpx.get(f"{served.url}/v1/overdue", headers={"X-Request-Id": "mine-1"})
    with served.caller(ApiRole.BORROWER, "own") as borrower:
        borrower.get("/v1/accounts/foreign/overdue", headers={"X-Request-Id": "mine-2"})
        borrower.get("/v1/overdue", headers={"X-Request-Id": "mine-3"})
    operator.post("/v1/keys", json={"name": "x", "role": "king"})
    entries = operator.get(f"/v1/access-log?after={last}").json()["entries"]
    kept = [(one["act"], one["outcome"], one["role"], one["account_id"]) for one in entries]
    assert kept == [
        ("refused", "unauthenticated", None, None),
        ("refused", "account_of_somebody_else", "borrower", "foreign"),
        ("refused", "forbidden", "borrower", None),
        ("operated", "admitted", "operator", None),
    ]
    assert [one["request_id"] for one in entries][:3] == ["mine-1", "mine-2", "mine-3"]


def test_who_comes_too_often_is_told_when_to_come_again(ledger: App) -> None:
    few = {"DUEBOOK_API_REQUESTS_A_SECOND": "2", "DUEBOOK_API_REQUESTS_SAVED_MAX": "3"}
    with serving(ledger, few) as served, served.caller() as caller:
        found = [caller.get("/v1/events?shard=0&limit=1").status_code for _ in range(4)]
        assert found == [200, 200, 200, 429]
        refused = caller.get("/v1/events?shard=0&limit=1")
        assert problem_of(refused) == (429, "too_many_requests")
        time.sleep(int(refused.headers["retry-after"]))
        assert caller.get("/v1/events?shard=0&limit=1").status_code == 200


def test_no_answer_waits_for_the_caller_to_acknowledge_its_head() -> None:
    with (
        listening(ApiSettings(port=0)) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_stop_finishes_what_was_accepted(ledger: App) -> None:
    """Callers hammer while it stops: whoever was answered with 201 is in the log."""
    acknowledged: list[str] = []

    def hammer(served: Served, name: str) -> None:
        with served.caller() as caller:
            for number in range(10_000):
                body = payment(f"{name}-{number}", "1.00")
                try:
                    answer = caller.post("/v1/accounts/stopped/payments", json=body)
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    acknowledged.append(f"payment:{name}-{number}")

    with serving(ledger) as served:
        with served.caller() as caller:
            caller.post("/v1/accounts", json=opening("stopped"))
        callers = [threading.Thread(target=hammer, args=(served, f"T{n}")) for n in range(4)]
        for caller_thread in callers:
            caller_thread.start()
        eventually("they are in full swing", lambda: len(acknowledged) > 20)
        served.stop()
        for caller_thread in callers:
            caller_thread.join()
        assert served.process.returncode == 0
    recorded = {one.key for one in ledger.log.streams(["stopped"])["stopped"]}
    assert set(acknowledged) <= recorded


def test_a_batch_that_a_stop_meets_ends_at_a_line_that_it_names(ledger: App) -> None:
    body = lines_of("stopped-batch", 9)

    def sent() -> Iterator[bytes]:
        yield b"".join(body[:5])
        time.sleep(0.5)
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        yield b"".join(body[5:])

    with serving(ledger) as served:
        with served.caller() as caller:
            said = answers(caller.post("/v1/batch", content=sent(), headers=NDJSON))
        assert said[-1]["torn_after_line"] == 5
        assert said[-1]["problem"]["code"] == "stopping"
        assert served.process.wait(20) == 0
    assert ledger.log.versions(["stopped-batch"])["stopped-batch"].version == 5


def test_the_log_says_by_which_request_a_fact_or_a_case_came(ledger: App, tmp_path: Path) -> None:
    at = "/v1/accounts/logged"
    with (tmp_path / "log").open("wb") as log, serving(ledger, log=log) as served:
        with served.caller() as service, served.caller(ApiRole.SUPPORT) as support:
            sent = (
                service.post(
                    "/v1/accounts", json=opening("logged"), headers={"X-Request-Id": "mine-a"}
                ),
                support.post(
                    f"{at}/cases", json={"words": "?"}, headers={"X-Request-Id": "mine-b"}
                ),
            )
        assert [one.status_code for one in sent] == [201, 201]
        assert [one.headers["X-Request-Id"] for one in sent] == ["mine-a", "mine-b"]
        served.stop()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    by_request = {one["request_id"]: one for one in lines if one["event"] == "request"}
    for name in ("mine-a", "mine-b"):
        told = by_request[name]
        [found] = ledger.log.follow(told["shard"], told["position"] - 1, 1)
        assert (found.position, found.key) == (told["position"], told["key"])
