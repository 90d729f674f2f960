"""What a page must say, worked out a second time and plainly: replay, filtered by the policy.

It shares no code with the display but the view's own rows.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.disclosure import Client, ClientRange, DisclosurePublished, Rule
from ledger.domain.outcome import Outcome
from ledger.domain.state import DrawState
from projections.display.shapes import Row
from projections.schema import VIEWS

#: Columns of a plan in summary, as `docs/policy.md` says.
SUMMARY = {
    "overdue": "draw_id currency status days_past_due overdue_since overdue_total next_due_on",
    "repayment_schedule": "draw_id number due_on outstanding status",
}


def page_of(
    outcome: Outcome, view_name: str, policy: DisclosurePublished | None, client: Client, on: date
) -> tuple[list[Row], bool]:
    """The rows that are shown, and whether the client is told to be updated."""
    draws = {draw.draw_id: draw for draw in outcome.state.draws}
    shows = {name: show_of(outcome, draw, policy, client, on) for name, draw in draws.items()}
    overdue = {name for name, draw in draws.items() if draw.status == "overdue"}
    left = {name for name in overdue if shows[name] != "nothing"}
    is_refused = bool(left) and not is_able(policy, client)
    if is_refused:
        shows |= dict.fromkeys(left, "nothing")
    return list(_rows(outcome, view_name, shows)), is_refused


def show_of(
    outcome: Outcome,
    draw: DrawState,
    policy: DisclosurePublished | None,
    client: Client,
    on: date,
) -> str:
    """How much of a draw the policy shows."""
    if draw.status != "overdue" or policy is None:
        return "full"
    account = outcome.account
    assert account.opened is not None
    product = account.draws[draw.draw_id].product
    about = (account.tier, account.opened.region, product, draw.days_late)
    ordered = sorted(policy.rules, key=lambda rule: 10**9 if rule.order is None else rule.order)
    for rule in ordered:
        if speaks_of(rule, *about, client, on):
            hides_too_long = rule.show == "nothing" and draw.days_late > policy.mandatory_days
            return "full" if hides_too_long else rule.show
    return "full"


def speaks_of(
    rule: Rule,
    tier: str,
    region: str | None,
    product: str | None,
    days_late: int,
    client: Client,
    on: date,
) -> bool:
    """Whether a rule concerns it."""
    for value, names in ((tier, rule.tiers), (region, rule.regions), (product, rule.products)):
        if names and value not in names:
            return False
    if rule.days_late_max is not None and days_late > rule.days_late_max:
        return False
    if (rule.since and on < rule.since) or (rule.until and on > rule.until):
        return False
    return not rule.clients or any(within(one, client) for one in rule.clients)


def within(one: ClientRange, client: Client) -> bool:
    """Whether a client is in a range of versions."""
    if one.app != client.app:
        return False
    mine = padded(client.version)
    return (one.since is None or padded(one.since) <= mine) and (
        one.before is None or mine < padded(one.before)
    )


def is_able(policy: DisclosurePublished | None, client: Client) -> bool:
    """Whether the client can show overdue plans."""
    for one in policy.clients if policy else ():
        if one.app == client.app:
            return padded(client.version) >= padded(one.overdue_plans_since)
    return True


def padded(version: str) -> list[int]:
    """Four numbers."""
    numbers = [int(part) for part in version.split(".")] if version else []
    return numbers + [0] * (4 - len(numbers))


def _rows(outcome: Outcome, view_name: str, shows: dict[str, str]) -> Iterator[Row]:
    [view] = (one for one in VIEWS if one.name == view_name)
    kept = SUMMARY[view_name].split()
    for row in view.ordered(view.rows(outcome)):
        cells = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in zip(view.columns, row, strict=True)
        }
        show = shows[str(cells["draw_id"])]
        if show != "nothing":
            yield {n: v for n, v in cells.items() if show == "full" or n in kept}
