"""Callers at once: each brings its own share, one request after the other."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Work = TypeVar("Work")
Done = TypeVar("Done")


class Callers:
    """So many threads.  Not `Executor.map`: its queue and the thread that reads the results would
    take turns with the callers, and be measured with what they ask for.
    """

    def __init__(self, threads: ThreadPoolExecutor, count: int) -> None:
        self._threads = threads
        self._count = count

    def bring(self, work: Callable[[Work], Done], asked: Sequence[Work]) -> list[Done]:
        """Do the work for each, and give what came of it, share after share."""

        def bring_share(first: int) -> list[Done]:
            return [work(one) for one in asked[first :: self._count]]

        shares = self._threads.map(bring_share, range(self._count))
        return [done for share in shares for done in share]


@contextmanager
def callers(count: int) -> Iterator[Callers]:
    """Callers who go when the work is done."""
    with ThreadPoolExecutor(count) as threads:
        yield Callers(threads, count)
