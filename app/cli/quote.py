"""`duebook quote`: what settling a draw costs on a day, to the cent."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import typer

from app.cli.errors import UserError
from app.cli.options import Account, AsOf, Json, Today
from app.cli.output import console, print_json, table
from app.cli.rendering import amounts_document
from app.settings import Settings
from app.wiring import opened
from ledger.domain.events import AccountOpened
from ledger.domain.money import decimals_of, to_text
from ledger.domain.quote import SettleQuote, settle_quote
from ledger.domain.terms import COMPONENTS
from ledger.replay import KnownFact, account_as_of, known_facts, state_of
from ledger.rights import Role
from projections.reading import AccountUnknown


def quote(
    account: Account,
    draw: Annotated[str | None, typer.Option(help="Only this draw.")] = None,
    as_of: AsOf = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """What it costs to settle a draw on a day: a payment of just that, then, leaves nothing owed.

    ```
    duebook quote A-1
    duebook quote A-1 --draw D-1 --as-of 2026-03-15
    duebook quote A-1 --draw D-1 --as-of 2026-03-15 --json
    ```

    Interest is counted to the day, and what is not earned is given up.  Draws that share a
    schedule are settled together.  Pay the amount with
    `duebook append A-1 payment.received draw_id=D-1 intent=settle ...`.
    """
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        history = app.log.streams([account])[account]
        on = as_of or app.today()
    if not history:
        raise AccountUnknown(account)
    facts = known_facts(history)
    quotes = [settle_quote(state_of(facts), name, on) for name in _asked(facts, draw, on)]
    [currency] = (x.event.currency for x in facts if isinstance(x.event, AccountOpened))
    if as_json:
        print_json([_document(account, one, currency) for one in quotes])
    elif quotes:
        _show(account, on, quotes, currency)
    else:
        console.print(f"no draw of {account} owes anything on {on}")


def _asked(facts: Sequence[KnownFact], draw_id: str | None, on: date) -> list[str]:
    """The draw that was named, or all with a schedule of their own that owe something."""
    account = account_as_of(facts, on)
    if draw_id is None:
        return [draw.draw_id for draw in state_of(facts)(on).draws if sum(draw.outstanding)]
    if draw_id not in account.draws:
        made = ", ".join(account.draws) or "none"
        raise UserError(f"Draw {draw_id} was asked for; the account has made {made} by {on}.")
    return [draw_id]


def _show(account: str, on: date, quotes: Sequence[SettleQuote], currency: str) -> None:
    decimals = decimals_of(currency)
    columns = [f">{name}" for name in reversed(COMPONENTS)]
    console.print(
        table(
            f"To settle draws of {account} on {on}, in {currency}",
            ["draw", *columns, ">= in all", ">- credit held", ">= to pay", ">given up"],
            [
                (
                    " + ".join((one.draw_id, *one.joined)),
                    *(to_text(amount, decimals) for amount in reversed(one.amounts)),
                    *(
                        to_text(amount, decimals)
                        for amount in (one.total, one.from_credit, one.to_pay, one.unearned)
                    ),
                )
                for one in quotes
            ],
        )
    )
    if len(quotes) > 1 and any(one.from_credit for one in quotes):
        console.print("Credit is held once: whichever draw is settled first takes it.")


def _document(account: str, one: SettleQuote, currency: str) -> dict[str, Any]:
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
