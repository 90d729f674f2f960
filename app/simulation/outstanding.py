"""Figures of the kinds that follow the principal outstanding: daily, recalc, multidraw."""

from datetime import date
from itertools import accumulate
from typing import Any, Literal

from app.simulation.cases import Case, CaseError, Expectation
from app.simulation.contract import Contract, contract_of, events_known
from ledger.domain import recalculation, simple_interest
from ledger.domain.calendar import due_dates
from ledger.domain.schedule import level_installment, plan

Figures = dict[str, Any]

_KIND_OF_MOVEMENT: dict[str, Literal["payment", "refund", "penalty"]] = {
    "payment": "payment", "overpayment_refund": "refund", "penalty": "penalty"
}  # fmt: skip
_TOTALS = ("principal", "interest", "fee", "penalty", "due", "paid", "outstanding")


def daily_figures(case: Case, asked: Expectation) -> Figures:
    """Kind `daily`: the plan, and the days on which something happened or that are asked for."""
    contract = contract_of(case)
    terms, amount, drawn_on = contract.terms, contract.amount, contract.drawn_on
    rows = plan(terms, amount, drawn_on)
    balances = list(accumulate((-row.principal for row in rows), initial=amount))[1:]
    shown = [
        {
            "nr": row.number,
            "due_on": row.due_on.isoformat(),
            "interest": contract.text(row.interest),
            "principal": contract.text(row.principal),
            "due": contract.text(row.interest + row.principal),
            "balance": contract.text(balance),
        }
        for row, balance in zip(rows, balances, strict=True)
    ]
    interest = sum(row.interest for row in rows)
    totals = {"principal": amount, "interest": interest, "due": amount + interest}
    return {
        "schedule": shown,
        "totals": {name: contract.text(total) for name, total in totals.items()},
        "installment": contract.text(level_installment(terms, amount, drawn_on)),
        "row_count": len(rows),
        "ledger": _ledger(case, contract, asked),
    }


def _ledger(case: Case, contract: Contract, asked: Expectation) -> list[Figures]:
    events = events_known(case, asked, "draw", *_KIND_OF_MOVEMENT)
    movements = [
        simple_interest.Movement(
            event.effective,
            _KIND_OF_MOVEMENT[event.type],
            contract.minor(event.fields.get("amount"), f"event {event.seq}: amount"),
        )
        for event in events
        if event.type != "draw"
    ]
    days = simple_interest.days_of(
        contract.terms,
        contract.amount,
        contract.drawn_on,
        movements,
        [*due_dates(contract.terms), *_days_asked(asked), asked.as_of],
        asked.as_of,
    )
    # Interest is kept exact: two digits more show it.
    finer = {"new_interest", "interest_balance"}
    rows = (day._asdict() for day in days)
    return [
        {
            name: figure.isoformat()
            if name == "on"
            else contract.text(figure, contract.decimals + 2 * (name in finer))
            for name, figure in row.items()
        }
        for row in rows
    ]


def _days_asked(asked: Expectation) -> list[date]:
    """The days of the rows that are given: what accrued since the row before hangs on them."""
    rows = asked.figures.get("ledger")
    try:
        return [date.fromisoformat(row["on"]) for row in rows] if isinstance(rows, list) else []
    except (KeyError, TypeError, ValueError):
        raise CaseError("expect: a row of ledger is an object with the day `on`") from None


def recalculated_figures(case: Case, asked: Expectation) -> Figures:
    """Kinds `recalc` and `multidraw`: in the latter every installment is taken as paid when due."""
    contract = contract_of(case)
    is_multidraw = case.kind == "multidraw"
    events = list(events_known(case, asked, "draw", *([] if is_multidraw else ["payment"])))
    draws, payments = (
        [
            recalculation.Movement(
                event.effective,
                contract.minor(event.fields.get("amount"), f"event {event.seq}: amount"),
            )
            for event in events
            if event.type == kind
        ]
        for kind in ("draw", "payment")
    )
    last_due = due_dates(contract.terms)[-1]
    if not draws or draws[-1].on >= last_due:
        raise CaseError(f"kind {case.kind} needs a draw, and each before the last due {last_due}")
    as_of = None if is_multidraw else asked.as_of
    found = recalculation.recalculated(contract.terms, draws, payments, as_of)
    rows = [_row(row) for row in found.rows]
    return {
        "schedule": [_texts(contract, row) for row in rows],
        "totals": _texts(contract, {name: sum(row[name] for row in rows) for name in _TOTALS}),
        "installment": contract.text(found.level),
        "row_count": len(rows),
        "payoff": _texts(contract, {**found.payoff._asdict(), "amount": sum(found.payoff)}),
        "outstanding_total": contract.text(sum(row["outstanding"] for row in rows)),
        "principal_balance": contract.text(found.payoff.principal),
        "overpaid": contract.text(found.overpaid),
    }


def _row(row: recalculation.Row) -> Figures:
    return {
        "nr": row.number,
        "due_on": row.due_on.isoformat(),
        "principal": row.principal,
        "interest": row.interest,
        "fee": 0,
        "penalty": 0,
        "due": row.principal + row.interest,
        "balance": row.balance,
        "paid": row.principal_paid + row.interest_paid,
        "paid_in_advance": row.paid_in_advance,
        "paid_late": row.paid_late,
        "outstanding": row.outstanding,
        "paid_on": row.settled_on and row.settled_on.isoformat(),
    }


def _texts(contract: Contract, row: Figures) -> Figures:
    return {
        name: contract.text(x) if isinstance(x, int) and name != "nr" else x
        for name, x in row.items()
    }
