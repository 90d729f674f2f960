"""One check a cause: given the case, the finding, or None where the cause does not hold.

A check that cannot be made raises `CannotSay`; the diagnosis then says so.
"""

from collections.abc import Callable

from ledger.domain.state import DrawState
from ledger.replay import outcome_of, replay
from projections.diagnosis.arithmetic import event_evidence, told_by_events, why_not_overdue
from projections.diagnosis.case import CannotSay, Case
from projections.diagnosis.verdict import Cause, Evidence, Finding
from projections.overdue import OVERDUE
from projections.reading import STALENESS_SENTENCES, Receipt
from projections.schema import PROJECTOR
from projections.view import content_tag, rows_in


def ledger_tampered(case: Case) -> Finding | None:
    """The digests of the stream do not fit the stored events."""
    if not case.chain:
        return None
    evidence = tuple(
        Evidence(found.problem, {"position": found.position, "version": found.version})
        for found in case.chain
    )
    return Finding(
        Cause.LEDGER_TAMPERED,
        None,
        "the stored events of the account do not fit their digests: somebody changed the log,"
        " and nothing worked out from it can be trusted; restore them from a backup, heal and"
        " verify the account",
        evidence,
        f"duebook verify {case.account_id}",
    )


def not_recorded(case: Case) -> Finding | None:
    """The log knows nothing of the account, or not of the draw."""
    if not case.history:
        what, sub_cause = f"account {case.account_id}", "account"
    elif case.state is None or case.draws:
        return None
    else:
        named = f"draw {case.draw_id}" if case.draw_id else "any draw"
        what, sub_cause = f"{named} of account {case.account_id} by {case.as_of}", "draw"
    return Finding(
        Cause.NOT_RECORDED,
        sub_cause,
        f"the log does not hold {what}",
        (
            Evidence(
                f"shard {case.shard} holds {len(case.history)} events of {case.account_id}",
                {"shard": case.shard, "events": len(case.history)},
            ),
        ),
        f"duebook append {case.account_id} ...",
    )


def not_overdue(case: Case) -> Finding | None:
    """Replay says that nothing is overdue; the sub-cause says for which reason."""
    draws = _readable(case)
    if not draws or case.is_overdue:
        return None
    sub_cause, evidence = why_not_overdue(case, draws)
    sentence = {
        "within_grace": "an installment is late, but within its days of grace",
        "below_tolerance": "what is unpaid is no more than the tolerance",
        "paused": "an installment is late, but days of a pause do not count",
        "due_date_moved": "what is unpaid was due by the plan, but its due date was moved",
        "written_off": "what was owed was written off: it is claimed, but no longer overdue",
        "cancelled": "what fell due was cancelled or refunded, and nothing else is unpaid",
        "restructured": "what was past due was planned anew, and nothing of the new plan is late",
        "waived": "what fell due was waived, in whole or in part, and nothing else is unpaid",
        "paid": "what fell due was paid",
        "not_due_yet": "no installment has passed its due date",
    }[sub_cause]
    return Finding(
        Cause.NOT_OVERDUE, sub_cause, f"on {case.as_of} {sentence}", tuple(evidence), None
    )


def known_later(case: Case) -> Finding | None:
    """It is overdue as known now, but the books did not know it at the instant asked about."""
    if case.known_at is None:
        return None
    _readable(case)
    assert case.facts is not None
    if not case.is_overdue:
        return None
    then = replay(case.facts, case.as_of, case.known_at)
    if any(draw.status == "overdue" for draw in case.draws_of(then)):
        return None
    later = [event for event in case.history if event.recorded_at > case.known_at]
    evidence = [event_evidence(event, "counts from") for event in later]
    return Finding(
        Cause.KNOWN_LATER,
        None,
        f"at {case.known_at:%Y-%m-%d %H:%M}Z the books did not say so: what makes it overdue was"
        " recorded later",
        tuple(evidence),
        None,
    )


