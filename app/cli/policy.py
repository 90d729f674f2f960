"""`duebook policy`: the rules of what borrowers are shown: try them, publish them, look at them."""

from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.cli.errors import UserError
from app.cli.options import AsOf, Json, KnownAt, Today
from app.cli.output import console, counted, print_json, table, warn
from app.cli.progress import bar
from app.policy_file import PolicyUnusable, read_policy
from app.settings import Settings
from app.wiring import App, opened
from ledger.domain.disclosure import DisclosurePublished, Rule
from ledger.domain.disclosure_decisions import publish as published
from ledger.rights import Role
from ledger.streams import DISCLOSURE_RULES
from projections.display.rehearsal import Change, clients_of, rehearsed

#: Draws that are shown as samples of what would change.
SAMPLES = 10

policy = typer.Typer(
    no_args_is_help=True, help="What borrowers are shown of overdue plans: `docs/policy.md`."
)

File = Annotated[Path, typer.Argument(help="The policy, in TOML or JSON.", show_default=False)]


@policy.command("publish")
def publish(file: File, today: Today = None, as_json: Json = False) -> None:
    """Publish a policy: from its date on it is in force in place of all before it.

    To publish the same file again changes nothing.

    ```
    duebook policy test quiet.toml
    duebook policy publish quiet.toml
    ```
    """
    with opened(_settings(today)) as app:
        wanted = _read(file, app.today())
        taken = app.books.record(DISCLOSURE_RULES, lambda history: published(wanted))
        [recorded] = taken.recorded
    if as_json:
        print_json(
            {
                "policy": wanted.policy_id,
                "effective_on": wanted.effective_on,
                "version": recorded.version,
                "recorded_at": recorded.recorded_at,
                "is_retry": taken.is_retry,
            }
        )
        return
    how = "was published before" if taken.is_retry else "is published"
    console.print(
        f"policy {wanted.policy_id} {how} as version {recorded.version}, in force from"
        f" {wanted.effective_on}: {counted(len(wanted.rules), 'rule')}, nothing is hidden beyond"
        f" {wanted.mandatory_days} days late"
    )


@policy.command("show")
def show(
    as_of: AsOf = None, known_at: KnownAt = None, today: Today = None, as_json: Json = False
) -> None:
    """The policy in force on a date, as it was known at an instant, and all that were published.

    ```
    duebook policy show
    duebook policy show --as-of 2026-03-01 --known-at 2026-02-01T00:00Z
    ```
    """
    with opened(_settings(today), role=Role.READER) as app:
        day = as_of or app.today()
        found = app.display.policies.in_force(day, known_at)
        if found.unreadable is not None:
            raise UserError(f"the rules cannot be read: {found.unreadable}")
        known = [
            one
            for one in app.display.policies.published()
            if known_at is None or one.recorded.recorded_at <= known_at
        ]
    if as_json:
        print_json(
            {
                "as_of": day,
                "known_at": known_at,
                "version": found.version,
                "policy": None if found.policy is None else _document(found.policy),
                "published": [
                    {
                        "policy": one.event.policy_id,
                        "version": one.recorded.version,
                        "effective_on": one.event.effective_on,
                        "recorded_at": one.recorded.recorded_at,
                    }
                    for one in known
                ],
            }
        )
        return
    if found.policy is None:
        console.print(f"no policy is in force on {day}: every borrower is shown everything")
    else:
        console.print(_table(found.policy, found.version))
    for one in known:
        console.print(
            f"version {one.recorded.version}: {one.event.policy_id}, effective"
            f" {one.event.effective_on}, published {one.recorded.recorded_at:%Y-%m-%d %H:%M}Z"
        )


