"""Walk a list of checks: what holds, in order, and which checks could not be made."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from ledger.log.log import Log
from projections.diagnosis.case import CannotSay, Case
from projections.diagnosis.causes import OF_THE_VIEWS, Check
from projections.diagnosis.past_causes import PAST_CHECKS
from projections.diagnosis.verdict import Cause, Finding

Asked = TypeVar("Asked")


class InstantInFuture(ValueError):
    """A question about an instant that has not come yet."""

    def __init__(self, asked: datetime, now: datetime) -> None:
        super().__init__(
            f"The question was asked for what is known at {asked:%Y-%m-%d %H:%M}Z, but it is"
            f" {now:%Y-%m-%d %H:%M}Z. Ask about an instant that has passed, or leave it out."
        )


def refuse_the_future(log: Log, known_at: datetime | None) -> None:
    """What is not known yet cannot be asked about.  Raises `InstantInFuture`."""
    if known_at is not None and known_at > (now := log.now()):
        raise InstantInFuture(known_at, now)


def of_the_views(case: Case) -> tuple[Check, ...]:
    """The checks of what the views hold: now, or at the instant asked about."""
    return OF_THE_VIEWS if case.known_at is None else PAST_CHECKS


def walked(
    checks: Sequence[Callable[[Asked], Finding | None]], asked: Asked
) -> tuple[list[Finding], list[str]]:
    """What holds, in order (that it is shown only where nothing else does), and what is open."""
    found: list[Finding] = []
    incomplete: list[str] = []
    for check in checks:
        if found and check.__name__ == Cause.SHOWN.value:
            break  # It is the last of them, and has nothing to say beside a fault.
        try:
            finding = check(asked)
        except CannotSay as error:
            incomplete.append(f"{check.__name__.rstrip('_')} could not be checked: {error}")
            continue
        if finding is not None:
            found.append(finding)
    return found, incomplete


def joined(of_views: list[Finding], of_display: list[Finding]) -> list[Finding]:
    """All that holds, in order: that it is shown is said by the last who can tell, and alone."""
    faults = [one for one in (*of_views, *of_display) if one.cause is not Cause.SHOWN]
    return faults or of_display[-1:] or of_views[-1:]
