"""The trial balance, of one account or of all, as the command and the door for services say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.wiring import App
from ledger.domain.journal import CHART, balances
from ledger.domain.money import decimals_of, to_text

#: Balances in minor units by ledger account, by currency.
Balances = Mapping[str, Mapping[str, int]]


class NotBalanced(Exception):
    """A trial balance that was asked for and is not to be had.  The message says why."""


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """What every ledger account comes to by the end of a day."""

    #: None are all accounts.
    account: str | None
    as_of: date
    balances: Balances
    #: Accounts whose rows are behind, and which are summed up as they stand there.
    not_current: list[str]

    @property
    def unbalanced(self) -> dict[str, int]:
        """What debits exceed credits by in each currency in which they do; nothing if all is well.

        In minor units; credits exceed debits where it is negative.
        """
        totals = {code: sum(of_code.values()) for code, of_code in self.balances.items()}
        return {code: total for code, total in totals.items() if total}

    def document(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "account": self.account,
            "as_of": self.as_of,
            "balances": {code: _document(code, of_code) for code, of_code in self.balances.items()},
            "not_current": len(self.not_current),
        }


def trial_balance(
    app: App, account: str | None, as_of: date | None, known_at: datetime | None
) -> TrialBalance:
    """All accounts are summed up from the view `journal`, one account is replayed.

    Raises `NotBalanced`, `AccountUnknown` or `CodecError`.
    """
    day = as_of or app.today()
    if account is not None:
        outcome = app.reader.outcome(account, day, known_at)
        found = {outcome.state.currency: balances(outcome.journal.entries)}
        return TrialBalance(account, day, found, [])
    if known_at is not None:
        raise NotBalanced(
            "all accounts are summed up as known now; as known earlier, name one account"
        )
    if day > app.today():
        raise NotBalanced(f"the views hold until today, {app.today()}; name one account for {day}")
    stale = app.reader.stale_accounts("journal", app.today())
    return TrialBalance(None, day, app.reader.trial_balance(day), stale)


def in_order(of_code: Mapping[str, int]) -> list[str]:
    """Ledger accounts in the order of the chart; one that is not in it comes last."""
    return [name for name in CHART if name in of_code] + sorted(of_code.keys() - set(CHART))


def _document(code: str, of_code: Mapping[str, int]) -> dict[str, Any]:
    decimals = decimals_of(code)
    return {
        "accounts": {name: to_text(of_code[name], decimals) for name in in_order(of_code)},
        "total": to_text(sum(of_code.values()), decimals),
    }
