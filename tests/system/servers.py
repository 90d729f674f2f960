"""The servers that a test of the whole runs on: built in, or those of this machine.

Those of the machine are PostgreSQL, Redis and RabbitMQ at their usual places.  Where one is
missing the test is skipped at home, and fails where DUEBOOK_CI_SERVERS=required promises it.
Of a shared server we take what is ours alone: fresh databases, a Redis database that no other run
has locked, a virtual host of RabbitMQ; all of it is gone at the end.
"""

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from redis import Redis, RedisError

from app.engines import engines
from app.settings import Settings
from tests.system.helpers import new_home, settings_of
from workers.broker import make_broker
from workers.brokers.base import QUEUES
from workers.brokers.redis import RedisCrewBroker

DATABASE_URLS = ("postgresql:///postgres", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS_PLACE = "redis://127.0.0.1:6379"
REDIS_DATABASES = range(9, 16)
RABBITMQ_PLACE = "amqp://guest:guest@127.0.0.1:5672"


@dataclass(frozen=True)
class Servers:
    """Where a test makes its databases and sends its messages."""

    home: Path
    #: A server in which databases may be made.
    database_url: str
    #: None are the engines of the home.
    redis_url: str | None = None
    broker_url: str | None = None

    def settings(self, database_url: str) -> Settings:
        """Settings for a ledger in one of the databases."""
        own = {"redis_url": self.redis_url, "broker_url": self.broker_url}
        return settings_of(self.home, database_url).model_copy(update=own)


@contextmanager
def built_in() -> Iterator[Servers]:
    """Our own PostgreSQL and Redis."""
    with new_home() as home, engines(home) as found:
        yield Servers(home, found.database_url)


@contextmanager
def postgresql_and_redis() -> Iterator[Servers]:
    """The machine's PostgreSQL and Redis."""
    with new_home() as home, redis_database() as redis_url:
        yield Servers(home, machine_database(), redis_url=redis_url)


@contextmanager
def postgresql_and_rabbitmq() -> Iterator[Servers]:
    """The machine's PostgreSQL and RabbitMQ; no Redis at all."""
    with new_home() as home, virtual_host() as broker_url:
        yield Servers(home, machine_database(), broker_url=broker_url)


#: The kinds of servers, by the name that a test bears.
KINDS: dict[str, Callable[[], AbstractContextManager[Servers]]] = {
    "built in": built_in,
    "PostgreSQL and Redis": postgresql_and_redis,
    "PostgreSQL and RabbitMQ": postgresql_and_rabbitmq,
}


def missing(what: str, found: object) -> NoReturn:
    """A server is not there: no loss at home, a failure where it was promised."""
    if os.environ.get("DUEBOOK_CI_SERVERS") == "required":
        pytest.fail(f"DUEBOOK_CI_SERVERS=required, but {what} does not serve: {found}")
    pytest.skip(f"{what} does not serve here: {found}")


def machine_database() -> str:
    """The URL of the machine's PostgreSQL, as somebody who may make databases."""
    found = ""
    for url in DATABASE_URLS:
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                may_create = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = user"
                if connection.execute(may_create).fetchone() == (True,):
                    return url
                found = f"{connection.info.user} may not make databases"
        except psycopg.OperationalError as error:
            found = str(error)
    missing("PostgreSQL", found)


@contextmanager
def redis_database() -> Iterator[str]:
    """A database of the machine's Redis that no other run of the tests uses."""
    for number in REDIS_DATABASES:
        lock = Path(tempfile.gettempdir(), f"duebook-tests-redis-{number}.lock")
        with lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            url = f"{REDIS_PLACE}/{number}"
            with Redis.from_url(url, socket_connect_timeout=5) as client:
                try:
                    client.flushdb()
                except RedisError as error:
                    missing("Redis", error)
                try:
                    yield url
                finally:
                    client.flushdb()
            return
    missing("Redis", f"databases {REDIS_DATABASES} are all in use by other runs")


@contextmanager
def virtual_host() -> Iterator[str]:
    """A virtual host of the machine's RabbitMQ."""
    name = f"duebook_test_{os.getpid()}"
    make_virtual_host(name)
    try:
        yield f"{RABBITMQ_PLACE}/{name}"
    finally:
        _rabbitmqctl("delete_vhost", name)


def make_virtual_host(name: str) -> None:
    """A new, empty one."""
    _rabbitmqctl("add_vhost", name)
    _rabbitmqctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")


def replace_virtual_host(broker_url: str) -> None:
    """Everything in it and every connection to it is gone; another bears its name."""
    name = broker_url.rpartition("/")[2]
    _rabbitmqctl("delete_vhost", name)
    make_virtual_host(name)


def _rabbitmqctl(*words: str) -> None:
    try:
        subprocess.run(
            ["rabbitmqctl", "--quiet", *words], check=True, capture_output=True, timeout=60
        )
    except FileNotFoundError as error:
        missing("RabbitMQ", error)
    except subprocess.CalledProcessError as error:
        missing("RabbitMQ", error.stderr.decode() + error.stdout.decode())


def replace_redis_database(redis_url: str) -> None:
    """Everything in it and every connection to it is gone, as if another Redis were there."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        ours = client.connection_pool.connection_kwargs["db"]
        own_id = client.client_id()
        for guest in client.client_list():
            if guest["db"] == str(ours) and guest["id"] != str(own_id):
                client.client_kill_filter(_id=guest["id"])


def empty_broker(broker_url: str) -> None:
    """Lose every message, whoever waits for it."""
    broker = make_broker(broker_url)
    with closing(broker):
        if isinstance(broker, RedisCrewBroker):
            broker.client.flushdb()
        else:
            for queue in QUEUES:
                broker.flush(queue)
