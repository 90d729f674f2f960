"""The collector of garbage rests while much is made, and is found as it was left."""

import gc
from collections.abc import Iterator

import pytest

from ledger.garbage import keep_what_is_loaded, without_collector


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Whatever a test does to the collector, the next one finds it on."""
    yield
    gc.enable()


def test_the_collector_rests_within_and_goes_on_behind() -> None:
    with without_collector():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_does_not_keep_it_from_going_on() -> None:
    with pytest.raises(ValueError, match="refused"), without_collector():
        raise ValueError("refused")
    assert gc.isenabled()


def test_only_the_outermost_lets_it_go_on() -> None:
    with without_collector():
        with without_collector():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_has_turned_it_off_finds_it_off() -> None:
    gc.disable()
    with without_collector():
        pass
    assert not gc.isenabled()


def test_what_is_loaded_is_walked_over_no_more() -> None:
    try:
        keep_what_is_loaded()
        assert gc.get_freeze_count() > len(gc.get_objects())
    finally:
        gc.unfreeze()
