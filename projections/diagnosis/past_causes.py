"""The checks of the views for an instant that has passed: what is kept, and not what is there now.

Nothing here has a remedy: what was wrong then is no more, or a diagnosis of today names it.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from ledger.log.records import Recorded
from ledger.replay import outcome_of
from projections.diagnosis.arithmetic import event_evidence, told_by_events
from projections.diagnosis.case import CannotSay, Case
from projections.diagnosis.past import Past
from projections.diagnosis.verdict import Cause, Evidence, Finding
from projections.history import PROMPT_SECONDS
from projections.incidents.reading import Affliction
from projections.overdue import OVERDUE
from projections.view import content_tag

Check = Callable[[Case], Finding | None]


def not_projected(case: Case) -> Finding | None:
    """At the instant the projector had not reached the account's last event."""
    past, last = _kept(case)
    if last is None or _was_projected(case, past):
        return None
    when = "is not projected yet"
    if past.delay is not None:
        when = f"was projected at {past.delay.projected_at:%Y-%m-%d %H:%M:%S}Z"
    elif case.checkpoint.position >= last.position:
        raise CannotSay(
            f"the event was recorded within {PROMPT_SECONDS} seconds of the instant, and how"
            " quickly it was projected is not kept"
        )
    return Finding(
        Cause.NOT_PROJECTED,
        None,
        f"at {past.at:%Y-%m-%d %H:%M:%S}Z the views did not hold the account's last events yet:"
        " a worker lagged or did not run",
        (
            event_evidence(last, f"{when}: it counts from"),
            Evidence(
                f"shard {case.shard} {when} up to position {last.position}",
                {"position": last.position, "projected_at": past.delay and past.delay.projected_at},
            ),
        ),
    )


def _was_projected(case: Case, past: Past) -> bool:
    last = past.last
    assert last is not None
    if past.stood is not None and past.stood.account_version >= last.version:
        return True
    before = (heal for heal in past.heals if last.recorded_at <= heal.healed_at <= past.at)
    if any(before):
        return True
    if past.delay is not None:
        return past.delay.projected_at <= past.at
    is_prompt = past.at >= last.recorded_at + timedelta(seconds=PROMPT_SECONDS)
    return is_prompt and case.checkpoint.position >= last.position


def quarantined(case: Case) -> Finding | None:
    """At the instant the account was in quarantine."""
    past, _ = _kept(case)
    entry = past.quarantine
    if entry is None:
        return None
    until = entry["released_at"]
    left = f"until {until:%Y-%m-%d %H:%M:%S}Z" if until else "and still is"
    return Finding(
        Cause.QUARANTINED,
        None,
        f"at {past.at:%Y-%m-%d %H:%M:%S}Z the account could not be folded and was in quarantine",
        (
            Evidence(
                f"version {entry['account_version']} failed with {entry['error']}",
                {"version": entry["account_version"], "error": entry["error"]},
            ),
            Evidence(
                f"in quarantine from {entry['since']:%Y-%m-%d %H:%M:%S}Z {left}",
                {"since": entry["since"], "released_at": until, "tries": entry["tries"]},
            ),
        ),
    )


def day_not_rolled(case: Case) -> Finding | None:
    """At the instant the day had begun with which the state changes, and was not rolled."""
    past, last = _kept(case)
    if last is None:
        return None
    if past.stood is not None:
        changes_on, made_for = past.stood.changes_on, past.stood.as_of
    else:
        if past.rolled_at is not None and past.rolled_at <= past.at:
            return None
        if past.last_day is None:
            raise CannotSay(f"no day of shard {case.shard} had been rolled at that instant")
        if any(heal.healed_at <= past.at for heal in past.heals) or case.facts is None:
            raise CannotSay("the account was healed before, and for which day is not kept")
        made_for = past.last_day
        changes_on = outcome_of(case.facts, made_for, past.at).changes_on
    if changes_on is None or changes_on > case.as_of:
        return None
    rolled = f"at {past.rolled_at:%Y-%m-%d %H:%M:%S}Z" if past.rolled_at else "at no time"
    return Finding(
        Cause.DAY_NOT_ROLLED,
        None,
        f"at {past.at:%Y-%m-%d %H:%M:%S}Z the rows were those of {made_for}, which held until"
        f" {changes_on}; the day was {case.as_of}",
        (
            Evidence(
                f"shard {case.shard} was rolled to {case.as_of} {rolled}; the last day rolled"
                f" before the instant was {past.last_day or 'none'}",
                {"rolled_at": past.rolled_at, "last_day": past.last_day, "changes_on": changes_on},
            ),
            *told_by_events(case),
        ),
    )


