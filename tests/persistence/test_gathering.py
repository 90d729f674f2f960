"""Saves of many threads: one commit for many, an answer for each."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from time import monotonic, sleep
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from ledger.bells import Bell
from ledger.log.log import Log
from ledger.log.records import Appended, KeyUsed, NewEvent
from ledger.persistence import Factory, gathering
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


def await_crowd(door: Gathering, count: int) -> None:
    """Until so many wait at the door: nothing else tells that they have come."""
    while len(door._waiting) < count:
        sleep(0.001)


def test_who_comes_while_another_writes_is_written_in_one_group_and_gets_his_own_answer(
    log: Log,
) -> None:
    watched = Watched(log)
    door = Gathering(watched.append)
    with ThreadPoolExecutor(THREADS + 1) as callers:
        first = callers.submit(door.append, [fact("A-first", "k")])
        assert watched.began.wait(60)
        others = [callers.submit(door.append, [fact(f"A-{n}", "k")]) for n in range(THREADS)]
        await_crowd(door, THREADS)
        watched.may_go_on.set()
        answers = [future.result() for future in [first, *others]]
    assert watched.groups == [1, THREADS]
    names = [answer.recorded.stream_id for [answer] in answers]
    assert names == ["A-first", *(f"A-{n}" for n in range(THREADS))]


def test_who_was_answered_together_is_waited_for_and_whoever_comes_last_writes(
    monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setattr(gathering, "GATHER_SECONDS", 60)
    watched = Watched(log)
    door = Gathering(watched.append)

    def save(name: str, times: int) -> None:
        for number in range(times):
            door.append([fact(name, f"k{number}")])

    with ThreadPoolExecutor(THREADS + 1) as callers:
        first = callers.submit(save, "A-first", 3)
        assert watched.began.wait(60)
        others = [callers.submit(save, f"A-{n}", 2) for n in range(THREADS)]
        await_crowd(door, THREADS)
        watched.may_go_on.set()
        for future in [first, *others]:
            future.result()
    assert watched.groups == [1, THREADS + 1, THREADS + 1]


def test_who_does_not_come_back_is_waited_for_no_longer_than_a_moment(log: Log) -> None:
    watched = Watched(log)
    watched.may_go_on.set()
    door = Gathering(watched.append)
    door._crowd, door._crowd_until = THREADS, monotonic() + 0.1
    assert len(door.append([fact("A-1", "k")])) == 1
    assert watched.groups == [1]


def test_who_is_interrupted_while_he_watches_the_time_hands_that_on(
    monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    watched = Watched(log)
    watched.may_go_on.set()
    door = Gathering(watched.append)
    interrupt = Event()

    class Interrupted(Bell):
        """The first one who watches the time is interrupted when the test says so."""

        def wait(self, seconds: float | None) -> None:
            if seconds is not None and not interrupt.is_set():
                assert interrupt.wait(60)
                raise KeyboardInterrupt
            super().wait(seconds)

    monkeypatch.setattr(gathering, "Bell", Interrupted)
    door._crowd, door._crowd_until = 3, monotonic() + 3_600
    with ThreadPoolExecutor(3) as callers:
        first = callers.submit(door.append, [fact("A-first", "k")])
        await_crowd(door, 1)
        second = callers.submit(door.append, [fact("A-2", "k")])
        await_crowd(door, 2)
        door._crowd_until = monotonic() + 0.1
        interrupt.set()
        with pytest.raises(KeyboardInterrupt):
            first.result()
        assert len(second.result()) == 1
    assert log.streams(["A-first"])["A-first"] == []


def test_one_who_is_refused_does_not_take_the_others_with_him(log: Log) -> None:
    log.append([fact("A-1", "used")])
    watched = Watched(log)
    door = Gathering(watched.append)
    with ThreadPoolExecutor(4) as callers:
        first = callers.submit(door.append, [fact("A-first", "k")])
        assert watched.began.wait(60)
        good = callers.submit(door.append, [fact("A-2", "k1"), fact("A-2", "k2")])
        bad = callers.submit(door.append, [fact("A-1", "new"), fact("A-1", "used")])
        await_crowd(door, 2)
        watched.may_go_on.set()
        assert len(first.result()) == 1
        assert [answer.recorded.version for answer in good.result()] == [1, 2]
        with pytest.raises(KeyUsed):
            bad.result()
    assert [event.key for event in log.streams(["A-1"])["A-1"]] == ["used"]


def test_who_is_refused_is_found_by_halves(log: Log) -> None:
    log.append([fact("A-1", "used")])
    watched = Watched(log)
    door = Gathering(watched.append)
    with ThreadPoolExecutor(9) as callers:
        first = callers.submit(door.append, [fact("A-first", "k")])
        assert watched.began.wait(60)
        bad = callers.submit(door.append, [fact("A-1", "used")])
        await_crowd(door, 1)
        others = [callers.submit(door.append, [fact(f"A-{n}", "k")]) for n in range(2, 9)]
        await_crowd(door, 8)
        watched.may_go_on.set()
        assert all(len(future.result()) == 1 for future in [first, *others])
        with pytest.raises(KeyUsed):
            bad.result()
    assert watched.groups == [1, 8, 4, 2, 1, 1, 2, 4]


def test_an_outage_is_told_to_everyone_and_is_over_for_the_next(log: Log) -> None:
    watched = Watched(log)
    door = Gathering(watched.append)
    real, watched._append = watched._append, partial(_unreachable)
    with ThreadPoolExecutor(4) as callers:
        first = callers.submit(door.append, [fact("A-1", "k")])
        assert watched.began.wait(60)
        others = [callers.submit(door.append, [fact("A-2", f"k{n}")]) for n in range(3)]
        await_crowd(door, 3)
        watched.may_go_on.set()
        for future in [first, *others]:
            with pytest.raises(ConnectionError):
                future.result()
    watched._append = real
    assert len(door.append([fact("A-3", "k")])) == 1


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
