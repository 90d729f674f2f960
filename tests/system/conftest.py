"""What tests of the whole may ask for: servers, and a fresh ledger on them."""

import os
from collections.abc import Iterator

import pytest

from tests.system.servers import KINDS, Servers


@pytest.fixture(scope="session")
def built_in() -> Iterator[Servers]:
    """Our own engines, shared by all tests that do not need some of their own.

    DUEBOOK_TEST_SERVERS names another kind to run the same tests on: see `make test-servers`.
    """
    with KINDS[os.environ.get("DUEBOOK_TEST_SERVERS", "built in")]() as found:
        yield found


@pytest.fixture(scope="session", params=KINDS)
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Each kind of servers in turn."""
    if request.param == "built in":
        yield request.getfixturevalue("built_in")
    else:
        with KINDS[request.param]() as found:
            yield found
