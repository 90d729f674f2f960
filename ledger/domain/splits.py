"""Where the money of payments is while movements are applied: placed, returned, or held."""

from datetime import date
from typing import NamedTuple


class Lot(NamedTuple):
    """Money held as credit, and the payment it came from."""

    payment_id: str
    amount: int


class Split:
    """Where one payment's money has gone so far."""

    __slots__ = (
        "counting", "on", "paid", "payment_id", "principal_balance", "recovered", "refunded"
    )  # fmt: skip

    def __init__(self, payment_id: str, on: date, counting: int) -> None:
        self.payment_id = payment_id
        self.on = on
        self.counting = counting
        self.paid = [0, 0, 0, 0]
        #: What it brought in of debt that was written off.
        self.recovered = [0, 0, 0, 0]
        self.refunded = 0
        self.principal_balance = 0
