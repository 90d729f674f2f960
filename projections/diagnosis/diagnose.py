"""Walk the closed list of causes in order and give the first that holds."""

from datetime import date, datetime

from ledger.log.log import Log
from projections.diagnosis.case import gathered
from projections.diagnosis.causes import CHECKS, CannotSay
from projections.diagnosis.verdict import Cause, Diagnosis, Finding


def diagnose(
    log: Log,
    account_id: str,
    as_of: date,
    *,
    known_at: datetime | None = None,
    draw_id: str | None = None,
) -> Diagnosis:
    """Why the overdue state of an account (or of one draw) is not shown on `as_of`.

    With `known_at` the question is about what could be known at that instant.  Further causes that
    hold as well are noticed, so that one remedy does not hide the next.
    """
    case = gathered(log, account_id, as_of, known_at, draw_id)
    found: list[Finding] = []
    incomplete: list[str] = []
    for check in CHECKS:
        try:
            finding = check(case)
        except CannotSay as error:
            incomplete.append(f"{check.__name__} could not be checked: {error}")
            continue
        if finding is not None and not (found and finding.cause is Cause.SHOWN):
            found.append(finding)
    if known_at is not None:
        incomplete.append(
            f"what the views held at {known_at:%Y-%m-%d %H:%M}Z is not kept;"
            " their checks are about now"
        )
    return Diagnosis(
        account_id=account_id,
        draw_id=draw_id,
        as_of=as_of,
        known_at=known_at,
        finding=found[0] if found else None,
        noticed=tuple(found[1:]),
        incomplete=tuple(incomplete),
    )
