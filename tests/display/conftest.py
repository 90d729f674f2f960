"""A display over a fresh ledger, with a cache that a test can spoil."""

import pytest

from projections.display import Cache, Display
from tests.display.pages import Shelf
from tests.house import House


@pytest.fixture
def shelf() -> Shelf:
    """Where the cache keeps its entries."""
    return Shelf()


@pytest.fixture
def display(house: House, shelf: Shelf) -> Display:
    """The display of the ledger."""
    return Display(house.log, house.reader, Cache(shelf))
