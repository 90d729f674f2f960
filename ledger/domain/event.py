"""What every fact of an account has: a topic, the day from which it counts, and a key."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact in the stream of one account."""

    TOPIC: ClassVar[str]
    effective_on: date

    @property
    def key(self) -> str:
        """The natural identity of the fact in its stream: the same key is the same fact."""
        raise NotImplementedError  # Every event type has its own.
