"""Where streams end, remembered from one large request to the next.

What is remembered of a shard holds as long as its head stands where the last request left it, since
whoever appends moves the head.  The two are compared behind the lock on the head, so what is given
out is never out of date: a shard that others have written to is looked up anew.
"""

from collections.abc import Iterable

from ledger.log.planning import Plan
from ledger.log.records import Head, StreamHead

#: Streams remembered of all shards together: 15 MB.
ENDS_MAX = 50_000

Ends = dict[str, StreamHead]


class KnownEnds:
    """The ends of streams by shard.  Safe to share between threads."""

    def __init__(self, shards: int, ends_max: int = ENDS_MAX) -> None:
        self._of_each_max = ends_max // shards
        #: The head behind which the ends of a shard are true.
        self._of_shards: dict[int, tuple[Head, Ends]] = {}

    def take(self, heads: Iterable[Head]) -> dict[int, Ends]:
        """By shard, what is true behind these heads, which are locked; nothing of it stays here.

        So no two threads hold the same, and whoever fails leaves nothing behind.
        """
        found: dict[int, Ends] = {}
        for head in heads:
            known_head, ends = self._of_shards.pop(head.shard, (None, {}))
            found[head.shard] = ends if known_head == head else {}
        return found

    def keep(self, plan: Plan) -> None:
        """Remember what a plan was given and what it has made of it, which is committed now."""
        recalled = plan.ground.recalled
        if not recalled:
            return
        for stream_id, last in plan.streams.items():
            recalled[last.shard][stream_id] = StreamHead(last.version, last.digest)
        for shard, ends in recalled.items():
            while len(ends) > self._of_each_max:
                del ends[next(iter(ends))]
            last_new = plan.heads.get(shard)
            head = last_new and Head(shard, last_new.position, last_new.recorded_at)
            self._of_shards[shard] = (head or plan.ground.heads[shard], ends)
