"""Decisions about plans that change: early repayment and restructuring."""

from datetime import date
from operator import attrgetter

from ledger.domain.account import Account
from ledger.domain.allocation import PRINCIPAL
from ledger.domain.events import DrawRestructured, PaymentReceived
from ledger.domain.money import to_text
from ledger.domain.quote import settle_quote
from ledger.domain.refusals import Decision, StateOn, before_draw, decimals_in, unknown_draw
from ledger.domain.rejections import Code, Rejection
from ledger.domain.schedule import contradictions
from ledger.domain.state import DrawState


def is_replanned(account: Account, draw_id: str, on: date) -> bool:
    """Whether the schedule of a draw is planned anew, whatever is taken back after a day."""
    schedule = account.schedule_of(draw_id)
    return schedule in account.restructured or any(
        payment.intent != "due"
        and payment.draw_id is not None
        and account.schedule_of(payment.draw_id) == schedule
        and not _never_was(account, payment, on)
        for payment in account.payments.values()
    )


def _never_was(account: Account, payment: PaymentReceived, on: date) -> bool:
    """Whether all of a payment has been taken back by a day."""
    parts = [
        taken.amount
        for taken in account.taken_back
        if taken.payment_id == payment.payment_id and taken.on <= on
    ]
    return bool(parts) and sum(parts) == payment.amount


def _joined_later(account: Account, draw_id: str, on: date, code: Code) -> Rejection | None:
    """The refusal to plan a schedule anew as of a day after which another draw was put on it."""
    last = max(account.draws_of(account.schedule_of(draw_id)), key=attrgetter("effective_on"))
    if last.effective_on <= on:
        return None
    return Rejection(
        code,
        f"draw {last.draw_id} is repaid by the same schedule and was made on {last.effective_on};"
        " date this on that day or later",
        "effective_on",
    )


def early_repayment(account: Account, payment: PaymentReceived, state_on: StateOn) -> Decision:
    """A payment that is to settle a draw, or to repay principal early."""
    draw_id, on = payment.draw_id, payment.effective_on
    if draw_id is None:
        return Rejection(
            Code.INTENT_REFUSED, f"intent {payment.intent} names its draw; write draw_id", "draw_id"
        )
    refused = unknown_draw(account, draw_id)
    if refused is None:
        refused = before_draw(account.draws[draw_id], on)
    if refused is not None:
        return refused
    if refused := _joined_later(account, draw_id, on, Code.INTENT_REFUSED):
        return refused
    draw = _draw_in(state_on, payment)
    if not sum(draw.outstanding):
        return Rejection(
            Code.INTENT_REFUSED,
            f"draw {draw_id} owes nothing on {on}, so there is nothing to repay early;"
            " pay with intent due to keep the money as credit",
            "intent",
        )
    if payment.intent != "settle":
        return (payment,)
    quote = settle_quote(state_on, draw_id, on)
    if payment.amount >= quote.to_pay:
        return (payment,)
    decimals = decimals_in(account)
    held = f", beside {to_text(quote.from_credit, decimals)} of credit" if quote.from_credit else ""
    return Rejection(
        Code.SETTLEMENT_TOO_LOW,
        f"settling draw {draw_id} on {on} takes {to_text(quote.to_pay, decimals)}{held};"
        f" {to_text(payment.amount, decimals)} was paid",
        "amount",
    )


def restructured(account: Account, event: DrawRestructured, state_on: StateOn) -> Decision:
    """Something is unpaid that the new plan can repay, under terms that fit it."""
    draw_id, on = event.draw_id, event.effective_on
    refused = unknown_draw(account, draw_id)
    if refused is None:
        refused = before_draw(account.draws[draw_id], on)
    if refused is not None:
        return refused
    draw = _draw_in(state_on, event)
    principal = sum(
        row.open(PRINCIPAL)
        for row in draw.installments
        if event.covers == "all_unpaid" or row.due_on > on
    )
    agreed = account.restructured.get(account.schedule_of(draw_id), ())
    later = max((one.effective_on for one in agreed), default=on)
    asked = "write covers all_unpaid to take in what is due" if sum(draw.outstanding) else "it ends"
    if refused := _joined_later(account, draw_id, on, Code.RESTRUCTURE_REFUSED):
        return refused
    for is_wrong, field, sentence in (
        (
            later > on,
            "effective_on",
            f"draw {draw_id} was restructured from {later} on; date this on that day or later",
        ),
        (
            principal == 0,
            "draw_id",
            f"no principal of draw {draw_id} is unpaid on {on} that a new plan could take: {asked}",
        ),
        (
            event.terms.down_payment_percent is not None,
            "terms.down_payment_percent",
            "a new plan has no down payment; record what is paid at once as a payment",
        ),
        (
            event.terms.draw_spread is not None,
            "terms.draw_spread",
            "no draw can join a schedule that was planned anew; leave draw_spread out",
        ),
    ):
        if is_wrong:
            return Rejection(Code.RESTRUCTURE_REFUSED, sentence, field)
    return _contradictory(event, principal) or _wrong_rows(account, event, state_on) or (event,)


def _contradictory(event: DrawRestructured, principal: int) -> Rejection | None:
    """Terms that disagree with themselves.  Rows say themselves what they repay."""
    terms = event.terms
    amount = sum(row.principal for row in terms.rows) or principal
    for field, sentence in contradictions(terms, amount, event.effective_on):
        return Rejection(Code.TERMS_CONTRADICTORY, sentence, f"terms.{field}")
    return None


def _wrong_rows(account: Account, event: DrawRestructured, state_on: StateOn) -> Rejection | None:
    """Rows that do not repay just what is planned anew, which only the books know."""
    planned = _draw_in(state_on, event, is_supposed=True).restructurings[-1].principal
    given = sum(row.principal for row in event.terms.rows)
    if not event.terms.rows or given == planned:
        return None
    decimals = decimals_in(account)
    return Rejection(
        Code.TERMS_CONTRADICTORY,
        f"the principal of all rows is what is planned anew, {to_text(planned, decimals)};"
        f" found {to_text(given, decimals)}",
        "terms.rows",
    )


def _draw_in(
    state_on: StateOn, event: PaymentReceived | DrawRestructured, *, is_supposed: bool = False
) -> DrawState:
    """The draw on the day of an event, before it or with it."""
    supposed = (event,) if is_supposed else ()
    assert event.draw_id is not None
    draw = state_on(event.effective_on, *supposed).draw(event.draw_id)
    assert draw is not None
    return draw
