"""The clock of the workers: `python -m app.clock_process`.

It calls for the duties of the timetable and for the tick, and does nothing itself.  Two of them
do no harm, and none for a while costs only that while.
"""

import os
import time

import structlog

from app.attached import leave_when_told
from app.engines import EngineError, engines
from app.operations_log import configure
from app.settings import Settings
from workers.broker import make_broker
from workers.doorbell import Doorbell
from workers.timetable import keep_time

AGAIN_SECONDS = 1.0

_logger = structlog.get_logger("app.clock_process")


def main() -> None:
    """Keep time until told to leave."""
    configure("clock")
    leave_when_told()
    settings = Settings()
    # The timetable speaks of minutes of the business day.
    os.environ["TZ"] = settings.time_zone
    time.tzset()
    while True:
        try:
            _keep_time(settings)
        except EngineError as error:
            _logger.warning("engines_not_there", error=str(error), again_in_seconds=AGAIN_SECONDS)
            time.sleep(AGAIN_SECONDS)


def _keep_time(settings: Settings) -> None:
    with engines(
        settings.home,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        broker_url=settings.broker_url,
    ) as running:
        keep_time(Doorbell(make_broker(running.broker_url)), settings.tick_seconds)


if __name__ == "__main__":
    main()
