"""`duebook display` and `duebook shown`: what a borrower sees, and what he saw then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli.errors import UserError
from app.cli.options import Account, AsOf, Json, KnownAt, Today, an_instant
from app.cli.output import console, print_json
from app.cli.rendering import rows_table
from app.cli.views import (
    ACTIVITY_COLUMNS,
    EPISODES_COLUMNS,
    OVERDUE_COLUMNS,
    SCHEDULE_COLUMNS,
)
from app.displaying import VIEWS, chain_document, client_of, future_refused, receipt_document
from app.settings import Settings
from app.wiring import now, opened
from ledger.rights import Role
from projections.display import Client, Question, Viewer
from projections.display.receipts import Receipt
from projections.reading import AccountUnknown


class Page(StrEnum):
    """The pages of a borrower."""

    OVERDUE = "overdue"
    SCHEDULE = "schedule"
    EPISODES = "episodes"
    ACTIVITY = "activity"


#: The columns of each view that people are shown.
_COLUMNS = {
    "overdue": OVERDUE_COLUMNS,
    "repayment_schedule": SCHEDULE_COLUMNS,
    "episodes": EPISODES_COLUMNS,
    "activity": ACTIVITY_COLUMNS,
}


def display(
    account: Account,
    client: Annotated[
        str | None, typer.Option(help="What he looks with, such as mobile/3.1.", metavar="APP/N.N")
    ] = None,
    view: Annotated[Page, typer.Option(help="Which page.")] = Page.OVERDUE,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """What the borrower of an account sees, and every step that led to it.

    ```
    duebook display A-1 --client mobile/3.1
    duebook display A-1 --view schedule --as-of 2026-03-31 --json
    ```
    """
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        is_live = as_of is None and known_at is None
        shown = app.display.show(
            Question(
                account, VIEWS[view], Viewer.borrower_of(account), client_asked(client),
                as_of or app.today(), known_at, is_live,
            )
        )  # fmt: skip
    document = chain_document(shown)
    if as_json:
        print_json(document)
        return
    title = f"{view.capitalize()} of {account} for {shown.question.client}"
    _print_rows(title, document["view"], shown.content.rows, shown.content.currency)
    for notice in document["notices"]:
        console.print(f"notice: {notice}")
    for step in document["steps"]:
        console.print(f"  {step['step']:<6} {step['outcome'].replace('_', ' ')}: {step['why']}")


def shown(
    account: Account,
    at: Annotated[
        datetime | None,
        typer.Option(parser=an_instant, metavar="INSTANT", help="By this instant; now without."),
    ] = None,
    as_json: Json = False,
) -> None:
    """What the pages of an account said at an instant: to whom, from what, with which digest.

    ```
    duebook shown A-1
    duebook shown A-1 --at 2026-03-03T09:00Z --json
    ```
    """
    instant = at or now()
    refusal = future_refused(instant, now())
    if refusal is not None:
        raise UserError(refusal)
    with opened(Settings(), role=Role.READER) as app:
        if app.log.versions([account])[account].version == 0:
            raise AccountUnknown(account)
        receipts = app.receipts.at(account, instant)
    if as_json:
        pages = [receipt_document(one) for one in receipts]
        print_json({"account": account, "at": instant, "pages": pages})
        return
    if not receipts:
        console.print(f"no page of {account} had been shown by {instant:%Y-%m-%d %H:%M}Z")
    for one in receipts:
        _print_receipt(account, one)


def _print_receipt(account: str, one: Receipt) -> None:
    page = receipt_document(one)
    title = (
        f"{page['view'].replace('_', ' ').capitalize()} of {account}, shown to {page['role']}"
        f" {page['viewer']} on {page['client']}"
    )
    _print_rows(title, one.view, one.page["rows"], one.page["currency"])
    for notice in page["notices"]:
        console.print(f"notice: {notice}")
    until = page["changed_at"]
    console.print(
        f"  shown {page['shown_at']:%Y-%m-%d %H:%M:%S}Z"
        f"{f', another page since {until:%Y-%m-%d %H:%M:%S}Z' if until else ''}; made from version"
        f" {page['account_version']} of {page['stream_version']}, policy"
        f" {page['policy'] or 'none'} (version {page['policy_version']}), cache {page['cache']},"
        f" digest {page['digest'][:16]}"
    )
    for held in one.withheld:
        console.print(f"  draw {held['draw_id']}: {held['show']} by rule {held['rule']}")


def _print_rows(title: str, view: str, rows: Sequence[Mapping[str, Any]], currency: str) -> None:
    if rows:
        console.print(rows_table(title, rows, currency, _COLUMNS[view]))
    else:
        console.print(f"{title}: no row")


def client_asked(text: str | None) -> Client:
    """The client that an option names; without one, a client that says nothing of itself."""
    if text is None:
        return Client()
    try:
        return client_of(text)
    except ValueError as error:
        raise UserError(str(error)) from None
