"""What was wrong yesterday and is healed today is named all the same, from what is kept of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from app.faults import INJECTIONS, Site
from app.faults.listing import mend_one
from ledger.books import Books
from ledger.log.log import Log
from projections import folding
from projections.diagnosis import Cause, Diagnosis, InstantInFuture, diagnose
from projections.display import Client, Question, Viewer
from projections.incidents import Record, Suspect
from projections.projector import Projector
from projections.reading import Reader
from tests.display.pages import Shelf
from tests.house import House, make_views
from tests.lines import good_payer, late_payer, reversed_
from tests.views.sites import receipts_of, site_over

YESTERDAY = date(2026, 2, 19)
MORNING = datetime(2026, 2, 19, 8, tzinfo=UTC)
NOON = MORNING + timedelta(hours=4)
EVENING = MORNING + timedelta(hours=10)
#: Before anything else on the day, everything was well.
AT_DAWN = MORNING - timedelta(hours=1)


@dataclass
class Clock:
    """What the time is, for everybody in the house."""

    now: datetime = AT_DAWN - timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Yesterday:
    """A ledger in which one account is overdue and shown since dawn, and its clock."""

    house: House
    clock: Clock = field(default_factory=Clock)

    def at(self, now: datetime) -> House:
        self.clock.now = now
        return self.house

    def ask(self, at: datetime, account: str = "A-late") -> Diagnosis:
        """What was the matter at that instant, asked a day later?"""
        self.clock.now = EVENING + timedelta(days=1)
        return diagnose(self.house.log, account, at.date(), known_at=at)

    def names(self, at: datetime, account: str = "A-late") -> str:
        return self.ask(at, account).cause


@pytest.fixture
def yesterday(pool: ConnectionPool[Connection]) -> Yesterday:
    clock = Clock()
    log = Log(pool, clock)
    make_views(pool, log.shards)
    with pool.connection() as conn:
        # The pinned past begins before the machine's present.
        conn.execute("SET ROLE NONE")
        conn.execute("UPDATE views_history SET begun_at = '2026-02-18 00:00Z'")
        conn.execute("UPDATE generations SET live_since = begun_at - interval '1 year'")
        conn.execute("UPDATE generations SET begun_at = live_since, live_since = live_since")
    projector = Projector(pool, log, clock)

    house = House(pool, log, Books(log), projector, Reader(pool, log, projector.views))
    house.record(*late_payer("A-late"), *good_payer("A-good"))
    house.follow(YESTERDAY - timedelta(days=1))
    house.roll(YESTERDAY - timedelta(days=1))
    clock.now = AT_DAWN - timedelta(minutes=10)
    house.roll(YESTERDAY)
    return Yesterday(house, clock)


def test_what_was_shown_then_is_said_to_have_been_shown(yesterday: Yesterday) -> None:
    diagnosis = yesterday.ask(NOON)
    assert (diagnosis.cause, diagnosis.is_healthy) == ("shown", True)


def test_a_worker_that_lagged_from_morning_to_evening(yesterday: Yesterday) -> None:
    yesterday.at(MORNING).record(reversed_("A-good", "P-1", "2026-02-05"))
    yesterday.at(EVENING).follow(YESTERDAY)
    diagnosis = yesterday.ask(NOON, "A-good")
    assert diagnosis.cause == "not_projected"
    assert diagnosis.finding is not None
    assert "was projected at 2026-02-19 18:00:00Z" in diagnosis.finding.evidence[0].sentence
    assert yesterday.ask(EVENING, "A-good").cause == "shown"


def test_a_day_that_was_rolled_in_the_evening(yesterday: Yesterday) -> None:
    day_after = YESTERDAY + timedelta(days=1)
    yesterday.at(EVENING + timedelta(days=1)).roll(day_after)
    diagnosis = yesterday.ask(NOON + timedelta(days=1))
    assert diagnosis.cause == "day_not_rolled"
    assert diagnosis.finding is not None
    assert "was rolled to 2026-02-20 at 2026-02-20 18:00:00Z" in str(diagnosis.finding.evidence[0])
    assert yesterday.names(EVENING + timedelta(days=1)) == "shown"


def test_rows_that_were_lost_until_a_heal_found_it(yesterday: Yesterday) -> None:
    yesterday.house.execute("DELETE FROM overdue WHERE account_id = 'A-late'")
    yesterday.at(EVENING).projector.heal(["A-late"], YESTERDAY)
    diagnosis = yesterday.ask(NOON)
    assert diagnosis.cause == "drifted"
    assert diagnosis.finding is not None
    assert "found wrong and replaced at 2026-02-19 18:00:00Z" in str(diagnosis.finding.evidence[0])


def test_rows_that_only_an_incident_tells_of(yesterday: Yesterday) -> None:
    log = yesterday.house.log
    record = Record(yesterday.house.pool, yesterday.clock, log.ledger_id, has_receiver=False)
    shard = log.shard_of("A-late")
    yesterday.at(MORNING)
    [number] = record.note([Suspect(Cause.DRIFTED.value, shard, "A-late", {"rows": "lost"})])
    yesterday.at(EVENING)
    record.clear(number, {(shard, "A-late"): {"cause": "shown"}})
    diagnosis = yesterday.ask(NOON)
    assert diagnosis.cause == "drifted"
    assert diagnosis.finding is not None
    assert "until 2026-02-19 18:00:00Z" in diagnosis.finding.evidence[0].sentence
    assert yesterday.names(EVENING + timedelta(minutes=1)) == "shown"


def test_a_shard_that_lagged_says_nothing_of_an_account_that_was_projected(
    yesterday: Yesterday,
) -> None:
    log = yesterday.house.log
    record = Record(yesterday.house.pool, yesterday.clock, log.ledger_id, has_receiver=False)
    yesterday.at(MORNING)
    record.note([Suspect(Cause.NOT_PROJECTED.value, log.shard_of("A-late"), "", {"head": 9})])
    assert yesterday.names(NOON) == "shown"


def test_an_account_that_was_in_quarantine_and_left_it(
    yesterday: Yesterday, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails_at(yesterday, MORNING, monkeypatch)
    yesterday.at(EVENING).projector.heal(["A-late"], YESTERDAY)
    assert yesterday.house.reader.quarantined() == []
    diagnosis = yesterday.ask(NOON)
    assert diagnosis.cause == "quarantined"
    assert diagnosis.finding is not None
    assert "MemoryError" in diagnosis.finding.evidence[0].sentence
    assert "until 2026-02-19 18:00:00Z" in diagnosis.finding.evidence[1].sentence
    assert yesterday.names(EVENING) == "shown"


def test_a_generation_that_waited_for_its_switch(yesterday: Yesterday) -> None:
    yesterday.house.execute(
        "INSERT INTO removed_generations VALUES (0, '{\"fold\": 1}', %s, %s)",
        MORNING - timedelta(days=9), MORNING - timedelta(days=9),
    )  # fmt: skip
    yesterday.house.execute(
        "UPDATE generations SET begun_at = %s, live_since = %s WHERE state = 'live'",
        MORNING, EVENING,
    )  # fmt: skip
    diagnosis = yesterday.ask(NOON)
    assert diagnosis.cause == "generation_not_switched"
    assert diagnosis.finding is not None
    assert "became live at 2026-02-19 18:00:00Z" in diagnosis.finding.evidence[0].sentence


def test_a_rule_that_was_withdrawn_in_the_evening(yesterday: Yesterday) -> None:
    yesterday.at(MORNING)
    site = site_over(yesterday.house, YESTERDAY, Shelf())
    fault = INJECTIONS[Cause.WITHHELD_BY_POLICY](site, "A-late")
    yesterday.house.follow(YESTERDAY)
    yesterday.at(EVENING)
    mend_one(site, fault)
    assert shown_at(yesterday, site, NOON).cause == "withheld_by_policy"
    after = shown_at(yesterday, site, EVENING + timedelta(minutes=1))
    assert (after.cause, after.noticed) == ("shown", ())


def test_a_client_that_was_too_old_then(yesterday: Yesterday) -> None:
    yesterday.at(MORNING)
    site = site_over(yesterday.house, YESTERDAY, Shelf())
    fault = INJECTIONS[Cause.CLIENT_TOO_OLD](site, "A-late")
    old = Client(fault.look.app, fault.look.version)
    assert shown_at(yesterday, site, NOON, client=old).cause == "client_too_old"
    assert shown_at(yesterday, site, AT_DAWN, client=old).cause == "shown", "before the policy"


def test_an_entry_of_the_cache_that_was_replaced_when_somebody_looked(
    yesterday: Yesterday,
) -> None:
    yesterday.at(MORNING)
    site = site_over(yesterday.house, YESTERDAY, Shelf())
    INJECTIONS[Cause.STALE_CACHE](site, "A-late")
    look = Question("A-late", "overdue", Viewer.borrower_of("A-late"), Client(), YESTERDAY)
    yesterday.at(EVENING)
    receipts_of(site).write(site.display.show(look))
    assert site.ask("A-late").cause == "shown", "it is healed"
    past = shown_at(yesterday, site, NOON)
    assert past.cause == "stale_cache"
    assert past.finding is not None
    assert "at 2026-02-19 18:00:00Z" in past.finding.evidence[0].sentence
    assert "cache stale" in past.finding.evidence[0].sentence
    after = shown_at(yesterday, site, EVENING + timedelta(minutes=1))
    assert (after.cause, after.noticed) == ("shown", ()), "it was replaced"


def test_an_entry_of_the_cache_that_only_the_monitor_found(yesterday: Yesterday) -> None:
    site = site_over(yesterday.house, YESTERDAY, Shelf())
    shard = site.log.shard_of("A-late")
    record = Record(site.pool, yesterday.clock, site.log.ledger_id, has_receiver=False)
    yesterday.at(MORNING)
    [number] = record.note([Suspect(Cause.STALE_CACHE.value, shard, "A-late", {"why": "old"})])
    yesterday.at(EVENING)
    record.clear(number, {(shard, "A-late"): {"cause": "shown"}})
    past = shown_at(yesterday, site, NOON)
    assert past.cause == "stale_cache"
    assert past.finding is not None
    assert "until 2026-02-19 18:00:00Z" in past.finding.evidence[0].sentence
    assert shown_at(yesterday, site, EVENING + timedelta(minutes=1)).cause == "shown"


def test_what_the_cache_held_when_nobody_looked_is_not_vouched_for(yesterday: Yesterday) -> None:
    site = site_over(yesterday.house, YESTERDAY, Shelf())
    past = shown_at(yesterday, site, NOON)
    assert (past.cause, past.is_healthy) == ("shown", False)
    assert past.incomplete == (
        "stale_cache could not be checked: nobody had asked for the page by then, and what the"
        " cache held is not kept",
    )
    yesterday.at(MORNING)
    look = Question("A-late", "overdue", Viewer.borrower_of("A-late"), Client(), YESTERDAY)
    receipts_of(site).write(site.display.show(look))
    assert shown_at(yesterday, site, NOON).is_healthy


def shown_at(yesterday: Yesterday, site: Site, at: datetime, **asked: Any) -> Diagnosis:
    """What was the matter then, up to what was shown?"""
    yesterday.at(EVENING + timedelta(days=1))
    return diagnose(
        site.log, "A-late", YESTERDAY, known_at=at, display=site.display,
        receipts=receipts_of(site), **asked,
    )  # fmt: skip


def test_rows_that_were_written_over_unseen_are_not_vouched_for(yesterday: Yesterday) -> None:
    yesterday.at(EVENING + timedelta(days=1)).roll(YESTERDAY + timedelta(days=1))
    diagnosis = yesterday.ask(NOON)
    assert (diagnosis.cause, diagnosis.is_healthy) == ("incomplete", False)
    assert any("were written over" in sentence for sentence in diagnosis.incomplete)


def test_before_the_history_was_kept_nothing_is_claimed(yesterday: Yesterday) -> None:
    yesterday.house.execute("UPDATE views_history SET begun_at = %s", EVENING)
    diagnosis = yesterday.ask(NOON)
    assert diagnosis.cause == "incomplete"
    assert all("is kept since 2026-02-19 18:00Z only" in said for said in diagnosis.incomplete)


def test_an_instant_that_has_not_come_is_refused(yesterday: Yesterday) -> None:
    yesterday.clock.now = NOON
    with pytest.raises(InstantInFuture, match=r"asked .* at 2026-02-19 18:00Z.* it is 2026-02-19"):
        diagnose(yesterday.house.log, "A-late", YESTERDAY, known_at=EVENING)


def fails_at(yesterday: Yesterday, when: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """At that time the fold runs out of memory, once."""

    whole: Callable[..., object] = folding._whole

    def failing(*_: object) -> object:
        raise MemoryError

    monkeypatch.setattr(folding, "_whole", failing)
    yesterday.at(when).projector.heal(["A-late"], YESTERDAY)
    monkeypatch.setattr(folding, "_whole", whole)
