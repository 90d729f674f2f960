"""What borrowers are shown of plans that are overdue: published rules, and how they are applied.

A policy is a whole: the one that was published last, of those effective by a day, is in force on
it.  Its rules concern draws that are overdue; all others are shown in full.  Of the rules that fit
a draw, its borrower, his client and the day, the one with the lowest `order` decides.  Whatever it
says, nothing hides a draw that is late for more than the policy's own mandatory days: that is
checked when the policy is published, and again each time it is applied.

`ledger.domain.disclosure_decisions` says which policies are refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.event import Event

#: How much is shown of a draw that is overdue: all of it, that it is overdue and by how much in
#: all, or not even that.
Extent = Literal["full", "summary", "nothing"]

#: A version such as 3.1 as numbers that compare.
Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClientRange:
    """Versions of an app: from `since` on and below `before`; None is without such an end."""

    app: str
    since: str | None = None
    before: str | None = None

    def holds(self, client: "Client") -> bool:
        """Whether the client is one of these."""
        return (
            client.app == self.app
            and (self.since is None or client.numbers >= version_numbers(self.since))
            and (self.before is None or client.numbers < version_numbers(self.before))
        )


@dataclass(frozen=True, slots=True)
class Capability:
    """From which version an app can show plans that are overdue."""

    app: str
    overdue_plans_since: str


@dataclass(frozen=True, slots=True)
class Rule:
    """How much is shown of the draws it fits, why, and on what legal basis.

    An empty list fits all.  Dates are business dates, both of them within.
    """

    rule_id: str
    show: Extent
    reason: str
    legal_basis: str
    #: Of two rules that fit, the lower one decides; rules that cannot meet need none.
    order: int | None = None
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    clients: tuple[ClientRange, ...] = ()
    since: date | None = None
    until: date | None = None
    #: It fits draws of at most so many days late; None is without limit, which none that hides has.
    days_late_max: int | None = None

    @property
    def hides(self) -> bool:
        """Whether it keeps from the borrower that a draw is overdue."""
        return self.show == "nothing"

    def fits(self, plan: "Plan", client: "Client", on: date) -> bool:
        """Whether it speaks of this plan, shown by this client, on this day."""
        return (
            _among(plan.tier, self.tiers)
            and _among(plan.region, self.regions)
            and _among(plan.product, self.products)
            and (not self.clients or any(one.holds(client) for one in self.clients))
            and (self.since is None or self.since <= on)
            and (self.until is None or on <= self.until)
            and (self.days_late_max is None or plan.days_late <= self.days_late_max)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosurePublished(Event):
    """From `effective_on` on this policy is in force, in place of all before it."""

    TOPIC = "disclosure.published"
    policy_id: str
    #: Beyond so many days late nothing hides a draw that is overdue.
    mandatory_days: int
    #: The names that rules may use; a name that is misspelt would fit nobody and say nothing.
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    clients: tuple[Capability, ...] = ()
    rules: tuple[Rule, ...] = ()
    reason: str = ""

    @property
    def key(self) -> str:
        return f"policy:{self.policy_id}"


DisclosureEvent = DisclosurePublished

#: Every event type of the stream `rules/disclosure` by its topic.
EVENT_TYPES: dict[str, type[DisclosureEvent]] = {DisclosurePublished.TOPIC: DisclosurePublished}


@dataclass(frozen=True, slots=True)
class Client:
    """What a borrower looks with: an app and its version.  Without an app, one that says nothing of
    itself; no rule on clients speaks of it, and it is taken to show everything.
    """

    app: str = ""
    version: str = ""

    @property
    def numbers(self) -> Version:
        """The version as numbers."""
        return version_numbers(self.version)

    def __str__(self) -> str:
        return f"{self.app}/{self.version}" if self.app else "a client that does not say what it is"


@dataclass(frozen=True, slots=True)
class Plan:
    """A draw as the rules look at it."""

    draw_id: str
    is_overdue: bool
    days_late: int
    tier: str
    region: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """How much is shown of a draw, and by what: a rule, or the limit that no rule may pass."""

    draw_id: str
    show: Extent
    by: Literal["not_overdue", "no_policy", "no_rule", "rule", "mandatory"]
    #: The rule that decided, or that would have hidden what is mandatory.
    rule: Rule | None = None


def in_force(published: Iterable[DisclosurePublished], on: date) -> DisclosurePublished | None:
    """The policy that counts on a day, of those given in the order in which they were recorded."""
    latest: DisclosurePublished | None = None
    for policy in published:
        if policy.effective_on <= on and (
            latest is None or policy.effective_on >= latest.effective_on
        ):
            latest = policy
    return latest


def ruling(policy: DisclosurePublished | None, plan: Plan, client: Client, on: date) -> Ruling:
    """How much of a draw is shown on a day."""
    if not plan.is_overdue:
        return Ruling(plan.draw_id, "full", "not_overdue")
    if policy is None:
        return Ruling(plan.draw_id, "full", "no_policy")
    fitting = [rule for rule in policy.rules if rule.fits(plan, client, on)]
    if not fitting:
        return Ruling(plan.draw_id, "full", "no_rule")
    rule = min(fitting, key=lambda one: (one.order is None, one.order or 0))
    if rule.hides and plan.days_late > policy.mandatory_days:
        return Ruling(plan.draw_id, "full", "mandatory", rule)
    return Ruling(plan.draw_id, rule.show, "rule", rule)


def overdue_plans_since(policy: DisclosurePublished | None, client: Client) -> str | None:
    """The version from which this client's app can show plans that are overdue; None: any can."""
    listed = () if policy is None else policy.clients
    return next((one.overdue_plans_since for one in listed if one.app == client.app), None)


def can_show_overdue(policy: DisclosurePublished | None, client: Client) -> bool:
    """Whether this version of the client can show plans that are overdue."""
    since = overdue_plans_since(policy, client)
    return since is None or client.numbers >= version_numbers(since)


def client_class(policy: DisclosurePublished | None, client: Client) -> str:
    """What the policy can tell of a client: clients of one class are shown the same.

    It is the app and the last version at which the policy makes a difference, as in `mobile/3.1`.
    """
    if policy is None or not client.app:
        return ""
    ends = _ends_of(policy, client.app)
    if ends is None:
        return ""
    reached = [end for end in ends if version_numbers(end) <= client.numbers]
    return f"{client.app}/{max(reached, key=version_numbers, default='')}"


def clients_told_apart(policy: DisclosurePublished | None) -> list[Client]:
    """A client of each class there is under a policy; the first says nothing of itself."""
    clients = [Client()]
    named = () if policy is None else policy.clients
    ranges = () if policy is None else (one for rule in policy.rules for one in rule.clients)
    for app in dict.fromkeys([*(one.app for one in named), *(one.app for one in ranges)]):
        assert policy is not None  # It named the app.
        clients += [Client(app, end) for end in ("", *sorted(_ends_of(policy, app) or ()))]
    return clients


def _ends_of(policy: DisclosurePublished, app: str) -> set[str] | None:
    """The versions at which a policy makes a difference for an app; None: it does not know it."""
    ends = {one.overdue_plans_since for one in policy.clients if one.app == app}
    ranges = [one for rule in policy.rules for one in rule.clients if one.app == app]
    for one in ranges:
        ends |= {end for end in (one.since, one.before) if end is not None}
    return ends if ends or ranges else None


def version_numbers(version: str) -> Version:
    """A dotted version as numbers; zeros at its end say nothing, so 3 and 3.0 are the same."""
    numbers = [int(part) for part in version.split(".") if part]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _among(name: str | None, names: tuple[str, ...]) -> bool:
    return not names or name in names
