"""The facts of an account.  Topics and names here are stored data: never rename one.

An event says what happened, never what follows from it: amounts by installment, overdue days and
balances are worked out by replay.  `effective_on` is the business date on which the fact counts.
A changed payload is a new version with an upcast in `ledger.codec`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.event import Event
from ledger.domain.money import Amount
from ledger.domain.outcome_events import (
    CancellationReversed,
    DrawCancelled,
    DrawRefunded,
    DrawWrittenOff,
    WriteOffReversed,
)
from ledger.domain.terms import Component, InAdvanceTarget, Terms

#: What money beyond the dues is for: to wait for later ones, to repay principal early with fewer or
#: with lower installments to come, or to settle the draw altogether.
PaymentIntent = Literal["due", "prepay_shorten", "prepay_lower", "settle"]

#: The rule of the terms that called for a penalty.
PenaltyRule = Literal["late_fee", "penalty_interest"]

#: Who gave money that is not the borrower's own.
PaymentSource = Literal["goodwill", "merchant_refund", "payout_refund"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    """A borrower's credit account in one currency begins.  `credit_limit` None is without limit.

    `tier` and `region` are the lender's own names; rules of disclosure look at them.
    """

    TOPIC = "account.opened"
    borrower_ref: str
    currency: str
    time_zone: str = "UTC"
    credit_limit: Amount | None = None
    tier: str = "standard"
    region: str | None = None

    @property
    def key(self) -> str:
        return "account:opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimitChanged(Event):
    """From this day on draws are measured against another limit."""

    TOPIC = "account.limit_changed"
    change_id: str
    credit_limit: Amount | None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"limit:{self.change_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTierChanged(Event):
    """The borrower's tier, which disclosure rules look at, changes."""

    TOPIC = "account.tier_changed"
    change_id: str
    tier: str
    reason: str = ""

    @property
    def key(self) -> str:
        return f"tier:{self.change_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFrozen(Event):
    """No draw is possible until the account is unfrozen; payments are."""

    TOPIC = "account.frozen"
    change_id: str
    reason: str = ""

    @property
    def key(self) -> str:
        return f"freeze:{self.change_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUnfrozen(Event):
    """Draws are possible again."""

    TOPIC = "account.unfrozen"
    change_id: str
    reason: str = ""

    @property
    def key(self) -> str:
        return f"unfreeze:{self.change_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Event):
    """The account has ended; nothing but reversals of what it held may follow."""

    TOPIC = "account.closed"
    reason: str = ""

    @property
    def key(self) -> str:
        return "account:closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawMade(Event):
    """The borrower uses credit; the terms are the whole contract of this draw.

    A draw that joins another is repaid by the schedule of that one, under the same terms.
    """

    TOPIC = "draw.made"
    draw_id: str
    amount: Amount
    terms: Terms
    #: The draw whose schedule this one is repaid by; None has a schedule of its own.
    joins_draw_id: str | None = None
    #: The lender's own name of what was sold; rules of disclosure look at it.
    product: str | None = None

    @property
    def key(self) -> str:
        return f"draw:{self.draw_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDateMoved(Event):
    """What falls due on a day falls due on another; every later due date follows at its distance.

    Amounts stay.  The schedule is as if it had always been agreed so, also for earlier payments.
    """

    TOPIC = "draw.due_date_moved"
    move_id: str
    draw_id: str
    due_on: date
    new_due_on: date
    reason: str = ""

    @property
    def key(self) -> str:
        return f"move:{self.move_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRestructured(Event):
    """What is unpaid of a draw is planned anew from this day on: extended, or re-aged.

    The terms are the whole new contract, with nothing taken from the old one.  They are those of a
    draw of the principal that is planned anew, made on the day.
    """

    TOPIC = "draw.restructured"
    restructure_id: str
    draw_id: str
    terms: Terms
    #: `not_yet_due` leaves alone what has fallen due (an extension); `all_unpaid` takes it in, so
    #: that nothing is overdue any more (a re-age).
    covers: Literal["not_yet_due", "all_unpaid"] = "not_yet_due"
    #: Interest up to the day that the new plan takes in: asked for with the first new installment,
    #: or made principal, which bears interest itself.
    unpaid_interest: Literal["first_installment", "capitalised"] = "first_installment"
    reason: str = ""

    @property
    def key(self) -> str:
        return f"restructure:{self.restructure_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelinquencyPaused(Event):
    """From `effective_on` until `until` days do not age what is unpaid (disaster relief).

    The days late run on; the days that make a debt overdue, and its bucket, do not.
    """

    TOPIC = "delinquency.paused"
    pause_id: str
    until: date
    #: The draw that is spared; None is all of them.
    draw_id: str | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"pause:{self.pause_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived(Event):
    """Money came in.  Zero is kept too: the source's books say that a payment was recorded."""

    TOPIC = "payment.received"
    payment_id: str
    amount: Amount
    channel: str = ""
    #: The draw the payer named; None lets the allocation rules choose.
    draw_id: str | None = None
    #: Any but `due` names its draw.
    intent: PaymentIntent = "due"
    #: Whose money it is; None is the borrower's.
    source: PaymentSource | None = None
    #: Where money in advance goes, if the terms order by status; None is where the terms say.
    in_advance_target: InAdvanceTarget | None = None

    @property
    def key(self) -> str:
        return f"payment:{self.payment_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReversed(Event):
    """A payment, or a part of it, turned out not to be good.

    From `effective_on` on the books are as if that money had never come.  Dated on the payment's
    own day (the default at the doors) it voids the payment altogether.
    """

    TOPIC = "payment.reversed"
    reversal_id: str
    payment_id: str
    #: The part that is taken back; None takes back all that still counts.
    amount: Amount | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"reversal:{self.reversal_id}:{self.payment_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(Event):
    """Money held as credit was given back to the borrower.

    If a payment behind it is reversed later, what the credit no longer covers was lent: it is
    principal of the installment whose period contains the day of the refund.
    """

    TOPIC = "payment.refunded"
    refund_id: str
    amount: Amount
    #: The draw that takes what is not covered; None is the latest one.
    draw_id: str | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"refund:{self.refund_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge(Event):
    """What a draw costs beyond its schedule; placed on `installment`, or by the terms' rule."""

    charge_id: str
    draw_id: str
    amount: Amount
    #: When the charge itself falls due; None is the day it counts from.
    due_on: date | None = None
    installment: int | None = None
    kind: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyCharged(Charge):
    """A late fee or penalty interest: an event like any other, never computed on the fly."""

    TOPIC = "penalty.charged"
    #: The rule of the terms that the assessor charged it by; None was charged by hand.
    rule: PenaltyRule | None = None

    @property
    def key(self) -> str:
        return f"penalty:{self.charge_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeCharged(Charge):
    """A service fee."""

    TOPIC = "fee.charged"

    @property
    def key(self) -> str:
        return f"fee:{self.charge_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeReversed(Event):
    """A charge, or a part of it, turned out not to be called for.

    From `effective_on` on the books are as if it had never been charged.  What is called for and
    only given up is a waiver.
    """

    TOPIC = "charge.reversed"
    reversal_id: str
    charge_id: str
    component: Literal["penalty", "fee"] = "penalty"
    #: The part that is taken back; None takes back all that still counts.
    amount: Amount | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"charge_reversal:{self.reversal_id}"

    @property
    def charge_key(self) -> str:
        """The key of the charge that is reversed."""
        return f"{self.component}:{self.charge_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesWaived(Event):
    """The lender gives up a part of what is owed: of a charge, of an installment, or oldest first.

    A charge is named by `charge_id` together with the component it is of.
    """

    TOPIC = "dues.waived"
    waiver_id: str
    draw_id: str
    component: Component
    amount: Amount
    installment: int | None = None
    reason: str = ""
    charge_id: str | None = None

    @property
    def key(self) -> str:
        return f"waiver:{self.waiver_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverReversed(Event):
    """A waiver was a mistake: from `effective_on` on the books are as if it had never been."""

    TOPIC = "waiver.reversed"
    reversal_id: str
    waiver_id: str
    reason: str = ""

    @property
    def key(self) -> str:
        return f"waiver_reversal:{self.reversal_id}"


