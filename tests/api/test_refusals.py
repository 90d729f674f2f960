"""Refusals say what is wrong where, on every route that takes something, and stand in the docs."""

import re

import pytest

from app.api.problems import Fault, status_of
from app.api.protocol import SENTENCES
from app.api.roles import ApiRole
from ledger.domain.rejections import Code
from tests.api.serving import Served, opening, problem_of
from tests.sessions.terminal import ROOT

ACCOUNT = "refusals"
PLACE = f"/v1/accounts/{ACCOUNT}"

WRONG = [
    (ApiRole.BORROWER, "POST", f"{PLACE}/cases", {"words": ""}, "words", '""'),
    (ApiRole.BORROWER, "POST", f"{PLACE}/cases", {"words": 7}, "words", "7"),
    (ApiRole.BORROWER, "POST", f"{PLACE}/cases", {"words": "?", "mood": "bad"}, "mood", '"bad"'),
    (ApiRole.BORROWER, "GET", f"{PLACE}/quote?draw=D-9", None, "draw", "D-9"),
    (ApiRole.BORROWER, "GET", f"{PLACE}/quote?on=2026-13-01", None, "on", "2026-13-01"),
    (ApiRole.BORROWER, "GET", f"{PLACE}/shown?at=2199-01-01T00:00:00Z", None, "at", "2199"),
    (ApiRole.SUPPORT, "GET", f"{PLACE}/display?client=old", None, "client", "old"),
    (ApiRole.SUPPORT, "GET", "/v1/incidents?open=maybe", None, "open", "maybe"),
    (ApiRole.OPERATOR, "GET", "/v1/rebuilds/none", None, "number", "none"),
    (ApiRole.OPERATOR, "POST", "/v1/keys", {"name": "x", "role": "king"}, "role", '"king"'),
    (ApiRole.OPERATOR, "POST", "/v1/keys", {"name": "", "role": "service"}, "name", '""'),
    (ApiRole.AUDITOR, "GET", "/v1/events?shard=99", None, "shard", "99"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "method", "path", "body", "field", "found"), WRONG)
def test_a_refusal_names_the_field_and_what_was_found(
    served: Served,
    role: ApiRole,
    method: str,
    path: str,
    body: dict[str, object] | None,
    field: str,
    found: str,
) -> None:
    with served.caller() as service:
        service.post("/v1/accounts", json=opening(ACCOUNT))
    with served.caller(role, ACCOUNT if role is ApiRole.BORROWER else None) as caller:
        answer = caller.request(method, path, json=body)
    status, _ = problem_of(answer)
    document = answer.json()
    assert (status, document["field"]) == (422, field)
    assert document["found"].startswith(found)


def test_what_there_is_not_is_refused_without_a_command_that_the_caller_has_not(
    served: Served,
) -> None:
    with served.caller() as service, served.caller(ApiRole.SUPPORT) as support:
        service.post("/v1/accounts", json=opening(ACCOUNT))
        for path in (f"{PLACE}/cases/C-none", "/v1/cases?before=C-none", "/v1/incidents/999999"):
            answer = support.get(path)
            assert answer.status_code == 404
            assert "GET /v1/" in answer.json()["detail"]
            assert "duebook" not in answer.json()["detail"]


def test_a_header_is_refused_by_its_name_too(served: Served) -> None:
    with served.caller() as service, served.caller(ApiRole.BORROWER, ACCOUNT) as borrower:
        service.post("/v1/accounts", json=opening(ACCOUNT))
        answer = borrower.get(f"{PLACE}/overdue", headers={"Duebook-Client": "old"})
    assert problem_of(answer) == (400, "header_invalid")
    assert (answer.json()["field"], answer.json()["found"]) == ("Duebook-Client", "old")


def test_incidents_that_are_open_can_be_asked_for(served: Served) -> None:
    with served.caller(ApiRole.SUPPORT) as support:
        assert support.get("/v1/incidents?open=true").status_code == 200
        assert problem_of(support.get("/v1/incidents?only_open=true")) == (422, "parameter_invalid")


def test_every_code_of_the_door_stands_in_the_docs_with_its_status() -> None:
    page = (ROOT / "docs/api.md").read_text()
    [table] = re.findall(r"\| status \| codes \|\n(.*?)\n\n", page, re.DOTALL)
    told: dict[str, list[int]] = {}
    for row in table.splitlines()[1:]:
        _, statuses, codes, _ = row.split("|")
        for code in re.findall(r"`([a-z_]+)`", codes):
            told[code] = [int(one) for one in re.findall(r"\d+", statuses)]
    faults = {fault.code: fault.status for fault in Fault}
    faults |= {code: status for status, (code, _) in SENTENCES.items()}
    assert faults.keys() <= told.keys()
    statuses_of = {**{code.value: status_of(code) for code in Code}, **faults}
    for code, statuses in told.items():
        if code != "request_id":
            assert statuses_of[code] in statuses, code
