"""What is struck in a round and when: the same for the same seed and number."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Target(StrEnum):
    """What `kill -9` may hit."""

    WORKER = "worker"
    CLOCK = "clock"
    REDIS = "Redis"
    POSTGRES = "PostgreSQL"
    BACKEND = "backend"
    CLIENT = "client"


#: Each round takes one from a shuffled deck of these, so that none is left out for long.
DECK = (
    (Target.WORKER,),
    (Target.CLOCK,),
    (Target.REDIS,),
    (Target.POSTGRES,),
    (Target.BACKEND,),
    (Target.BACKEND, Target.POSTGRES),
    (Target.CLIENT,),
)

LOAD_SECONDS = (0.2, 1.0)
#: How long the load goes on after the blow.
AFTERMATH_SECONDS = (0.1, 0.6)
#: Redis is emptied in one round of so many.
EMPTIED_ONE_IN = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """One round."""

    number: int
    targets: tuple[Target, ...]
    #: Seconds from the beginning of the load.
    strike_at: float
    rest_at: float
    #: None leaves Redis as it is.
    empty_redis_at: float | None
    #: Decides which of several workers, clients or backends is hit.
    lots: Random


def plan_of(seed: int, number: int) -> Plan:
    """The plan of a round, counted from 1."""
    turn, card = divmod(number - 1, len(DECK))
    deck = Random(f"{seed}/deck {turn}").sample(DECK, len(DECK))
    lots = Random(f"{seed}/round {number}")
    strike_at = lots.uniform(*LOAD_SECONDS)
    rest_at = strike_at + lots.uniform(*AFTERMATH_SECONDS)
    is_emptied = lots.randrange(EMPTIED_ONE_IN) == 0
    return Plan(
        number,
        deck[card],
        strike_at=strike_at,
        rest_at=rest_at,
        empty_redis_at=lots.uniform(0, rest_at) if is_emptied else None,
        lots=lots,
    )