@policy.command("test")
def try_out(file: File, today: Today = None, as_json: Json = False) -> None:
    """What a policy would change, before it is published: how many accounts, with samples.

    Accounts are looked at as they stand today; the rules as of today, or as of the day from which
    the policy would count if that is later.  Nothing is written.

    ```
    duebook policy test quiet.toml
    duebook policy test quiet.toml --json
    ```
    """
    with opened(_settings(today), role=Role.READER) as app:
        wanted = _read(file, app.today())
        published(wanted)
        on = max(app.today(), wanted.effective_on)
        document = _rehearsal(app, wanted, on, as_json)
    if as_json:
        print_json(document)
        return
    for sentence in document["unlisted"]:
        warn(sentence)
    if document["samples"]:
        columns = ["account", "draw", ">days late", "tier", "client", "shows now", "then"]
        rows = [list(one.values()) for one in document["samples"]]
        console.print(table("Samples of what would change", columns, rows))
    console.print(
        f"{counted(document['accounts_changed'], 'account')} of {document['accounts']:,} would"
        f" change what they see on {on}; {counted(document['accounts_overdue'], 'account')} with"
        f" overdue plans, {counted(len(document['clients']), 'kind')} of clients looked at"
    )


def _rehearsal(app: App, wanted: DisclosurePublished, on: date, quiet: bool) -> dict[str, Any]:
    before = app.display.policies.in_force(on)
    if before.unreadable is not None:
        raise UserError(f"the rules in force cannot be read: {before.unreadable}")
    accounts = overdue = changed = 0
    samples: list[Change] = []
    kinds: Counter[str] = Counter()
    unlisted: Counter[str] = Counter()
    with bar(quiet) as progress:
        total = app.reader.account_count(range(app.log.shards))
        task = progress.add_task("looking", total=total)
        for looked in rehearsed(app.log, app.reader, before.policy, wanted, app.today(), on):
            progress.advance(task)
            accounts += 1
            overdue += looked.overdue > 0
            changed += bool(looked.changes)
            unlisted.update(looked.unlisted)
            kinds.update({f"{one.before} -> {one.after}" for one in looked.changes})
            samples += looked.changes[: max(0, SAMPLES - len(samples))]
    return {
        "policy": wanted.policy_id,
        "in_force": before.policy.policy_id if before.policy else None,
        "on": on,
        "accounts": accounts,
        "accounts_overdue": overdue,
        "accounts_changed": changed,
        "changes": dict(sorted(kinds.items())),
        "clients": [str(one) for one in clients_of(before.policy, wanted)],
        "unlisted": [
            f"{counted(count, 'account')} with overdue plans: {name} is not listed in the policy,"
            " so only rules that name none speak of it"
            for name, count in sorted(unlisted.items())
        ],
        "samples": [{**asdict(one), "client": str(one.client)} for one in samples],
    }


def _read(file: Path, today: date) -> DisclosurePublished:
    try:
        return read_policy(file, today)
    except PolicyUnusable as error:
        raise UserError(str(error)) from None


def _settings(today: date | None) -> Settings:
    return Settings(today=today) if today else Settings()


def _document(one: DisclosurePublished) -> dict[str, Any]:
    return asdict(one)


def _table(one: DisclosurePublished, version: int) -> Table:
    title = (
        f"Policy {one.policy_id}, version {version}, in force since {one.effective_on}: nothing is"
        f" hidden beyond {one.mandatory_days} days late"
    )
    columns = [">order", "rule", "shows", "for", "until", "reason", "legal basis"]
    rules = sorted(one.rules, key=lambda rule: (rule.order is None, rule.order or 0))
    return table(title, columns, [_row(rule) for rule in rules])


def _row(rule: Rule) -> list[object]:
    clients = [
        f"{one.app}{f' from {one.since}' if one.since else ''}"
        f"{f' below {one.before}' if one.before else ''}"
        for one in rule.clients
    ]
    whom = ", ".join([*rule.tiers, *rule.regions, *rule.products, *clients]) or "all"
    limits = [f"{rule.days_late_max} days late"] if rule.days_late_max is not None else []
    limits += [f"from {rule.since}"] if rule.since else []
    limits += [f"to {rule.until}"] if rule.until else []
    return [
        rule.order, rule.rule_id, rule.show, whom, ", ".join(limits), rule.reason,
        rule.legal_basis,
    ]  # fmt: skip
