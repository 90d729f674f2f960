"""A portfolio to try things on: the same facts for the same seed, size and last day.

`portfolio` makes the facts as door lines, `write` records them.  A borrower's character stands in
`borrower_ref` (`sample-late-0002`), so that an example of everything is quickly found.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from random import Random
from typing import Any

from app.sample.characters import CHARACTERS, ORDER
from app.sample.life import Life
from ledger.books import Books
from ledger.domain.rejections import Code, Rejection
from ledger.door import as_written, line_of

#: Facts of one request: large enough that an account is read few times, small for memory.
REQUEST_FACTS = 4_000

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What recording a portfolio came to."""

    recorded: int
    repeated: int


class SampleRefused(Exception):
    """The ledger refused a line of the sample: it holds another one under the same ids."""


def account_id_of(seed: int, number: int) -> str:
    """The id of an account; samples of different seeds stand side by side in a ledger."""
    return f"S{seed}-{number:04}"


def character_of(number: int) -> str:
    """The character of the account of this number, counted from 1."""
    return ORDER[(number - 1) % len(ORDER)]


def headline_of(character: str) -> str:
    """What a character is like, in one line."""
    return (CHARACTERS[character].__doc__ or "").strip()


def portfolio(lots: Random, seed: int, accounts: int, until: date) -> list[Body]:
    """The facts of all accounts that were learnt before `until`, in the order of learning.

    A larger portfolio of the same seed begins with the accounts of a smaller one.
    """
    learnt = []
    for number in range(1, accounts + 1):
        life = _life(Random(lots.getrandbits(64)), seed, number, until)
        learnt += [(one.recorded_at, number, one.event, life) for one in life.told()]
    learnt.sort(key=lambda one: one[:2])
    return [
        {
            "account": life.account_id,
            "recorded_at": _in_utc(recorded_at),
            **as_written(event, life.currency),
        }
        for recorded_at, _, event, life in learnt
    ]


def write(
    books: Books,
    bodies: Sequence[Body],
    *,
    with_recorded_times: bool,
    progress: Callable[[int], None],
) -> Written:
    """Record the facts.  Raises `SampleRefused` with the first line that is refused."""
    recorded = repeated = 0
    for batch in _batches(bodies):
        lines = [line_of(body if with_recorded_times else _untimed(body)) for body in batch]
        for body, answer in zip(batch, books.append_each(lines), strict=True):
            if isinstance(answer, Rejection):
                raise SampleRefused(_refused(body, answer))
            recorded += not answer.is_retry
            repeated += answer.is_retry
        progress(len(batch))
    return Written(recorded, repeated)


def _life(lots: Random, seed: int, number: int, until: date) -> Life:
    character = character_of(number)
    borrower_ref = f"sample-{character}-{number:04}"
    life = Life(account_id_of(seed, number), borrower_ref, lots, until)
    CHARACTERS[character](life)
    return life


def _in_utc(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _batches(bodies: Sequence[Body]) -> Iterator[list[Body]]:
    left = iter(bodies)
    while batch := list(islice(left, REQUEST_FACTS)):
        yield batch


def _untimed(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "recorded_at"}


def _refused(body: Body, rejection: Rejection) -> str:
    asked = f"{body['topic']} of {body['effective_on']} for account {body['account']}"
    if rejection.code is Code.KEY_USED_WITH_OTHER_CONTENT:
        return (
            f"{asked} is recorded with other content: this ledger holds a sample of the same seed"
            " made until another date.  Repeat it with that --until, or take another --seed."
        )
    return f"{asked} was refused: {rejection.code.value}: {rejection.message}"
