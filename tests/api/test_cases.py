"""Cases: a borrower asks, is answered at once, and what he said can be erased."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from app.api.roles import ApiRole
from app.cases import CaseDesk, CaseFile, CaseUnknown, Contacts
from app.wiring import App, now
from ledger import rights
from ledger.domain.rejections import Rejected
from ledger.proof.verify import verify_streams
from ledger.rights import Role
from projections.reading import AccountUnknown
from tests.api.serving import Served, problem_of
from tests.lines import reversed_
from tests.system.commands import duebook, refused
from tests.system.helpers import TODAY, account_lines

WORDS = "My page shows no overdue plan, says Mrs Zhang"


@pytest.fixture
def desk(ledger: App) -> CaseDesk:
    """The cases of the ledger."""
    return CaseDesk(ledger)


def account(ledger: App, name: str) -> str:
    ledger.books.append_all(account_lines(name))
    return name


def topics(found: CaseFile) -> list[str]:
    return [entry.recorded.topic for entry in found.entries]


def test_a_case_is_diagnosed_and_answered_at_once(ledger: App, desk: CaseDesk) -> None:
    found = desk.open(account(ledger, "case-1"), WORDS, "zh", "C-1")
    assert topics(found) == ["case.opened", "case.diagnosed", "case.answered"]
    [diagnosis], [told] = found.case.diagnoses, found.case.answers
    assert (diagnosis.cause, diagnosis.sub_cause) == ("not_overdue", "paid")
    assert (diagnosis.account_version, told.language) == (3, "zh")
    assert "到期的款项已经全部还清" in told.text
    assert {entry.recorded.shard for entry in found.entries} == {ledger.log.shard_of("case-1")}
    assert list(verify_streams(ledger.log, ["cases/case-1/C-1"])) == []


def test_the_events_hold_nothing_of_what_he_said(ledger: App, desk: CaseDesk) -> None:
    found = desk.open(account(ledger, "case-2"), WORDS, case_id="C-2")
    assert all(b"Zhang" not in entry.recorded.state for entry in found.entries)
    with ledger.pool.connection() as conn:
        [(count,)] = conn.execute(
            "SELECT count(*) FROM events WHERE position('Zhang'::bytea IN state) > 0"
        ).fetchall()
    assert count == 0


def test_the_same_request_gets_the_same_case(ledger: App, desk: CaseDesk) -> None:
    first = desk.open(account(ledger, "case-3"), WORDS, "en", "C-3")
    again = desk.open("case-3", f" {WORDS}\n", "en", "C-3")
    assert (first.is_retry, again.is_retry) == (False, True)
    assert again.entries == first.entries
    with pytest.raises(Rejected, match="is open with other words"):
        desk.open("case-3", "something else", "en", "C-3")
    with pytest.raises(Rejected, match="opened with the language en, and is asked for with zh"):
        desk.open("case-3", WORDS, "zh", "C-3")
    with pytest.raises(Rejected, match="is used for another account"):
        desk.open(account(ledger, "case-3b"), WORDS, "en", "C-3")


def test_many_who_send_the_same_at_once_open_one_case(ledger: App, desk: CaseDesk) -> None:
    account(ledger, "case-4")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: desk.open("case-4", WORDS, "en", "C-4"), range(4)))
    assert topics(desk.find("C-4")) == ["case.opened", "case.diagnosed", "case.answered"]


def test_what_was_cut_off_is_completed_by_the_same_request(ledger: App, desk: CaseDesk) -> None:
    account(ledger, "case-5")
    Contacts(ledger.pool, now).keep("C-5", "case-5", "borrower-of-case-5", WORDS)
    with pytest.raises(CaseUnknown):
        desk.find("C-5")
    assert desk.open("case-5", WORDS, "en", "C-5").case.status == "answered"


def test_after_a_remedy_it_is_diagnosed_and_answered_anew(ledger: App, desk: CaseDesk) -> None:
    desk.open(account(ledger, "case-6"), WORDS, "en", "C-6")
    anew = desk.diagnose_again("C-6")
    assert [one.number for one in anew.case.answers] == [1, 2]
    closed = desk.close("C-6", "he sees it now")
    assert (closed.case.status, topics(closed)[-1]) == ("closed", "case.closed")
    assert desk.close("C-6", "once more").entries == closed.entries
    with pytest.raises(Rejected, match="the case is closed since 2026-03-01; open another"):
        desk.diagnose_again("C-6")


def test_what_he_said_is_erased_by_case_or_by_borrower(ledger: App, desk: CaseDesk) -> None:
    for case_id in ("C-7a", "C-7b"):
        desk.open(account(ledger, "case-7"), WORDS, case_id=case_id)
    assert desk.contacts.erase("C-7a") == (1, 1)
    assert desk.find("C-7a").contact.words is None
    assert desk.find("C-7b").contact.words == WORDS
    assert desk.contacts.erase("borrower-of-case-7") == (2, 1)
    assert desk.contacts.erase("borrower-of-case-7") == (2, 0)
    erased = desk.find("C-7b")
    assert (erased.contact.words, erased.case.status) == (None, "answered")
    assert desk.open("case-7", WORDS, case_id="C-7b").contact.words is None


def test_an_analyst_cannot_read_what_he_said(ledger: App) -> None:
    with rights.connect(ledger.engines.database_url, Role.READER) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT words FROM contact_words")
        conn.rollback()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"words": ""}, "the borrower's words have 0 characters; give 1 to 4,000"),
        ({"words": " \n "}, "the borrower's words have 0 characters; give 1 to 4,000"),
        ({"words": "x" * 4_001}, "the borrower's words have 4001 characters; give 1 to 4,000"),
        ({"words": "a\0b"}, "the borrower's words hold control characters; send plain text"),
        ({"words": "x", "language": "de"}, "the language is 'de'; it is one of en, zh"),
        ({"words": "x", "case_id": "a/b"}, "the case is called 'a/b'; an id has up to 120"),
    ],
)
def test_what_is_no_case_is_refused(
    ledger: App, desk: CaseDesk, asked: dict[str, Any], sentence: str
) -> None:
    account(ledger, "case-8")
    before = len(desk.page("case-8"))
    with pytest.raises(Rejected) as refusal:
        desk.open("case-8", **asked)
    assert str(refusal.value).startswith(sentence)
    assert len(desk.page("case-8")) == before


def test_a_case_about_an_account_that_nobody_knows(desk: CaseDesk) -> None:
    for name in ("no-such-account", "cases/A-1/C-1", "", "rules/disclosure"):
        with pytest.raises(AccountUnknown):
            desk.open(name, WORDS)


def test_a_borrower_opens_his_own_case_and_reads_its_answer(ledger: App, served: Served) -> None:
    account(ledger, "case-9")
    body = {"words": WORDS, "case_id": "C-9"}
    with served.caller(ApiRole.BORROWER, "case-9") as borrower:
        made = borrower.post("/v1/accounts/case-9/cases", json=body)
        assert made.status_code == 201, made.text
        assert borrower.post("/v1/accounts/case-9/cases", json=body).status_code == 200
        read = borrower.get("/v1/accounts/case-9/cases/C-9").json()
        listed = borrower.get("/v1/accounts/case-9/cases").json()["cases"]
    assert read == made.json() == listed[0]
    assert read.keys() == set("case_id account status language question opened_at answer".split())
    assert "Everything that has fallen due is paid" in read["answer"]
    with served.caller(ApiRole.BORROWER, "case-1") as stranger:
        answer = stranger.get("/v1/accounts/case-9/cases/C-9")
        assert problem_of(answer) == (404, "account_unknown")


def test_a_case_is_known_by_the_key_of_its_request(ledger: App, served: Served) -> None:
    place = f"/v1/accounts/{account(ledger, 'case-14')}/cases"
    keyed = {"Idempotency-Key": '"C-14"'}
    with served.caller(ApiRole.BORROWER, "case-14") as borrower:
        statuses = [
            borrower.post(place, json={"words": WORDS}, headers=keyed).status_code for _ in range(2)
        ]
        others = borrower.post(place, json={"words": "another"}, headers=keyed)
        torn = borrower.post(place, json={"words": WORDS, "case_id": "C-15"}, headers=keyed)
        listed = borrower.get(place).json()["cases"]
    assert statuses == [201, 200]
    assert problem_of(others) == (409, "key_used_with_other_content")
    assert problem_of(torn) == (400, "header_invalid")
    assert [one["case_id"] for one in listed] == ["C-14"]


def test_support_sees_what_was_found_and_closes(ledger: App, served: Served) -> None:
    account(ledger, "case-10")
    place = "/v1/accounts/case-10/cases"
    with served.caller(ApiRole.SUPPORT) as support:
        support.post(place, json={"words": WORDS, "case_id": "C-10"})
        anew: dict[str, Any] = support.post(f"{place}/C-10/diagnosis").json()
        assert [one["cause"] for one in anew["diagnoses"]] == ["not_overdue"] * 2
        assert anew["words"] == WORDS
        closed = support.post(f"{place}/C-10/closure", json={"reason": "it is paid"}).json()
        assert (closed["status"], closed["closing"]["reason"]) == ("closed", "it is paid")
        everywhere = support.get("/v1/cases").json()["cases"]
        assert everywhere[0]["case_id"] == "C-10"
        page = support.get("/v1/cases", params={"limit": 1, "before": "C-10"}).json()["cases"]
        assert page[0] == everywhere[1]


def test_a_case_is_about_the_payment_that_is_meant(ledger: App, served: Served) -> None:
    account(ledger, "case-13")
    ledger.books.append_all([reversed_("case-13", "P-1", "2026-02-06")])
    place, paid = "/v1/accounts/case-13/cases", {"words": "I paid", "question": "although_paid"}
    causes: dict[str, str] = {}
    with served.caller(ApiRole.SUPPORT) as support:
        named: dict[str, dict[str, str]] = {
            "C-13a": {},
            "C-13b": {"payment": "P-unheard-of"},
            "C-13c": {"amount": "7.77", "on": "2026-02-05"},
        }
        for case_id, meant in named.items():
            made = support.post(place, json={**paid, "case_id": case_id, **meant})
            assert made.status_code == 201, made.text
            [found] = made.json()["diagnoses"]
            causes[case_id] = found["cause"]
        assert causes == {"C-13a": "reversed", "C-13b": "not_recorded", "C-13c": "not_recorded"}
        again = support.post(f"{place}/C-13c/diagnosis").json()["diagnoses"]
        assert "7.77 CNY around 2026-02-05" in again[1]["summary"]
        assert [one["cause"] for one in again] == ["not_recorded"] * 2, "the same is meant"
        other = {**paid, "case_id": "C-13b", "payment": "P-9"}
        for body in (
            other,
            {"words": "x", "payment": "P-1"},
            {**paid, "amount": "7.77"},
            {**paid, "payment": "no/id"},
            {**paid, "amount": "1.00", "on": "20260205"},
            {**paid, "amount": "9" * 5000, "on": "2026-02-05"},
        ):
            assert 400 <= support.post(place, json=body).status_code < 500, body
        assert len(support.get(place).json()["cases"]) == 3, "what is refused leaves nothing"


def refusals(support: httpx.Client) -> list[tuple[int, str]]:
    place = "/v1/accounts/case-11/cases"
    return [
        problem_of(support.post(place, json={"words": ""})),
        problem_of(support.post(place, json={"words": "x", "mood": "bad"})),
        problem_of(support.post(place, json={"words": 7})),
        problem_of(support.post("/v1/accounts/nobody/cases", json={"words": "x"})),
        problem_of(support.get("/v1/accounts/nobody/cases")),
        problem_of(support.get(f"{place}/C-nothing")),
        problem_of(support.get(f"{place}/C-1")),
        problem_of(support.post(f"{place}/C-nothing/closure", json={"reason": "x"})),
        problem_of(support.get("/v1/cases", params={"before": "C-nothing"})),
        problem_of(support.get("/v1/incidents/123456")),
        problem_of(support.get("/v1/incidents/0")),
    ]


def test_the_door_says_why_not(ledger: App, desk: CaseDesk, served: Served) -> None:
    account(ledger, "case-11")
    desk.open(account(ledger, "case-1"), WORDS, "zh", "C-1")
    with served.caller(ApiRole.SUPPORT) as support:
        assert refusals(support) == [
            (422, "field_invalid"),
            (422, "field_invalid"),
            (422, "field_invalid"),
            (404, "account_unknown"),
            (404, "account_unknown"),
            (404, "case_unknown"),
            (404, "case_unknown"),
            (404, "case_unknown"),
            (404, "case_unknown"),
            (404, "incident_unknown"),
            (422, "parameter_invalid"),
        ]


def test_the_commands(ledger: App) -> None:
    account(ledger, "case-12")
    told = duebook(
        ledger.settings, "case", "open", "case-12", "--words", "[bold]help", "--id", "C-12"
    )
    assert told.returncode == 0, told.stderr
    assert "said: [bold]help" in told.stdout
    assert "told in en: About your account case-12, as of 1 March 2026" in told.stdout
    assert "C-12" in duebook(ledger.settings, "case", "list", "--account", "case-12").stdout
    erased = duebook(ledger.settings, "contact", "erase", "C-12")
    assert erased.stdout == "erased what was said in 1 case of 1\n"
    assert "what was said was erased" in duebook(ledger.settings, "case", "show", "C-12").stdout
    assert refused(ledger.settings, "case", "show", "C-none").startswith("there is no case")
    assert refused(ledger.settings, "contact", "erase", "B-none").startswith("nothing is kept of")
    sentence = refused(ledger.settings, "incidents", "show", "99999")
    assert sentence == "there is no incident 99999; duebook incidents list shows them"
    assert TODAY.isoformat() in duebook(ledger.settings, "case", "show", "C-12").stdout
