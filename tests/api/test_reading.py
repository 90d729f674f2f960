"""What is read: fresh or flagged, tagged, on two time axes; and lists as true as one reading."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.api.roles import ApiRole
from app.wiring import App, now
from ledger.door import line_of
from tests.api.serving import Served, payment, problem_of
from tests.system.helpers import TODAY, account_lines


@pytest.fixture(scope="module")
def books(ledger: App) -> App:
    """Forty accounts in a ledger whose business date is 2026-03-01; half of them are projected."""
    for number in range(40):
        ledger.books.append_all(account_lines(f"read-{number:02}"))
    ledger.projector.heal([f"read-{number:02}" for number in range(0, 40, 2)], TODAY)
    return ledger


@pytest.fixture
def auditor(served: Served, books: App) -> Iterator[httpx.Client]:
    """Somebody who reads everything."""
    with served.caller(ApiRole.AUDITOR) as caller:
        yield caller


def test_a_projected_account_is_read_from_its_view(auditor: httpx.Client) -> None:
    answer = auditor.get("/v1/accounts/read-00/schedule")
    assert answer.status_code == 200
    document = answer.json()
    assert [row["due_on"] for row in document["rows"]] == ["2026-02-05", "2026-03-05", "2026-04-05"]
    assert document["rows"][0]["paid"] == "408.03"
    assert document["freshness"] == {
        "source": "view",
        "as_of": "2026-03-01",
        "account_version": 3,
        "stream_version": 3,
        "staleness": None,
        "note": "fresh",
    }


def test_one_that_is_not_projected_is_replayed_and_says_so(auditor: httpx.Client) -> None:
    document = auditor.get("/v1/accounts/read-01/overdue").json()
    assert document["rows"][0]["status"] == "current"
    assert (document["freshness"]["source"], document["freshness"]["staleness"]) == (
        "replay",
        "no_receipt",
    )


@pytest.mark.parametrize("what", ["schedule", "overdue", "history", "replay", "explain"])
def test_what_has_not_changed_is_not_sent_again(auditor: httpx.Client, what: str) -> None:
    path = f"/v1/accounts/read-02/{what}"
    first = auditor.get(path)
    again = auditor.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    made_up = auditor.get(path, headers={"If-None-Match": '"3", W/"3.0", nonsense'})
    assert made_up.status_code == 200


def test_a_new_fact_changes_the_tag_of_everything(
    auditor: httpx.Client, service: httpx.Client
) -> None:
    paths = [
        f"/v1/accounts/read-04/{what}"
        for what in ("schedule", "overdue", "history", "replay", "explain")
    ]
    before = [auditor.get(path).headers["etag"] for path in paths]
    appended = service.post(
        "/v1/accounts/read-04/payments", json=payment("P-2"), headers={"If-Match": before[0]}
    )
    assert appended.status_code == 201, "the tag of what was read is the version to decide upon"
    after = [auditor.get(path).headers["etag"] for path in paths]
    assert not set(before) & set(after)


def test_the_past_is_asked_on_two_axes(auditor: httpx.Client, ledger: App) -> None:
    ledger.books.append_all(account_lines("two-axes"))
    known_at = now() + timedelta(milliseconds=1)
    late = {"account": "two-axes", "topic": "payment.received", **payment("P-2", "408.03")}
    ledger.books.append_all([line_of({**late, "effective_on": "2026-02-06"})])
    path = "/v1/accounts/two-axes"
    before = {"as_of": "2026-03-20", "known_at": known_at.isoformat()}

    def overdue(**asked: str) -> str:
        [row] = auditor.get(f"{path}/overdue", params=asked).json()["rows"]
        return str(row["overdue_total"])

    assert overdue(as_of="2026-03-20") == "0.00"
    assert overdue(**before) == "408.03"
    assert (
        len(
            auditor.get(f"{path}/history", params={"known_at": before["known_at"]}).json()["events"]
        )
        == 3
    )
    replayed = auditor.get(f"{path}/replay", params=before).json()
    assert replayed["state"]["overdue_total"] == overdue(**before)
    assert (replayed["freshness"]["account_version"], replayed["freshness"]["stream_version"]) == (
        3,
        4,
    )
    explained = auditor.get(f"{path}/explain", params=before).json()
    assert explained["explanation"]["state"] == replayed["state"]


def test_an_unknown_draw_and_an_unknown_account(auditor: httpx.Client) -> None:
    unknown = auditor.get("/v1/accounts/read-00/explain?draw=D-9")
    assert problem_of(unknown) == (422, "parameter_invalid")
    for what in ("schedule", "overdue", "history", "replay", "explain", "verification"):
        answer = auditor.get(f"/v1/accounts/nobody/{what}")
        assert problem_of(answer) == (404, "account_unknown")


def test_the_diagnosis_names_cause_and_remedy_and_healing_heals(served: Served, books: App) -> None:
    with served.caller(ApiRole.SUPPORT) as support:
        path = "/v1/accounts/read-03"
        found = support.get(f"{path}/diagnosis").json()
        assert (found["cause"], found["is_healthy"]) == ("not_overdue", False)
        assert [one["cause"] for one in found["of"]["noticed"]] == ["not_projected"]
        assert found["of"]["noticed"][0]["remedy"] == "duebook heal read-03"
        healed = support.post(f"{path}/heal")
        assert healed.json() == {"account": "read-03", "is_healed": True}
        assert support.get(f"{path}/diagnosis").json()["is_healthy"]
    with served.caller(ApiRole.AUDITOR) as auditor:
        verified = auditor.get(f"{path}/verification").json()
    assert verified == {"account": "read-03", "is_sound": True, "log": [], "views": []}


def pages(caller: httpx.Client, path: str, **asked: str | int) -> list[list[str]]:
    """The ids of each page of a list, to its end."""
    found = listed(caller, path, **asked)
    return [[str(one["account"]) for one in page] for page in found]


def listed(caller: httpx.Client, path: str, **asked: str | int) -> list[list[dict[str, Any]]]:
    """The accounts of each page of a list, to its end."""
    found: list[list[dict[str, Any]]] = []
    while True:
        answer = caller.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["accounts"])
        if answer.json()["next"] is None:
            return found
        asked["cursor"] = answer.json()["next"]


def test_a_list_has_every_account_once_projected_or_not(auditor: httpx.Client) -> None:
    found = pages(auditor, "/v1/overdue", status="current", limit=7)
    names = [name for page in found for name in page if name.startswith("read-")]
    assert names == [f"read-{number:02}" for number in range(40)]
    assert len(found) > 2


def test_a_list_of_installments_by_due_date(auditor: httpx.Client) -> None:
    found = listed(auditor, "/v1/schedule", due_from="2026-03-01", due_to="2026-03-31")
    rows = {one["account"]: one["rows"] for page in found for one in page}
    assert [row["due_on"] for row in rows["read-06"]] == ["2026-03-05"]
    assert {f"read-{number:02}" for number in range(40)} <= rows.keys()


def test_a_stale_row_is_listed_as_it_is_true(ledger: App, auditor: httpx.Client) -> None:
    """It says overdue; but it was paid since, and the view does not know it yet."""
    ledger.books.append_all(account_lines("paid-since")[:2])
    ledger.projector.heal(["paid-since"], TODAY)

    def overdue() -> list[str]:
        found = pages(auditor, "/v1/overdue", status="overdue", limit=1_000)
        return [account for page in found for account in page]

    assert "paid-since" in overdue()
    ledger.books.append_all(account_lines("paid-since")[2:])
    assert "paid-since" not in overdue()


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "Ä", "a" * 300])
def test_a_cursor_that_was_made_up_is_refused(auditor: httpx.Client, cursor: str) -> None:
    answer = auditor.get("/v1/overdue", params={"cursor": cursor})
    assert problem_of(answer) == (400, "cursor_invalid")


def test_a_cursor_serves_the_filters_that_it_was_given_for(auditor: httpx.Client) -> None:
    cursor = auditor.get("/v1/overdue?limit=1").json()["next"]
    assert auditor.get(f"/v1/overdue?limit=5&cursor={cursor}").status_code == 200
    for path in (f"/v1/overdue?bucket=M1&cursor={cursor}", f"/v1/schedule?cursor={cursor}"):
        assert problem_of(auditor.get(path)) == (400, "cursor_invalid")


def test_what_if(served: Served) -> None:
    facts = [{**line.body, "topic": line.topic} for line in account_lines("any")]
    with served.caller(ApiRole.BORROWER, "read-00") as borrower:
        answer = borrower.post("/v1/simulations", json={"facts": facts, "as_of": "2026-03-20"})
        assert answer.json()["state"]["draws"][0]["status"] == "overdue"
        assert answer.json()["state"]["as_of"] == "2026-03-20"
        refused = borrower.post(
            "/v1/simulations", json={"facts": [*facts, *facts[2:], facts[0] | {"currency": "USD"}]}
        )
        assert problem_of(refused) == (409, "key_used_with_other_content")
        assert refused.json()["fact"] == 4
        nonsense: tuple[dict[str, Any], ...] = (
            {},
            {"facts": []},
            {"facts": facts, "at": 1},
            {"facts": [1]},
            {"facts": facts, "as_of": 1},
            {"facts": facts, "as_of": None},
        )
        for body in nonsense:
            assert problem_of(borrower.post("/v1/simulations", json=body)) == (422, "case_refused")
    assert served.app.log.versions(["simulated"])["simulated"].version == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("as_of=2026-02-30", "as_of"),
        ("as_of=1770000000", "as_of"),
        ("as_of=20260201", "as_of"),
        ("as_of=2026-W05-1", "as_of"),
        ("as_of=0001-01-01", "as_of"),
        ("as_of=", "as_of"),
        ("as_of=2026-02-01&as_of=2026-02-02", "as_of"),
        ("known_at=2026-02-01", "known_at"),
        ("known_at=2026-02-01T00:00", "known_at"),
        ("as_off=2026-02-01", "as_off"),
    ],
)
def test_a_parameter_that_is_refused(served: Served, query: str, field: str) -> None:
    with served.caller(ApiRole.SUPPORT) as support:
        answer = support.get(f"/v1/accounts/read-00/overdue?{query}")
    assert problem_of(answer) == (422, "parameter_invalid")
    assert answer.json()["field"] == field


def test_the_mirror_question_is_answered_at_the_door(served: Served, books: App) -> None:
    with served.caller(ApiRole.SUPPORT) as support:
        path = "/v1/accounts/read-05/diagnosis?as_of=2026-03-20"
        found = support.get(f"{path}&question=although_paid&payment=P-1").json()
        assert (found["cause"], found["of"]["question"]) == ("other_installment", "although_paid")
        by_amount = f"{path}&question=although_paid&amount=408.03&on=2026-02-07"
        assert support.get(by_amount).json()["cause"] == "other_installment"
        missing = support.get(f"{path}&question=although_paid&payment=P-9").json()
        assert missing["of"]["finding"]["remedy"].startswith("duebook append read-05 payment.rec")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("question=although_paid&payment=P-1&amount=1.00&on=2026-02-05", "give one of the two"),
        ("question=although_paid&amount=1.00", "give both"),
        ("question=although_paid&amount=1.001&on=2026-02-05", "more than the 2 decimals"),
        ("payment=P-1", "ask although_paid"),
        ("known_at=2999-01-01T00:00:00Z", "Ask about an instant that has passed"),
        ("client=mobile", "write app/version"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    served: Served, books: App, asked: str, said: str
) -> None:
    with served.caller(ApiRole.SUPPORT) as support:
        answer = support.get(f"/v1/accounts/read-05/diagnosis?{asked}")
    assert problem_of(answer) == (422, "parameter_invalid")
    assert said in answer.json()["detail"]
