"""Faults that are facts: what is held back, paid, taken back, or changed in the log itself."""

from datetime import timedelta
from typing import Any

from app.faults.site import SQL, FaultRefused, Injected, Look, Site
from ledger.domain.money import decimals_of, to_text
from ledger.door import line_of

#: The ways in which the log is tampered with, and the statement of each.
FORGERIES = {
    "event moved": SQL.forge_event,
    "event lost": SQL.lose_event,
    "content changed": SQL.change_event,
}


def not_recorded(site: Site, account_id: str) -> Injected:
    """A borrower has a contract of which no service has told the ledger."""
    if site.log.versions([account_id])[account_id].version:
        raise FaultRefused(
            f"not_recorded was asked for account {account_id}, which is recorded; what is in the"
            " log stays there. Name an account that the ledger does not know."
        )
    begun = site.today - timedelta(days=60)
    terms = {
        "method": "interest_free",
        "term_count": 3,
        "first_due_on": str(site.today - timedelta(days=10)),
    }
    held_back: list[dict[str, Any]] = [
        {"topic": "account.opened", "borrower_ref": account_id, "currency": "CNY"},
        {"topic": "draw.made", "draw_id": "D-1", "amount": "300.00", "terms": terms},
    ]
    facts = [{"account": account_id, "effective_on": str(begun), **one} for one in held_back]
    return Injected("not_recorded", account_id, "facts held back", kept={"facts": facts})


def not_overdue(site: Site, account_id: str) -> Injected:
    """What is overdue is paid."""
    pay(site, account_id, f"drill-{site.log.now():%H%M%S%f}")
    return Injected("not_overdue", account_id, "paid")


def known_later(site: Site, account_id: str) -> Injected:
    """What is overdue was paid, until the payment was taken back: before it, nobody could know."""
    payment_id = f"drill-{site.log.now():%H%M%S%f}"
    pay(site, account_id, payment_id)
    before = site.log.now()
    reversal = {
        "account": account_id,
        "topic": "payment.reversed",
        "reversal_id": f"R-{payment_id}",
        "payment_id": payment_id,
        "effective_on": str(site.today),
    }
    site.books.append_all([line_of(reversal)])
    return Injected("known_later", account_id, "payment taken back", Look(known_at=before))


def ledger_tampered(site: Site, account_id: str, how: str = "event moved") -> Injected:
    """Somebody changes the last event of the account, past all triggers."""
    site.state(account_id)
    last = site.log.streams([account_id])[account_id][-1]
    place = {"shard": last.shard, "account_id": account_id, "version": last.version}
    with site.as_login() as conn:
        conn.execute(SQL.behind_the_triggers)
        conn.execute(FORGERIES[how], place)
    backup = last._asdict() | {"state": last.state.hex(), "digest": last.digest.hex()}
    dates = {name: str(backup[name]) for name in ("effective_on", "recorded_at")}
    return Injected("ledger_tampered", account_id, how, kept={"event": backup | dates})


def hand_in(site: Site, fault: Injected) -> None:
    """Record the facts that were held back."""
    site.books.append_all([line_of(dict(body)) for body in fault.kept["facts"]])


def restore(site: Site, fault: Injected) -> None:
    """Put the event back as the backup has it; what was made from the other is made anew."""
    with site.as_login() as conn:
        conn.execute(SQL.behind_the_triggers)
        conn.execute(SQL.restore_event, fault.kept["event"])
    site.projector.heal([fault.account_id], site.today)


def pay(site: Site, account_id: str, payment_id: str) -> None:
    """Record a payment of all that is due and open."""
    state = site.overdue_state(account_id)
    rows = [row for draw in state.draws for row in draw.installments]
    open_amount = sum(row.outstanding for row in rows if row.due_on <= site.today)
    payment = {
        "account": account_id,
        "topic": "payment.received",
        "payment_id": payment_id,
        "amount": to_text(open_amount, decimals_of(state.currency)),
        "effective_on": str(site.today),
    }
    site.books.append_all([line_of(payment)])
