"""Ledgers with crews at work, and what may strike them."""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from random import Random

from redis import Redis

from app.engines import ensure
from app.monitoring import MonitorSettings, monitor_of, webhook_of
from app.supervisor import Supervisor, alive
from app.wiring import App, opened
from tests.databases import fresh_database
from tests.system.helpers import eventually, found
from tests.system.servers import Servers, empty_broker
from workers.assessments import Assessments
from workers.broker import make_broker
from workers.crew import Crew
from workers.doorbell import Doorbell
from workers.rebuilds import Rebuilds


@contextmanager
def fresh_ledger(servers: Servers) -> Iterator[App]:
    """A ledger in a database of its own, and a broker without messages of other tests."""
    with fresh_database(servers.database_url) as url:
        settings = servers.settings(url)
        ensure(
            settings.home,
            database_url=servers.database_url,
            redis_url=settings.redis_url,
            broker_url=settings.broker_url,
        )
        found(settings)
        with opened(settings, needs_redis=True) as app:
            empty_broker(app.engines.broker_url)
            yield app


@contextmanager
def working(app: App, processes: int = 2, *, monitor: bool = False) -> Iterator[Supervisor]:
    """A crew that works until the end of the block; with a monitor it heals what it finds."""
    settings = app.settings.model_copy(update={"monitor": monitor})
    with Supervisor(settings, processes=processes) as crew:
        eventually(f"{processes} workers alive", lambda: is_manned(app, processes))
        yield crew


def is_manned(app: App, processes: int) -> bool:
    """Whether so many workers live."""
    return alive(app.engines.broker_url) == processes


def kill(pids: Iterable[int]) -> None:
    """No goodbye."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def redis_pid(app: App) -> int:
    """The process of a Redis of ours."""
    with Redis.from_url(app.engines.redis_url) as client:
        return int(client.info("server")["process_id"])


def crew_of(app: App) -> Crew:
    """A crew in this process, whose duties a test calls by itself."""
    doorbell = Doorbell(make_broker(app.engines.broker_url))
    rebuilds, assessments = Rebuilds(app.pool), Assessments(app.pool, app.log, app.books)
    watch = MonitorSettings()
    return Crew(
        app.log, app.projector, rebuilds, assessments, doorbell, monitor_of(app, watch),
        webhook_of(app, watch), app.today, Random(7),
    )  # fmt: skip