def drifted(case: Case) -> Finding | None:
    """A heal found, later, that the rows which stood at the instant were not those written."""
    past, last = _kept(case)
    if last is None:
        return None
    receipt = case.held.receipt
    if receipt is not None and receipt.projected_at <= past.at:
        if receipt.contents.get(OVERDUE.table_name) == content_tag(case.held.rows):
            return None  # They stand there since then, unchanged.
        raise CannotSay("the rows are wrong now; whether they were at that instant is not kept")
    heal = past.healed_next
    if heal is None or (heal.projected_at is not None and heal.projected_at > past.at):
        raise CannotSay(
            "the rows of that instant were written over, and nobody had looked at them until then"
        )
    if not heal.was_drifted:
        return None
    written = f"{heal.projected_at:%Y-%m-%d %H:%M:%S}Z" if heal.projected_at else "an unknown time"
    return Finding(
        Cause.DRIFTED,
        None,
        "the rows of the view were lost or changed after they were written, which a heal found"
        " later",
        (
            Evidence(
                f"written at {written}, found wrong and replaced at"
                f" {heal.healed_at:%Y-%m-%d %H:%M:%S}Z; in between lies the instant, the very"
                " moment of the change is not kept",
                {"projected_at": heal.projected_at, "healed_at": heal.healed_at},
            ),
            *told_by_events(case),
        ),
    )


def generation_not_switched(case: Case) -> Finding | None:
    """At the instant the live views were older code's, and newer ones were not live yet."""
    past, _ = _kept(case)
    live, waiting = past.live, past.waiting
    if live is None:
        raise CannotSay("which generation of the views was live at that instant is not kept")
    if waiting is None:
        return None
    became = "has not become live"
    if waiting.live_since is not None:
        became = f"became live at {waiting.live_since:%Y-%m-%d %H:%M:%S}Z"
    return Finding(
        Cause.GENERATION_NOT_SWITCHED,
        None,
        "the live views were made by another version of duebook, and those of the newer one were"
        " not live yet",
        (
            Evidence(
                f"generation {live.number} was live; generation {waiting.number}, begun at"
                f" {waiting.begun_at:%Y-%m-%d %H:%M:%S}Z, {became}",
                {"live": live.number, "waiting": waiting.number},
            ),
        ),
    )


def shown(case: Case) -> Finding | None:
    """The rows that stood at the instant were the right ones."""
    past, last = _kept(case)
    stood = past.stood
    if last is None or not case.is_overdue:
        return None
    if stood is None or stood.account_version < last.version:
        raise CannotSay("the rows of that instant were written over")
    made = Evidence(
        f"the rows were made from version {stood.account_version} for {stood.as_of}, at"
        f" {stood.projected_at:%Y-%m-%d %H:%M:%S}Z",
        {"version": stood.account_version, "as_of": stood.as_of},
    )
    return Finding(
        Cause.SHOWN,
        None,
        f"at {past.at:%Y-%m-%d %H:%M:%S}Z the view showed the account as overdue",
        (*told_by_events(case), made),
    )


def _witnessed(check: Check, cause: Cause) -> Check:
    """The check, and where it finds nothing, or cannot say, the incident that the monitor kept.

    That the shard was ill says nothing against an account of which it is known that it was well.
    """

    @wraps(check)
    def with_incidents(case: Case) -> Finding | None:
        past, _ = _kept(case)
        try:
            found, unsaid = check(case), None
        except CannotSay as error:
            found, unsaid = None, error
        if found is not None:
            return found
        for witness in past.afflictions:
            if witness.cause == cause.value and (witness.is_of_account or unsaid is not None):
                return of_incident(past, cause, witness)
        if unsaid is not None:
            raise unsaid
        return None

    return with_incidents


def of_incident(past: Past, cause: Cause, witness: Affliction) -> Finding:
    """What an incident tells of the instant."""
    until = f"{witness.cleared_at:%Y-%m-%d %H:%M:%S}Z" if witness.cleared_at else "now"
    whom = "the account" if witness.is_of_account else "its shard"
    return Finding(
        cause,
        None,
        f"at {past.at:%Y-%m-%d %H:%M:%S}Z an incident of {cause.value} concerned {whom}",
        (
            Evidence(
                f"incident {witness.number} concerned {whom} from"
                f" {witness.joined_at:%Y-%m-%d %H:%M:%S}Z until {until}",
                {
                    "incident": witness.number,
                    "joined_at": witness.joined_at,
                    "cleared_at": witness.cleared_at,
                    "evidence": witness.evidence,
                    "proof": witness.proof,
                },
            ),
        ),
    )


#: The checks of the views at an instant, in order of precedence.
PAST_CHECKS: tuple[Check, ...] = (
    _witnessed(not_projected, Cause.NOT_PROJECTED),
    _witnessed(quarantined, Cause.QUARANTINED),
    _witnessed(day_not_rolled, Cause.DAY_NOT_ROLLED),
    _witnessed(drifted, Cause.DRIFTED),
    _witnessed(generation_not_switched, Cause.GENERATION_NOT_SWITCHED),
    shown,
)


def _kept(case: Case) -> tuple[Past, Recorded | None]:
    past = case.past
    assert past is not None
    if not past.is_kept:
        raise CannotSay(
            f"what happens to the views is kept since {past.kept_since:%Y-%m-%d %H:%M}Z only"
        )
    return past, past.last
