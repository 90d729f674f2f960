"""One check a cause of the mirror question: given the case, the finding, or None.

Where money went is read off the derivation (`money_trail`).  That a part of it went elsewhere is a
cause only if it explains what is overdue: if nothing of it arrived, or if the part would cover it.
"""

from collections.abc import Callable, Sequence

from ledger.domain.state import DrawState
from ledger.domain.steps import Step
from projections.diagnosis import causes
from projections.diagnosis.arithmetic import event_evidence, why_not_overdue
from projections.diagnosis.case import CannotSay
from projections.diagnosis.claim import payments_of
from projections.diagnosis.display_causes import stale_cache
from projections.diagnosis.money_trail import MoneyTrail
from projections.diagnosis.paid_case import PaidCase
from projections.diagnosis.paid_evidence import (
    paying_up,
    payment_evidence,
    what_is_overdue,
    where_it_went,
)
from projections.diagnosis.verdict import Cause, Evidence, Finding, PaidCause
from projections.diagnosis.walking import of_the_views

#: Payments named where the one that is meant was not found.
PAYMENTS_SHOWN_MAX = 8


def ledger_tampered(asked: PaidCase) -> Finding | None:
    """The digests of the stream do not fit the stored events."""
    found = causes.ledger_tampered(asked.case)
    return found and Finding(
        PaidCause.LEDGER_TAMPERED, None, found.summary, found.evidence, found.remedy
    )


def not_overdue(asked: PaidCase) -> Finding | None:
    """The books do not say overdue, and neither do the views."""
    draws = _readable(asked)
    if not draws or asked.is_overdue or _technical(asked) is not None:
        return None
    sub_cause, evidence = why_not_overdue(asked.case, draws)
    if asked.fact is not None:
        evidence = [payment_evidence(asked), *evidence]
    return Finding(
        PaidCause.NOT_OVERDUE,
        sub_cause,
        f"on {asked.case.as_of} nothing is overdue, and the views say so",
        tuple(evidence),
    )


def not_shown_yet(asked: PaidCase) -> Finding | None:
    """The books do not say overdue, and the views still may: a technical cause keeps them back."""
    if not _readable(asked) or asked.is_overdue:
        return None
    found = _technical(asked)
    if found is None:
        return None
    return Finding(
        PaidCause.NOT_SHOWN_YET,
        found.cause.value,
        f"the payment counts and nothing is overdue, but {found.summary}",
        found.evidence,
        found.remedy,
    )


def not_recorded(asked: PaidCase) -> Finding | None:
    """The log holds no such account, or no such payment."""
    case, claim = asked.case, asked.claim
    if not case.history:
        found = causes.not_recorded(case)
        assert found is not None  # An account without history is what it finds.
        return Finding(
            PaidCause.NOT_RECORDED, "account", found.summary, found.evidence, found.remedy
        )
    _readable(asked)
    if asked.fact is not None or not asked.is_overdue:
        return None
    assert case.facts is not None
    what, fields = "any payment", "amount=... effective_on=..."
    if claim.payment_id is not None:
        what = f"payment {claim.payment_id}"
    elif claim.amount is not None:
        amount = case.money(claim.amount)
        what = f"a payment of {amount} around {claim.on}"
        fields = f"amount={amount.split()[0]} effective_on={claim.on}"
    there = payments_of(case.facts)[-PAYMENTS_SHOWN_MAX:]
    evidence = [event_evidence(case.history[one.version - 1], "counts from") for one in there]
    held = Evidence(f"payments of the account in the log: {len(there) or 'none'}", {})
    return Finding(
        PaidCause.NOT_RECORDED,
        "payment",
        f"the log does not hold {what} of account {case.account_id}",
        (held, *evidence, *what_is_overdue(asked)),
        f"duebook append {case.account_id} payment.received"
        f" payment_id={claim.payment_id or '...'} {fields}",
    )


def recorded_later(asked: PaidCase) -> Finding | None:
    """The payment reached the log only after the instant asked about."""
    at = asked.case.known_at
    if asked.fact is None or at is None or not asked.is_overdue or asked.fact.recorded_at <= at:
        return None
    return Finding(
        PaidCause.RECORDED_LATER,
        None,
        f"at {at:%Y-%m-%d %H:%M}Z the books did not know of the payment: it was recorded later",
        (payment_evidence(asked), *what_is_overdue(asked)),
    )


def counts_later(asked: PaidCase) -> Finding | None:
    """The payment counts from a later day than the one asked about."""
    payment, as_of = asked.payment, asked.case.as_of
    if payment is None or not asked.is_overdue or payment.effective_on <= as_of:
        return None
    return Finding(
        PaidCause.COUNTS_LATER,
        None,
        f"the payment counts from {payment.effective_on}, and the day asked about is {as_of}",
        (payment_evidence(asked), *what_is_overdue(asked)),
    )


def reversed_(asked: PaidCase) -> Finding | None:
    """The payment turned out not to be good, in whole or in part."""
    trail = asked.trail
    if trail is None or not trail.taken_back or not trail.would_have_sufficed:
        return None
    payment_id, case = trail.payment.payment_id, asked.case
    reversals = [
        one
        for one in case.history
        if one.topic == "payment.reversed" and one.key.endswith(f":{payment_id}")
    ]
    return _of_trail(
        asked,
        trail,
        PaidCause.REVERSED,
        "part" if trail.split.counting else "whole",
        f"of the payment {case.money(trail.taken_back)} was taken back: it turned out not to be"
        " good",
        [event_evidence(one, "takes it back from") for one in reversals],
    )


