"""The two questions: walk the closed list of causes in order and give the first that holds."""

from datetime import date, datetime

from ledger.log.log import Log
from projections.diagnosis.case import gathered
from projections.diagnosis.causes import OF_THE_BOOKS
from projections.diagnosis.claim import Claim
from projections.diagnosis.display_causes import OF_THE_DISPLAY, page_of
from projections.diagnosis.paid_case import paid_case_of
from projections.diagnosis.paid_causes import PAID_CHECKS
from projections.diagnosis.verdict import Diagnosis
from projections.diagnosis.walking import joined, of_the_views, refuse_the_future, walked
from projections.display import Client, Display, Viewer
from projections.display.receipts import Receipts


def diagnose(
    log: Log,
    account_id: str,
    as_of: date,
    *,
    known_at: datetime | None = None,
    draw_id: str | None = None,
    display: Display | None = None,
    receipts: Receipts | None = None,
    viewer: Viewer | None = None,
    client: Client | None = None,
    asks_notices: bool = False,
) -> Diagnosis:
    """Why the overdue state of an account (or of one draw) is not shown on `as_of`.

    With `known_at` the question is about that instant: what the books knew, and what the views
    held, as far as it is kept.  Raises `InstantInFuture`.  Further causes that hold as well are
    noticed, so that one remedy does not hide the next.

    With a display the question goes on to what it shows to the viewer (the borrower, where none is
    named) on the client; without one it ends with the views.  What was shown at an instant that has
    passed, the receipts say.  Notices are looked at only where they
    are asked for.
    """
    refuse_the_future(log, known_at)
    case = gathered(log, account_id, as_of, known_at, draw_id)
    found, incomplete = walked((*OF_THE_BOOKS, *of_the_views(case)), case)
    if display is not None:
        page = page_of(case, display, receipts, viewer, client)
        behind, open_ones = walked(OF_THE_DISPLAY, page)
        found, incomplete = joined(found, behind), incomplete + open_ones
    if asks_notices:
        incomplete.append("notice_failed could not be checked: this ledger keeps no notices")
    return Diagnosis(
        account_id=account_id,
        draw_id=draw_id,
        as_of=as_of,
        known_at=known_at,
        finding=found[0] if found else None,
        noticed=tuple(found[1:]),
        incomplete=tuple(incomplete),
    )


def although_paid(
    log: Log,
    account_id: str,
    as_of: date,
    claim: Claim,
    *,
    known_at: datetime | None = None,
    draw_id: str | None = None,
    display: Display | None = None,
    receipts: Receipts | None = None,
) -> Diagnosis:
    """Why an account (or one draw) is overdue on `as_of` although money was paid.

    With `known_at`, by what was known at that instant.  Raises `InstantInFuture`.
    """
    refuse_the_future(log, known_at)
    case = gathered(log, account_id, as_of, known_at, draw_id)
    page = None if display is None else page_of(case, display, receipts, None, None)
    asked = paid_case_of(case, claim, page)
    found, incomplete = walked(PAID_CHECKS, asked)
    return Diagnosis(
        account_id=account_id,
        draw_id=draw_id,
        as_of=as_of,
        known_at=known_at,
        finding=found[0] if found else None,
        noticed=tuple(found[1:]),
        incomplete=tuple(incomplete),
        question="although_paid",
    )
