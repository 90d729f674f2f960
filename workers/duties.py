"""What workers can be asked to do: the name of each duty, its queue, its place in the line.

Names and queues travel in messages, between processes and between versions of duebook: never
rename one.  Every duty is a method of `workers.crew.Crew` that is safe to run twice or late.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Duty:
    """Where a duty waits and how long it may take."""

    queue: str
    #: Of what a process has in hand, the lower number is done first.
    priority: int
    #: Far above what is usual: it frees the thread of a duty that hangs.
    seconds_max: int


DUTIES = {
    "tick": Duty("calendar", priority=0, seconds_max=60),
    "follow_shard": Duty("projections", priority=10, seconds_max=120),
    "roll_day": Duty("calendar", priority=20, seconds_max=60),
    "roll_shard": Duty("calendar", priority=20, seconds_max=120),
    "assess_day": Duty("calendar", priority=25, seconds_max=60),
    "assess_shard": Duty("calendar", priority=25, seconds_max=300),
    "rebuild_shard": Duty("rebuild", priority=30, seconds_max=300),
    "finish_rebuild": Duty("rebuild", priority=30, seconds_max=3_600),
    "verify_sample": Duty("calendar", priority=40, seconds_max=300),
    "watch_shard": Duty("calendar", priority=50, seconds_max=300),
    "attend_incidents": Duty("calendar", priority=40, seconds_max=600),
    "tell_incidents": Duty("calendar", priority=45, seconds_max=300),
    "forget_receipts": Duty("calendar", priority=50, seconds_max=60),
}
