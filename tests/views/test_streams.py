"""Streams that are no accounts: they stand in the same log, and no account is confused with one."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ledger.domain.disclosure import EVENT_TYPES, DisclosurePublished
from ledger.domain.disclosure_decisions import publish
from ledger.domain.event import Event
from ledger.domain.events import AccountClosed
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.log.records import Recorded
from ledger.proof.verify import verify_streams
from ledger.streams import DISCLOSURE_RULES, entries, name
from projections.reading import AccountUnknown
from tests.domain.policies import policy, rule
from tests.house import House
from tests.lines import late_payer, opened

TODAY = date(2026, 3, 1)


def published(house: House, one: DisclosurePublished) -> bool:
    """Publish it; answers whether that was a retry."""
    return house.books.record(DISCLOSURE_RULES, lambda history: publish(one)).is_retry


def test_a_policy_is_recorded_once_and_read_as_it_was(house: House) -> None:
    first = policy(rule())
    assert [published(house, first), published(house, first)] == [False, True]
    published(house, policy(name="P-2"))
    with pytest.raises(Rejected, match="policy:P-1 is already recorded with other content"):
        published(house, policy())
    found = entries(house.log.streams([DISCLOSURE_RULES])[DISCLOSURE_RULES], EVENT_TYPES)
    assert [one.event for one in found] == [first, policy(name="P-2")]
    early = datetime(2026, 1, 1, tzinfo=UTC)
    assert entries([one.recorded for one in found], EVENT_TYPES, known_at=early) == []


def test_a_writer_who_was_overtaken_decides_anew(house: House) -> None:
    seen: list[int] = []

    def decide(history: list[Recorded]) -> list[Event]:
        seen.append(len(history))
        if not history:
            published(house, policy(name="P-0"))
        return [policy(name=f"P-{len(history) + 1}")]

    taken = house.books.record(DISCLOSURE_RULES, decide)
    assert seen == [0, 1]
    assert [one.key for one in taken.recorded] == ["policy:P-2"]


def test_the_views_know_accounts_only(house: House) -> None:
    house.record(*late_payer("A-1"))
    published(house, policy(rule()))
    house.log.open(TODAY)
    house.follow(TODAY)
    house.roll(TODAY)
    house.rebuild(TODAY)
    ids = [one for shard in range(house.log.shards) for one in house.reader.account_ids(shard)]
    assert ids == ["A-1"]
    assert house.reader.account_count(range(house.log.shards)) == 1
    assert house.reader.quarantined() == []
    assert house.differences(TODAY) == []
    assert house.reader.stale_accounts("overdue", TODAY) == []
    assert list(verify_streams(house.log)) == []
    with pytest.raises(AccountUnknown):
        house.reader.read("overdue", DISCLOSURE_RULES, TODAY)


def test_no_fact_of_an_account_comes_into_another_stream(house: House) -> None:
    [answer] = house.books.append_each([replace(opened("A-1"), account_id=DISCLOSURE_RULES)])
    assert isinstance(answer, Rejection)
    assert (answer.code, answer.field) == (Code.FIELD_INVALID, "account")
    closed = AccountClosed(effective_on=TODAY)
    with pytest.raises(ValueError, match=r"account\.closed does not belong"):
        house.books.record(DISCLOSURE_RULES, lambda history: [closed])
    with pytest.raises(ValueError, match="does not belong in the stream 'A-1'"):
        house.books.record("A-1", lambda history: publish(policy()))
    assert sum(head.position for head in house.log.heads()) == 0


def test_a_stream_about_an_account_lies_in_its_shard(house: House) -> None:
    for number in range(20):
        account = f"A-{number}"
        assert house.log.shard_of(f"cases/{account}/C-1") == house.log.shard_of(account)


def test_names_have_a_kind_and_ids() -> None:
    assert name("rules", "disclosure") == DISCLOSURE_RULES
    for parts in (("rules",), ("rules", "a/b"), ("rules", ""), ("wishes", "w")):
        with pytest.raises(ValueError, match="names no stream"):
            name(*parts)
