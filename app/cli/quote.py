"""`duebook quote`: what settling a draw costs on a day, to the cent."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from app.cli.errors import UserError
from app.cli.options import Account, AsOf, Json, Today
from app.cli.output import console, print_json, table
from app.quoting import NotQuoted, quote_document, quotes_of
from app.settings import Settings
from app.wiring import opened
from ledger.domain.money import decimals_of, to_text
from ledger.domain.quote import SettleQuote
from ledger.domain.terms import COMPONENTS
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
    try:
        quotes, currency = quotes_of(history, draw, on)
    except NotQuoted as error:
        raise UserError(str(error)) from None
    if as_json:
        print_json([quote_document(account, one, currency) for one in quotes])
    elif quotes:
        _show(account, on, quotes, currency)
    else:
        console.print(f"no draw of {account} owes anything on {on}")


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
