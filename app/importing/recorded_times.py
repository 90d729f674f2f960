"""Which recorded times the log would take, so that a line that it would not is refused by itself.

The log refuses a whole request for one wrong time.  An import asks here first, line by line.
"""

from datetime import datetime

from ledger.domain.rejections import Code, Rejection
from ledger.door import Line
from ledger.log.log import Log


class RecordedTimes:
    """The times that can follow what the log holds and the lines that were asked about so far."""

    def __init__(self, log: Log, now: datetime) -> None:
        self._log = log
        self._now = now
        self._is_open = log.phase == "open"
        self._latest = {head.shard: head.recorded_at for head in log.heads()}

    def refusal(self, line: Line) -> Rejection | None:
        """Why the log would not take the recorded time of this new line; None if it would."""
        asked = line.recorded_at
        if asked is None:
            return None
        shard = self._log.shard_of(line.account_id)
        latest = self._latest[shard]
        if self._is_open:
            problem = "the ledger is open, and then only its own clock says when"
            remedy = "import history before `duebook open`, or leave recorded_at out"
        elif asked > self._now:
            problem = f"that lies after now, {self._now:%Y-%m-%dT%H:%MZ}"
            remedy = "correct the time, or the clock of this machine"
        elif latest is not None and asked < latest:
            problem = f"its shard {shard} has come to {latest.isoformat()} already"
            remedy = "sort the lines by recorded_at and import the oldest first"
        else:
            self._latest[shard] = asked
            return None
        return Rejection(
            Code.RECORDED_TIME_REFUSED,
            f"the line cannot be recorded at {asked.isoformat()}: {problem}; {remedy}",
            "recorded_at",
        )
