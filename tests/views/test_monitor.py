"""The monitor: one incident a cause, healed where that is allowed, closed with a proof."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from projections.display import Cache, Client, Display, Question, Viewer
from projections.incidents import Incident, IncidentUnknown
from projections.incidents.reading import afflictions
from tests.display.pages import Shelf
from tests.house import House
from tests.lines import late_payer, paid
from tests.views.builds import LATE
from tests.views.watching import Clock, Receiver, monitor_of, receiving, webhook_of
from workers.monitor import Monitor, Policy, Remedy, passes_of
from workers.monitor.webhook import WebhookRefused, checked_url, secret_bytes


@pytest.fixture
def clock() -> Clock:
    """The time of the monitor."""
    return Clock()


@pytest.fixture
def monitor(late: House, clock: Clock) -> Monitor:
    """A monitor over thirty accounts that are projected and rolled."""
    return monitor_of(late, clock)


def incidents(monitor: Monitor) -> list[Incident]:
    return monitor.incidents.page()


def steps(monitor: Monitor, number: int) -> list[str]:
    return [step["step"] for step in monitor.incidents.document(number)["steps"]]


def lose_a_row(house: House, account: str) -> None:
    assert house.execute("DELETE FROM overdue WHERE account_id = %s", account) == 1


def test_a_healthy_portfolio_opens_no_incident(late: House, monitor: Monitor) -> None:
    monitor.run_once(LATE)
    assert incidents(monitor) == []
    assert [one.checked_day for one in passes_of(late.pool)] == [LATE] * late.log.shards
    assert sum(one.streams for one in passes_of(late.pool)) == 30


def test_who_looks_at_everything_now_waits_for_a_worker_and_leaves_nothing_out(
    late: House, monitor: Monitor
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with monitor.passes.chunk(0, LATE):
            waiting = threads.submit(monitor.go_on, 0, LATE, is_patient=False)
            with pytest.raises(TimeoutError):
                waiting.result(0.2)
            assert not monitor.go_on(0, LATE), "a worker does not wait"
        assert not waiting.result(20)
    assert passes_of(late.pool)[0].checked_day == LATE


def test_a_lost_row_is_an_incident_that_is_healed_and_closed_with_proof(
    late: House, monitor: Monitor
) -> None:
    lose_a_row(late, "A-03")
    monitor.run_once(LATE)
    [one] = incidents(monitor)
    assert (one.cause, one.group, one.ill) == ("drifted", "account A-03", 0)
    assert one.closed_at is not None
    assert steps(monitor, one.number) == ["opened", "heal", "cleared", "closed"]
    [member] = monitor.incidents.document(one.number)["concerns"]
    proof = member["proof"]
    head = late.log.versions(["A-03"])["A-03"]
    assert (proof["version"], proof["digest"]) == (head.version, head.digest.hex())
    assert proof["position"] == late.log.streams(["A-03"])["A-03"][-1].position
    assert late.differences(LATE) == []


def test_two_accounts_with_the_same_cause_join_one_incident(late: House, clock: Clock) -> None:
    monitor = monitor_of(late, clock, Policy(allowed=frozenset()))
    for account in ("A-03", "A-06"):
        lose_a_row(late, account)
        monitor.run_once(LATE)
    [one] = incidents(monitor)
    assert (one.members, one.ill, one.closed_at) == (2, 2, None)
    assert steps(monitor, one.number) == ["opened", "joined"]
    late.projector.heal(["A-03", "A-06"], LATE)
    monitor.attend(LATE)
    assert incidents(monitor)[0].closed_at is None  # Each is looked at again in its time.
    clock.advance(hours=1)
    monitor.attend(LATE)
    assert incidents(monitor)[0].closed_at is not None


def test_another_cause_is_another_incident(late: House, monitor: Monitor) -> None:
    lose_a_row(late, "A-03")
    late.poison("A-06")
    late.follow(LATE)
    monitor.run_once(LATE)
    assert {one.cause: one.closed_at is None for one in incidents(monitor)} == {
        "drifted": False,
        "quarantined": True,
    }


def test_a_view_that_the_diagnosis_does_not_look_at_is_compared_too(
    late: House, monitor: Monitor
) -> None:
    late.execute("UPDATE journal SET amount = amount + 1 WHERE account_id = 'A-03'")
    monitor.run_once(LATE)
    [one] = incidents(monitor)
    assert (one.cause, one.closed_at is None) == ("drifted", False)
    assert late.differences(LATE) == []


def test_an_account_in_quarantine_is_tried_again_ever_more_seldom(
    late: House, monitor: Monitor, clock: Clock
) -> None:
    late.poison("A-06")
    late.follow(LATE)
    for _ in range(5):
        monitor.run_once(LATE)
        clock.advance(seconds=50)
    [one] = incidents(monitor)
    assert (one.cause, one.ill) == ("quarantined", 1)
    tried = steps(monitor, one.number)
    assert tried[0] == "opened"
    assert set(tried[1:]) == {"retry_quarantine"}
    assert len(tried) - 1 < 5


def test_a_day_that_was_missed_is_rolled(late: House, monitor: Monitor) -> None:
    tomorrow = LATE + timedelta(days=1)
    monitor.measure(tomorrow)
    [one] = incidents(monitor)
    assert (one.cause, one.scope, one.members) == ("day_not_rolled", "portfolio", 10)
    monitor.attend(tomorrow)
    [one] = incidents(monitor)
    assert one.closed_at is not None
    assert late.differences(tomorrow) == []


def test_a_day_that_has_just_begun_is_no_incident(late: House, clock: Clock) -> None:
    monitor = monitor_of(late, clock)
    monitor._since_midnight = lambda: timedelta(minutes=3)
    monitor.measure(LATE + timedelta(days=1))
    assert incidents(monitor) == []
    monitor.measure(LATE + timedelta(days=2))
    assert [one.cause for one in incidents(monitor)] == ["day_not_rolled"]


def test_a_shard_that_nobody_follows_is_followed(
    late: House, monitor: Monitor, clock: Clock
) -> None:
    late.log.open(LATE)
    late.record(paid("A-03", "P-9", "100.00", "2026-02-20"))
    monitor.run_once(LATE)
    assert incidents(monitor) == []  # It has only just been recorded.
    clock.advance(minutes=5)
    monitor.run_once(LATE)
    [one] = [one for one in incidents(monitor) if one.cause == "not_projected"]
    shard = late.log.shard_of("A-03")
    assert shard in range(one.first_shard, one.last_shard + 1)
    assert one.closed_at is not None
    assert late.differences(LATE) == []


def test_what_the_settings_forbid_is_left_alone(late: House, clock: Clock) -> None:
    allowed = frozenset(Remedy) - {Remedy.HEAL}
    monitor = monitor_of(late, clock, Policy(allowed=allowed))
    lose_a_row(late, "A-03")
    monitor.run_once(LATE)
    [one] = incidents(monitor)
    assert (one.ill, one.closed_at, steps(monitor, one.number)) == (1, None, ["opened"])
    assert len(late.differences(LATE)) == 1


def test_a_ledger_that_was_tampered_with_is_never_healed(
    late: House, monitor: Monitor, clock: Clock
) -> None:
    assert isinstance(late.pool.conninfo, str)
    with psycopg.connect(late.pool.conninfo) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "UPDATE events SET effective_on = effective_on + 30"
            " WHERE stream_id = 'A-03' AND topic = 'draw.made'"
        )
    before = receipts(late)
    for _ in range(3):
        monitor.run_once(LATE)
        clock.advance(hours=1)
    [one] = incidents(monitor)
    assert (one.cause, one.group) == ("ledger_tampered", "account A-03")
    assert steps(monitor, one.number) == ["opened"]
    assert receipts(late) == before


def receipts(house: House) -> list[Any]:
    with house.pool.connection() as conn:
        return conn.execute("SELECT * FROM receipts ORDER BY account_id").fetchall()


def test_a_worker_that_dies_between_finding_and_healing_leaves_the_rest_to_the_next(
    late: House, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_a_row(late, "A-03")

    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(type(late.projector), "heal", dies)
        with pytest.raises(SystemExit):
            monitor.run_once(LATE)
    [one] = incidents(monitor)
    assert (one.closed_at, steps(monitor, one.number)) == (None, ["opened"])
    monitor.run_once(LATE)
    [one] = incidents(monitor)
    assert steps(monitor, one.number) == ["opened", "heal", "cleared", "closed"]


def test_the_pass_goes_on_where_it_was_and_looks_at_each_day_once(
    late: House, monitor: Monitor
) -> None:
    assert monitor.passes.owed(LATE) == list(range(late.log.shards))
    monitor.go_on(0, LATE)
    assert monitor.passes.owed(LATE) == list(range(1, late.log.shards))
    lose_a_row(late, next(late.reader.account_ids(0)))
    assert not monitor.go_on(0, LATE)
    assert incidents(monitor) == []
    monitor.go_on(0, LATE + timedelta(days=1))
    assert incidents(monitor) != []


def test_the_webhook_hears_of_the_opening_and_of_the_end_also_after_an_outage(
    late: House, monitor: Monitor, clock: Clock
) -> None:
    with receiving() as receiver:
        webhook = webhook_of(monitor, receiver, clock)
        receiver.is_down = True
        lose_a_row(late, "A-03")
        monitor.run_once(LATE)
        assert webhook.deliver() == 0
        assert (receiver.refused, monitor.outbox.waiting().messages) == (1, 2)
        assert monitor.outbox.waiting().outcome == "HTTP 503"
        receiver.is_down = False
        assert webhook.deliver() == 0  # Not yet: it was asked a moment ago.
        clock.advance(seconds=10)
        assert webhook.deliver() == 2
        assert receiver.kinds == ["incident.opened", "incident.closed"]
        assert len(set(receiver.ids)) == 2
        assert webhook.deliver() == 0
    [opened, closed] = [one["data"] for one in receiver.taken]
    assert (opened["cause"], opened["group"]) == ("drifted", "account A-03")
    assert closed["proofs"][0]["proof"]["version"] == 2


def test_a_receiver_that_does_not_listen_loses_nothing(
    late: House, monitor: Monitor, clock: Clock
) -> None:
    lose_a_row(late, "A-03")
    monitor.run_once(LATE)
    webhook = webhook_of(monitor, Receiver(port=1), clock)
    assert webhook.deliver() == 0
    waiting = monitor.outbox.waiting()
    assert waiting.messages == 2
    assert waiting.outcome is not None
    assert waiting.outcome.startswith("ConnectError")


def test_the_diagnosis_of_the_past_finds_what_was_wrong_then(
    late: House, monitor: Monitor, clock: Clock
) -> None:
    lose_a_row(late, "A-03")
    before = clock()
    monitor.run_once(LATE)
    shard = late.log.shard_of("A-03")
    with late.pool.connection() as conn:
        [found] = afflictions(conn, shard, "A-03")
        assert (found.cause, found.is_of_account) == ("drifted", True)
        assert found.cleared_at is not None
        assert afflictions(conn, shard, "A-03", found.joined_at) == [found]
        assert afflictions(conn, shard, "A-03", before) == []
        assert afflictions(conn, shard, "A-03", found.cleared_at) == []


def test_a_page_in_the_cache_that_is_not_of_the_account_is_thrown_away(
    late: House, clock: Clock
) -> None:
    shelf = Shelf()
    display = Display(late.log, late.reader, Cache(shelf))
    monitor = monitor_of(late, clock, display=display)
    for account in ("A-00", "A-03"):
        display.show(Question(account, "overdue", Viewer.borrower_of(account), Client(), LATE))
    own, others = sorted(shelf.entries, key=lambda key: "A-03" in key)
    shard = late.log.shard_of("A-00")
    assert monitor.look_at(shard, ["A-00"], LATE) == 0
    shelf.entries[own] = shelf.entries[others]
    assert monitor.look_at(shard, ["A-00"], LATE) == 1
    monitor.attend(LATE)
    [one] = incidents(monitor)
    assert (one.cause, one.group) == ("stale_cache", "account A-00")
    assert steps(monitor, one.number) == ["opened", "purge_cache", "cleared", "closed"]
    assert own not in shelf.entries


@pytest.mark.parametrize("view", ["overdue", "repayment_schedule", "activity"])
def test_the_daily_pass_finds_every_page_in_the_cache_that_is_not_of_its_account(
    late: House, clock: Clock, view: str
) -> None:
    shelf = Shelf()
    display = Display(late.log, late.reader, Cache(shelf))
    monitor = monitor_of(late, clock, display=display)
    for account in ("A-00", "A-03"):
        display.show(Question(account, view, Viewer.borrower_of(account), Client(), LATE))
    own, others = sorted(shelf.entries, key=lambda key: "A-03" in key)
    monitor.run_once(LATE)
    assert incidents(monitor) == []
    shelf.entries[own] = shelf.entries[others]
    monitor.run_once(LATE)
    [one] = incidents(monitor)
    assert (one.cause, one.group) == ("stale_cache", "account A-00")
    assert steps(monitor, one.number) == ["opened", "purge_cache", "cleared", "closed"]
    assert own not in shelf.entries


def test_a_check_that_cannot_be_made_never_reads_as_clean(late: House, clock: Clock) -> None:
    shelf = Shelf()
    monitor = monitor_of(late, clock, display=Display(late.log, late.reader, Cache(shelf)))
    shelf.is_away = True
    monitor.look_at(late.log.shard_of("A-00"), ["A-00"], LATE)
    monitor.attend(LATE)
    [one] = incidents(monitor)
    assert (one.cause, one.closed_at) == ("incomplete", None)
    shelf.is_away = False
    clock.advance(hours=1)
    monitor.attend(LATE)
    assert incidents(monitor)[0].closed_at is not None


def test_an_incident_that_there_is_not(monitor: Monitor) -> None:
    for number in (0, 7, -1, 2**70):
        with pytest.raises(IncidentUnknown, match="there is no incident"):
            monitor.incidents.document(number)


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org", "example.org/x", "http://", "http://[", "file:///etc/passwd"]
)
def test_an_address_that_is_not_http_is_refused(url: str) -> None:
    with pytest.raises(WebhookRefused, match="begins with http:// or https://"):
        checked_url(url)


@pytest.mark.parametrize("secret", ["", "short", "!" * 40, "QUJD", "A" * 200])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(WebhookRefused, match="24 to 64 bytes in base64"):
        secret_bytes(secret)


def test_history_cannot_be_changed_by_the_service(late: House, monitor: Monitor) -> None:
    lose_a_row(late, "A-03")
    monitor.run_once(LATE)
    for statement in ("DELETE FROM incident_steps", "UPDATE incident_steps SET step = 'x'"):
        with late.pool.connection() as conn:
            conn.execute("SET ROLE duebook_service")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement.encode())
            conn.execute("RESET ROLE")


def test_a_whole_view_that_was_emptied_is_one_incident(late: House, monitor: Monitor) -> None:
    late.execute("DELETE FROM overdue")
    monitor.run_once(LATE)
    [one] = incidents(monitor)
    assert (one.group, one.members, one.ill) == ("portfolio", 30, 0)
    assert late.differences(LATE) == []


def test_news_while_the_monitor_looks_are_no_fault(late: House, monitor: Monitor) -> None:
    late.record(*late_payer("A-new"), paid("A-03", "P-9", "1.00", "2026-02-20"))
    monitor.run_once(LATE)
    assert incidents(monitor) == []
