"""One account: the facts recorded about it, gathered by `evolve`.

`evolve` never refuses and never guesses: whether a fact may be recorded is decided before, in
`ledger.domain.decisions`; what the facts amount to is worked out after, in
`ledger.domain.settlement`.  So the same facts serve every date one may ask for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, assert_never

from ledger.domain.events import (
    AccountClosed,
    AccountEvent,
    AccountFrozen,
    AccountLimitChanged,
    AccountOpened,
    AccountTierChanged,
    AccountUnfrozen,
    ChargeReversed,
    DelinquencyPaused,
    DrawMade,
    DrawRestructured,
    DueDateMoved,
    DuesWaived,
    FeeCharged,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
    PenaltyCharged,
    WaiverReversed,
)
from ledger.domain.limits import EVENTS_PER_STREAM_MAX
from ledger.domain.outcome_events import (
    CancellationReversed,
    DrawCancelled,
    DrawRefunded,
    DrawWrittenOff,
    WriteOffReversed,
)

#: Instead of a version: before, or after, everything else that happened on the day.
START_OF_DAY, END_OF_DAY = 0, EVENTS_PER_STREAM_MAX + 1


#: Facts about the account itself.
AccountFact = (
    AccountOpened | AccountLimitChanged | AccountTierChanged | AccountFrozen | AccountUnfrozen
    | AccountClosed
)  # fmt: skip


class Fact(NamedTuple):
    """An event and its place in the account's stream, which orders facts of the same day."""

    event: AccountEvent
    version: int


#: Facts that move money or debt; they are settled in the order (effective_on, version).
Movement = (
    DrawMade | PaymentReceived | PaymentRefunded | PenaltyCharged | FeeCharged | DuesWaived
    | DrawWrittenOff | DrawCancelled | DrawRefunded | DrawRestructured
)  # fmt: skip


class Move(NamedTuple):
    """A movement and when it counts.  `version` is that of its fact, or the start or end of day."""

    on: date
    version: int
    movement: Movement

    @property
    def place(self) -> tuple[date, int, tuple[object, ...]]:
        """Its place among the movements.

        Charges that a rule has made are in order by what they are for, not by when they came in.
        """
        charge = self.movement
        if not isinstance(charge, PenaltyCharged) or charge.rule is None:
            return self.on, self.version, ()
        what_for = (charge.effective_on, charge.rule, charge.draw_id, charge.installment or 0)
        return self.on, self.version, what_for


class TakenBack(NamedTuple):
    """Money of a payment that a reversal has found not to be good."""

    on: date
    reversal_id: str
    payment_id: str
    amount: int

    @property
    def fact_id(self) -> str:
        """What its event is known by among the reversals."""
        return f"{self.reversal_id}:{self.payment_id}"


@dataclass(slots=True)
class Account:
    """What is recorded of one account.  Changed in place, by `evolve` alone."""

    opened: AccountOpened | None = None
    credit_limit: int | None = None
    tier: str = ""
    is_frozen: bool = False
    closed_on: date | None = None
    draws: dict[str, DrawMade] = field(default_factory=dict)
    #: By the draw that has the schedule: the draws that joined it, its due dates moved, and the
    #: agreements that planned it anew.
    joined: dict[str, list[DrawMade]] = field(default_factory=dict)
    moved: dict[str, list[DueDateMoved]] = field(default_factory=dict)
    restructured: dict[str, list[DrawRestructured]] = field(default_factory=dict)
    pauses: list[DelinquencyPaused] = field(default_factory=list)
    payments: dict[str, PaymentReceived] = field(default_factory=dict)
    #: Of each payment, how much has been taken back.
    reversed_amounts: dict[str, int] = field(default_factory=dict)
    taken_back: list[TakenBack] = field(default_factory=list)
    #: By key, for a penalty and a fee may have the same id.
    charges: dict[str, PenaltyCharged | FeeCharged] = field(default_factory=dict)
    #: Of each charge, by key, how much has been taken back.
    reversed_charges: dict[str, int] = field(default_factory=dict)
    #: The ids of those reversals.
    charge_reversals: set[str] = field(default_factory=set)
    waivers: dict[str, DuesWaived] = field(default_factory=dict)
    reversed_waivers: set[str] = field(default_factory=set)
    #: By key, for a draw may be written off again after that was reversed.
    endings: dict[str, DrawWrittenOff | DrawCancelled] = field(default_factory=dict)
    reversed_endings: set[str] = field(default_factory=set)
    #: What merchants gave back, in the order in which it was recorded.
    draw_refunds: list[DrawRefunded] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def counting_amount(self, payment_id: str) -> int:
        """What is left of a payment after its reversals, in minor units."""
        return self.payments[payment_id].amount - self.reversed_amounts.get(payment_id, 0)

    def counting_charge(self, key: str) -> int:
        """What is left of a charge after its reversals, in minor units."""
        return self.charges[key].amount - self.reversed_charges.get(key, 0)

    def schedule_of(self, draw_id: str) -> str:
        """The draw by whose schedule a draw is repaid: itself, or the one that it joined."""
        return self.draws[draw_id].joins_draw_id or draw_id

    def draws_of(self, schedule: str) -> list[DrawMade]:
        """The draws that are repaid by one schedule."""
        return [self.draws[schedule], *self.joined.get(schedule, ())]

    def write_off_of(self, schedule: str) -> DrawWrittenOff | None:
        """The write-off of a schedule that stands, if there is one."""
        found = (one for one in self._standing(schedule) if isinstance(one, DrawWrittenOff))
        return next(found, None)

    def cancellation_of(self, schedule: str) -> DrawCancelled | None:
        """The cancellation of a schedule that stands, if there is one."""
        found = (one for one in self._standing(schedule) if isinstance(one, DrawCancelled))
        return next(found, None)

    def _standing(self, schedule: str) -> Iterator[DrawWrittenOff | DrawCancelled]:
        for key, ending in self.endings.items():
            if key not in self.reversed_endings and self.schedule_of(ending.draw_id) == schedule:
                yield ending

    def pauses_of(self, draw_id: str) -> Iterator[DelinquencyPaused]:
        """The pauses that spare the draw which has the schedule."""
        for pause in self.pauses:
            if pause.draw_id is None or self.schedule_of(pause.draw_id) == draw_id:
                yield pause


