"""Time: what is due at which minute, and the heart-beat between the minutes.

periodiq keeps the minutes; it takes actors, and here gets what it needs of one.  The heart-beat
calls for the tick, so that whatever a lost message would have said is found within seconds.
"""

import time
from dataclasses import dataclass
from threading import Thread
from typing import Any

from periodiq import Scheduler, cron

from workers.doorbell import Doorbell

#: Minutes of the business time zone.  A minute past the hour it is surely the new day.
TIMETABLE = {
    "roll_day": "1 * * * *",
    "assess_day": "11 * * * *",
    "verify_sample": "*/5 * * * *",
    "forget_receipts": "41 * * * *",
}


@dataclass(frozen=True, slots=True)
class Appointment:
    """A duty with its rule: what periodiq takes for an actor."""

    doorbell: Doorbell
    duty: str
    rule: str

    @property
    def options(self) -> dict[str, Any]:
        """Where periodiq looks for the rule."""
        return {"periodic": cron(self.rule)}

    def send_with_options(self, *, scheduled_at: str) -> None:
        """Its time has come.  The time itself is nobody's business: duties look at the day."""
        self.doorbell.call(self.duty)


def keep_time(doorbell: Doorbell, tick_seconds: float) -> None:
    """Call for the duties in their time, for ever.  Needs the main thread: it takes SIGALRM."""
    Thread(target=_beat, args=(doorbell, tick_seconds), name="heart-beat", daemon=True).start()
    scheduler = Scheduler(
        actors=[Appointment(doorbell, duty, rule) for duty, rule in TIMETABLE.items()]
    )
    scheduler.schedule()
    scheduler.loop()


def _beat(doorbell: Doorbell, tick_seconds: float) -> None:
    while True:
        doorbell.call("tick")
        time.sleep(tick_seconds)
