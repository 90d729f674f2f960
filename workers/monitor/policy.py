"""What the monitor heals by itself, and how patient it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from projections.diagnosis import Cause


class Remedy(StrEnum):
    """Something that mends a cause, and harms nothing if it was not needed."""

    HEAL = "heal"
    FOLLOW = "follow"
    ROLL = "roll"
    RETRY_QUARANTINE = "retry_quarantine"
    PURGE_CACHE = "purge_cache"


#: What mends each cause.  A cause that is missing here is for people: a ledger that was tampered
#: with above all, for to fold it again would only write down what somebody wants to be read.
REMEDIES: Mapping[str, Remedy] = {
    Cause.DRIFTED.value: Remedy.HEAL,
    Cause.NOT_PROJECTED.value: Remedy.FOLLOW,
    Cause.DAY_NOT_ROLLED.value: Remedy.ROLL,
    Cause.QUARANTINED.value: Remedy.RETRY_QUARANTINE,
    Cause.STALE_CACHE.value: Remedy.PURGE_CACHE,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of a monitor."""

    #: Remedies that are used without asking anybody.
    allowed: frozenset[Remedy] = frozenset(Remedy)
    #: An event that is not projected for so long is an incident.
    lag_max: timedelta = timedelta(seconds=60)
    #: So long after midnight a day that is not rolled is one.
    roll_max: timedelta = timedelta(minutes=15)
    #: The daily pass looks at no more accounts in a second, all shards together.
    accounts_a_second: int = 1_000

    def remedy(self, cause: str) -> Remedy | None:
        """What may be done about a cause; None where it is for people."""
        remedy = REMEDIES.get(cause)
        return remedy if remedy in self.allowed else None
