"""What settling draws costs on a day, as the command and the door for services say it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.cli.rendering import amounts_document
from ledger.domain.events import AccountOpened
from ledger.domain.money import decimals_of, to_text
from ledger.domain.quote import SettleQuote, settle_quote
from ledger.log.records import Recorded
from ledger.replay import KnownFact, account_as_of, known_facts, state_of


class NotQuoted(Exception):
    """A draw that was asked for and is not there.  The message says which are."""


def quotes_of(
    history: Sequence[Recorded], draw_id: str | None, on: date
) -> tuple[list[SettleQuote], str]:
    """The quotes for a draw, or for all that owe something, and their currency.

    Raises `NotQuoted`.
    """
    facts = known_facts(history)
    quotes = [settle_quote(state_of(facts), name, on) for name in _asked(facts, draw_id, on)]
    [currency] = (x.event.currency for x in facts if isinstance(x.event, AccountOpened))
    return quotes, currency


def quote_document(account: str, one: SettleQuote, currency: str) -> dict[str, Any]:
    """A quote as JSON."""
    decimals = decimals_of(currency)
    return {
        "account": account,
        "draw_id": one.draw_id,
        "joined": one.joined,
        "on": one.on,
        "currency": currency,
        **amounts_document(one.amounts, decimals),
        "total": to_text(one.total, decimals),
        "from_credit": to_text(one.from_credit, decimals),
        "to_pay": to_text(one.to_pay, decimals),
        "unearned": to_text(one.unearned, decimals),
    }


def _asked(facts: Sequence[KnownFact], draw_id: str | None, on: date) -> list[str]:
    """The draw that was named, or all with a schedule of their own that owe something."""
    account = account_as_of(facts, on)
    if draw_id is None:
        return [draw.draw_id for draw in state_of(facts)(on).draws if sum(draw.outstanding)]
    if draw_id not in account.draws:
        made = ", ".join(account.draws) or "none"
        raise NotQuoted(f"Draw {draw_id} was asked for; the account has made {made} by {on}.")
    return [draw_id]
