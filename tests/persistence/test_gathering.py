"""Saves of many threads: one commit for many, an answer for each."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from ledger.log.log import Log
from ledger.log.records import Appended, KeyUsed, NewEvent
from ledger.persistence import Factory
from ledger.persistence.gathering import Gathering
from tests.postgres.facts import TODAY

THREADS = 8


def fact(stream: str, key: str) -> NewEvent:
    return NewEvent(stream, "dog.taught", TODAY, key, b"{}")


class Watched:
    """A log whose first append waits until it is let go, and that counts what it was given."""

    def __init__(self, log: Log) -> None:
        self._append = partial(log.append, keys_must_be_new=True)
        self.groups: list[int] = []
        self.began, self.may_go_on = Event(), Event()

    def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        self.groups.append(len(events))
        self.began.set()
        assert self.may_go_on.wait(60)
        return self._append(events)


def test_who_comes_while_another_writes_is_written_in_one_group_and_gets_his_own_answer(
    log: Log,
) -> None:
    watched = Watched(log)
    gathering = Gathering(watched.append)
    with ThreadPoolExecutor(THREADS + 1) as callers:
        first = callers.submit(gathering.append, [fact("A-first", "k")])
        assert watched.began.wait(60)
        others = [callers.submit(gathering.append, [fact(f"A-{n}", "k")]) for n in range(THREADS)]
        while len(gathering._waiting) < THREADS:  # The only way to know that all have come.
            pass
        watched.may_go_on.set()
        answers = [future.result() for future in [first, *others]]
    assert watched.groups == [1, THREADS]
    names = [answer.recorded.stream_id for [answer] in answers]
    assert names == ["A-first", *(f"A-{n}" for n in range(THREADS))]


def test_one_who_is_refused_does_not_take_the_others_with_him(log: Log) -> None:
    log.append([fact("A-1", "used")])
    watched = Watched(log)
    gathering = Gathering(watched.append)
    with ThreadPoolExecutor(4) as callers:
        first = callers.submit(gathering.append, [fact("A-first", "k")])
        assert watched.began.wait(60)
        good = callers.submit(gathering.append, [fact("A-2", "k1"), fact("A-2", "k2")])
        bad = callers.submit(gathering.append, [fact("A-1", "new"), fact("A-1", "used")])
        while len(gathering._waiting) < 2:
            pass
        watched.may_go_on.set()
        assert len(first.result()) == 1
        assert [answer.recorded.version for answer in good.result()] == [1, 2]
        with pytest.raises(KeyUsed):
            bad.result()
    assert [event.key for event in log.streams(["A-1"])["A-1"]] == ["used"]


def test_an_outage_is_told_to_everyone_and_is_over_for_the_next(log: Log) -> None:
    watched = Watched(log)
    gathering = Gathering(watched.append)
    real, watched._append = watched._append, partial(_unreachable)
    with ThreadPoolExecutor(4) as callers:
        first = callers.submit(gathering.append, [fact("A-1", "k")])
        assert watched.began.wait(60)
        others = [callers.submit(gathering.append, [fact("A-2", f"k{n}")]) for n in range(3)]
        while len(gathering._waiting) < 3:
            pass
        watched.may_go_on.set()
        for future in [first, *others]:
            with pytest.raises(ConnectionError):
                future.result()
    watched._append = real
    assert len(gathering.append([fact("A-3", "k")])) == 1


def _unreachable(events: Sequence[NewEvent]) -> list[Appended]:
    raise ConnectionError("the server is away")


def test_of_many_who_race_for_a_version_one_has_it(empty_database_url: str) -> None:
    factory = Factory({"DUEBOOK_DATABASE_URL": empty_database_url})
    recorder, fido = factory.application_recorder(), uuid4()

    def save(number: int) -> int | None:
        try:
            ids = recorder.insert_events(
                [StoredEvent(fido, number // THREADS, "dog.taught", str(number).encode())]
            )
        except IntegrityError:
            return None
        assert ids
        return ids[0]

    with ThreadPoolExecutor(THREADS) as callers:
        won = [one for one in callers.map(save, range(THREADS * 20)) if one is not None]
    assert sorted(won) == list(range(1, 21))
    assert [one.originator_version for one in recorder.select_events(fido)] == list(range(20))
    factory.close()
