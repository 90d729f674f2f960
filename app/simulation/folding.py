"""A case becomes facts, one event after the other, through the door and the decisions of the books.

So a case is held to the same rules as a live account: what the ledger would refuse, it is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, get_args

from app.simulation.cases import EVENTS_NOT_OFFERED, KINDS, Case, CaseError, Event, NotOffered
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.decisions import decide
from ledger.domain.events import AccountOpened, DrawMade, FeeCharged, PenaltyCharged
from ledger.domain.money import decimals_of, to_text
from ledger.domain.rejections import Rejected, Rejection
from ledger.domain.schedule import METHODS
from ledger.domain.settlement import Step
from ledger.domain.state import AccountState
from ledger.domain.terms import Method, Terms
from ledger.door import Line, proposal_of, shape_of
from ledger.replay import KnownFact, replay

ACCOUNT_ID = "simulated"

#: Terms of the case itself; all others are those of its draw.
_TERMS_OF_CASE = {"currency", "currency_decimals", "principal", "disbursed_on", "draw_spread"}
_TERMS_NOT_OFFERED = (
    "daily_rate", "period_rates", "grace", "broken_period", "late_fee", "prepayment",
    "payoff_interest_until", "rate_windows", "round_each_segment", "interest_from",
    "settlement_grace_days", "interest_rounding", "interest_total_cap_percent", "days_per_year",
)  # fmt: skip
_VALUES_NOT_OFFERED = {
    ("interest_basis", "accrual"): ("month_prorated", "daily_simple"),
    ("level_formula",): ("period_rates", "first_period_rate"),
    ("allocation", "in_advance_target"): ("all_evenly",),
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
    charges: dict[int, FeeCharged | PenaltyCharged] = field(default_factory=dict)

    def state(
        self, as_of: date, after_seq: int | None = None, trace: list[Step] | None = None
    ) -> AccountState:
        """The state at the end of `as_of`, from the events up to `after_seq` (None is all)."""
        known = [
            fact
            for fact, seq in zip(self.facts, self.seq_of_fact, strict=True)
            if after_seq is None or seq <= after_seq
        ]
        return replay(known, as_of, trace=trace)

    def take(self, seq: int, recorded: date, topic: str, body: Mapping[str, Any]) -> None:
        """Decide one fact and keep what it became.  Raises `Refused` or `CaseError`."""
        try:
            proposal = proposal_of(Line(ACCOUNT_ID, topic, body), self.account)
        except Rejected as error:
            raise CaseError(f"event {seq}: {error}") from None
        decision = decide(self.account, proposal, self.state)
        if isinstance(decision, Rejection):
            raise Refused(seq, decision)
        for event in decision:
            version = len(self.facts) + 1
            instant = datetime.combine(recorded, time.min, tzinfo=UTC)
            self.facts.append(KnownFact(event, version, instant))
            self.seq_of_fact.append(seq)
            evolve(self.account, Fact(event, version))
            if isinstance(event, FeeCharged | PenaltyCharged):
                self.charges[seq] = event


class Refused(Exception):
    """The books would refuse an event of the case."""

    def __init__(self, seq: int, rejection: Rejection) -> None:
        super().__init__(f"event {seq} is refused: {rejection.code.value}: {rejection.message}")


def folded(case: Case) -> Fold:
    """Every event of the case as facts.  Raises `CaseError`, `NotOffered` or `Refused`."""
    if case.kind not in KINDS:
        raise NotOffered(f"kind {case.kind}")
    terms = _terms_of_draw(case)
    fold = Fold(_currency(case.terms))
    first = min((event.effective for event in case.events), default=date.min)
    opening = AccountOpened(effective_on=first, borrower_ref=ACCOUNT_ID, currency=fold.currency)
    fold.facts.append(KnownFact(opening, 1, datetime.combine(first, time.min, tzinfo=UTC)))
    fold.seq_of_fact.append(0)
    evolve(fold.account, Fact(opening, 1))
    for event in case.events:
        fold.id_of_seq[event.seq] = f"{event.type}-{event.seq}"
        topic, body = _as_line(event, fold, terms)
        fold.take(event.seq, event.recorded, topic, body)
    return fold


def _currency(terms: Mapping[str, Any]) -> str:
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


def _terms_of_draw(case: Case) -> dict[str, Any]:
    """The terms as the door takes them.  Raises for names and values that it does not know."""
    known = shape_of(Terms)
    terms = {name: part for name, part in case.terms.items() if name not in _TERMS_OF_CASE}
    for name in terms:
        if name not in known and name not in _TERMS_NOT_OFFERED:
            names = ", ".join(sorted({*known, *_TERMS_OF_CASE}))
            raise CaseError(f"terms.{name} is unknown; there are {names}")
    for name in terms:
        if name in _TERMS_NOT_OFFERED:
            raise NotOffered(f"terms.{name}")
    for path, values in _VALUES_NOT_OFFERED.items():
        found: Any = terms
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if found in values:
            raise NotOffered(f"terms.{'.'.join(path)} {found}")
    method = terms.get("method")
    if method in get_args(Method) and method not in METHODS:
        raise NotOffered(f"terms.method {method}")
    if isinstance(terms.get("allocation"), dict):
        terms["allocation"] = {n: x for n, x in terms["allocation"].items() if n != "name"}
    return terms


def _as_line(event: Event, fold: Fold, terms: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An event of a case as topic and body of a line at the door."""
    if event.type in EVENTS_NOT_OFFERED:
        raise NotOffered(event.type)
    if "in_advance_target" in event.fields:
        raise NotOffered("in_advance_target of a single payment")
    own_id = fold.id_of_seq[event.seq]
    on = event.effective.isoformat()
    amount = {"amount": event.fields["amount"]} if "amount" in event.fields else {}
    match event.type:
        case "draw":
            if fold.account.draws:
                raise NotOffered("a second draw on the schedule of the first")
            return "draw.made", {"draw_id": own_id, "effective_on": on, "terms": terms, **amount}
        case "payment":
            channel = event.fields.get("subtype", "")
            body = {"payment_id": own_id, "effective_on": on, "channel": channel, **amount}
            return "payment.received", body
        case "payment_reversal":
            # Without a date of its own it counts from the day of the payment: it never was.
            payment_id = _id_of(fold, event, "reverses", "payment")
            return "payment.reversed", {"reversal_id": own_id, "payment_id": payment_id}
        case "fee" | "penalty":
            return f"{event.type}.charged", {
                "charge_id": own_id,
                "draw_id": _only_draw(fold, event).draw_id,
                "due_on": event.fields.get("due_on", on),
                "effective_on": min(on, str(event.fields.get("due_on", on))),
                **amount,
            }
        case _:
            return "dues.waived", _waiver(event, fold, own_id)


