"""What a policy would change, before it is published: account by account, client by client.

Only overdue draws are looked at, since rules speak of no others; and of clients one of each class
that the two policies can tell apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Literal

from ledger.domain.disclosure import (
    Client,
    DisclosurePublished,
    Extent,
    Plan,
    can_show_overdue,
    client_class,
    ruling,
)
from ledger.log.log import Log
from projections.display.pipeline import STANDING, plans_of
from projections.reading import Reader, Reading

#: How much a client shows of a draw; one that is too old tells its borrower to update it.
Seen = Extent | Literal["update"]

#: Accounts whose events are fetched at once.
PAGE_ACCOUNTS = 500


@dataclass(frozen=True, slots=True)
class Change:
    """How one draw would be shown otherwise, on one class of clients."""

    account_id: str
    draw_id: str
    days_late: int
    tier: str
    client: Client
    before: Seen
    after: Seen


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at of an account: its overdue draws, and what would change of them."""

    account_id: str
    overdue: int
    changes: tuple[Change, ...]
    #: Tiers, regions and products of it that the policy does not list: no rule speaks of them.
    unlisted: frozenset[str]


def rehearsed(
    log: Log,
    reader: Reader,
    before: DisclosurePublished | None,
    after: DisclosurePublished,
    today: date,
    on: date,
) -> Iterator[Looked]:
    """Every account as it stands `today`, with rules as of `on` before and after.

    Raises whatever reading an account raises: a rehearsal that left one out would read as clean.
    """
    clients = clients_of(before, after)
    readings = reader.read_all(STANDING, today)
    while page := list(islice(readings, PAGE_ACCOUNTS)):
        overdue = [one for one in page if _is_overdue(one)]
        histories = log.streams([one.account_id for one in overdue])
        for reading in page:
            plans: Sequence[Plan] = ()
            if reading.account_id in histories:
                plans = plans_of(reading, histories[reading.account_id], today)
            yield _looked(reading.account_id, plans, before, after, clients, on)


def clients_of(*policies: DisclosurePublished | None) -> list[Client]:
    """One client of each class that these policies tell apart, the nameless one first."""
    there = [policy for policy in policies if policy is not None]
    ends: dict[str, set[str]] = {}
    for policy in there:
        for capability in policy.clients:
            ends.setdefault(capability.app, {"0"}).add(capability.overdue_plans_since)
        for one in (one for rule in policy.rules for one in rule.clients):
            given = {end for end in (one.since, one.before) if end is not None}
            ends.setdefault(one.app, {"0"}).update(given)
    found: dict[tuple[str, ...], Client] = {("",) * len(there): Client()}
    for app, versions in sorted(ends.items()):
        for version in sorted(versions):
            client = Client(app, version)
            found.setdefault(tuple(client_class(one, client) for one in there), client)
    return list(found.values())


def seen(policy: DisclosurePublished | None, plan: Plan, client: Client, on: date) -> Extent:
    """How much a client shows of an overdue draw in the end."""
    if not can_show_overdue(policy, client):
        return "nothing"
    return ruling(policy, plan, client, on).show


def _looked(
    account_id: str,
    plans: Sequence[Plan],
    before: DisclosurePublished | None,
    after: DisclosurePublished,
    clients: Sequence[Client],
    on: date,
) -> Looked:
    overdue = [plan for plan in plans if plan.is_overdue]
    changes: list[Change] = []
    for plan in overdue:
        for client in clients:
            was = seen(before, plan, client, on)
            will = seen(after, plan, client, on)
            if was != will:
                changes.append(
                    Change(account_id, plan.draw_id, plan.days_late, plan.tier, client, was, will)
                )
    return Looked(
        account_id, len(overdue), tuple(changes),
        frozenset(name for plan in overdue for name in _unlisted(after, plan)),
    )  # fmt: skip


def _unlisted(policy: DisclosurePublished, plan: Plan) -> Iterator[str]:
    listed: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
        ("tier", plan.tier, policy.tiers),
        ("region", plan.region, policy.regions),
        ("product", plan.product, policy.products),
    )
    for what, name, names in listed:
        if name and name not in names:
            yield f"{what} {name}"


def _is_overdue(reading: Reading) -> bool:
    status = reading.columns.index("status")
    return any(row[status] == "overdue" for row in reading.rows)
