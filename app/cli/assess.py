"""`duebook assess`: charge the penalties that terms call for, or take back what was too much."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Annotated, Any

import typer
from rich.progress import Progress

from app.cli.errors import UserError
from app.cli.options import Json, Today
from app.cli.output import console, counted, print_json, table, warn
from app.cli.progress import bar
from app.settings import Settings
from app.wiring import App, opened
from ledger.domain.assessment import PenaltyEvent
from ledger.domain.events import PenaltyCharged
from ledger.domain.money import decimals_of, to_text
from ledger.rights import Role
from projections.reading import AccountUnknown
from workers.assessments import Assessments, Correction, Step

#: Accounts looked at together.
PAGE_ACCOUNTS = 200
#: Lines that are printed; --json has all of them.
LINES_SHOWN_MAX = 40


@dataclass(slots=True)
class _Outcome:
    """What an assessment came to, or would."""

    accounts: int = 0
    corrections: list[Correction] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)

    def add(self, step: Step) -> None:
        self.accounts += step.accounts
        self.corrections += step.taken
        self.failures += step.failures


def assess(
    accounts: Annotated[list[str] | None, typer.Argument(help="Accounts; without, all.")] = None,
    today: Today = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    as_json: Json = False,
) -> None:
    """Charge the late fees and the penalty interest that the terms call for up to today.

    What was charged and is called for no longer, because a payment was found, is taken back. It
    may run at any hour, twice, or after missed days: the books come out the same.

    ```
    duebook assess
    duebook assess A-1 A-2 --dry-run
    duebook assess --today 2026-03-31 --json
    ```
    """
    settings = Settings(today=today) if today else Settings()
    with opened(settings, role=Role.READER if dry_run else Role.SERVICE) as app:
        assessor = Assessments(app.pool, app.log, app.books)
        day = app.today()
        _check(app, assessor, accounts or [], day, dry_run)
        with bar(as_json) as progress:
            if dry_run:
                outcome = _rehearsed(app, assessor, accounts, day, progress)
            else:
                outcome = _done(app, assessor, accounts, day, progress)
    if as_json:
        print_json(_document(outcome, day, dry_run))
    else:
        _show(outcome, day, dry_run)
    for account, reason in outcome.failures:
        warn(f"{account} was not assessed: {reason}")
    if outcome.failures:
        raise typer.Exit(1)


def _check(
    app: App, assessor: Assessments, accounts: Sequence[str], day: date, dry_run: bool
) -> None:
    """Refuse what cannot be assessed before anything is written."""
    for account, head in app.log.versions(accounts).items():
        if head.version == 0:
            raise AccountUnknown(account)
    if dry_run:
        return
    if app.log.phase == "loading":
        raise UserError(
            "The ledger is still loading, and a charge has the time of its making: no history could"
            " be brought in behind it.  Run `duebook open` first, or look with --dry-run."
        )
    latest = assessor.assessed_to()
    if latest is not None and latest > day:
        raise UserError(
            f"Penalties were to be assessed up to {day}, but they are up to {latest} already, and"
            " the books do not go back.  Choose a later day, or look with --dry-run."
        )


def _done(
    app: App, assessor: Assessments, accounts: list[str] | None, day: date, progress: Progress
) -> _Outcome:
    """Append, page by page; the workers hear of it."""
    outcome = _Outcome()
    task = progress.add_task("assessing", total=len(accounts) if accounts else None)
    for step in _steps(app, assessor, accounts, day):
        outcome.add(step)
        app.doorbell.ring({app.log.shard_of(one.account_id) for one in step.taken})
        progress.advance(task, step.accounts)
    return outcome


def _steps(
    app: App, assessor: Assessments, accounts: list[str] | None, day: date
) -> Iterator[Step]:
    if accounts:
        for page in _pages(accounts):
            yield assessor.assess_accounts(page, day)
        return
    for shard in range(app.log.shards):
        yield from assessor.assess(shard, day)


def _rehearsed(
    app: App, assessor: Assessments, accounts: list[str] | None, day: date, progress: Progress
) -> _Outcome:
    """Look at every account, page by page."""
    outcome = _Outcome()
    total = len(accounts) if accounts else app.reader.account_count(list(range(app.log.shards)))
    task = progress.add_task("looking", total=total)
    for page in _pages(accounts or _everybody(app)):
        found = assessor.look_at(page, day)
        outcome.accounts += len(found)
        outcome.corrections += [correction for one in found for correction in one.corrections]
        outcome.failures += [(one.account_id, one.error) for one in found if one.error]
        progress.advance(task, len(page))
    return outcome


def _everybody(app: App) -> Iterator[str]:
    for shard in range(app.log.shards):
        yield from app.reader.account_ids(shard)


def _pages(accounts: Iterable[str]) -> Iterator[list[str]]:
    left = iter(accounts)
    while page := list(islice(left, PAGE_ACCOUNTS)):
        yield page


def _document(outcome: _Outcome, day: date, dry_run: bool) -> dict[str, Any]:
    failures = [{"account": account, "reason": reason} for account, reason in outcome.failures]
    return {
        "day": day,
        "dry_run": dry_run,
        "accounts": outcome.accounts,
        "events": [one.written for one in outcome.corrections],
        "failures": failures,
    }


def _show(outcome: _Outcome, day: date, dry_run: bool) -> None:
    made = outcome.corrections
    if made:
        rows = [
            (one.account_id, one.event.effective_on, one.event.TOPIC, _signed(one), _why(one.event))
            for one in made[:LINES_SHOWN_MAX]
        ]
        columns = ["account", "counts from", "event", ">amount", "how it comes about"]
        console.print(table(f"Penalties up to {day}", columns, rows))
        if len(made) > LINES_SHOWN_MAX:
            console.print(f"and {len(made) - LINES_SHOWN_MAX:,} more; --json has all")
    charges = sum(isinstance(one.event, PenaltyCharged) for one in made)
    done = "to be appended" if dry_run else "appended"
    console.print(
        f"{counted(outcome.accounts, 'account')} looked at for {day}: {counted(charges, 'charge')}"
        f" and {counted(len(made) - charges, 'reversal')} {done}"
    )


def _signed(correction: Correction) -> str:
    text = to_text(correction.event.amount or 0, decimals_of(correction.currency))
    return text if isinstance(correction.event, PenaltyCharged) else f"-{text}"


def _why(event: PenaltyEvent) -> str:
    return event.basis if isinstance(event, PenaltyCharged) else event.reason
