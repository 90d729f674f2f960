"""Threads are woken one by the other, and nobody sleeps on because another one has gone."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from time import monotonic

from ledger.bells import Bell, ring_in_turn

CROWD = 16
#: Longer than any of these tests takes: who is not woken is found by it.
FOREVER = 60.0


def sleep_through(bell: Bell, seconds: float) -> float:
    """Wait at a bell and leave; the seconds that it took."""
    began = monotonic()
    try:
        bell.wait(seconds)
    finally:
        bell.leave()
    return monotonic() - began


def test_everybody_is_woken_where_only_the_first_is_rung_for() -> None:
    bells = [Bell() for _ in range(CROWD)]
    with ThreadPoolExecutor(CROWD) as threads:
        sleepers = [threads.submit(sleep_through, bell, FOREVER) for bell in bells]
        ring_in_turn(bells)
        assert all(sleeper.result() < FOREVER for sleeper in sleepers)


def test_nobody_wakes_the_next_before_he_is_woken_himself() -> None:
    first, second = Bell(), Bell()
    first.before(second)
    assert sleep_through(second, 0.01) >= 0.01
    first.ring()
    assert sleep_through(first, FOREVER) < FOREVER


def test_who_has_left_is_passed_over() -> None:
    bells = [Bell() for _ in range(CROWD)]
    for gone in bells[:-1]:
        gone.leave()
    ring_in_turn(bells)
    assert sleep_through(bells[-1], FOREVER) < FOREVER


def test_no_bells_are_rung_without_complaint() -> None:
    ring_in_turn([])


def test_however_many_leave_while_it_rings_the_others_are_woken() -> None:
    draw = Random(7)
    for _ in range(200):
        bells = [Bell() for _ in range(CROWD)]
        patience = [draw.choice([0.0, 0.0001, 0.001, FOREVER]) for _ in bells]
        start = Barrier(CROWD + 1)

        def sleep(bell: Bell, seconds: float, start: Barrier = start) -> float:
            start.wait()
            return sleep_through(bell, seconds)

        with ThreadPoolExecutor(CROWD) as threads:
            sleepers = [threads.submit(sleep, *one) for one in zip(bells, patience, strict=True)]
            start.wait()
            ring_in_turn(bells)
            assert all(sleeper.result() < FOREVER for sleeper in sleepers)
