"""What tests of the display ask, and the shelf that stands for Redis where no server is needed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from ledger.domain.disclosure import DisclosurePublished
from ledger.domain.disclosure_decisions import publish
from ledger.streams import DISCLOSURE_RULES
from projections.display import Client, Display, Question, Shown, StoreAway, Viewer
from tests.domain.policies import MOBILE
from tests.house import House

#: The payer of `late_payer` is overdue from the 6th of February on.
TODAY = date(2026, 2, 9)


class Shelf:
    """A store in memory that can go away."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}
        self.is_away = False

    def get(self, key: str) -> bytes | None:
        self._check()
        return self.entries.get(key)

    def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return [self.get(key) for key in keys]

    def put(self, key: str, value: bytes, seconds: int) -> None:
        self._check()
        self.entries[key] = value

    def remove(self, key: str) -> None:
        self._check()
        self.entries.pop(key, None)

    def _check(self) -> None:
        if self.is_away:
            raise StoreAway("killed by the test")


def asked(
    account: str = "A-1", view: str = "overdue", client: Client = MOBILE, **fields: Any
) -> Question:
    """The borrower looks at his own account today."""
    kept: dict[str, Any] = {"viewer": Viewer.borrower_of(account), "as_of": TODAY}
    return Question(account_id=account, view=view, client=client, **{**kept, **fields})


def show(display: Display, *args: Any, **fields: Any) -> Shown:
    """The page of a question."""
    return display.show(asked(*args, **fields))


def publish_in(house: House, policy: DisclosurePublished) -> None:
    """Publish a policy."""
    house.books.record(DISCLOSURE_RULES, lambda history: publish(policy))


def words(shown: Shown) -> str:
    """What each step did."""
    return " ".join(step.outcome for step in shown.steps)
