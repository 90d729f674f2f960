"""A bookkeeper's vocabulary of facts, as the doors take them."""

from typing import Any

from ledger.door import Line, line_of


def opened(account: str, on: str = "2026-01-01", **fields: Any) -> Line:
    """An account in CNY is opened."""
    return _line(
        account, "account.opened", on, **{"borrower_ref": account, "currency": "CNY"} | fields
    )


def drawn(
    account: str, draw: str = "D-1", amount: str = "300.00", on: str = "2026-01-05", **terms: Any
) -> Line:
    """A draw of three interest-free installments, due on the 5th of the following months."""
    contract = {"method": "interest_free", "term_count": 3, "first_due_on": "2026-02-05"} | terms
    return _line(account, "draw.made", on, draw_id=draw, amount=amount, terms=contract)


def paid(account: str, payment: str, amount: str, on: str, **fields: Any) -> Line:
    """Money comes in."""
    return _line(account, "payment.received", on, payment_id=payment, amount=amount, **fields)


def reversed_(account: str, payment: str, on: str, **fields: Any) -> Line:
    """A payment turns out not to be good."""
    body = {"reversal_id": f"R-{payment}", "payment_id": payment} | fields
    return _line(account, "payment.reversed", on, **body)


def refunded_to(account: str, refund: str, amount: str, on: str) -> Line:
    """Credit is paid out to the borrower."""
    return _line(account, "payment.refunded", on, refund_id=refund, amount=amount)


def penalised(account: str, charge: str, amount: str, on: str, **fields: Any) -> Line:
    """A penalty is charged on the draw D-1."""
    body = {"charge_id": charge, "draw_id": "D-1", "amount": amount} | fields
    return _line(account, "penalty.charged", on, **body)


def waived(account: str, waiver: str, amount: str, on: str, **fields: Any) -> Line:
    """Principal of the draw D-1 is given up."""
    body = {"draw_id": "D-1", "component": "principal", "amount": amount} | fields
    return _line(account, "dues.waived", on, waiver_id=waiver, **body)


def moved(account: str, due_on: str, new_due_on: str, on: str) -> Line:
    """What falls due on a day falls due on another."""
    dates = {"due_on": due_on, "new_due_on": new_due_on}
    return _line(account, "draw.due_date_moved", on, move_id=f"M-{on}", draw_id="D-1", **dates)


def paused(account: str, on: str, until: str) -> Line:
    """Ageing stands still from a day to a day."""
    return _line(account, "delinquency.paused", on, pause_id=f"S-{on}", until=until)


def ended(account: str, how: str, on: str, **fields: Any) -> Line:
    """The draw D-1 is written off, cancelled or refunded."""
    return _line(account, f"draw.{how}", on, draw_id="D-1", **fields)


def restructured(account: str, on: str, first_due_on: str) -> Line:
    """What is unpaid of the draw D-1, due or not, is planned anew over three months."""
    terms = {"method": "interest_free", "term_count": 3, "first_due_on": first_due_on}
    body = {"restructure_id": f"N-{on}", "draw_id": "D-1", "covers": "all_unpaid", "terms": terms}
    return _line(account, "draw.restructured", on, **body)


def late_payer(account: str) -> list[Line]:
    """An account whose first installment, due on 2026-02-05, is not paid."""
    return [opened(account), drawn(account)]


def good_payer(account: str) -> list[Line]:
    """An account whose first installment is paid on its due date."""
    return [*late_payer(account), paid(account, "P-1", "100.00", "2026-02-05")]


def _line(account: str, topic: str, on: str, **fields: Any) -> Line:
    return line_of({"account": account, "topic": topic, "effective_on": on, **fields})
