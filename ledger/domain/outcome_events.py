"""How a draw may end otherwise than by being paid: written off, cancelled, refunded by a merchant.

Topics and names are stored data, as in `ledger.domain.events`.
"""

from dataclasses import dataclass

from ledger.domain.event import Event
from ledger.domain.money import Amount


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """An amount for each component."""

    penalty: Amount = 0
    fee: Amount = 0
    interest: Amount = 0
    principal: Amount = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawWrittenOff(Event):
    """The lender no longer counts on what is owed and takes it out of its assets.

    The claim remains (财政部《金融企业呆账核销管理办法》: 账销案存): money received later is a
    recovery.  Written off is what `amounts` names, by component the oldest installment first; None
    is all that is owed on the day, interest planned for later included.
    """

    TOPIC = "draw.written_off"
    draw_id: str
    amounts: WrittenOff | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"write_off:{self.draw_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawCancelled(Event):
    """The draw is annulled from this day on: a withdrawal, or a purchase that was cancelled.

    Nothing of it is owed any more, and all that was paid for it becomes credit of the customer.
    """

    TOPIC = "draw.cancelled"
    draw_id: str
    reason: str = ""

    @property
    def key(self) -> str:
        return f"cancellation:{self.draw_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRefunded(Event):
    """The merchant gave the price of the purchase back, in whole or in part.

    So much less principal is owed, of the installments that the terms say (`Refunds`); what of it
    was paid already becomes credit of the customer.  `amount` None is all that is not refunded yet.
    """

    TOPIC = "draw.refunded"
    refund_id: str
    draw_id: str
    amount: Amount | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"draw_refund:{self.refund_id}"
