"""Crews on every kind of servers: whatever is killed, lost, repeated, reordered or late, the views
come to equal replay.

Each test runs on our own engines, and on the PostgreSQL, Redis and RabbitMQ of this machine.
Everything is real: servers, worker processes of their own, `kill -9`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from random import Random
from typing import Any

import pytest
from dramatiq import Message

from app.supervisor import Supervisor, alive
from app.wiring import App
from tests.system.crews import fresh_ledger, kill, redis_pid, working
from tests.system.helpers import (
    REPOSITORY,
    SHARDS,
    append_accounts,
    drift,
    eventually,
    is_up_to_date,
    lag,
    receipts,
)
from tests.system.servers import (
    Servers,
    empty_broker,
    replace_redis_database,
    replace_virtual_host,
)
from workers.broker import make_broker
from workers.brokers import base
from workers.brokers.rabbitmq import RabbitmqCrewBroker
from workers.doorbell import Doorbell
from workers.duties import DUTIES
from workers.rebuilds import Rebuilds


@pytest.fixture
def app(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A fresh ledger on each kind of servers."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    with fresh_ledger(servers) as made:
        yield made


def test_what_is_appended_appears_without_anybody_asking(app: App) -> None:
    with working(app):
        accounts = append_accounts(app, 0, 20)
        eventually("all is projected", lambda: is_up_to_date(app))
        assert sorted(receipts(app)) == accounts
        assert drift(app) == []
    assert alive(app.engines.broker_url) == 0


def kill_workers(_: App, crew: Supervisor) -> None:
    kill(crew.worker_pids)


def lose_messages(app: App, _: Supervisor) -> None:
    empty_broker(app.engines.broker_url)


def replace_broker(app: App, _: Supervisor) -> None:
    """The broker dies with all that it holds, and another one takes its place."""
    if app.engines.embedded_redis:
        eventually("Redis answers", lambda: alive(app.engines.broker_url) is not None)
        kill([redis_pid(app)])
    elif app.engines.broker_url.startswith("amqp"):
        replace_virtual_host(app.engines.broker_url)
    else:
        replace_redis_database(app.engines.broker_url)


@pytest.mark.parametrize("strike", [kill_workers, lose_messages, replace_broker])
def test_nothing_is_lost_or_doubled(app: App, strike: Callable[[App, Supervisor], None]) -> None:
    accounts = append_accounts(app, 0, 3_000)
    owed = lag(app)
    with working(app) as crew:
        eventually("it has begun", lambda: lag(app) < owed)
        left = lag(app)
        strike(app, crew)
        assert left > 0, "all was projected before the strike; the test proves nothing"
        accounts += append_accounts(app, 3_000, 500)
        strike(app, crew)
        eventually("all is projected", lambda: is_up_to_date(app))
    assert sorted(receipts(app)) == accounts
    assert drift(app) == []


def test_messages_may_come_twice_late_and_in_any_order(app: App) -> None:
    append_accounts(app, 0, 200)
    with working(app), closing(make_broker(app.engines.broker_url)) as broker:
        eventually("all is projected", lambda: is_up_to_date(app))
        before = receipts(app)
        Rebuilds(app.pool).ask(range(SHARDS))
        calls = [
            (duty, (shard,))
            for duty in ("follow_shard", "roll_shard", "rebuild_shard")
            for shard in range(SHARDS)
        ] + [(duty, ()) for duty in ("tick", "roll_day", "verify_sample")]
        shuffled = calls * 5
        lots = Random(7)
        lots.shuffle(shuffled)
        for duty, ids in shuffled:
            message: Message[Any] = Message(DUTIES[duty].queue, duty, ids, {}, {})
            broker.enqueue(message, delay=lots.choice([None, 50, 300]))
        eventually("the queues are empty", lambda: not any(broker.waiting().values()))
        eventually("the rebuilds are done", lambda: Rebuilds(app.pool).owed() == [])
    assert receipts(app) == before
    assert drift(app) == []


def test_a_bell_that_rings_is_not_rung_again(app: App) -> None:
    with closing(make_broker(app.engines.broker_url)) as broker:
        for _ in range(50):
            Doorbell(broker).ring([1, 2, 2])
        assert broker.waiting()["projections"] == 2
        broker.release(base.waiting_key("follow_shard", [2]))
        Doorbell(broker).ring([1, 2])
        assert broker.waiting()["projections"] == 3


def test_a_stopped_crew_does_not_fill_the_broker(app: App) -> None:
    """Notes that a message waits go out; the messages stay, and so they must have an end."""
    with closing(make_broker(app.engines.broker_url)) as broker:
        message: Message[Any] = Message(DUTIES["follow_shard"].queue, "follow_shard", (1,), {}, {})
        for _ in range(base.MESSAGES_MAX):
            broker.enqueue(message)
        broker.call("follow_shard", (2,))
        if isinstance(broker, RabbitmqCrewBroker):
            broker.enqueue(message)
        assert broker.waiting()["projections"] == base.MESSAGES_MAX


@pytest.mark.parametrize("url", ["unix:///nowhere/redis.sock", "amqp://127.0.0.1:1/nowhere"])
def test_a_bell_that_nobody_hears_costs_the_caller_nothing(url: str) -> None:
    doorbell = Doorbell(make_broker(url))
    began = time.monotonic()
    for _ in range(10):
        doorbell.ring(range(SHARDS))
    assert time.monotonic() - began < 1
