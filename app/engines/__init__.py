"""PostgreSQL and Redis: those that the settings name, or our own in the data folder.

With nothing configured, PostgreSQL 18 and Redis from their wheels run in DUEBOOK_HOME. All
duebook processes of that folder share them: the first one starts them, the last one stops them.
Redis is the broker of the workers; a broker given by URL (RabbitMQ, or another Redis) takes its
place, and then ours is not started.

    EngineError
        what was asked, what was found, what to do
    engines(home)
        inside the `with`, the engines run
    ensure(home)
        starts again whatever does not answer; cheap when all is well
    remove(home)
        deletes the folder and everything that its engines keep elsewhere
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.engines.home import EngineError, Home
from app.engines.postgres import Postgres, check_postgres
from app.engines.rabbitmq import check_rabbitmq, is_rabbitmq
from app.engines.redis import Redis, check_redis

__all__ = ["EngineError", "Engines", "engines", "ensure", "remove"]


@dataclass(frozen=True)
class Engines:
    """Where the engines listen, and which of them are ours."""

    database_url: str
    #: Empty where another broker is named and Redis is not.
    redis_url: str
    #: Where messages to the workers go: Redis, unless another broker was named.
    broker_url: str
    embedded_database: bool
    embedded_redis: bool


@contextmanager
def engines(
    home: Path,
    *,
    database_url: str | None = None,
    redis_url: str | None = None,
    broker_url: str | None = None,
    needs_redis: bool = True,
) -> Iterator[Engines]:
    """Run the engines for as long as the block lasts; a server given by URL is only checked.

    Without `needs_redis` nobody starts or asks Redis or another broker; addresses are told all
    the same.
    """

    def found() -> Engines:
        return ensure(
            home,
            database_url=database_url,
            redis_url=redis_url,
            broker_url=broker_url,
            needs_redis=needs_redis,
        )

    if database_url and (redis_url or broker_url):
        yield found()
    else:
        place = Home.open(home)
        with place.presence(last_one_out=lambda: _stop(place)):
            yield found()


def ensure(
    home: Path,
    *,
    database_url: str | None = None,
    redis_url: str | None = None,
    broker_url: str | None = None,
    needs_redis: bool = True,
) -> Engines:
    """Start what does not answer, and return when it does.  To be called inside `engines`."""
    if database_url:
        check_postgres(database_url)
    if needs_redis:
        _check_broker(redis_url, broker_url)
    named = redis_url or broker_url  # Whoever names a broker needs no Redis of ours.
    if database_url and named:
        return Engines(
            database_url,
            redis_url or "",
            broker_url or named,
            embedded_database=False,
            embedded_redis=False,
        )

    place = Home.open(home)
    postgres, redis = Postgres(place), Redis(place)
    ours = [
        engine
        for engine, wanted in ((postgres, not database_url), (redis, not named and needs_redis))
        if wanted
    ]
    if not all(engine.answers() for engine in ours):
        with place.gate():
            for engine in ours:
                engine.start()
    return Engines(
        database_url or postgres.url,
        redis_url or ("" if broker_url else redis.url),
        broker_url or redis_url or redis.url,
        embedded_database=not database_url,
        embedded_redis=not named,
    )


def _check_broker(redis_url: str | None, broker_url: str | None) -> None:
    if broker_url and is_rabbitmq(broker_url):
        check_rabbitmq(broker_url)
    elif broker_url:
        check_redis(broker_url, "DUEBOOK_BROKER_URL")
    elif redis_url:
        check_redis(redis_url)


def remove(home: Path) -> None:
    """Delete the data folder with all it holds, unless a process still uses its engines."""
    if home.expanduser().exists():
        place = Home.open(home)
        with place.emptied():
            _stop(place)
            place.delete()


def _stop(place: Home) -> None:
    Redis(place).stop()
    Postgres(place).stop()
