"""How a draw may end otherwise than by being paid: written off, cancelled, refunded by a merchant.

The first two may turn out to have been a mistake, and be reversed.

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
    #: Tells it from one of the same draw that was reversed before; else it is left out.
    write_off_id: str | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return _key("write_off", self.draw_id, self.write_off_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawCancelled(Event):
    """The draw is annulled from this day on: a withdrawal, or a purchase that was cancelled.

    Nothing of it is owed any more, and all that was paid for it becomes credit of the customer.
    """

    TOPIC = "draw.cancelled"
    draw_id: str
    #: Tells it from one of the same draw that was reversed before; else it is left out.
    cancellation_id: str | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return _key("cancellation", self.draw_id, self.cancellation_id)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffReversed(Event):
    """A write-off was a mistake: from `effective_on` on the books are as if it had never been.

    What came in since, and was a recovery, is then a payment like any other.
    """

    TOPIC = "write_off.reversed"
    reversal_id: str
    #: The draw that the write-off named, and the id that it had, if any.
    draw_id: str
    write_off_id: str | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"write_off_reversal:{self.reversal_id}"

    @property
    def ending_key(self) -> str:
        """The key of the write-off that is reversed."""
        return _key("write_off", self.draw_id, self.write_off_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationReversed(Event):
    """A cancellation was a mistake: from `effective_on` on the draw is as if it had always stood.

    What was paid for it pays it again.  What was given back of that meanwhile was lent.
    """

    TOPIC = "cancellation.reversed"
    reversal_id: str
    #: The draw, and the id that its cancellation had, if any.
    draw_id: str
    cancellation_id: str | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"cancellation_reversal:{self.reversal_id}"

    @property
    def ending_key(self) -> str:
        """The key of the cancellation that is reversed."""
        return _key("cancellation", self.draw_id, self.cancellation_id)


def _key(kind: str, draw_id: str, own_id: str | None) -> str:
    return f"{kind}:{draw_id}" if own_id is None else f"{kind}:{draw_id}:{own_id}"
