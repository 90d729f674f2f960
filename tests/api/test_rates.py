"""How often somebody may come: counted over all processes, and alone where Redis is not there."""

import asyncio
from collections.abc import Callable

import pytest

from app.api.rates import Rates
from app.api.roles import ApiRole
from app.api.shared_rates import SharedRates
from app.wiring import App
from tests.api.serving import serving

FEW = {"DUEBOOK_API_REQUESTS_A_SECOND": "0.05", "DUEBOOK_API_REQUESTS_SAVED_MAX": "5"}


@pytest.fixture
def bucket(ledger: App) -> Callable[..., SharedRates]:
    """Buckets that several processes would share."""

    def made(name: str, a_second: float = 0.05, saved_max: float = 5) -> SharedRates:
        return SharedRates(ledger.engines.redis_url, name, a_second, saved_max)

    return made


def asked(rates: SharedRates, times: int, name: str = "key:a") -> int:
    """How many of so many requests are let in."""

    async def ask() -> list[float]:
        return [await rates.seconds_until_next(name) for _ in range(times)]

    return asyncio.run(ask()).count(0.0)


def test_two_processes_share_what_a_key_may_send(ledger: App) -> None:
    with (
        serving(ledger, FEW) as first,
        serving(ledger, FEW) as second,
        first.caller() as here,
        second.with_key(first.key(ApiRole.SERVICE)) as there,
    ):
        path = "/v1/events?shard=0&limit=1"
        found = [caller.get(path).status_code for caller in (here, there) * 4]
        assert found.count(200) == 5
        assert found[5:] == [429, 429, 429]


def test_a_few_are_taken_at_once_and_no_more_than_there_are(
    bucket: Callable[..., SharedRates],
) -> None:
    first, second = (bucket("test:many", a_second=100, saved_max=12) for _ in range(2))
    assert asked(first, 5) == 5, "five are taken at once"
    assert asked(second, 100) <= 12 + 50
    assert asked(second, 3, "key:b") == 3, "another caller has a bucket of his own"


def test_where_redis_is_away_each_process_counts_alone() -> None:
    alone = SharedRates("redis://127.0.0.1:1", "test:away", 0.05, 3)
    assert asked(alone, 10) == 3
    nobody = SharedRates("", "test:none", 0.05, 3)
    assert asked(nobody, 10) == 3


def test_a_bucket_fills_again_as_time_passes() -> None:
    now = [0.0]
    rates = Rates(a_second=2, saved_max=3, clock=lambda: now[0])
    assert [rates.seconds_until_next("a") for _ in range(4)] == [0, 0, 0, 0.5]
    now[0] = 0.5
    assert [rates.seconds_until_next("a") for _ in range(2)] == [0, 0.5]
