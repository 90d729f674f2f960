"""A case becomes facts, one event after the other, through the door and the decisions of the books.

So a case is held to the same rules as a live account: what the ledger would refuse, it is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from app.simulation.cases import Case, CaseError, Event, NotOffered
from app.simulation.contract import terms_of_draw
from ledger.assessing import assessed
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.decisions import decide
from ledger.domain.events import AccountEvent, AccountOpened
from ledger.domain.money import decimals_of, to_text
from ledger.domain.quote import SettleQuote, settle_quote
from ledger.domain.rejections import Rejected, Rejection
from ledger.domain.state import AccountState
from ledger.domain.steps import Step
from ledger.door import Line, proposal_of
from ledger.replay import KnownFact, replay, state_of

ACCOUNT_ID = "simulated"

#: Whose money a `credit` is, by its subtype.
_SOURCES = {
    "goodwill_credit": "goodwill",
    "merchant_issued_refund": "merchant_refund",
    "payout_refund": "payout_refund",
}


@dataclass(slots=True)
class Fold:
    """The facts of a case, and which of its events each came from."""

    currency: str
    account: Account = field(default_factory=Account)
    facts: list[KnownFact] = field(default_factory=list)
    #: The event of the case by fact, and the fact's id by event.
    seq_of_fact: list[int] = field(default_factory=list)
    id_of_seq: dict[int, str] = field(default_factory=dict)

    def state(
        self, as_of: date, after_seq: int | None = None, trace: list[Step] | None = None
    ) -> AccountState:
        """The state at the end of `as_of`, from the events up to `after_seq` (None is all)."""
        return replay(self.known(as_of, after_seq), as_of, trace=trace)

    def state_on(self, as_of: date, /, *supposed: AccountEvent) -> AccountState:
        """What decisions look at: all events, and what may be supposed."""
        return state_of(self.known(as_of))(as_of, *supposed)

    def payoff(self, draw_id: str, as_of: date, after_seq: int | None = None) -> SettleQuote:
        """What settles a draw on a day, from the events up to `after_seq` (None is all)."""
        return settle_quote(state_of(self.known(as_of, after_seq)), draw_id, as_of)

    def known(self, as_of: date, after_seq: int | None = None) -> list[KnownFact]:
        """The facts from the events up to `after_seq`, with the penalties called for by a date."""
        known = [
            fact
            for fact, seq in zip(self.facts, self.seq_of_fact, strict=True)
            if after_seq is None or seq <= after_seq
        ]
        return _with_penalties(known, as_of)

    def take(self, seq: int, recorded: date, topic: str, body: Mapping[str, Any]) -> None:
        """Decide one fact and keep what it became.  Raises `Refused` or `CaseError`."""
        try:
            proposal = proposal_of(Line(ACCOUNT_ID, topic, body), self.account)
        except Rejected as error:
            raise CaseError(f"event {seq}: {error}") from None
        decision = decide(self.account, proposal, self.state_on)
        if isinstance(decision, Rejection):
            raise Refused(seq, decision)
        for event in decision:
            version = len(self.facts) + 1
            instant = datetime.combine(recorded, time.min, tzinfo=UTC)
            self.facts.append(KnownFact(event, version, instant))
            self.seq_of_fact.append(seq)
            evolve(self.account, Fact(event, version))


def _with_penalties(facts: list[KnownFact], as_of: date) -> list[KnownFact]:
    """The facts with what an assessor would have made of them by the date."""
    called_for = assessed(facts, as_of).events
    return facts + [
        KnownFact(event, version, facts[-1].recorded_at)
        for version, event in enumerate(called_for, start=len(facts) + 1)
    ]


class Refused(Exception):
    """The books would refuse an event of the case."""

    def __init__(self, seq: int, rejection: Rejection) -> None:
        super().__init__(f"event {seq} is refused: {rejection.code.value}: {rejection.message}")


def folded(case: Case) -> Fold:
    """Every event of the case as facts.  Raises `CaseError`, `NotOffered` or `Refused`."""
    terms = terms_of_draw(case)
    fold = Fold(currency_of(case.terms))
    first = min((event.effective for event in case.events), default=date.min)
    opening = AccountOpened(effective_on=first, borrower_ref=ACCOUNT_ID, currency=fold.currency)
    fold.facts.append(KnownFact(opening, 1, datetime.combine(first, time.min, tzinfo=UTC)))
    fold.seq_of_fact.append(0)
    evolve(fold.account, Fact(opening, 1))
    for event in case.events:
        fold.id_of_seq[event.seq] = f"{event.type}-{event.seq}"
        topic, body = _as_line(event, fold, terms)
        if case.kind == "multidraw":
            _pay_dues(fold, event.effective)
        fold.take(event.seq, event.recorded, topic, body)
    if case.kind == "multidraw":
        _pay_dues(fold, max(asked.as_of for asked in case.expectations))
    return fold


def _pay_dues(fold: Fold, until: date) -> None:
    """Kind `multidraw` takes every installment as paid when it falls due."""
    while (state := fold.state(until)).draws:
        row = next((row for row in state.draws[0].installments if row.outstanding), None)
        if row is None or row.due_on > until:
            return
        seq = fold.seq_of_fact[-1]
        dues = fold.state(row.due_on).draws[0].installments
        amount = sum(one.outstanding for one in dues if one.due_on <= row.due_on)
        body = {
            "payment_id": f"due-{row.due_on}",
            "effective_on": row.due_on.isoformat(),
            "amount": to_text(amount, decimals_of(fold.currency)),
        }
        fold.take(seq, row.due_on, "payment.received", body)


def currency_of(terms: Mapping[str, Any]) -> str:
    currency = terms.get("currency")
    if not isinstance(currency, str):
        raise CaseError(f"terms.currency is an ISO 4217 code such as EUR, found {currency!r:.40}")
    decimals = terms.get("currency_decimals", decimals_of(currency))
    if decimals != decimals_of(currency):
        raise CaseError(
            f"terms.currency_decimals is {decimals!r:.40}, but {currency} has"
            f" {decimals_of(currency)}; leave it out"
        )
    return currency


def _as_line(event: Event, fold: Fold, terms: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An event of a case as topic and body of a line at the door."""
    own_id = fold.id_of_seq[event.seq]
    on = event.effective.isoformat()
    dated = {"effective_on": on}
    if "amount" in event.fields:
        dated["amount"] = event.fields["amount"]
    match event.type:
        case "draw":
            # Later draws are repaid by the schedule of the first one.
            joins = {"joins_draw_id": x} if (x := next(iter(fold.account.draws), None)) else {}
            return "draw.made", {"draw_id": own_id, "terms": terms, **joins, **dated}
        case "payment" | "credit":
            return "payment.received", {"payment_id": own_id, **_money_in(event, fold), **dated}
        case "payment_reversal":
            # Without a date of its own it counts from the day of the payment: it never was.
            payment_id = _id_of(fold, event, "reverses", "payment", "credit")
            return "payment.reversed", {"reversal_id": own_id, "payment_id": payment_id}
        case "overpayment_refund":
            return "payment.refunded", {"refund_id": own_id, **dated}
        case "fee" | "penalty":
            due_on = str(event.fields.get("due_on", on))
            charge = {"charge_id": own_id, "draw_id": _only_draw(fold, event), "due_on": due_on}
            return f"{event.type}.charged", {**charge, **dated, "effective_on": min(on, due_on)}
        case "waiver":
            charge_id = _id_of(fold, event, "charge", "fee", "penalty")
            charged = fold.account.charges[f"{charge_id.partition('-')[0]}:{charge_id}"].amount
            dated.setdefault("amount", to_text(charged, decimals_of(fold.currency)))
            return "dues.waived", {"waiver_id": own_id, "charge_id": charge_id, **dated}
        case "waiver_reversal":
            waiver_id = _id_of(fold, event, "reverses", "waiver")
            return "waiver.reversed", {"reversal_id": own_id, "waiver_id": waiver_id}
        case "restructure":
            body = {"restructure_id": own_id, "draw_id": _only_draw(fold, event), **event.fields}
            return "draw.restructured", {**body, **dated}
        case "due_date_shift":
            dates = {"due_on": event.fields["from_due"], "new_due_on": event.fields["to_due"]}
            move = {"move_id": own_id, "draw_id": _only_draw(fold, event)}
            return "draw.due_date_moved", {**move, **dates, **dated}
        case _:
            return "delinquency.paused", {
                "pause_id": own_id,
                "until": event.fields["until"],
                **dated,
            }


