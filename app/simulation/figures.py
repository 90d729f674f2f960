"""The figures of a case, read off the state that replay gives; no rule of its own stands here.

Amounts come out as decimal strings, with the decimals of the currency or those that are asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from app.simulation.cases import CaseError, Expectation, NotOffered
from app.simulation.days import days_of
from app.simulation.folding import Fold
from ledger.domain.allocation import PRINCIPAL
from ledger.domain.money import Rounding, decimals_of, rounded, to_text
from ledger.domain.schedule import level_installment, unrounded
from ledger.domain.state import NOTHING, AccountState, DrawState, Installment
from ledger.domain.statement import installment_buckets
from ledger.domain.steps import Step
from ledger.domain.terms import COMPONENTS

Figure = Any  # A decimal string, a whole number, a date as text, None, or a list or dict of them.
Row = dict[str, Any]

FIGURES_NOT_OFFERED = (
    "apr_percent", "rate", "decimals", "fractions", "due_dates"
)  # fmt: skip

_MONEY_OF_ROW = (
    "principal", "interest", "fee", "penalty", "due", "balance", "paid", "outstanding", "waived",
    "paid_in_advance", "paid_late",
)  # fmt: skip
_MONEY_OF_PAYMENT = (*COMPONENTS, "overpaid", "principal_balance")
_TOTALS = ("principal", "interest", "fee", "penalty", "due", "paid", "outstanding")


@dataclass(frozen=True, slots=True)
class View:
    """The books of a case at one date: the state, how it came about, how amounts are written."""

    fold: Fold
    after_seq: int
    state: AccountState
    trace: tuple[Step, ...]
    shown_decimals: int
    #: The days of the rows that are given of its `ledger`.
    days_asked: tuple[date, ...] = ()

    @property
    def draw(self) -> DrawState | None:
        """The draw of the case, once it is made."""
        return next(iter(self.state.draws), None)

    def text(self, minor: Fraction | int, finer: int = 0) -> str:
        """An amount in minor units as a decimal string, with so many digits more."""
        rounding: Rounding = self.draw.terms.money_rounding if self.draw else "half_even"
        decimals = self.shown_decimals + finer
        shift = decimals - decimals_of(self.fold.currency)
        return to_text(rounded(minor * Fraction(10) ** shift, rounding), decimals)


def view_of(fold: Fold, asked: Expectation) -> View:
    """The books that an expectation asks for."""
    trace: list[Step] = []
    state = fold.state(asked.as_of, asked.after_seq, trace)
    decimals = decimals_of(fold.currency) if asked.shown_decimals is None else asked.shown_decimals
    days = tuple(_days_asked(asked))
    return View(fold, asked.after_seq, state, tuple(trace), decimals, days)


def _days_asked(asked: Expectation) -> Iterator[date]:
    rows = asked.figures.get("ledger")
    try:
        yield from (date.fromisoformat(row["on"]) for row in rows or ())
    except (KeyError, TypeError, ValueError):
        raise CaseError("expect: a row of ledger is an object with the day `on`") from None


def figures_of(view: View, names: Iterable[str]) -> Row:
    """The figures of those names.  Raises `NotOffered` for figures to come, else `CaseError`."""
    for name in names:
        if name in FIGURES_NOT_OFFERED:
            raise NotOffered(f"figure {name}")
    for name in names:
        if name not in FIGURES:
            raise CaseError(f"expect: {name} is no figure; there are {', '.join(FIGURES)}")
    return {name: FIGURES[name](view) for name in names}


def _rows(view: View) -> list[Row]:
    """The schedule with amounts in minor units; unrounded where the terms carry fractions."""
    if view.draw is None:
        return []
    rows = [_row(installment) for installment in view.draw.installments]
    if view.draw.terms.carry_unrounded:
        balance = Fraction(view.draw.amount)
        plan = unrounded(view.draw.terms, view.draw.amount, view.draw.drawn_on)
        for row, exact in zip(rows, plan, strict=False):  # An extra installment is never planned.
            balance -= exact.principal
            row |= {"principal": exact.principal, "interest": exact.interest, "balance": balance}
            row["due"] = row["principal"] + row["interest"] + row["fee"] + row["penalty"]
    return rows


def _row(installment: Installment) -> Row:
    return {
        "nr": installment.number,
        "due_on": installment.due_on.isoformat(),
        **dict(zip(COMPONENTS, installment.owed, strict=True)),
        "due": sum(installment.owed),
        "balance": installment.balance,
        "paid": sum(installment.paid),
        "outstanding": installment.outstanding,
        "waived": sum(installment.waived),
        "paid_in_advance": installment.paid_in_advance,
        "paid_late": installment.paid_late,
        "paid_on": installment.settled_on and installment.settled_on.isoformat(),
    }


def _schedule(view: View) -> list[Row]:
    return [
        {name: view.text(x) if name in _MONEY_OF_ROW else x for name, x in row.items()}
        for row in _rows(view)
    ]


def _totals(view: View) -> Row:
    rows = _rows(view)
    return {name: view.text(sum(row[name] for row in rows)) for name in _TOTALS}


def _installment_amount(view: View) -> str | None:
    draw = view.draw
    if draw is None:
        return None
    return view.text(level_installment(draw.terms, draw.amount, draw.drawn_on))


def _status(view: View) -> str:
    if sum(view.state.outstanding):
        return "active"
    return "overpaid" if view.state.credit_balance else "closed"


def _payments(view: View) -> list[Row]:
    """What each movement of money did; draws and refunds only move the principal."""
    splits = {split.payment_id: split for split in view.state.payments if split.counting}
    waived: dict[str, list[int]] = {}
    principal_after: dict[str, int] = {}
    principal = 0
    for step in view.trace:
        if step.kind == "drawn":
            principal += step.amount
        elif step.component == PRINCIPAL:
            principal += _CHANGE_OF_PRINCIPAL[step.kind] * step.amount
        if step.kind in ("drawn", "waived", "refunded", "refund_owed"):
            principal_after[step.fact_id] = max(0, principal)
        if step.kind == "waived" and step.component is not None:
            waived.setdefault(step.fact_id, [0, 0, 0, 0])[step.component] += step.amount
    rows = []
    for seq, fact_id in view.fold.id_of_seq.items():
        if split := splits.get(fact_id):
            kept = split.credit + split.refunded
            amounts = (*split.paid, kept, split.principal_balance)
        elif fact_id in principal_after:
            amounts = (*waived.get(fact_id, NOTHING), 0, principal_after[fact_id])
        else:
            continue
        texts = map(view.text, amounts)
        rows.append({"event": seq, **dict(zip(_MONEY_OF_PAYMENT, texts, strict=True))})
    return rows


#: What a step of principal does to the principal outstanding: `drawn` has raised it before.
_CHANGE_OF_PRINCIPAL = {
    "planned": 0, "refund_owed": 1, "paid": -1, "paid_from_credit": -1, "waived": -1,
    "written_off": -1, "cancelled": -1, "cancelled_written_off": 0, "given_back": 0,
    "recovered": 0, "recovered_from_credit": 0,
    "replanned": 0, "restructured": 0, "capitalised": 1, "accrued": 0,
}  # fmt: skip


def _delinquency(view: View) -> Row:
    draw = view.draw
    if draw is None:
        return dict.fromkeys(("dpd", "overdue_total", "bucket"))
    since = draw.delinquent_since
    buckets = installment_buckets(draw)
    return {
        "dpd": draw.days_late,
        "overdue_total": view.text(draw.late_total),
        "delinquent_since": since and since.isoformat(),
        "delinquent_days": draw.delinquent_days,
        "bucket": draw.bucket,
        "installment_buckets": {name: view.text(x) for name, x in buckets.items()},
    }


def _payoff(view: View) -> Row | None:
    """What settles the draw on the day, over components and all in all."""
    if view.draw is None:
        return None
    quote = view.fold.payoff(view.draw.draw_id, view.state.as_of, view.after_seq)
    amounts = zip(COMPONENTS, quote.amounts, strict=True)
    return {name: view.text(x) for name, x in (*amounts, ("amount", quote.total))}


def _ledger(view: View) -> list[Row]:
    """The days of a draw whose interest accrues; it is kept exact: two digits more show it."""
    if view.draw is None or view.draw.accrual is None:
        return []
    facts = view.fold.known(view.state.as_of, view.after_seq)
    rows = days_of(facts, view.draw, view.state.as_of, view.days_asked)
    return [
        {
            name: x.isoformat() if isinstance(x, date) else view.text(x, 2 * (name in _KEPT_EXACT))
            for name, x in row._asdict().items()
        }
        for row in rows
    ]


_KEPT_EXACT = ("new_interest", "interest_balance")

#: Every figure that can be asked for, in the order in which it is shown.
FIGURES: Mapping[str, Callable[[View], Figure]] = {
    "schedule": _schedule,
    "totals": _totals,
    "installment": _installment_amount,
    "row_count": lambda view: len(view.draw.installments) if view.draw else 0,
    "payments": _payments,
    "delinquency": _delinquency,
    "outstanding_total": lambda view: view.text(sum(view.state.outstanding)),
    "principal_balance": lambda view: view.text(view.state.outstanding[PRINCIPAL]),
    "overpaid": lambda view: view.text(view.state.credit_balance),
    "status": _status,
    "payoff": _payoff,
    "ledger": _ledger,
}
