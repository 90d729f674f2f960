"""What tests of the door may ask for: a server over a fresh ledger, without workers."""

from collections.abc import Iterator

import httpx
import pytest

from app.wiring import App
from tests.api.serving import Served, serving
from tests.system import servers as places
from tests.system.crews import fresh_ledger


@pytest.fixture(scope="session")
def ledger() -> Iterator[App]:
    """A ledger for all tests of the door: each uses accounts of its own."""
    with places.built_in() as built_in, fresh_ledger(built_in) as app:
        yield app


@pytest.fixture(scope="session")
def served(ledger: App) -> Iterator[Served]:
    """The door to it."""
    with serving(ledger) as running:
        yield running


@pytest.fixture
def service(served: Served) -> Iterator[httpx.Client]:
    """A backend service with its key."""
    with served.caller() as caller:
        yield caller
