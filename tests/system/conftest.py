"""What tests of the whole may ask for: servers, and a fresh ledger on them."""

from collections.abc import Iterator

import pytest

from tests.system import servers as places
from tests.system.servers import KINDS, Servers


@pytest.fixture(scope="session")
def built_in() -> Iterator[Servers]:
    """Our own engines, shared by all tests that do not need some of their own."""
    with places.built_in() as found:
        yield found


@pytest.fixture(scope="session", params=KINDS)
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Each kind of servers in turn."""
    if request.param == "built in":
        yield request.getfixturevalue("built_in")
    else:
        with KINDS[request.param]() as found:
            yield found
