"""A question to the diagnosis, as the doors take it: the command line and the API alike."""

from dataclasses import dataclass
from datetime import date, datetime

from app.wiring import App
from ledger.domain.money import AmountError, decimals_of, to_minor
from projections.diagnosis import Claim, ClaimUnclear, Diagnosis, although_paid, diagnose
from projections.diagnosis.verdict import Question
from projections.display import Client, Viewer

#: Longer texts are no amounts.
AMOUNT_LENGTH_MAX = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """Why is it not shown; or why is it shown, although this was paid?

    `amount` is a decimal string in the currency of the account.
    """

    account_id: str
    as_of: date
    known_at: datetime | None = None
    draw_id: str | None = None
    question: Question = "not_shown"
    payment_id: str | None = None
    amount: str | None = None
    on: date | None = None
    #: Who looks, and with what; the borrower, and a client that says nothing, where none is named.
    viewer: Viewer | None = None
    client: Client | None = None
    asks_notices: bool = False

    def of(self, app: App) -> Diagnosis:
        """The answer.  Raises `ClaimUnclear` or `InstantInFuture`."""
        claim = self.claim(app)
        if self.question == "although_paid":
            return although_paid(
                app.log, self.account_id, self.as_of, claim, known_at=self.known_at,
                draw_id=self.draw_id, display=app.display, receipts=app.receipts,
            )  # fmt: skip
        return diagnose(
            app.log, self.account_id, self.as_of, known_at=self.known_at, draw_id=self.draw_id,
            display=app.display, receipts=app.receipts, viewer=self.viewer, client=self.client,
            asks_notices=self.asks_notices,
        )  # fmt: skip

    def claim(self, app: App) -> Claim:
        """The payment that is meant.  Raises `ClaimUnclear`."""
        names_a_payment = (self.payment_id, self.amount, self.on) != (None, None, None)
        if names_a_payment and self.question != "although_paid":
            raise ClaimUnclear(
                "a payment was named, but the question was why it is not shown; ask although_paid"
            )
        amount = None
        if self.amount is not None:
            if len(self.amount) > AMOUNT_LENGTH_MAX:
                raise ClaimUnclear(f"the amount has {len(self.amount)} characters; give 300.00")
            try:
                amount = to_minor(self.amount, decimals_of(app.reader.currency_of(self.account_id)))
            except AmountError as error:
                raise ClaimUnclear(str(error)) from None
        return Claim(self.payment_id, amount, self.on)
