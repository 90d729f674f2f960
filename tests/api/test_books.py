"""Quotes, activity, episodes, journals and the trial balance, as services and auditors get them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest
from jsonschema_rs import validator_for

from app.api.roles import ApiRole
from app.client import Client
from app.wiring import App
from ledger.door import Line
from tests.api.serving import Served, problem_of
from tests.lines import drawn, late_payer, opened
from tests.system.helpers import TODAY, account_lines

ACCOUNT = "books-1"


@pytest.fixture(scope="module", autouse=True)
def books(ledger: App) -> None:
    """An account that paid one of three installments, and one that is late with all."""
    ledger.books.append_all(account_lines(ACCOUNT))
    ledger.books.append_all(late_payer("books-late"))
    together = {"draw_spread": "each_draw_level"}
    second = drawn("books-joint", "D-2", **together)
    joining = Line(second.account_id, second.topic, {**second.body, "joins_draw_id": "D-1"})
    ledger.books.append_all([opened("books-joint"), drawn("books-joint", **together), joining])


@pytest.fixture
def auditor(served: Served) -> Iterator[Client]:
    """Somebody who reads everything, with the client of ours."""
    with Client(served.url, served.key(ApiRole.AUDITOR)) as client:
        yield client


def test_a_settlement_of_just_the_quote_leaves_nothing_owed(
    served: Served, auditor: Client, ledger: App
) -> None:
    ledger.books.append_all(account_lines("books-settled"))
    with Client(served.url, served.key(ApiRole.BORROWER, "books-settled")) as borrower:
        [quote] = borrower.quotes("books-settled", on=TODAY)
    assert (quote.draw_id, quote.on, quote.from_credit) == ("D-1", TODAY, "0.00")
    with Client(served.url, served.key(ApiRole.SERVICE)) as service:
        paying = {"payment_id": "P-2", "amount": quote.to_pay, "draw_id": "D-1"}
        fact = {**paying, "intent": "settle", "effective_on": TODAY}
        assert service.append("books-settled", "payments", fact).version == 4
    [row] = auditor.overdue("books-settled").rows
    assert (row["status"], row["outstanding_total"]) == ("settled", "0.00")
    assert auditor.quotes("books-settled") == ()
    [nothing] = auditor.quotes("books-settled", draw="D-1")
    assert nothing.to_pay == "0.00"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("draw=D-9", "draw"),
        ("draw=no+id", "draw"),
        ("draw=D-1&on=2026-01-04", "draw"),
        ("on=2026-02-30", "on"),
        ("as_of=2026-02-01", "as_of"),
    ],
)
def test_a_quote_that_nobody_can_give_is_refused(served: Served, query: str, field: str) -> None:
    with served.caller() as service:
        answer = service.get(f"/v1/accounts/{ACCOUNT}/quote?{query}")
    assert problem_of(answer) == (422, "parameter_invalid")
    assert answer.json()["field"] == field


def test_a_quote_before_the_account_was_opened_is_of_nothing(auditor: Client) -> None:
    assert auditor.quotes(ACCOUNT, on=date(2025, 12, 31)) == ()


def test_draws_with_a_shared_schedule_are_quoted_together(auditor: Client) -> None:
    [quote] = auditor.quotes("books-joint", on=date(2026, 1, 10))
    assert (quote.draw_id, quote.joined, quote.to_pay) == ("D-1", ("D-2",), "600.00")


def test_activity_episodes_and_journal_are_readings_like_others(auditor: Client) -> None:
    [draw, payment] = auditor.activity(ACCOUNT).rows
    assert (draw["kind"], draw["outstanding"]) != (payment["kind"], payment["outstanding"])
    assert payment["money"] == "408.03"
    assert auditor.episodes(ACCOUNT).rows == ()
    [episode] = auditor.episodes("books-late", as_of=date(2026, 2, 20)).rows
    assert (episode["began_on"], episode["worst_days_past_due"]) == ("2026-02-06", 15)
    journal = auditor.journal(ACCOUNT)
    cents = [int(row["amount"].replace(".", "")) for row in journal.rows]
    assert len(cents) > 1
    assert sum(cents) == 0
    assert journal.freshness.as_of == TODAY
    before = auditor.journal(ACCOUNT, as_of=date(2026, 2, 4)).rows
    assert 0 < len(before) < len(journal.rows)


@pytest.mark.parametrize("what", ["activity", "episodes", "journal", "quote"])
def test_each_has_a_tag(served: Served, what: str) -> None:
    with served.caller(ApiRole.SUPPORT) as support:
        first = support.get(f"/v1/accounts/{ACCOUNT}/{what}")
        again = support.get(
            f"/v1/accounts/{ACCOUNT}/{what}", headers={"If-None-Match": first.headers["etag"]}
        )
    assert (first.status_code, again.status_code) == (200, 304)


def test_the_trial_balance_is_zero_for_one_account_and_for_all(auditor: Client) -> None:
    of_one = auditor.trial_balance(ACCOUNT, as_of=TODAY)
    assert (of_one.account, of_one.is_balanced, of_one.not_current) == (ACCOUNT, True, 0)
    assert of_one.balances["CNY"]["accounts"]["assets:cash"] == "-791.97"
    assert of_one.balances["CNY"]["total"] == "0.00"
    of_all = auditor.trial_balance()
    assert of_all.is_balanced
    assert of_all.not_current > 0, "nobody projects here, and it says so"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("known_at=2026-01-01T00:00:00Z", "known_at"),
        ("as_of=2026-03-02", "as_of"),
        ("account=no+id", "account"),
    ],
)
def test_a_trial_balance_that_is_not_to_be_had(served: Served, query: str, field: str) -> None:
    with served.caller(ApiRole.AUDITOR) as auditor:
        answer = auditor.get(f"/v1/trial-balance?{query}")
        unknown = auditor.get("/v1/trial-balance?account=no-such-account")
    assert problem_of(answer) == (422, "parameter_invalid")
    assert answer.json()["field"] == field
    assert problem_of(unknown) == (404, "account_unknown")


def test_the_examples_of_answers_are_answers(served: Served) -> None:
    document: dict[str, Any] = httpx.get(f"{served.url}/openapi.json").json()
    schemas: dict[str, dict[str, Any]] = document["components"]["schemas"]
    shown = {name for name, schema in schemas.items() if "examples" in schema}
    assert {"Quotes", "TrialBalance", "Rebuild", "Taken", "Reading", "Problem"} <= shown
    for name in shown:
        validator = validator_for({**schemas[name], "components": document["components"]})
        for example in schemas[name]["examples"]:
            validator.validate(example)
