"""Options that several commands share, each with one meaning."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from ledger.domain.bounds import is_id


def _a_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2026-03-31") from None


def an_instant(text: str) -> datetime:
    """An instant as people write it; UTC where they do not say."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no instant; write it as 2026-03-31T18:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _an_account(text: str) -> str:
    if not is_id(text):
        raise typer.BadParameter(
            f"{text[:60]!r} names no account; an id has letters, digits and . _ : @ + -"
        )
    return text


Account = Annotated[str, typer.Argument(callback=_an_account, help="The id of the account.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Today = Annotated[
    date | None,
    typer.Option(
        envvar="DUEBOOK_TODAY", parser=_a_date, metavar="DATE", help="Pin the business date."
    ),
]
AsOf = Annotated[
    date | None,
    typer.Option(parser=_a_date, metavar="DATE", help="The books at the end of this date."),
]
KnownAt = Annotated[
    datetime | None,
    typer.Option(
        parser=an_instant, metavar="INSTANT", help="With only what was recorded by this instant."
    ),
]
At = Annotated[
    datetime | None,
    typer.Option(
        parser=an_instant, metavar="INSTANT", help="About this instant, and the date of then."
    ),
]
PaymentMeant = Annotated[
    str | None, typer.Option("--payment", help="The payment that is meant; default: the last one.")
]
Amount = Annotated[str | None, typer.Option(help="Or its amount, with --on.")]
DayPaid = Annotated[
    date | None,
    typer.Option("--on", parser=_a_date, metavar="DATE", help="Or its day, with --amount."),
]
Until = Annotated[
    date | None,
    typer.Option(
        parser=_a_date, metavar="DATE", help="Facts learnt before this date.  Default: today."
    ),
]
