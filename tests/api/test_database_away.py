"""PostgreSQL goes while the door is open, and comes back: what callers hear, what is recorded."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from app.api.roles import ApiRole
from app.client import Client
from app.engines import ensure
from app.engines.home import Home
from app.engines.postgres import Postgres
from app.wiring import App, opened
from tests.api.serving import opening, payment, problem_of, serving
from tests.system.helpers import eventually, found, new_home, settings_of

#: A request is told sooner than it would be by default, so that the test is.
QUICK = {"DUEBOOK_API_DATABASE_SECONDS_MAX": "0.5", "DUEBOOK_API_APPEND_SECONDS_MAX": "1"}
WHILE_AWAY = 3.0


def test_the_door_stays_open_while_the_database_is_away() -> None:
    with new_home() as home:
        found(settings_of(home))
        with opened(settings_of(home), needs_redis=True) as app:
            check_that_it_does(app, home)


def check_that_it_does(app: App, home: Path) -> None:
    """The whole of it, over a ledger in a home of its own."""
    with (
        serving(app, QUICK) as served,
        served.caller() as service,
        Client(served.url, served.key(ApiRole.SERVICE)) as patient,
    ):
        assert service.post("/v1/accounts", json=opening("A-1")).status_code == 201
        path = "/v1/accounts/A-1/payments"
        assert service.post(path, json=payment("P-1")).status_code == 201
        Postgres(Home.open(home)).stop()
        gone = time.monotonic()
        waiting = threading.Thread(target=patient.append, args=("A-1", "payments", payment("P-3")))
        waiting.start()
        heard = set()
        while time.monotonic() < gone + WHILE_AWAY:
            for answer in (
                httpx.get(f"{served.url}/readyz"),
                service.get("/v1/accounts/A-1/overdue"),
            ):
                assert problem_of(answer) == (503, "unavailable")
                assert answer.headers["retry-after"] == "2"
            heard.add(problem_of(service.post(path, json=payment("P-2"))))
        # 504 is the answer to what the database had in hand when it went.
        assert heard <= {(503, "unavailable"), (503, "overloaded"), (504, "may_be_written")}
        assert (503, "unavailable") in heard
        assert httpx.get(f"{served.url}/healthz").json() == {"is_alive": True}
        assert waiting.is_alive()
        ensure(home)
        eventually("it is ready again", is_ready(served.url))
        eventually("the fact is taken", lambda: service.post(path, json=payment("P-2")).is_success)
        waiting.join(30)
        again = service.post(path, json=payment("P-2"))
        assert (again.status_code, again.json()["is_retry"]) == (200, True)
        events = list(patient.events(app.log.shard_of("A-1")))
    assert sorted(one.key for one in events) == [
        "account:opened", "payment:P-1", "payment:P-2", "payment:P-3"
    ]  # fmt: skip


def is_ready(url: str) -> Callable[[], bool]:
    """Whether the door says so."""
    return lambda: httpx.get(f"{url}/readyz").is_success