def not_projected(case: Case) -> Finding | None:
    """The projector has not reached the account's last event."""
    if not case.history:
        return None
    last = case.history[-1]
    receipt = case.held.receipt
    if case.checkpoint.position >= last.position or _covers(receipt, last.version):
        return None
    behind = (
        f"shard {case.shard} is projected up to position {case.checkpoint.position}, the last"
        f" event of the account stands at {last.position}"
    )
    waiting = [event for event in case.history if event.position > case.checkpoint.position]
    evidence = [Evidence(behind, {"checkpoint": case.checkpoint.position, "head": last.position})]
    evidence += [event_evidence(event, "is not projected: it counts from") for event in waiting]
    return Finding(
        Cause.NOT_PROJECTED,
        None,
        "the views do not hold the account's last events yet: a worker lags or does not run",
        tuple(evidence),
        f"duebook heal {case.account_id}" if case.is_of_this_code else "duebook rebuild",
    )


def quarantined(case: Case) -> Finding | None:
    """The projector could not fold the account."""
    entry = case.quarantine
    if entry is None:
        return None
    return Finding(
        Cause.QUARANTINED,
        None,
        "the account could not be folded and waits in quarantine",
        (
            Evidence(
                f"version {entry['account_version']} failed with {entry['error']}",
                {"version": entry["account_version"], "error": entry["error"]},
            ),
            Evidence(
                f"since {entry['since']:%Y-%m-%d %H:%M}Z, tried {entry['tries']} times,"
                f" last by projector {entry['projector']}",
                {"since": entry["since"], "tries": entry["tries"]},
            ),
        ),
        f"duebook quarantine retry {case.account_id}",
    )


def day_not_rolled(case: Case) -> Finding | None:
    """A day has begun with which the state changes, and its rows were not made anew."""
    receipt = case.held.receipt
    if receipt is None or receipt.changes_on is None or receipt.changes_on > case.as_of:
        return None
    rolled_to = case.checkpoint.rolled_to
    return Finding(
        Cause.DAY_NOT_ROLLED,
        None,
        f"the rows were made for {receipt.as_of} and held until {receipt.changes_on}; today is"
        f" {case.as_of}",
        (
            Evidence(
                f"shard {case.shard} is rolled to {rolled_to or 'no day yet'}",
                {"shard": case.shard, "rolled_to": rolled_to},
            ),
            Evidence(
                f"the state of the account changes on {receipt.changes_on} with no new event",
                {"as_of": receipt.as_of, "changes_on": receipt.changes_on},
            ),
            *told_by_events(case),
        ),
        f"duebook heal {case.account_id} --today {case.as_of}",
    )


def drifted(case: Case) -> Finding | None:
    """The rows are not what the projector wrote, or not what replay says of their version."""
    receipt = case.held.receipt
    if receipt is None:
        return _lost_receipt(case)
    if _is_of_other_code(receipt):
        return None  # Its rows are another code's truth; see `generation_not_switched`.
    problems = list(_row_problems(case, receipt))
    if not problems:
        return None
    return Finding(
        Cause.DRIFTED,
        None,
        "the rows of the view are not what the events say: they were lost or changed after they"
        " were written",
        (*problems, *told_by_events(case)),
        f"duebook heal {case.account_id}",
    )


def generation_not_switched(case: Case) -> Finding | None:
    """The live views were made by other code, and those of this code are not live yet."""
    receipt = case.held.receipt
    if receipt is None or not _is_of_other_code(receipt):
        return None
    evidence = [
        Evidence(
            f"the rows were made by projector {receipt.projector} for"
            f" {', '.join(sorted(receipt.contents))}; this is {PROJECTOR} for {OVERDUE.table_name}",
            {"projector": receipt.projector, "tables": sorted(receipt.contents)},
        )
    ]
    evidence += [
        Evidence(
            f"generation {one.number} is {one.state}, begun {one.begun_at:%Y-%m-%d %H:%M}Z",
            {"generation": one.number, "state": one.state},
        )
        for one in case.generations
        if one.state != "old"
    ]
    return Finding(
        Cause.GENERATION_NOT_SWITCHED,
        None,
        "the live views were made by another version of duebook, and the ones that this version"
        " makes are not live yet",
        tuple(evidence),
        "duebook rebuild",
    )


