"""What the door answers, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where an event stands."""

    shard: int
    position: int
    version: int
    key: str
    recorded_at: datetime
    digest: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Recorded":
        """As JSON has it."""
        at = datetime.fromisoformat(document["recorded_at"])
        return cls(**{**document, "recorded_at": at})


@dataclass(frozen=True, slots=True)
class Appended:
    """A fact that is in the log: now, or since an earlier request."""

    account: str
    topic: str
    is_retry: bool
    recorded: tuple[Recorded, ...]
    #: With `wait`: whether the view shows the fact.
    is_shown: bool | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Appended":
        """As JSON has it."""
        view = document.get("view")
        return cls(
            account=document["account"],
            topic=document["topic"],
            is_retry=document["is_retry"],
            recorded=tuple(map(Recorded.of, document["recorded"])),
            is_shown=None if view is None else view["shows_the_fact"],
        )

    @property
    def version(self) -> int:
        """That of the account once the fact was recorded; 0 where there was nothing to record."""
        return self.recorded[-1].version if self.recorded else 0


@dataclass(frozen=True, slots=True)
class BatchLine:
    """The answer to a line of a batch: what is recorded, or the problem."""

    line: int
    appended: Appended | None
    problem: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far rows can be trusted."""

    source: Literal["view", "replay", "stale_view"]
    as_of: date
    account_version: int
    stream_version: int
    staleness: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of a view, with amounts as decimal strings."""

    account: str
    view: str
    rows: tuple[Mapping[str, Any], ...]
    freshness: Freshness

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Reading":
        """As JSON has it."""
        fresh = document["freshness"]
        as_of = date.fromisoformat(fresh["as_of"])
        return cls(
            account=document["account"],
            view=document["view"],
            rows=tuple(document["rows"]),
            freshness=Freshness(**{**fresh, "as_of": as_of}),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the log; `fact` is None where the server cannot read it."""

    shard: int
    position: int
    stream: str
    version: int
    topic: str
    effective_on: date
    recorded_at: datetime
    key: str
    digest: str
    fact: Mapping[str, Any] | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Event":
        """As JSON has it."""
        on = date.fromisoformat(document["effective_on"])
        at = datetime.fromisoformat(document["recorded_at"])
        return cls(**{**document, "effective_on": on, "recorded_at": at})


@dataclass(frozen=True, slots=True)
class Quote:
    """What settling a draw costs on a day; amounts are decimal strings."""

    account: str
    draw_id: str
    #: Draws that share its schedule, and are settled with it.
    joined: tuple[str, ...]
    on: date
    currency: str
    penalty: str
    fee: str
    interest: str
    principal: str
    total: str
    from_credit: str
    #: A payment of just this settles.
    to_pay: str
    unearned: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Quote":
        """As JSON has it."""
        on = date.fromisoformat(document["on"])
        return cls(**{**document, "joined": tuple(document["joined"]), "on": on})


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """What every ledger account comes to: by currency, as decimal strings."""

    account: str | None
    as_of: date
    balances: Mapping[str, Mapping[str, Any]]
    not_current: int
    is_balanced: bool

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "TrialBalance":
        """As JSON has it."""
        return cls(**{**document, "as_of": date.fromisoformat(document["as_of"])})


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case as its borrower sees it: `answer` is what he is told, in the language of the case."""

    case_id: str
    account: str
    status: Literal["opened", "answered", "closed"]
    language: str
    question: str
    opened_at: datetime
    answer: str | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "CaseShown":
        """As JSON has it; what support gets beyond that is left out."""
        shown = {name: document[name] for name in cls.__slots__}
        return cls(**{**shown, "opened_at": datetime.fromisoformat(document["opened_at"])})


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A generation of the views, how far it is, and what a switch to it changes."""

    generation: int
    state: Literal["building", "live", "old"]
    standing: str
    waits_for_confirmation: bool
    progress: Mapping[str, Any]
    report: Mapping[str, Any] | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Rebuild":
        """As JSON has it."""
        times = ("begun_at", "compared_at", "live_since")
        return cls(**{name: one for name, one in document.items() if name not in times})
