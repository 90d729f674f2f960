"""Fees that the contract plans: due at once on the day of the draw, or with every installment.

A fee that comes to be charged later is an event (`fee.charged`); these stand in the terms and are
rows of the plan like interest and principal, so the annual rate shown counts them.
"""

from collections.abc import Iterator, Sequence

from ledger.domain.interest import accrues
from ledger.domain.limits import AMOUNT_MAX, FEES_MAX
from ledger.domain.money import AmountError, Exact, to_rate
from ledger.domain.terms import ScheduleFee, Terms


def rows_at_once(terms: Terms) -> int:
    """How many rows fall due on the day of the draw: one for down payment and fees up front."""
    is_fee_due = any(fee.due == "up_front" for fee in terms.fees or ())
    return 1 if is_fee_due or terms.down_payment_percent is not None else 0


def up_front(terms: Terms, amount: int) -> Exact:
    """What is due at once."""
    fees = (fee for fee in terms.fees or () if fee.due == "up_front")
    return sum(_fee(fee, amount, amount) for fee in fees)


def per_installment(
    terms: Terms, amount: int, down: Exact, principals: Sequence[Exact]
) -> Iterator[Exact]:
    """What comes on top of each regular installment, given the principal that each repays."""
    fees = [fee for fee in terms.fees or () if fee.due == "per_installment"]
    owed = amount - down
    for principal in principals:
        yield sum(_fee(fee, amount, owed) for fee in fees)
        owed -= principal


def _fee(fee: ScheduleFee, amount: int, owed: Exact) -> Exact:
    if fee.amount is not None:
        return fee.amount
    base = amount if fee.base == "draw" else owed
    return base * to_rate(fee.percent or "0") / 100


def wrong_fees(terms: Terms) -> Iterator[tuple[str, str]]:
    """Findings, (field, sentence), about the fees of terms."""
    if terms.fees is None:
        return
    if len(terms.fees) > FEES_MAX:
        yield "fees", f"there are at most {FEES_MAX} fees, found {len(terms.fees)}"
    if terms.rows:
        yield "fees", "rows are given: write fees as the fee of each row"
    if terms.draw_spread is not None:
        yield "fees", "fees are not offered where draws share a schedule; leave draw_spread out"
    if accrues(terms) and any(fee.base == "outstanding_principal" for fee in terms.fees):
        found = "interest that accrues on what is really owed plans it anew"
        yield "fees", f"a fee is an amount or a percent of the draw where {found}"
    for number, fee in enumerate(terms.fees, start=1):
        yield from _wrong_fee(f"fee {number} {fee.kind!r:.40}", fee)


def _wrong_fee(what: str, fee: ScheduleFee) -> Iterator[tuple[str, str]]:
    if (fee.amount is None) == (fee.percent is None):
        found = "neither" if fee.amount is None else "both"
        yield "fees", f"{what} is an amount or a percent, found {found}"
    elif fee.amount is not None and not 1 <= fee.amount <= AMOUNT_MAX:
        yield "fees", f"{what} is 1 to {AMOUNT_MAX} minor units, found {fee.amount}"
    elif fee.percent is not None:
        try:
            percent = to_rate(fee.percent)
        except AmountError as error:
            yield "fees", f"{what}: {error}"
            return
        if not 0 < percent <= 100:
            yield "fees", f"{what} is more than 0 and at most 100 %, found {fee.percent}"
