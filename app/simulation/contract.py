"""The terms of a case for kinds that no fold serves, through the same door as everywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from app.simulation.cases import Case, CaseError, Event, Expectation
from app.simulation.folding import ACCOUNT_ID, TERMS_OF_CASE, currency_of
from ledger.domain.account import Account, Fact, evolve
from ledger.domain.consistency import inconsistencies
from ledger.domain.events import AccountOpened, DrawMade
from ledger.domain.money import AmountError, decimals_of, rounded, to_minor, to_text
from ledger.domain.rejections import Rejected
from ledger.domain.schedule import wrong_level
from ledger.domain.terms import Terms
from ledger.door import Line, proposal_of

_NAMES_IN_WINDOW = {"from": "from_on", "to": "to_on"}


@dataclass(frozen=True, slots=True)
class Contract:
    """The first draw of a case."""

    terms: Terms
    decimals: int
    amount: int
    drawn_on: date

    def minor(self, text: object, what: str) -> int:
        """An amount of the case in minor units.  Raises `CaseError`."""
        try:
            return to_minor(text, self.decimals)
        except AmountError as error:
            raise CaseError(f"{what}: {error}") from None

    def text(self, minor: Fraction | int, decimals: int | None = None) -> str:
        """An amount in minor units as a decimal string."""
        shown = self.decimals if decimals is None else decimals
        shift = Fraction(10) ** (shown - self.decimals)
        return to_text(rounded(minor * shift, self.terms.money_rounding), shown)


def contract_of(case: Case) -> Contract:
    """The terms, checked as the books would check them.  Raises `CaseError`."""
    draw = next((event for event in case.events if event.type == "draw"), None)
    if draw is None:
        raise CaseError(f"kind {case.kind} begins with a draw, but there is none among the events")
    currency = currency_of(case.terms)
    account = Account()
    opening = AccountOpened(effective_on=draw.effective, borrower_ref=ACCOUNT_ID, currency=currency)
    evolve(account, Fact(opening, 1))
    body = {
        "draw_id": f"draw-{draw.seq}",
        "effective_on": draw.effective.isoformat(),
        "amount": draw.fields.get("amount"),
        "terms": _as_the_door_takes_them(case.terms),
    }
    try:
        made = proposal_of(Line(ACCOUNT_ID, "draw.made", body), account)
    except Rejected as error:
        raise CaseError(f"event {draw.seq}: {error}") from None
    assert isinstance(made, DrawMade)
    contract = Contract(made.terms, decimals_of(currency), made.amount, draw.effective)
    for found in (inconsistencies, wrong_level):
        for field, sentence in found(made.terms, made.amount, draw.effective):
            raise CaseError(f"terms.{field}: {sentence}")
    return contract


def _as_the_door_takes_them(given: Mapping[str, Any]) -> dict[str, Any]:
    terms = {name: part for name, part in given.items() if name not in TERMS_OF_CASE}
    allocation = terms.pop("allocation", None)
    if isinstance(allocation, dict) and isinstance(allocation.get("order"), list):
        # One order for every status; where it leaves fees out, there are none.
        order = [*allocation["order"], *({"fee"} - set(allocation["order"]))]
        terms["allocation"] = {"past_due": order, "due": order}
    windows = terms.get("rate_windows")
    if isinstance(windows, list):
        terms["rate_windows"] = [
            {_NAMES_IN_WINDOW.get(name, name): part for name, part in window.items()}
            if isinstance(window, dict)
            else window
            for window in windows
        ]
    return terms


def events_known(case: Case, asked: Expectation, *types: str) -> Iterator[Event]:
    """The events that an expectation knows, in the order of being counted.

    Raises `CaseError` for types that the kind does not take.
    """
    known = [event for event in case.events if event.seq <= asked.after_seq]
    reversed_seqs = {event.fields.get("reverses") for event in known}
    for event in sorted(known, key=lambda event: (event.effective, event.recorded, event.seq)):
        if event.type not in (*types, "payment_reversal"):
            found = f"found {event.type}"
            raise CaseError(
                f"event {event.seq}: kind {case.kind} takes {', '.join(types)}, {found}"
            )
        counts = event.type in types and event.seq not in reversed_seqs
        if counts and event.effective <= asked.as_of:
            yield event
