"""What settling a draw costs on a day: the fold itself is asked, with more than enough money.

So a quote cannot differ from what a settlement does on that day.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.events import PaymentReceived
from ledger.domain.limits import AMOUNT_MAX, EVENTS_PER_STREAM_MAX
from ledger.domain.refusals import StateOn
from ledger.domain.state import Amounts

#: No payment is called so: an id has a letter or digit at least.
_SUPPOSED = ""


@dataclass(frozen=True, slots=True)
class SettleQuote:
    """What settles a draw on a day, in minor units.

    `amounts` is what is paid then by component, `unearned` what is owed by plan and given up, and
    `from_credit` the part that money held as credit covers.
    """

    draw_id: str
    #: The draws that share its schedule: they are settled with it.
    joined: tuple[str, ...]
    on: date
    amounts: Amounts
    unearned: int
    from_credit: int

    @property
    def total(self) -> int:
        """What the draw takes, over all components."""
        return sum(self.amounts)

    @property
    def to_pay(self) -> int:
        """The least amount of a payment that settles on the day."""
        return self.total - self.from_credit


def settle_quote(state_on: StateOn, draw_id: str, on: date) -> SettleQuote:
    """The quote for a draw that was made by that day, with all that share its schedule."""
    before = state_on(on)
    draw = before.draw(draw_id)
    assert draw is not None
    enough = PaymentReceived(
        effective_on=on,
        payment_id=_SUPPOSED,
        amount=AMOUNT_MAX * EVENTS_PER_STREAM_MAX,
        draw_id=draw_id,
        intent="settle",
    )
    after = state_on(on, enough)
    [split] = (split for split in after.payments if split.payment_id == _SUPPOSED)
    total = sum(split.paid)
    return SettleQuote(
        draw.draw_id,
        draw.joined,
        on,
        split.paid,
        # Whoever settles owes the end of the period of principal that is overdue as well.
        max(0, sum(draw.outstanding) - total),
        min(before.credit_balance, total),
    )
