"""`duebook schedule` and `duebook overdue`: the views, fresh or flagged."""

from datetime import date, datetime
from typing import Annotated, Any

import typer

from app.cli.errors import UserError
from app.cli.options import Account, AsOf, Json, KnownAt, Today
from app.cli.output import console, print_json, warn
from app.cli.rendering import reading_document, reading_table
from app.settings import Settings
from app.wiring import App, opened
from projections.reading import Reading

SCHEDULE_COLUMNS = (
    "draw_id", "number", "due_on", "penalty", "fee", "interest", "principal", "paid", "waived",
    "outstanding", "status", "days_late",
)  # fmt: skip
OVERDUE_COLUMNS = (
    "draw_id", "status", "days_late", "days_past_due", "bucket", "overdue_since", "overdue_total",
    "late_total", "outstanding_total", "next_due_on",
)  # fmt: skip


def schedule(
    account: Account,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """The repayment schedule of an account with what is paid and what is open.

    ```
    duebook schedule A-1
    duebook schedule A-1 --as-of 2026-03-31 --json
    ```
    """
    with opened(Settings(today=today) if today else Settings()) as app:
        reading = _reading(app, "repayment_schedule", account, as_of, known_at)
        currency = app.reader.currency_of(account)
    _show([reading], [currency], SCHEDULE_COLUMNS, as_json)


def overdue(
    account: Annotated[str | None, typer.Argument(help="An account; without it, all.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Accounts listed at most.")] = 20,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """What is overdue: of one account, or of the accounts that are overdue longest.

    ```
    duebook overdue A-1
    duebook overdue --limit 50
    duebook overdue A-1 --as-of 2026-03-31 --known-at 2026-04-01T00:00Z
    ```
    """
    with opened(Settings(today=today) if today else Settings()) as app:
        not_looked_at = 0
        if account is not None:
            readings = [_reading(app, "overdue", account, as_of, known_at)]
        elif as_of or known_at:
            raise UserError("a list is of today; for --as-of or --known-at name one account")
        else:
            listing = app.reader.overdue(app.today(), limit)
            readings, not_looked_at = list(listing.readings), listing.not_looked_at
        currencies = [app.reader.currency_of(reading.account_id) for reading in readings]
    _show(readings, currencies, OVERDUE_COLUMNS, as_json)
    if not_looked_at:
        warn(f"{not_looked_at} more accounts have stale rows and were not looked at: run workers")


def _reading(
    app: App, view: str, account: str, as_of: date | None, known_at: datetime | None
) -> Reading:
    """The view for today; for another date or an earlier knowledge, replay is the only witness."""
    if as_of is not None or known_at is not None:
        return app.reader.replayed_reading(view, account, as_of or app.today(), known_at)
    return app.reader.read(view, account, app.today())


def _show(
    readings: list[Reading], currencies: list[str], columns: tuple[str, ...], as_json: bool
) -> None:
    pairs = list(zip(readings, currencies, strict=True))
    if as_json:
        documents: list[dict[str, Any]] = [reading_document(*pair) for pair in pairs]
        print_json(documents)
        return
    if not pairs:
        console.print("no account is overdue")
    for reading, currency in pairs:
        console.print(reading_table(reading, currency, columns))
