"""How threads that wait for an answer are woken: one after the other, each by the one before.

Woken together they would all queue for the interpreter, of which one runs at a time: each would
fall asleep a second time, and the processor would change between them for nothing.
"""

from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from queue import Empty, SimpleQueue


class Bell:
    """Rings for one thread, which passes it on when it leaves.

    Whoever waits must `leave` in the end, answered or not: those behind him may sleep until then.
    """

    def __init__(self) -> None:
        #: An Event would take longer to make and to hear.
        self._rings: SimpleQueue[None] = SimpleQueue()
        self._next: Bell | None = None
        self._has_left = False

    def wait(self, seconds: float | None) -> None:
        """Until it rings, but no longer than that."""
        with suppress(Empty):
            self._rings.get(timeout=seconds)

    def ring(self) -> None:
        """Wake its thread, or that of the next bell where nobody listens any more."""
        bell: Bell | None = self
        while bell is not None:
            bell._rings.put(None)
            # In this order: who leaves after the look has seen that there is a next one.
            bell = bell._next if bell._has_left else None

    def leave(self) -> None:
        """Listen no more, and wake the next."""
        self._has_left = True
        if self._next is not None:
            self._next.ring()

    def before(self, following: "Bell") -> None:
        """Have the thread of the following bell woken by this one's."""
        self._next = following


def ring_in_turn(bells: Sequence[Bell]) -> None:
    """Wake the threads of all of them.  What they wait for must be there already."""
    for bell, following in pairwise(bells):
        bell.before(following)
    if bells:
        bells[0].ring()
