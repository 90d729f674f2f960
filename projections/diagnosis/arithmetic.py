"""The arithmetic that a diagnosis shows: owed, paid, waived and open, with the days that count."""

from ledger.domain.state import DrawState, Installment
from ledger.log.records import Recorded
from projections.diagnosis.case import Case
from projections.diagnosis.verdict import Evidence

#: Events named as witnesses; the latest say most, and `duebook history` has the rest.
EVENTS_SHOWN_MAX = 8


def why_not_overdue(case: Case, draws: tuple[DrawState, ...]) -> tuple[str, list[Evidence]]:
    """The sub-cause, and the arithmetic of the installments that decide it."""
    for status in ("within_grace", "below_tolerance", "paused"):
        touched = [draw for draw in draws if draw.status == status]
        if touched:
            return status, [_late_arithmetic(case, draw) for draw in touched]
    written_off = [draw for draw in draws if draw.status == "written_off"]
    if written_off:
        return "written_off", [_write_off_evidence(case, draw) for draw in written_off]
    rows = [row for draw in draws for row in draw.installments]
    moved = [r for r in rows if r.outstanding and r.moved_from and r.moved_from < case.as_of]
    if moved:
        return "due_date_moved", [_move_evidence(case, row) for row in moved]
    anew = [d for d in draws if sum(d.outstanding) and any(r.overdue for r in d.restructurings)]
    if anew:
        return "restructured", [_restructuring_evidence(case, draw) for draw in anew]
    due = [row for row in rows if row.due_on < case.as_of]
    if not due:
        upcoming = [draw.next_due_on for draw in draws if draw.next_due_on is not None]
        return "not_due_yet", [
            Evidence(f"the next due date is {day}", {"next_due_on": day}) for day in upcoming[:1]
        ]
    taken_off = ("cancelled", "waived")
    sub_cause = next((x for x in taken_off if any(any(getattr(r, x)) for r in due)), "paid")
    return sub_cause, [installment_evidence(case, row) for row in due]


def installment_evidence(case: Case, row: Installment) -> Evidence:
    """What is owed of an installment, what came off it, and what is left."""
    owed, paid, waived = sum(row.owed), sum(row.paid), sum(row.waived)
    others = {"written off": sum(row.written_off), "cancelled": sum(row.cancelled)}
    off = "".join(f" - {name} {case.money(amount)}" for name, amount in others.items() if amount)
    return Evidence(
        f"installment {row.number} of {row.draw_id}, due {row.due_on}: owed {case.money(owed)}"
        f" - paid {case.money(paid)} - waived {case.money(waived)}{off}"
        f" = open {case.money(row.outstanding)}",
        {
            "draw": row.draw_id,
            "installment": row.number,
            "due_on": row.due_on,
            "owed": owed,
            "paid": paid,
            "waived": waived,
            "written_off": others["written off"],
            "cancelled": others["cancelled"],
            "outstanding": row.outstanding,
        },
    )


def _write_off_evidence(case: Case, draw: DrawState) -> Evidence:
    written_off = sum(sum(row.written_off) for row in draw.installments)
    left = sum(draw.written_off)
    return Evidence(
        f"draw {draw.draw_id}: {case.money(written_off)} written off - recovered"
        f" {case.money(written_off - left)} = claimed {case.money(left)}, and nothing else is open",
        {"draw": draw.draw_id, "written_off": written_off, "claimed": left},
    )


def _move_evidence(case: Case, row: Installment) -> Evidence:
    return Evidence(
        f"installment {row.number} of {row.draw_id}, {case.money(row.outstanding)} open, fell due"
        f" on {row.moved_from} by the plan and was moved to {row.due_on}",
        {
            "draw": row.draw_id,
            "installment": row.number,
            "moved_from": row.moved_from,
            "due_on": row.due_on,
            "outstanding": row.outstanding,
        },
    )


def _restructuring_evidence(case: Case, draw: DrawState) -> Evidence:
    last = next(one for one in reversed(draw.restructurings) if one.overdue)
    return Evidence(
        f"draw {draw.draw_id}: {case.money(last.overdue)} was past due on {last.on} and is planned"
        f" anew since then by restructuring {last.restructure_id}; the next due date is"
        f" {draw.next_due_on}",
        {
            "draw": draw.draw_id,
            "restructure_id": last.restructure_id,
            "on": last.on,
            "overdue": last.overdue,
            "next_due_on": draw.next_due_on,
        },
    )


def _late_arithmetic(case: Case, draw: DrawState) -> Evidence:
    rules, until = draw.terms.delinquency, draw.delinquent_since
    paused = f", less {draw.paused_days} days of pause" if draw.paused_days else ""
    return Evidence(
        f"draw {draw.draw_id}: {case.money(draw.late_total)} unpaid since {draw.late_since},"
        f" {draw.days_late} days late{paused}; grace lasts to {until}, the tolerance is"
        f" {case.money(rules.tolerance)} an installment",
        {
            "draw": draw.draw_id,
            "late_total": draw.late_total,
            "days_late": draw.days_late,
            "paused_days": draw.paused_days,
            "grace_until": until,
            "tolerance": rules.tolerance,
        },
    )


def overdue_arithmetic(case: Case, draw: DrawState) -> Evidence:
    """What is overdue of a draw, since when, and the days that count."""
    return Evidence(
        f"draw {draw.draw_id}: {case.money(draw.overdue_total)} overdue since {draw.overdue_since},"
        f" {draw.days_past_due} days past due, bucket {draw.bucket}",
        {
            "draw": draw.draw_id,
            "overdue_total": draw.overdue_total,
            "overdue_since": draw.overdue_since,
            "days_past_due": draw.days_past_due,
        },
    )


def told_by_events(case: Case) -> list[Evidence]:
    """What replay says is overdue, and the events from which it says so."""
    overdue = [draw for draw in case.draws if draw.status == "overdue"]
    evidence = [overdue_arithmetic(case, draw) for draw in overdue]
    shown = case.history[-EVENTS_SHOWN_MAX:]
    evidence += [event_evidence(event, "counts from") for event in shown]
    return evidence


def event_evidence(event: Recorded, said: str) -> Evidence:
    """An event as a witness: what it is, the date it counts from, and where it stands."""
    return Evidence(
        f"{event.topic} ({event.key}) {said} {event.effective_on}, recorded"
        f" {event.recorded_at:%Y-%m-%d %H:%M}Z at position {event.position}",
        {
            "topic": event.topic,
            "key": event.key,
            "effective_on": event.effective_on,
            "recorded_at": event.recorded_at,
            "position": event.position,
            "version": event.version,
        },
    )
