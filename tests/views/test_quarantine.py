"""Accounts that cannot be folded: named, kept whole, healed; and no other account suffers."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from ledger.domain.events import EVENT_TYPES, PaymentReceived
from ledger.log.records import NewEvent
from projections.projector import CODE, Projector
from tests.house import House
from tests.lines import late_payer
from tests.views.builds import LATE, built, compared, of_newer_code, switch
from workers.rebuilds import Rebuilds


def note(house: House, account: str, number: int, topic: str = "payment.received") -> None:
    """A payment that is appended past the door, or under a topic that this code does not know."""
    state = b'{"amount":1000,"payment_id":"N-%d"}' % number
    house.log.append([NewEvent(account, topic, LATE, f"payment:N-{number}", state)])


def healed_by_fixed_code(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The next release: the fold is the same, and it knows one topic more."""
    monkeypatch.setitem(EVENT_TYPES, "payment.noted", PaymentReceived)
    projector = Projector(house.pool, house.log, lambda: datetime.now(UTC), code="fixed")
    return replace(house, projector=projector)


def test_quarantine_names_the_event_and_after_healing_all_later_ones_are_in(
    late: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, topic in enumerate(["payment.noted", "payment.received", "payment.received"]):
        note(late, "A-00", number, topic)
        late.follow(LATE)
    [entry] = late.reader.quarantined()
    poison = late.log.streams(["A-00"])["A-00"][2]
    assert (entry["failed_topic"], entry["failed_version"], entry["failed_position"]) == (
        "payment.noted", 3, poison.position,
    )  # fmt: skip
    assert (entry["account_id"], entry["account_version"], entry["tries"]) == ("A-00", 5, 3)
    assert entry["code"] == CODE
    fixed = healed_by_fixed_code(late, monkeypatch)
    assert fixed.projector.retry_quarantined(LATE) == 1
    assert late.reader.quarantined() == []
    [row] = late.reader.read("overdue", "A-00", LATE).dicts()
    assert row["overdue_total"] == 100_00 - 3 * 10_00


def test_each_version_of_the_code_tries_each_version_of_an_account_once(late: House) -> None:
    late.poison("A-00")
    late.follow(LATE)
    newer = Projector(late.pool, late.log, lambda: datetime.now(UTC), code="newer")
    assert [one.retry_quarantined(LATE) for one in (newer, late.projector, newer)] == [1, 0, 0]
    [entry] = late.reader.quarantined()
    assert (entry["tries"], entry["code"]) == (2, "newer")


def test_one_percent_of_poison_stops_no_other_account(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = [f"A-{number:04}" for number in range(2_000)]
    poisoned = sorted(Random(7).sample(accounts, 20))
    for first in range(0, 2_000, 250):
        house.record(*(line for one in accounts[first : first + 250] for line in late_payer(one)))
    for account in poisoned:
        note(house, account, 1, "payment.noted")
    house.follow(LATE)
    house.roll(LATE)
    assert sorted(entry["account_id"] for entry in house.reader.quarantined()) == poisoned
    wrong = {one.account_id: one.problem for one in house.differences(LATE)}
    assert sorted(wrong) == poisoned
    assert all("cannot be replayed" in problem for problem in wrong.values())
    rebuilds = Rebuilds(house.pool)
    number = built(house, rebuilds)
    assert compared(house, rebuilds).is_equal, "the same accounts are in quarantine in both"
    fixed = healed_by_fixed_code(house, monkeypatch)
    assert fixed.projector.retry_quarantined(LATE) == 20
    assert (house.reader.quarantined(), house.differences(LATE)) == ([], [])
    switch(fixed, rebuilds, number)
    assert (house.reader.quarantined(), house.differences(LATE)) == ([], [])


def test_an_account_that_new_code_cannot_fold_is_named_before_the_switch(
    late: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer, rebuilds = of_newer_code(late, monkeypatch)
    monkeypatch.delitem(EVENT_TYPES, "payment.received")
    built(newer, rebuilds)
    report = compared(newer, rebuilds)
    assert (report.failing, report.removed, report.is_equal) == (20, 0, False)
    assert len(report.reasons) == 3
    assert all("topic 'payment.received' is unknown" in why for why in report.reasons.values())


def test_a_rebuild_shows_a_poisoned_account_as_it_stood_before_the_poison(late: House) -> None:
    late.poison("A-00")
    late.follow(LATE)
    before = late.reader.read("overdue", "A-00", LATE)
    assert (before.source, before.account_version, before.stream_version) == ("stale_view", 2, 3)
    [first] = late.reader.quarantined()
    listed = late.reader.overdue(LATE, 100)
    assert "A-00" in [one.account_id for one in listed.readings]
    rebuilds = Rebuilds(late.pool)
    number = built(late, rebuilds)
    report = compared(late, rebuilds)
    assert (report.failing, report.is_equal) == (0, True)
    switch(late, rebuilds, number)
    assert late.reader.read("overdue", "A-00", LATE) == before
    assert late.reader.overdue(LATE, 100) == listed, "it stays in the list of those overdue"
    [entry] = late.reader.quarantined()
    assert (entry["account_id"], entry["failed_version"]) == ("A-00", 3)
    assert (entry["since"], entry["tries"]) == (first["since"], first["tries"] + 1)


def test_a_roll_that_meets_the_poison_first_shows_the_new_day_as_it_stood_before(
    late: House,
) -> None:
    journal = late.reader.read("journal", "A-00", LATE)
    late.poison("A-00")
    tomorrow = LATE + timedelta(days=1)
    late.roll(tomorrow)
    overdue = late.reader.read("overdue", "A-00", tomorrow)
    assert (overdue.source, overdue.account_version) == ("stale_view", 2)
    assert overdue.dicts()[0]["days_past_due"] == 16
    assert late.reader.read("journal", "A-00", tomorrow).rows == journal.rows
    left = late.execute("SELECT FROM journal WHERE account_id = 'A-00' AND as_of = %s", LATE)
    assert left == len(journal.rows) > 0, "what the day does not change is not written again"
    [entry] = late.reader.quarantined()
    assert (entry["account_id"], entry["failed_version"]) == ("A-00", 3)


def test_older_code_takes_nothing_away_that_newer_code_could_fold(
    late: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = late.reader.read("overdue", "A-01", LATE)
    assert before.account_version == 3
    monkeypatch.delitem(EVENT_TYPES, "payment.received")
    [step] = late.projector.heal(["A-01"], LATE)
    assert (step.accounts, step.quarantined) == (1, 1)
    assert late.reader.read("overdue", "A-01", LATE) == before


@pytest.mark.parametrize(
    ("written", "instead", "error"),
    [
        (rb'"draw_id":"D-1"', rb'"draw_id":"D-\u0000"', "CharacterNotInRepertoire"),
        (rb'"amount":\d+', b'"amount":%d' % 2**63, "TypeError"),
    ],
    ids=["a character that PostgreSQL has no place for", "an amount of more than eight bytes"],
)
def test_a_value_that_no_table_can_hold_stops_no_other_account(
    late: House, written: bytes, instead: bytes, error: str
) -> None:
    """Past the door a draw is recorded that no column can hold."""
    [draw] = [one for one in late.log.streams(["A-00"])["A-00"] if one.topic == "draw.made"]
    state = re.sub(written, lambda _: instead, draw.state)
    assert state != draw.state
    late.log.append([NewEvent("A-00", "draw.made", draw.effective_on, "draw:D-0", state)])
    late.record(*(line for number in range(40, 60) for line in late_payer(f"A-{number}")))
    late.follow(LATE)
    [entry] = late.reader.quarantined()
    assert (entry["account_id"], entry["account_version"]) == ("A-00", 3)
    assert entry["error"].startswith(error)
    assert {one.account_id for one in late.differences(LATE)} == {"A-00"}