def evolve(account: Account, fact: Fact) -> None:
    """Take one fact into the account."""
    event = fact.event
    match event:
        case PaymentReceived():
            account.payments[event.payment_id] = event
            account.moves.append(Move(event.effective_on, fact.version, event))
        case DrawMade():
            account.draws[event.draw_id] = event
            if event.joins_draw_id is not None:
                account.joined.setdefault(event.joins_draw_id, []).append(event)
            account.moves.append(Move(event.effective_on, fact.version, event))
        case PenaltyCharged() | FeeCharged():
            account.charges[event.key] = event
            account.moves.append(move_of_charge(account, event, fact.version))
        case ChargeReversed():
            _take_charge_back(account, event)
        case DuesWaived():
            account.waivers[event.waiver_id] = event
            account.moves.append(Move(event.effective_on, fact.version, event))
        case PaymentRefunded():
            account.moves.append(Move(event.effective_on, fact.version, event))
        case DrawWrittenOff() | DrawCancelled() | DrawRefunded():
            if isinstance(event, DrawRefunded):
                account.draw_refunds.append(event)
            else:
                account.endings[event.key] = event
            account.moves.append(Move(event.effective_on, fact.version, event))
        case PaymentReversed():
            _take_back(account, event)
        case WaiverReversed():
            account.reversed_waivers.add(event.waiver_id)
        case WriteOffReversed() | CancellationReversed():
            account.reversed_endings.add(event.ending_key)
        case DrawRestructured():
            account.restructured.setdefault(account.schedule_of(event.draw_id), []).append(event)
            account.moves.append(Move(event.effective_on, fact.version, event))
        case DueDateMoved():
            account.moved.setdefault(account.schedule_of(event.draw_id), []).append(event)
        case DelinquencyPaused():
            account.pauses.append(event)
        case _:
            _take_of_itself(account, event)


def gathered(facts: Iterable[Fact]) -> Account:
    """The account that `facts`, in the order given, make."""
    account = Account()
    for fact in facts:
        evolve(account, fact)
    return account


def _take_of_itself(account: Account, event: AccountFact) -> None:
    """Take a fact about the account as a whole; no money moves."""
    match event:
        case AccountOpened():
            account.opened = event
            account.credit_limit = event.credit_limit
            account.tier = event.tier
        case AccountLimitChanged():
            account.credit_limit = event.credit_limit
        case AccountTierChanged():
            account.tier = event.tier
        case AccountFrozen() | AccountUnfrozen():
            account.is_frozen = isinstance(event, AccountFrozen)
        case AccountClosed():
            account.closed_on = event.effective_on
        case _:
            assert_never(event)


def _take_back(account: Account, event: PaymentReversed) -> None:
    left = account.counting_amount(event.payment_id)
    # A reversal of all the rest may be recorded after, and count before, that of a part.
    part = left if event.amount is None else min(event.amount, left)
    before = account.reversed_amounts.get(event.payment_id, 0)
    account.reversed_amounts[event.payment_id] = before + part
    account.taken_back.append(
        TakenBack(event.effective_on, event.reversal_id, event.payment_id, part)
    )


def _take_charge_back(account: Account, event: ChargeReversed) -> None:
    key = event.charge_key
    left = account.counting_charge(key)
    part = left if event.amount is None else min(event.amount, left)
    account.reversed_charges[key] = account.reversed_charges.get(key, 0) + part
    account.charge_reversals.add(event.reversal_id)


def move_of_charge(account: Account, charge: PenaltyCharged | FeeCharged, version: int) -> Move:
    """When a charge counts.

    Charges known upfront are on their installments before any payment is applied.  A penalty that
    terms call for hangs on the days before, so it is owed as its day begins; one that is dated on
    the due date itself, as that ends.  So it does not matter when the assessor came by.
    """
    draw = account.draws[account.schedule_of(charge.draw_id)]
    terms = draw.terms
    is_upfront = terms.charges_known == "upfront"
    on = draw.effective_on if is_upfront else charge.effective_on
    rule = charge.rule if isinstance(charge, PenaltyCharged) else None
    if rule is None:
        return Move(on, version, charge)
    is_of_due_date = rule == "late_fee" and (
        terms.late_fee is None or terms.late_fee.dated == "due_date"
    )
    return Move(on, END_OF_DAY if is_upfront or is_of_due_date else START_OF_DAY, charge)
