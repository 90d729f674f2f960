"""What a language needs to answer: sentences by cause, and how amounts and dates are written.

Sentences hold the names of figures in braces; which there are stands in `FIGURES`.  A sentence that
names a figure which is not known is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

#: What sentences may name.
FIGURES = frozenset(
    "account day overdue overdue_since days late late_since grace_until next_due next_due_on"
    " written_off last_paid last_paid_on".split()
)


class Phrase(NamedTuple):
    """Why it is so, and what happens now."""

    why: str
    now: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """A language."""

    day: Callable[[date], str]
    amount: Callable[[str, str], str]
    heading: str
    #: By cause, or by cause and sub-cause with a dot between; or by the question and the cause.
    causes: Mapping[str, Phrase]
    #: For a cause that has no words of its own yet.
    unknown: Phrase
    is_overdue: str
    is_not_overdue: str
    next_due: str
    no_figures: str
    partly_checked: str
    separator: str
