"""One worker process: `python -m app.worker_process`.

A few threads that take up messages until SIGTERM or SIGINT.  While PostgreSQL or the broker is
down it waits and tries again; `kill -9` at any moment loses nothing.  It counts as a user of the
embedded engines, so the last process that leaves stops them, whoever was killed before.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import chain, repeat
from random import Random

import psycopg
import structlog
from dramatiq import Worker
from psycopg_pool import PoolTimeout

from app.attached import leave_when_told
from app.engines import EngineError
from app.founding import forget_receipts
from app.monitoring import monitor_of, monitor_settings, webhook_of
from app.operations_log import configure
from app.settings import Settings
from app.wiring import App, opened
from ledger.garbage import keep_what_is_loaded
from ledger.schema import SchemaError
from workers.alive import SignOfLife
from workers.assessments import Assessments
from workers.broker import make_broker, register
from workers.crew import Crew
from workers.doorbell import Doorbell
from workers.rebuilds import Rebuilds

THREADS = 4
#: The longest pause between two looks at an idle queue: how late a message may be taken up.
IDLE_MILLISECONDS_MAX = 100
STOP_MILLISECONDS_MAX = 5_000
SIGN_SECONDS = 1.0
#: Pauses between attempts to reach engines that are down; the last one is repeated.
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)

_logger = structlog.get_logger("app.worker_process")


class ThreadLost(Exception):
    """A thread of the worker has ended by itself: the process must be started anew."""


def main() -> None:
    """Work until told to leave."""
    keep_what_is_loaded()
    configure("worker")
    leave_when_told()
    settings = Settings()
    for pause in chain(PAUSES_SECONDS, repeat(PAUSES_SECONDS[-1])):
        try:
            with opened(settings, needs_redis=True) as app:
                work(app)
        except (EngineError, SchemaError, PoolTimeout, psycopg.OperationalError) as error:
            _logger.warning("engines_not_there", error=str(error), again_in_seconds=pause)
            time.sleep(pause)


def work(app: App) -> None:
    """Take up messages until `SystemExit` comes, by a signal."""
    broker = make_broker(app.engines.broker_url)
    doorbell = Doorbell(broker)
    rebuilds, assessments = Rebuilds(app.pool), Assessments(app.pool, app.log, app.books)
    watch = monitor_settings()
    crew = Crew(
        app.log, app.projector, rebuilds, assessments, doorbell,
        monitor_of(app, watch) if app.settings.monitor else None, webhook_of(app, watch),
        app.today, Random(), partial(forget_receipts, app),
    )  # fmt: skip
    register(broker, crew)
    broker.emit_after("process_boot")
    worker = Worker(broker, worker_timeout=IDLE_MILLISECONDS_MAX, worker_threads=THREADS)
    with closing(broker), SignOfLife(broker) as sign, _running(worker, broker.losses):
        _logger.info("worker_ready", threads=THREADS)
        while True:
            time.sleep(SIGN_SECONDS)
            sign.renew()
            _check(worker)


@contextmanager
def _running(worker: Worker, losses: tuple[type[Exception], ...]) -> Iterator[None]:
    """Start it; at the end let it finish what it has in hand."""
    worker.start()
    try:
        yield
    finally:
        try:
            worker.stop(timeout=STOP_MILLISECONDS_MAX)
        except losses as error:
            # It could not give back what it had not begun.  Others find it all the same.
            _logger.info("messages_not_returned", error=str(error))
        _logger.info("worker_gone")


def _check(worker: Worker) -> None:
    """An error at the wrong moment of an outage can end a thread of dramatiq for good."""
    threads = [*worker.workers, *worker.consumers.values()]
    lost = [thread.name for thread in threads if not thread.is_alive()]
    if lost:
        raise ThreadLost(f"{len(lost)} of {len(threads)} threads have ended: {', '.join(lost)}")


if __name__ == "__main__":
    main()