def shown(case: Case) -> Finding | None:
    """The view says what is true."""
    receipt = case.held.receipt
    if case.held.staleness(OVERDUE, case.as_of) is not None or receipt is None:
        return None
    made = Evidence(
        f"the row was made from version {receipt.account_version} for {receipt.as_of},"
        f" at {receipt.projected_at:%Y-%m-%d %H:%M:%S}Z",
        {"version": receipt.account_version, "as_of": receipt.as_of},
    )
    return Finding(
        Cause.SHOWN,
        None,
        "the view shows the account as overdue",
        (*told_by_events(case), made),
    )


Check = Callable[[Case], Finding | None]

#: What the books say, whatever is shown.
OF_THE_BOOKS: tuple[Check, ...] = (ledger_tampered, not_recorded, not_overdue, known_later)

#: What the views hold now.
OF_THE_VIEWS: tuple[Check, ...] = (
    not_projected, quarantined, day_not_rolled, drifted, generation_not_switched, shown,
)  # fmt: skip


def _is_of_other_code(receipt: Receipt) -> bool:
    return receipt.projector != PROJECTOR or OVERDUE.table_name not in receipt.contents


def _covers(receipt: Receipt | None, version: int) -> bool:
    """Whether the rows were made from that version; a healed account is ahead of its shard."""
    return receipt is not None and receipt.account_version >= version


def _readable(case: Case) -> tuple[DrawState, ...]:
    if case.unreadable is not None:
        raise CannotSay(f"the account cannot be replayed ({case.unreadable})")
    return case.draws


def _lost_receipt(case: Case) -> Finding | None:
    """A projected account always has a receipt, unless it is in quarantine."""
    if not case.history or case.quarantine is not None:
        return None
    if case.checkpoint.position < case.history[-1].position:
        return None
    return Finding(
        Cause.DRIFTED,
        "receipt_lost",
        "the projector has passed the account's events, but its receipt is gone",
        (
            Evidence(
                f"shard {case.shard} is projected up to position {case.checkpoint.position},"
                f" and {len(case.held.rows)} rows of the account are left",
                {"checkpoint": case.checkpoint.position, "rows": len(case.held.rows)},
            ),
            *told_by_events(case),
        ),
        f"duebook heal {case.account_id}",
    )


def _row_problems(case: Case, receipt: Receipt) -> list[Evidence]:
    """Where the rows differ from their receipt, and from replay of what the receipt names."""
    problems = []
    vouched, found = receipt.contents.get(OVERDUE.table_name), content_tag(case.held.rows)
    if vouched != found:
        count = vouched and rows_in(vouched)
        problems.append(
            Evidence(
                f"the receipt vouches for other content: {count} written, {len(case.held.rows)}"
                " found",
                {"vouched": vouched, "found": found},
            )
        )
    behind = receipt.account_version < len(case.history)
    at_checkpoint = case.checkpoint.position >= case.history[-1].position if case.history else False
    if behind and at_checkpoint and case.quarantine is None:
        problems.append(
            Evidence(
                f"{STALENESS_SENTENCES['behind_the_log']}: version {receipt.account_version} of"
                f" {len(case.history)}, although the projector has passed them",
                {"version": receipt.account_version, "stream_version": len(case.history)},
            )
        )
    if case.facts is not None:
        outcome = outcome_of(case.facts[: receipt.account_version], receipt.as_of)
        for row in set(OVERDUE.rows(outcome)) ^ set(case.held.rows):
            side = "lost or changed" if row not in case.held.rows else "not from the events"
            said = dict(zip(OVERDUE.columns, row, strict=True))
            problems.append(
                Evidence(
                    f"row of draw {said['draw_id']} ({said['status']}, overdue"
                    f" {case.money(int(str(said['overdue_total'])))}): {side}",
                    {"row": said},
                )
            )
    return problems
