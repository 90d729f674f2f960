"""What goes through the display: a question, a content that each step may lessen, and the end.

    replay -> view -> cache -> policy -> viewer -> client -> shown

A step gets a content and gives a content.  What it took away, and why, stands in the step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Literal

import orjson

from ledger.domain.disclosure import Client, DisclosurePublished, Extent, Plan, Ruling

#: The steps in their order.
StepName = Literal["replay", "view", "cache", "policy", "viewer", "client"]

#: What a step did.  Of the view: its rows were `fresh`, `replayed` on the spot, or `not_current`;
#: `not_asked` where an entry of the cache stood for it.  Of the cache: a `hit`; a `miss`; an entry
#: that is `stale` by its own stamp, or `broken`; Redis is `away`; or `off`, for pages of the past.
Outcome = Literal[
    "folded", "not_folded", "unreadable",
    "fresh", "replayed", "not_current", "not_asked",
    "hit", "miss", "stale", "broken", "away", "off",
    "in_full", "lessened", "no_policy", "policy_unreadable",
    "permitted", "not_permitted",
    "able", "too_old",
]  # fmt: skip

#: A row as it goes out: dates as text, amounts in minor units.
Row = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks.  `accounts` are those he is confined to; None is all."""

    name: str
    role: str = "borrower"
    accounts: frozenset[str] | None = None

    def may_see(self, account_id: str) -> bool:
        """Whether the account is one of his."""
        return self.accounts is None or account_id in self.accounts

    def __str__(self) -> str:
        return self.role if self.name == self.role else f"{self.role} {self.name}"

    @classmethod
    def borrower_of(cls, account_id: str, name: str = "borrower") -> "Viewer":
        """The borrower of an account."""
        return cls(name, "borrower", frozenset({account_id}))


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to see: a view of an account on a business date, as known at an instant
    (None is now).  `is_live` is a page of today, the only kind that the views and the cache serve.
    """

    account_id: str
    view: str
    viewer: Viewer
    client: Client
    as_of: date
    known_at: datetime | None = None
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """What a page holds at one place of the chain.

    `plans` are all draws of the account as the rules look at them, whatever of their rows is left
    (none, on a page that is not of plans); `extents` says how much of each is left, where that is
    not all of it.
    """

    view: str
    currency: str
    rows: tuple[Row, ...]
    plans: tuple[Plan, ...]
    source: Literal["view", "replay", "stale_view"]
    as_of: date
    account_version: int
    stream_version: int
    staleness: str | None
    note: str
    extents: Mapping[str, Extent]

    @property
    def is_current(self) -> bool:
        """False where the rows are old ones, which the note says plainly."""
        return self.source != "stale_view"

    @property
    def overdue(self) -> tuple[str, ...]:
        """The overdue draws of which something is left in it."""
        return tuple(
            plan.draw_id
            for plan in self.plans
            if plan.is_overdue and self.extents.get(plan.draw_id, "full") != "nothing"
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain: what it got, what it gives, and why.

    None is nothing yet: the first steps of a page that came out of the cache have no content.
    """

    name: StepName
    outcome: Outcome
    why: str
    got: Content | None
    gives: Content | None

    @property
    def lost(self) -> tuple[str, ...]:
        """The overdue draws that it got and does not give, in whole."""
        before = self.got.overdue if self.got else ()
        after = self.gives.overdue if self.gives else before
        return tuple(draw_id for draw_id in before if draw_id not in after)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown in the end, and every step that led to it."""

    question: Question
    content: Content
    steps: tuple[Step, ...]
    #: The rulings on overdue draws, one a draw.
    rulings: tuple[Ruling, ...]
    #: The policy in force and its version in `rules/disclosure`; None and 0 where there is none.
    policy: DisclosurePublished | None
    policy_version: int
    client_class: str

    def step(self, name: StepName) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)

    @property
    def refusal(self) -> Step | None:
        """The step that says that this viewer, or this client, cannot be shown the page."""
        bad = ("not_permitted", "too_old")
        return next((step for step in self.steps if step.outcome in bad), None)

    @property
    def withheld(self) -> tuple[Ruling, ...]:
        """The rulings by which less than all is shown."""
        return tuple(one for one in self.rulings if one.show != "full")

    @property
    def hidden(self) -> tuple[str, ...]:
        """The overdue draws of which nothing is shown, by the policy."""
        return tuple(one.draw_id for one in self.rulings if one.show == "nothing")

    @property
    def notices(self) -> tuple[str, ...]:
        """What the page says besides its rows: that it is not all, and that it is not current."""
        return tuple(self._notices())

    @property
    def page(self) -> dict[str, Any]:
        """What the viewer has before his eyes: the same page is the same content."""
        refusal = self.refusal
        return {
            "view": self.content.view,
            "currency": self.content.currency,
            "is_current": self.content.is_current,
            "rows": [dict(row) for row in self.content.rows],
            "notices": list(self.notices),
            "refused": None if refusal is None else refusal.outcome,
        }

    @property
    def digest(self) -> str:
        """The digest of the page."""
        return sha256(orjson.dumps(self.page, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def _notices(self) -> Iterator[str]:
        if not self.content.is_current:
            yield self.content.note
        refusal = self.refusal
        if refusal is not None:
            yield refusal.why
            return
        shows = [one.show for one in self.withheld]
        if count := shows.count("summary"):
            yield f"{_plans(count)} here in summary only; support can tell why"
        if count := shows.count("nothing"):
            yield f"{_plans(count)} not shown here for now; support can tell why"


def _plans(count: int) -> str:
    return "1 plan is" if count == 1 else f"{count} plans are"