def refunded(asked: PaidCase) -> Finding | None:
    """What the payment left as credit was paid out again."""
    trail = asked.trail
    if trail is None or not trail.split.refunded or not trail.would_have_sufficed:
        return None
    back = asked.case.money(trail.split.refunded)
    return _of_trail(
        asked, trail, PaidCause.REFUNDED, None, f"of the payment {back} was given back"
    )


def other_draw(asked: PaidCase) -> Finding | None:
    """Its money paid another draw."""
    said = "went to another draw, by the rules of allocation"
    trail = asked.trail
    if trail is not None and trail.payment.draw_id is not None:
        said = f"went to another draw: the payment names draw {trail.payment.draw_id}"
    return _elsewhere(asked, PaidCause.OTHER_DRAW, MoneyTrail.went_to_other_draw, said)


def charges_first(asked: PaidCase) -> Finding | None:
    """Its money paid penalties and fees before what was due by the plan."""
    said = "went to penalties and fees, which the terms pay first"
    return _elsewhere(asked, PaidCause.CHARGES_FIRST, MoneyTrail.went_to_charges, said)


def other_installment(asked: PaidCase) -> Finding | None:
    """Its money paid other installments of the same draw."""
    said = "paid other installments than those that are overdue"
    wanted = MoneyTrail.went_to_other_installment
    return _elsewhere(asked, PaidCause.OTHER_INSTALLMENT, wanted, said)


def written_off_debt(asked: PaidCase) -> Finding | None:
    """Its money was taken for debt that had been written off."""
    trail = asked.trail
    if trail is None or not sum(trail.split.recovered) or not trail.would_have_sufficed:
        return None
    taken = asked.case.money(sum(trail.split.recovered))
    summary = f"of the payment {taken} was taken for debt that had been written off"
    return _of_trail(asked, trail, PaidCause.WRITTEN_OFF_DEBT, None, summary)


def paid_after_due(asked: PaidCase) -> Finding | None:
    """The installment is paid, but late: what is overdue was charged for the delay."""
    trail = asked.trail
    if trail is None or not trail.is_only_charges or not trail.reached:
        return None
    due_on = min(row.due_on for row in trail.overdue)
    if trail.payment.effective_on <= due_on:
        return None
    return _of_trail(
        asked,
        trail,
        PaidCause.PAID_AFTER_DUE,
        None,
        f"the payment counts from {trail.payment.effective_on}, after the due date {due_on}: what"
        " is overdue is only what was charged for the delay",
    )


def below_due(asked: PaidCase) -> Finding | None:
    """The payment was less than what was due."""
    trail = asked.trail
    if trail is None or trail.is_only_charges:
        return None
    if trail.would_have_sufficed and trail.payment.amount:
        return None
    arrived, left = asked.case.money(trail.reached), asked.case.money(trail.shortfall)
    summary = f"the payment was less than what was due: {arrived} of it arrived, {left} is left"
    return _of_trail(asked, trail, PaidCause.BELOW_DUE, None, summary)


def charged_besides(asked: PaidCase) -> Finding | None:
    """The payment did what it could; what is overdue was charged besides."""
    trail = asked.trail
    if trail is None or not trail.is_only_charges or not trail.reached:
        return None
    if trail.payment.effective_on > min(row.due_on for row in trail.overdue):
        return None  # It was late, which is the cause before this one.
    summary = "what is overdue are penalties and fees that the payment did not cover"
    return _of_trail(asked, trail, PaidCause.CHARGED_BESIDES, None, summary)


#: The checks of the mirror question in order of precedence.
PAID_CHECKS: tuple[Callable[[PaidCase], Finding | None], ...] = (
    ledger_tampered, not_overdue, not_shown_yet, not_recorded, recorded_later, counts_later,
    reversed_, refunded, other_draw, charges_first, other_installment, written_off_debt,
    paid_after_due, below_due, charged_besides,
)  # fmt: skip


def _readable(asked: PaidCase) -> tuple[DrawState, ...]:
    if asked.case.unreadable is not None:
        raise CannotSay(f"the account cannot be replayed ({asked.case.unreadable})")
    return asked.draws


def _technical(asked: PaidCase) -> Finding | None:
    """The first cause for which views or cache may say otherwise than the books."""
    for check in of_the_views(asked.case):
        found = check(asked.case)
        if found is not None and found.cause is not Cause.SHOWN:
            return found
    return stale_cache(asked.page) if asked.page is not None else None


def _elsewhere(
    asked: PaidCase, cause: PaidCause, wanted: Callable[[MoneyTrail, Step], bool], said: str
) -> Finding | None:
    """Some of the money went where it did not help, and that explains it."""
    trail = asked.trail
    if trail is None or not trail.would_have_sufficed:
        return None
    amount = trail.sum_of(lambda step: wanted(trail, step))
    if not amount:
        return None
    return _of_trail(asked, trail, cause, None, f"{asked.case.money(amount)} of the payment {said}")


def _of_trail(
    asked: PaidCase,
    trail: MoneyTrail,
    cause: PaidCause,
    sub_cause: str | None,
    summary: str,
    witnesses: Sequence[Evidence] = (),
) -> Finding:
    evidence = (
        payment_evidence(asked),
        *witnesses,
        *where_it_went(asked, trail),
        *what_is_overdue(asked),
    )
    return Finding(cause, sub_cause, summary, evidence, paying_up(asked, trail))