AccountEvent = (
    AccountOpened | AccountLimitChanged | AccountTierChanged | AccountFrozen | AccountUnfrozen
    | AccountClosed | DrawMade | DueDateMoved | DelinquencyPaused | PaymentReceived
    | PaymentReversed | PaymentRefunded | PenaltyCharged | FeeCharged | ChargeReversed
    | DuesWaived | WaiverReversed
    | DrawWrittenOff | DrawCancelled | DrawRefunded | DrawRestructured
    | WriteOffReversed | CancellationReversed
)  # fmt: skip

#: Every event type by its topic.  A topic that is not here is an error, never skipped.
EVENT_TYPES: dict[str, type[AccountEvent]] = {
    event_type.TOPIC: event_type
    for event_type in (
        AccountOpened, AccountLimitChanged, AccountTierChanged, AccountFrozen, AccountUnfrozen,
        AccountClosed, DrawMade, DueDateMoved, DelinquencyPaused, PaymentReceived, PaymentReversed,
        PaymentRefunded, PenaltyCharged, FeeCharged, ChargeReversed, DuesWaived, WaiverReversed,
        DrawWrittenOff, DrawCancelled, DrawRefunded, DrawRestructured, WriteOffReversed,
        CancellationReversed,
    )
}  # fmt: skip
