"""The views, fresh or flagged: `schedule`, `overdue`, `activity`, `journal` and `episodes`."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

import typer

from app.cli.errors import UserError
from app.cli.options import Account, AsOf, Json, KnownAt, Today
from app.cli.output import console, counted, print_json, warn
from app.cli.rendering import reading_document, reading_table
from app.settings import Settings
from app.wiring import App, opened
from ledger.rights import Role
from projections.reading import Listing, Reading

#: Columns shown to people, with their short names; --json gives all of them.
SCHEDULE_COLUMNS = {
    "draw_id": "draw", "number": "nr", "due_on": "due", "principal": "principal",
    "interest": "interest", "fee": "fee", "penalty": "penalty", "paid": "paid",
    "waived": "waived", "written_off": "written off", "cancelled": "cancelled",
    "outstanding": "open", "status": "status",
}  # fmt: skip
OVERDUE_COLUMNS = {
    "draw_id": "draw", "status": "status", "overdue_total": "overdue",
    "overdue_since": "since", "days_past_due": "DPD", "bucket": "bucket",
    "ageing": "by installment", "risk_class": "risk class",
    "outstanding_total": "open", "next_due_on": "next due",
}  # fmt: skip
ACTIVITY_COLUMNS = {
    "moved_on": "date", "kind": "what", "fact_id": "id", "money": "in, -out",
    "principal": "principal", "interest": "interest", "fee": "fee", "penalty": "penalty",
    "outstanding": "then owed", "credit_balance": "then held",
}  # fmt: skip
JOURNAL_COLUMNS = {
    "entry": "entry", "posted_on": "date", "kind": "what", "fact_id": "id",
    "ledger_account": "account", "draw_id": "draw", "installment": "nr", "amount": "debit, -credit",
}  # fmt: skip
EPISODES_COLUMNS = {
    "draw_id": "draw", "number": "nr", "began_on": "from", "ended_on": "until", "due_on": "due",
    "worst_days_past_due": "most DPD", "worst_overdue_total": "most overdue",
}  # fmt: skip


def _view_of_account(view: str, columns: dict[str, str], help_text: str) -> Callable[..., None]:
    """The command that shows a view of one account, of today or as asked for."""

    def command(
        account: Account,
        as_of: AsOf = None,
        known_at: KnownAt = None,
        today: Today = None,
        as_json: Json = False,
    ) -> None:
        with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
            reading = _reading(app, view, account, as_of, known_at)
            _show(reading, app.reader.currency_of(account), columns, as_json)

    command.__doc__ = help_text
    return command


schedule = _view_of_account(
    "repayment_schedule",
    SCHEDULE_COLUMNS,
    """The repayment schedule of an account with what is paid and what is open.

    ```
    duebook schedule A-1
    duebook schedule A-1 --as-of 2026-03-31 --json
    ```
    """,
)
activity = _view_of_account(
    "activity",
    ACTIVITY_COLUMNS,
    """What moved the money and the debt of an account, with the balance after each movement.

    ```
    duebook activity A-1
    duebook activity A-1 --as-of 2026-03-31 --json
    ```
    """,
)
journal = _view_of_account(
    "journal",
    JOURNAL_COLUMNS,
    """The double entries of an account: every event and every due date, balanced.

    ```
    duebook journal A-1
    duebook journal A-1 --as-of 2026-03-31 --known-at 2026-04-01T00:00Z
    ```
    """,
)
episodes = _view_of_account(
    "episodes",
    EPISODES_COLUMNS,
    """The periods during which an account was overdue, and how bad each of them was.

    ```
    duebook episodes A-1
    duebook episodes A-1 --as-of 2026-03-31 --json
    ```
    """,
)


def overdue(
    account: Annotated[str | None, typer.Argument(help="An account; without it, all.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Accounts listed at most.")] = 20,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """What is overdue: of one account, or of the accounts that are overdue longest.

    A draw is in the bucket of its oldest overdue installment.  Where its installments are in
    several, or in another because the draw has a grace, a column says how much is in which.

    ```
    duebook overdue A-1
    duebook overdue --limit 50
    duebook overdue A-1 --as-of 2026-03-31 --known-at 2026-04-01T00:00Z
    ```
    """
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        if account is not None:
            reading = _reading(app, "overdue", account, as_of, known_at)
            _show(reading, app.reader.currency_of(account), OVERDUE_COLUMNS, as_json)
        elif as_of or known_at:
            raise UserError("a list is of today; for --as-of or --known-at name one account")
        else:
            _show_list(app, app.reader.overdue(app.today(), limit), as_json)


def _reading(
    app: App, view: str, account: str, as_of: date | None, known_at: datetime | None
) -> Reading:
    """The view for today; for another date or an earlier knowledge, replay is the only witness."""
    if as_of is not None or known_at is not None:
        return app.reader.replayed_reading(view, account, as_of or app.today(), known_at)
    return app.reader.read(view, account, app.today())


def _show(reading: Reading, currency: str, columns: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json(reading_document(reading, currency))
        return
    title = f"{reading.view} of {reading.account_id} as of {reading.as_of} ({reading.note})"
    console.print(reading_table(title, [(reading, currency)], columns))


def _show_list(app: App, listing: Listing, as_json: bool) -> None:
    pairs = [(reading, app.reader.currency_of(reading.account_id)) for reading in listing.readings]
    if as_json:
        print_json([reading_document(*pair) for pair in pairs])
    elif pairs:
        title = f"Overdue longest, on {app.today()}"
        console.print(reading_table(title, pairs, OVERDUE_COLUMNS, with_account=True))
    else:
        console.print("no account is overdue")
    if listing.not_looked_at:
        stale = counted(listing.not_looked_at, "account")
        warn(f"stale rows of {stale} more were not looked at; run `duebook workers`")
