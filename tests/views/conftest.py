"""A portfolio to build views of."""

import pytest

from tests.house import House
from tests.lines import good_payer, late_payer
from tests.views.builds import LATE


@pytest.fixture
def late(house: House) -> House:
    """Thirty accounts, ten of them overdue, projected and rolled."""
    for number in range(30):
        account = f"A-{number:02}"
        house.record(*(late_payer(account) if number % 3 == 0 else good_payer(account)))
    house.follow(LATE)
    house.roll(LATE)
    return house
