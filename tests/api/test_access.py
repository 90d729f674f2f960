"""Every route of the OpenAPI document, every role, an own and a foreign account: who gets what.

The table of `docs/api.md` is the law: a route without a line in it fails, a line without a route
fails, and so does every answer that is not the one in the table.
"""

import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.roles import ApiRole
from app.wiring import App
from tests.api.serving import Served
from tests.system.helpers import account_lines

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
OWN, FOREIGN = "own-account", "foreign-account"

#: Who asks: the role, and whose account he asks for.
ASKERS: dict[str, tuple[ApiRole | None, str]] = {
    "nobody": (None, OWN),
    "service": (ApiRole.SERVICE, OWN),
    "borrower": (ApiRole.BORROWER, OWN),
    "other borrower": (ApiRole.BORROWER, FOREIGN),
    "support": (ApiRole.SUPPORT, OWN),
    "auditor": (ApiRole.AUDITOR, OWN),
    "analyst": (ApiRole.ANALYST, OWN),
    "operator": (ApiRole.OPERATOR, OWN),
}

#: What a request must carry to be let through to the books: what they say then does not matter.
QUERIES = {"/v1/events": {"shard": "0"}}


def table() -> dict[tuple[str, str], dict[str, str]]:
    """Who gets what, by route, as the documentation says it."""
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    head = next(line for line in lines if line.startswith("| route"))
    columns = [cell.strip() for cell in head.strip("|").split("|")][1:]
    found: dict[tuple[str, str], dict[str, str]] = {}
    for line in lines[lines.index(head) + 1 :]:
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        match = re.fullmatch(r"`(\w+) (\S+)`", name)
        if match is None:
            break
        found[match[1], match[2]] = dict(zip(columns, cells, strict=True))
    return found


@pytest.fixture(scope="module")
def routes(served: Served) -> list[tuple[str, str]]:
    """Every route that there is."""
    document: dict[str, Any] = httpx.get(f"{served.url}/openapi.json").json()
    return [
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    ]


@pytest.fixture(scope="module", autouse=True)
def accounts(ledger: App) -> None:
    """The account that is asked for, and that of the other borrower."""
    for account in (OWN, FOREIGN):
        ledger.books.append_all(account_lines(account))


def test_every_route_has_a_line_and_every_line_a_route(routes: list[tuple[str, str]]) -> None:
    assert sorted(table()) == sorted(routes)


@pytest.mark.parametrize("asker", ASKERS)
def test_who_gets_what(served: Served, routes: list[tuple[str, str]], asker: str) -> None:
    role, own = ASKERS[asker]
    found, expected = {}, {}
    law = table()
    key = served.key(role, own if role is ApiRole.BORROWER else None) if role else "nobody"
    with served.with_key(key) as caller:
        for method, path in routes:
            place = path.format(account=OWN, key_id="aaaaaaaaaaaa", number=1, case_id="C-1")
            answer = answered(caller, method, place, QUERIES.get(path))
            found[method, path] = in_a_word(answer)
            expected[method, path] = law[method, path][asker]
    assert found == expected


def answered(
    caller: httpx.Client, method: str, place: str, params: dict[str, str] | None
) -> httpx.Response:
    """The answer to somebody who comes again when he is told to: routes are many, and who shows no
    good key may not ask for all of them at once.
    """
    while True:
        answer = caller.request(method, place, params=params)
        if answer.status_code != 429:
            return answer
        time.sleep(float(answer.headers["retry-after"]))


def in_a_word(answer: httpx.Response) -> str:
    """`yes` if the request came through to the books, whatever they said of it."""
    if answer.status_code in (401, 403):
        return str(answer.status_code)
    if answer.status_code == 404 and answer.json()["code"] == "account_unknown":
        return "404"
    return "yes"


def test_a_foreign_account_looks_like_none(served: Served) -> None:
    with served.caller(ApiRole.BORROWER, OWN) as borrower:
        answers = [
            borrower.get(f"/v1/accounts/{account}/overdue").json()
            for account in (FOREIGN, "no-such-account")
        ]
    for answer, account in zip(answers, (FOREIGN, "no-such-account"), strict=True):
        del answer["request_id"]
        answer["detail"] = answer["detail"].replace(account, "…")
    assert answers[0] == answers[1]


def test_nothing_of_a_person_is_in_what_an_analyst_gets(served: Served) -> None:
    with served.caller(ApiRole.ANALYST) as analyst:
        for path in (
            f"/v1/accounts/{OWN}/schedule",
            f"/v1/accounts/{OWN}/overdue",
            f"/v1/accounts/{OWN}/activity",
            f"/v1/accounts/{OWN}/episodes",
            f"/v1/accounts/{OWN}/quote",
            "/v1/overdue?limit=1000",
            "/v1/schedule?limit=1000",
        ):
            answer = analyst.get(path)
            assert answer.status_code == 200
            assert "borrower" not in answer.text
