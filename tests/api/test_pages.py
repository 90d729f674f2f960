"""What borrowers see at the door, and what is known of it afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.api.roles import ApiRole
from app.wiring import App, now
from ledger.domain.disclosure import DisclosurePublished
from ledger.domain.disclosure_decisions import publish
from ledger.streams import DISCLOSURE_RULES
from tests.api.serving import Served, payment, problem_of
from tests.domain.policies import policy, rule
from tests.system.commands import duebook
from tests.system.helpers import account_lines

#: The account is due on 2026-02-05 and the ledger's day is 2026-03-01: 24 days late.
QUIET = rule("quiet", days_late_max=30, tiers=("quiet",))
PAGES = policy(QUIET, tiers=("standard", "quiet"))
MOBILE = {"Duebook-Client": "mobile/3.1"}


@pytest.fixture(scope="module")
def books(ledger: App) -> App:
    """A ledger whose policy is quiet about one tier."""
    publish_at(ledger, PAGES)
    for account in ("page-1", "page-2"):
        ledger.books.append_all(account_lines(account)[:2])
    first, *rest = account_lines("page-quiet")[:2]
    tier = {**first.body, "tier": "quiet"}
    ledger.books.append_all([type(first)(first.account_id, first.topic, tier), *rest])
    return ledger


def publish_at(app: App, one: DisclosurePublished) -> None:
    """Publish a policy in the ledger."""
    app.books.record(DISCLOSURE_RULES, lambda history: publish(one))


@contextmanager
def borrower(served: Served, account: str) -> Iterator[httpx.Client]:
    """The borrower of an account, on a client that is new enough."""
    with served.caller(ApiRole.BORROWER, account) as caller:
        yield caller


@pytest.fixture
def support(served: Served, books: App) -> Iterator[httpx.Client]:
    with served.caller(ApiRole.SUPPORT) as caller:
        yield caller


def overdue(caller: httpx.Client, account: str, **headers: str) -> httpx.Response:
    return caller.get(f"/v1/accounts/{account}/overdue", headers={**MOBILE, **headers})


def shown_pages(caller: httpx.Client, account: str, **asked: str) -> list[dict[str, Any]]:
    answer = caller.get(f"/v1/accounts/{account}/shown", params=asked)
    assert answer.status_code == 200, answer.text
    pages: list[dict[str, Any]] = answer.json()["pages"]
    return pages


def test_a_borrower_sees_what_is_overdue(served: Served, books: App) -> None:
    with borrower(served, "page-1") as caller:
        first = overdue(caller, "page-1")
        assert first.status_code == 200, first.text
        assert first.json()["rows"][0]["status"] == "overdue"
        assert first.json()["rows"][0]["overdue_total"] == "408.03"
        assert first.json()["notices"] == []
        tag = first.headers["etag"]
        assert overdue(caller, "page-1", **{"If-None-Match": tag}).status_code == 304
        assert "Duebook-Client" in first.headers["vary"]


def test_the_policy_decides_for_borrowers_alone(
    served: Served, books: App, support: httpx.Client
) -> None:
    with borrower(served, "page-quiet") as caller:
        for what in ("overdue", "schedule", "episodes"):
            document = caller.get(f"/v1/accounts/page-quiet/{what}", headers=MOBILE).json()
            assert document["rows"] == []
            assert document["notices"] == ["1 plan is not shown here for now; support can tell why"]
        assert "quiet" not in overdue(caller, "page-quiet").text.replace("page-quiet", "")
    seen = support.get("/v1/accounts/page-quiet/overdue").json()
    assert seen["rows"][0]["status"] == "overdue"


def test_support_sees_the_page_with_every_step(support: httpx.Client) -> None:
    path = "/v1/accounts/page-quiet/display"
    document = support.get(path, params={"client": "mobile/3.1"}).json()
    steps = {step["step"]: step for step in document["steps"]}
    assert list(steps) == ["replay", "view", "cache", "policy", "viewer", "client"]
    assert steps["policy"]["lost"] == ["D-1"]
    assert document["rulings"][0]["rule"]["legal_basis"] == "contract, clause 7"
    old = support.get("/v1/accounts/page-1/display", params={"client": "mobile/2.9"}).json()
    assert old["notices"][0].startswith("this version of mobile (2.9) cannot show an overdue plan")
    refused = support.get(path, params={"client": "mobile"})
    assert problem_of(refused) == (422, "parameter_invalid")


def test_a_client_that_is_too_old_is_told_so(served: Served, books: App) -> None:
    with borrower(served, "page-1") as caller:
        answer = overdue(caller, "page-1", **{"Duebook-Client": "mobile/2.9"})
        assert problem_of(answer) == (406, "client_too_old")
        assert answer.json()["detail"].endswith("update it to 3.0 or later")
        nonsense = overdue(caller, "page-1", **{"Duebook-Client": "mobile 3"})
        assert problem_of(nonsense) == (400, "header_invalid")
        assert caller.get("/v1/accounts/page-1/overdue").status_code == 200


def test_what_my_page_said_then(served: Served, books: App, support: httpx.Client) -> None:
    with borrower(served, "page-2") as caller:
        before = now()
        for _ in range(3):
            overdue(caller, "page-2")
        between = now()
        line = payment("P-1", "408.03")
        with served.caller() as service:
            assert service.post("/v1/accounts/page-2/payments", json=line).status_code == 201
        overdue(caller, "page-2")
        assert shown_pages(caller, "page-2", at=before.isoformat()) == []
        [then] = shown_pages(caller, "page-2", at=between.isoformat())
        assert then["rows"][0]["status"] == "overdue"
        assert then["changed_at"] is not None
        assert "withheld" not in then
        [last] = shown_pages(caller, "page-2")
        assert (last["rows"][0]["status"], last["changed_at"]) == ("current", None)
    [again] = shown_pages(support, "page-2", at=between.isoformat())
    assert (again["digest"], again["policy"], again["cache"]) == (then["digest"], "P-1", "miss")
    printed = duebook(books.settings, "shown", "page-2", "--at", between.isoformat()).stdout
    assert "on mobile/3.1" in printed
    assert "408.03" in printed
    assert "made from version 2 of 2, policy P-1 (version 1),\ncache miss" in printed
    future = (now() + timedelta(hours=1)).isoformat()
    refused = support.get("/v1/accounts/page-2/shown", params={"at": future})
    assert problem_of(refused) == (422, "parameter_invalid")
    unknown = support.get("/v1/accounts/nobody/shown")
    assert problem_of(unknown) == (404, "account_unknown")


def test_a_receipt_that_cannot_be_written_hides_no_page_and_is_counted(
    served: Served, books: App
) -> None:
    def failed() -> float:
        with served.caller(ApiRole.OPERATOR) as operator:
            lines = operator.get("/metrics").text.splitlines()
        name = 'duebook_receipts_total{outcome="failed"}'
        return sum(float(one.split()[-1]) for one in lines if one.startswith(name))

    books.books.append_all(account_lines("page-3")[:2])
    before = failed()
    with books.pool.connection() as conn:
        conn.execute("RESET ROLE")
        conn.execute("REVOKE INSERT ON display_receipts FROM duebook_service")
    try:
        with borrower(served, "page-3") as caller:
            assert overdue(caller, "page-3").json()["rows"][0]["status"] == "overdue"
            assert failed() == before + 1
    finally:
        with books.pool.connection() as conn:
            conn.execute("RESET ROLE")
            conn.execute("GRANT INSERT ON display_receipts TO duebook_service")
    with borrower(served, "page-3") as caller:
        overdue(caller, "page-3")
        assert len(shown_pages(caller, "page-3")) == 1


def test_events_of_other_streams_are_followed_too(served: Served, books: App) -> None:
    shard = books.log.shard_of(DISCLOSURE_RULES)
    with served.caller(ApiRole.AUDITOR) as auditor:
        events = auditor.get("/v1/events", params={"shard": shard, "limit": 1_000}).json()["events"]
    [one] = [event for event in events if event["stream"] == DISCLOSURE_RULES]
    assert one["fact"]["topic"] == "disclosure.published"
    assert one["fact"]["rules"][0]["rule_id"] == "quiet"


@pytest.mark.parametrize("question", ["not_shown", "although_paid"])
def test_an_answer_tells_a_borrower_nothing_that_the_policy_keeps_from_him(
    served: Served, books: App, question: str
) -> None:
    complaint = {"words": "I see no plan", "question": question}
    with borrower(served, "page-quiet") as caller:
        told = caller.post("/v1/accounts/page-quiet/cases", json=complaint).json()["answer"]
    assert "your page does not show everything" in told
    assert "CNY" not in told
    assert "overdue" not in told


def test_the_policy_of_today_is_not_evaded_by_asking_for_another_day(
    served: Served, books: App, support: httpx.Client
) -> None:
    # Ten days on the rule does not fit any more, and a moment ago it was not published.
    before = f"{now() - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    assert support.get("/v1/accounts/page-quiet/display", params={"as_of": "2026-03-20"}).json()[
        "rows"
    ]
    for asked in ({"as_of": "2026-03-20"}, {"as_of": "2026-02-28"}, {"known_at": before}):
        with borrower(served, "page-quiet") as caller:
            for what in ("overdue", "schedule", "episodes"):
                path = f"/v1/accounts/page-quiet/{what}"
                document = caller.get(path, headers=MOBILE, params=asked).json()
                assert document["rows"] == [], (what, asked)
    with borrower(served, "page-1") as caller:
        seen = caller.get(
            "/v1/accounts/page-1/overdue", headers=MOBILE, params={"as_of": "2026-03-20"}
        )
        assert seen.json()["rows"][0]["status"] == "overdue"