def _money_in(event: Event, fold: Fold) -> dict[str, Any]:
    """What a payment says of itself: the way it came, whose it is, what it is for."""
    body = {n: x for n, x in event.fields.items() if n in ("in_advance_target", "intent")}
    if body.get("intent", "due") != "due":
        body["draw_id"] = _only_draw(fold, event)
    subtype = event.fields.get("subtype", "")
    if event.type == "payment":
        return {"channel": subtype, **body}
    if subtype not in _SOURCES:
        raise NotOffered(f"credit {subtype}")
    return {"source": _SOURCES[subtype], **body}


def _id_of(fold: Fold, event: Event, name: str, *types: str) -> str:
    """The fact that an event names by its seq."""
    seq = event.fields.get(name)
    found = fold.id_of_seq.get(seq, "") if isinstance(seq, int) else ""
    if not found.startswith(tuple(f"{kind}-" for kind in types)):
        asked = f"the seq of an earlier {' or '.join(types)}"
        raise CaseError(f"event {event.seq}: {name} is {asked}, found {seq!r:.40}")
    return found


def _only_draw(fold: Fold, event: Event) -> str:
    """The draw that has the schedule of the case."""
    if not fold.account.draws:
        raise CaseError(f"event {event.seq}: a {event.type} needs a draw before it")
    return next(iter(fold.account.draws))
