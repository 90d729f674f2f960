"""The monitor in a crew at work: faults are found, healed and told, whoever is killed meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial

import pytest

from app.api.figures import Figures
from app.supervisor import Supervisor
from app.wiring import App, now
from ledger.log.records import NewEvent
from projections.incidents import Incident, Incidents
from tests.system.commands import duebook, refused
from tests.system.crews import fresh_ledger, kill
from tests.system.helpers import TODAY, append_accounts, drift, eventually, is_up_to_date
from tests.system.servers import Servers
from tests.views.watching import SECRET, Receiver, receiving
from workers.monitor import Passes, passes_of

ACCOUNTS = 40


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(scope="module")
def watched(built_in: Servers, receiver: Receiver) -> Iterator[tuple[App, Supervisor]]:
    """A ledger of some accounts, and a crew that watches it and tells the receiver."""
    with pytest.MonkeyPatch.context() as environment, fresh_ledger(built_in) as app:
        environment.setenv("DUEBOOK_MONITOR_WEBHOOK_URL", receiver.url)
        environment.setenv("DUEBOOK_MONITOR_WEBHOOK_SECRET", SECRET)
        append_accounts(app, 0, ACCOUNTS)
        settings = app.settings.model_copy(update={"monitor": True})
        with Supervisor(settings, processes=2) as crew:
            eventually("all is projected", lambda: is_up_to_date(app))
            eventually("all was looked at", lambda: is_looked_at(app))
            yield app, crew


def is_looked_at(app: App) -> bool:
    """Whether the pass over the day has come to its end."""
    return all(one.checked_day == one.day == TODAY for one in passes_of(app.pool))


def look_again(app: App) -> None:
    """Have everything looked at once more today."""
    Passes(app.pool, app.log, now, 1_000).begin_anew()
    app.doorbell.call("verify_sample")


def incidents(app: App, cause: str) -> list[Incident]:
    return [one for one in Incidents(app.pool).page() if one.cause == cause]


def steps(app: App, number: int) -> list[str]:
    return [step["step"] for step in Incidents(app.pool).document(number)["steps"]]


def concerns(app: App, cause: str, account: str) -> bool:
    found = [Incidents(app.pool).document(one.number) for one in incidents(app, cause)]
    return account in [member["account_id"] for one in found for member in one["concerns"]]


def into_quarantine(app: App, account: str) -> None:
    app.log.append([NewEvent(account, "draw.teleported", date(2026, 2, 1), "draw:T", b"{}")])

    def is_there() -> bool:
        return account in [entry["account_id"] for entry in app.reader.quarantined()]

    eventually("it is in quarantine", is_there)


def told(receiver: Receiver, cause: str) -> list[str]:
    return [one["type"] for one in receiver.taken if one["data"]["cause"] == cause]


def execute(app: App, statement: str, *values: object) -> None:
    with app.pool.connection() as conn:
        assert conn.execute(statement.encode(), values).rowcount == 1


@contextmanager
def no_projector_gets_a_turn(app: App, account: str) -> Iterator[None]:
    """Keep every worker from the shard of an account."""
    with app.pool.connection() as conn, conn.transaction():
        shard = app.log.shard_of(account)
        conn.execute("SELECT FROM checkpoints WHERE shard = %s FOR UPDATE", [shard])
        yield


def is_over(app: App, cause: str) -> bool:
    found = incidents(app, cause)
    return bool(found) and all(one.closed_at is not None for one in found)


def test_a_healthy_portfolio_opens_no_incident(
    watched: tuple[App, Supervisor], receiver: Receiver
) -> None:
    app, _ = watched
    look_again(app)
    eventually("all was looked at", lambda: is_looked_at(app))
    assert Incidents(app.pool).page() == []
    assert receiver.taken == []
    assert duebook(app.settings, "incidents", "list").stdout == "there is no incident\n"


def test_a_day_that_missed_an_account_is_rolled(
    watched: tuple[App, Supervisor], receiver: Receiver
) -> None:
    app, _ = watched
    execute(app, "UPDATE all_receipts SET changes_on = %s WHERE account_id = 'A-00007'", TODAY)
    app.doorbell.call("verify_sample")
    eventually("it is over", lambda: is_over(app, "day_not_rolled"))
    [one] = incidents(app, "day_not_rolled")
    assert one.group == "account A-00007"
    assert steps(app, one.number) == ["opened", "roll", "cleared", "closed"]
    eventually(
        "the receiver knows",
        lambda: told(receiver, one.cause) == ["incident.opened", "incident.closed"],
    )


def test_workers_that_are_killed_between_finding_and_healing_double_nothing(
    watched: tuple[App, Supervisor], receiver: Receiver
) -> None:
    app, crew = watched
    receiver.is_down = True
    execute(app, "DELETE FROM overdue WHERE account_id = 'A-00003'")
    with no_projector_gets_a_turn(app, "A-00003"):
        look_again(app)
        eventually("it is found", lambda: len(incidents(app, "drifted")) == 1)
        kill(crew.worker_pids)
    eventually("it is over", lambda: is_over(app, "drifted"))
    eventually("the receiver was asked", lambda: receiver.refused > 0)
    assert drift(app) == []
    [one] = incidents(app, "drifted")
    assert steps(app, one.number).count("opened") == steps(app, one.number).count("closed") == 1
    receiver.is_down = False
    eventually("the receiver knows", lambda: len(told(receiver, "drifted")) >= 2)
    assert told(receiver, "drifted") == ["incident.opened", "incident.closed"]
    assert len(receiver.ids) == len(set(receiver.ids))
    [closed] = [
        m["data"]
        for m in receiver.taken
        if m["data"]["closed_at"] and m["data"]["cause"] == "drifted"
    ]
    assert closed["proofs"][0]["account_id"] == "A-00003"


def test_two_accounts_that_cannot_be_folded_are_one_incident(
    watched: tuple[App, Supervisor], receiver: Receiver
) -> None:
    app, _ = watched
    for account in ("A-00010", "A-00011"):
        into_quarantine(app, account)
        app.doorbell.call("verify_sample")
        eventually("it is found", partial(concerns, app, "quarantined", account))
    [one] = incidents(app, "quarantined")
    assert (one.members, one.ill, one.closed_at) == (2, 2, None)
    eventually("it was tried", lambda: "retry_quarantine" in steps(app, one.number))
    shown = duebook(app.settings, "incidents", "show", str(one.number))
    assert "retry_quarantine: folded again" in shown.stdout
    figures = Figures(app).text().decode()
    assert 'duebook_incidents_open{cause="quarantined"} 1.0' in figures
    assert 'duebook_incident_accounts{cause="quarantined"} 2.0' in figures
    assert 'duebook_incidents_open{cause="drifted"} 0.0' in figures
    assert "duebook_webhook_messages_waiting" in figures
    once = duebook(app.settings, "monitor", "--once")
    assert once.returncode == 1
    assert len(incidents(app, "quarantined")) == 1


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("WEBHOOK_URL", "ftp://example.org", "the webhook's address is 'ftp://example.org'; give"),
        ("WEBHOOK_SECRET", "too short", "the webhook's secret is not 24 to 64 bytes in base64;"),
        ("ACCOUNTS_A_SECOND", "0", "DUEBOOK_MONITOR_ACCOUNTS_A_SECOND is '0': Input should be"),
        ("HEAL", "perhaps", "DUEBOOK_MONITOR_HEAL is 'perhaps': Input should be a valid boolean"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_sentence(
    watched: tuple[App, Supervisor],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    text: str,
    sentence: str,
) -> None:
    app, _ = watched
    monkeypatch.setenv(f"DUEBOOK_MONITOR_{name}", text)
    assert refused(app.settings, "workers").startswith(sentence)
