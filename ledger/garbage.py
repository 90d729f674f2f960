"""Keep the collector of cyclic garbage from walking over what is none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def keep_what_is_loaded() -> None:
    """Take what a process has loaded from the collector for good: modules are never garbage.

    A walk over them takes some fifty milliseconds, in which all threads wait, and comes with every
    few large accounts: they are replayed twice as fast without it.
    """
    gc.freeze()


@contextmanager
def without_collector() -> Iterator[None]:
    """Decide, write or fold much while the collector rests.

    None of it leaves such garbage, and all of it is free as soon as nobody asks for it any more.
    The collector would only walk, again and again, over the histories and rows that are still
    needed: a sixth of the time of a large request.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
