"""Walk the closed list of causes in order and give the first that holds."""

from datetime import date, datetime

from ledger.log.log import Log
from projections.diagnosis.case import CannotSay, gathered
from projections.diagnosis.causes import OF_THE_BOOKS, OF_THE_VIEWS
from projections.diagnosis.past_causes import PAST_CHECKS
from projections.diagnosis.verdict import Cause, Diagnosis, Finding


class InstantInFuture(ValueError):
    """A question about an instant that has not come yet."""

    def __init__(self, asked: datetime, now: datetime) -> None:
        super().__init__(
            f"The question was asked for what is known at {asked:%Y-%m-%d %H:%M}Z, but it is"
            f" {now:%Y-%m-%d %H:%M}Z. Ask about an instant that has passed, or leave it out."
        )


def diagnose(
    log: Log,
    account_id: str,
    as_of: date,
    *,
    known_at: datetime | None = None,
    draw_id: str | None = None,
) -> Diagnosis:
    """Why the overdue state of an account (or of one draw) is not shown on `as_of`.

    With `known_at` the question is about that instant: what the books knew, and what the views
    held, as far as it is kept.  Raises `InstantInFuture`.  Further causes that
    hold as well are noticed, so that one remedy does not hide the next.
    """
    if known_at is not None and known_at > (now := log.now()):
        raise InstantInFuture(known_at, now)
    case = gathered(log, account_id, as_of, known_at, draw_id)
    found: list[Finding] = []
    incomplete: list[str] = []
    for check in (*OF_THE_BOOKS, *(OF_THE_VIEWS if known_at is None else PAST_CHECKS)):
        try:
            finding = check(case)
        except CannotSay as error:
            incomplete.append(f"{check.__name__} could not be checked: {error}")
            continue
        if finding is not None and not (found and finding.cause is Cause.SHOWN):
            found.append(finding)
    return Diagnosis(
        account_id=account_id,
        draw_id=draw_id,
        as_of=as_of,
        known_at=known_at,
        finding=found[0] if found else None,
        noticed=tuple(found[1:]),
        incomplete=tuple(incomplete),
    )