def _waiver(event: Event, fold: Fold, own_id: str) -> dict[str, Any]:
    """A charge is waived where it lies: on the installment that the fold put it on."""
    _id_of(fold, event, "charge", "fee", "penalty")
    charge = fold.charges[event.fields["charge"]]
    trace: list[Step] = []
    fold.state(event.effective, trace=trace)
    places = (step.installment for step in trace if step.fact_id == charge.charge_id)
    return {
        "waiver_id": own_id,
        "draw_id": charge.draw_id,
        "component": "fee" if isinstance(charge, FeeCharged) else "penalty",
        "installment": next(places, None),
        "effective_on": event.effective.isoformat(),
        "amount": event.fields.get("amount", to_text(charge.amount, decimals_of(fold.currency))),
    }


def _id_of(fold: Fold, event: Event, name: str, *types: str) -> str:
    """The fact that an event names by its seq."""
    seq = event.fields.get(name)
    found = fold.id_of_seq.get(seq, "") if isinstance(seq, int) else ""
    if not found.startswith(tuple(f"{kind}-" for kind in types)):
        asked = f"the seq of an earlier {' or '.join(types)}"
        raise CaseError(f"event {event.seq}: {name} is {asked}, found {seq!r:.40}")
    return found


def _only_draw(fold: Fold, event: Event) -> DrawMade:
    if not fold.account.draws:
        raise CaseError(f"event {event.seq}: a {event.type} needs a draw before it")
    return next(iter(fold.account.draws.values()))
