"""Parameters that several routes share, each with one meaning and one way to be written."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Header, Path, Query
from pydantic import BeforeValidator

from ledger.domain.limits import ID_LENGTH_MAX, YEAR_MAX, YEAR_MIN

_ID = rf"[A-Za-z0-9][A-Za-z0-9._:@+-]{{0,{ID_LENGTH_MAX - 1}}}"
ID_PATTERN = f"^{_ID}$"
#: What the document says of headers whose refusal says more than a pattern could.
_KEY_FORM = {"pattern": f'^({_ID}|"{_ID}")$'}
_CLIENT_FORM = {"pattern": r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,39}/\d{1,9}(\.\d{1,9}){0,3}$"}
_VERSION_FORM = {"pattern": r'^(\*|(W/)?"\d{1,9}(\.[^"]*)?")$'}


def _a_date(text: object) -> object:
    """Only 2026-03-31: no instants, no seconds since 1970, no week dates."""
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        raise ValueError("give a date such as 2026-03-31") from None
    if day.isoformat() != text or not YEAR_MIN <= day.year <= YEAR_MAX:
        raise ValueError(f"give a date such as 2026-03-31 in the years {YEAR_MIN} to {YEAR_MAX}")
    return day


def _an_instant(text: object) -> object:
    try:
        instant = datetime.fromisoformat(str(text))
        if instant.tzinfo is None or "T" not in str(text):
            raise ValueError
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("give an instant such as 2026-03-31T18:00:00Z") from None


Day = Annotated[date, BeforeValidator(_a_date)]
Instant = Annotated[datetime, BeforeValidator(_an_instant)]

Account = Annotated[str, Path(pattern=ID_PATTERN, description="The id of the account.")]
AsOf = Annotated[Day | None, Query(description="The books at the end of this date.")]
KnownAt = Annotated[
    Instant | None, Query(description="With only what was recorded by this instant.")
]
At = Annotated[Instant | None, Query(description="What was shown by this instant; now without.")]
AsClient = Annotated[
    str | None, Query(max_length=100, description="The client to look with, as app/version.")
]
OfView = Annotated[
    Literal["overdue", "schedule", "episodes", "activity"],
    Query(description="The view that the page shows."),
]
Draw = Annotated[str | None, Query(pattern=ID_PATTERN, description="Only this draw.")]
Question = Annotated[
    Literal["not_shown", "although_paid"],
    Query(description="Why it is not shown, or why it is shown although it was paid."),
]
PaymentMeant = Annotated[
    str | None,
    Query(pattern=ID_PATTERN, description="The payment that is meant; default: the last one."),
]
AmountMeant = Annotated[
    str | None, Query(max_length=40, description='Or its amount, such as "300.00", with `on`.')
]
DayMeant = Annotated[Day | None, Query(description="Or its day, with `amount`.")]
Limit = Annotated[int, Query(ge=1, le=1_000, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="Where to go on: `next` of the page before.")
]
Wait = Annotated[
    Literal["view"] | None,
    Query(description="Answer once the view shows the fact, or say that it does not yet."),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        description='The id of the fact, in quotes: "P-1".  It may then lack in the body.',
        json_schema_extra=_KEY_FORM,
    ),
]
ClientHeader = Annotated[
    str | None,
    Header(
        alias="Duebook-Client",
        description="What the borrower looks with, as app/version.",
        json_schema_extra=_CLIENT_FORM,
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        description='The account version that the decision rests on: "3", or an ETag.',
        json_schema_extra=_VERSION_FORM,
    ),
]
