"""States and facts as tables and as JSON: amounts become decimal strings here and nowhere else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from rich.table import Table

from app.cli.output import table
from ledger.domain.money import decimals_of, to_text
from ledger.domain.state import AccountState, Amounts, DrawState
from ledger.domain.statement import installment_buckets
from ledger.domain.terms import COMPONENTS
from projections.reading import Reading

#: Columns of views that hold amounts in minor units.
MONEY_COLUMNS = frozenset(
    {
        "penalty", "fee", "interest", "principal", "paid", "waived", "outstanding", "balance",
        "late_total", "overdue_penalty", "overdue_fee", "overdue_interest", "overdue_principal",
        "overdue_total", "outstanding_total", "credit_balance", "written_off", "cancelled",
        "money", "amount", "worst_overdue_total",
    }
)  # fmt: skip

#: Columns of tables that are shown only where they say anything, and what says something there.
#: The ageing by installment may say no more than the bucket of the draw.
_SAYS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "written_off": lambda row: bool(row["written_off"]),
    "cancelled": lambda row: bool(row["cancelled"]),
    "ageing": lambda row: list(ageing_of(row["ageing"], 0)) not in ([], [row["bucket"]]),
}

#: Where the rows of a reading came from, in a word.
SOURCE_WORDS = {"view": "view", "replay": "replay", "stale_view": "NOT CURRENT"}


def amounts_document(amounts: Amounts, decimals: int) -> dict[str, str]:
    """An amount by component, as decimal strings."""
    return {
        name: to_text(amount, decimals) for name, amount in zip(COMPONENTS, amounts, strict=True)
    }


def state_document(state: AccountState) -> dict[str, Any]:
    """A state as the JSON that `duebook replay` prints."""
    decimals = decimals_of(state.currency)
    limit = state.credit_limit
    return {
        "as_of": state.as_of,
        "is_open": state.is_open,
        "borrower_ref": state.borrower_ref,
        "currency": state.currency,
        "tier": state.tier,
        "is_frozen": state.is_frozen,
        "closed_on": state.closed_on,
        "credit_limit": None if limit is None else to_text(limit, decimals),
        "credit_balance": to_text(state.credit_balance, decimals),
        "overdue_total": to_text(state.overdue_total, decimals),
        "outstanding": amounts_document(state.outstanding, decimals),
        "changes_on": state.changes_on,
        "draws": [_draw_document(draw, decimals) for draw in state.draws],
        "payments": [
            {
                "payment_id": split.payment_id,
                "effective_on": split.effective_on,
                "counting": to_text(split.counting, decimals),
                "paid": amounts_document(split.paid, decimals),
                "recovered": amounts_document(split.recovered, decimals),
                "credit": to_text(split.credit, decimals),
            }
            for split in state.payments
        ],
    }


def state_tables(account_id: str, state: AccountState) -> list[Table]:
    """A state for people: the account, its draws and installments, and where payments went."""
    decimals = decimals_of(state.currency)
    tables = [
        table(
            f"Account {account_id} as of {state.as_of}",
            ["", ""],
            [
                ("borrower", state.borrower_ref),
                ("currency, tier", f"{state.currency}, {state.tier}"),
                ("open, frozen", f"{_yes(state.is_open)}, {_yes(state.is_frozen)}"),
                ("overdue", to_text(state.overdue_total, decimals)),
                ("outstanding", to_text(sum(state.outstanding), decimals)),
                ("credit balance", to_text(state.credit_balance, decimals)),
                ("changes on", state.changes_on or "never by time alone"),
            ],
        )
    ]
    tables += [_installments_table(draw, decimals) for draw in state.draws]
    if state.payments:
        tables.append(_payments_table(state, decimals))
    return tables


def _payments_table(state: AccountState, decimals: int) -> Table:
    has_recovered = any(any(split.recovered) for split in state.payments)
    recovered = [">recovered"] if has_recovered else []
    return table(
        "Payments",
        [
            "payment", "effective", ">counting", *(f">{name}" for name in COMPONENTS), *recovered,
            ">credit",
        ],
        [
            (
                split.payment_id, split.effective_on, to_text(split.counting, decimals),
                *(to_text(part, decimals) for part in split.paid),
                *(to_text(sum(split.recovered), decimals) for _ in recovered),
                to_text(split.credit, decimals),
            )
            for split in state.payments
        ],
    )  # fmt: skip


def reading_document(reading: Reading, currency: str) -> dict[str, Any]:
    """Rows of a view and how far they can be trusted, as JSON."""
    return {
        "account": reading.account_id,
        "view": reading.view,
        "source": reading.source,
        "as_of": reading.as_of,
        "account_version": reading.account_version,
        "stream_version": reading.stream_version,
        "staleness": reading.staleness,
        "note": reading.note,
        "rows": rows_document(reading.dicts(), currency),
    }


def rows_document(rows: Iterable[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Rows of a view with amounts as decimal strings."""
    decimals = decimals_of(currency)
    return [{name: _cell(name, value, decimals) for name, value in row.items()} for row in rows]


def reading_table(
    title: str,
    readings: Iterable[tuple[Reading, str]],
    columns: dict[str, str],
    *,
    with_account: bool = False,
) -> Table:
    """Some columns of readings, each in its currency; lists also say whose and how fresh.

    Rare columns that say nothing in any row are left out.
    """
    readings = list(readings)
    columns = _telling(columns, [row for reading, _ in readings for row in reading.dicts()])
    heads = _heads(columns)
    rows = [
        [
            *([reading.account_id] if with_account else []),
            *(_in_words(_cell(name, row[name], decimals_of(currency))) for name in columns),
            *([SOURCE_WORDS[reading.source]] if with_account else []),
        ]
        for reading, currency in readings
        for row in reading.dicts()
    ]
    return table(title, ["account", *heads, "made by"] if with_account else heads, rows)


def rows_table(
    title: str, rows: Sequence[Mapping[str, Any]], currency: str, columns: dict[str, str]
) -> Table:
    """Some columns of rows of a view; those that no row has, or that say nothing, are left out."""
    columns, decimals = _telling(columns, rows), decimals_of(currency)
    cells = [
        [_in_words(_cell(name, row[name], decimals)) if name in row else "" for name in columns]
        for row in rows
    ]
    return table(title, _heads(columns), cells)


def _telling(columns: dict[str, str], rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {
        name: head
        for name, head in columns.items()
        if (not rows and name not in _SAYS)
        or any(name in row and (name not in _SAYS or _SAYS[name](row)) for row in rows)
    }


def _heads(columns: dict[str, str]) -> list[str]:
    return [f">{head}" if name in MONEY_COLUMNS else head for name, head in columns.items()]


def fact_text(document: dict[str, Any]) -> str:
    """The fields of a fact as one line."""
    hidden = {"topic", "effective_on", "terms"}
    return ", ".join(f"{k}={v}" for k, v in document.items() if k not in hidden and v != "")


def _cell(name: str, value: Any, decimals: int) -> Any:
    if name == "ageing":
        return ageing_of(value, decimals)
    return to_text(value, decimals) if name in MONEY_COLUMNS else value


def ageing_of(written: str | None, decimals: int) -> dict[str, str]:
    """What is unpaid by bucket, every installment by its own days, as decimal strings."""
    found: dict[str, int] = orjson.loads(written) if written else {}
    return {name: to_text(amount, decimals) for name, amount in found.items()}


def _in_words(cell: Any) -> Any:
    """A cell of a table: amounts by bucket are a sum."""
    if isinstance(cell, dict):
        return " + ".join(f"{amount} {name}" for name, amount in cell.items())
    return cell


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _draw_document(draw: DrawState, decimals: int) -> dict[str, Any]:
    return {
        "draw_id": draw.draw_id,
        "amount": to_text(draw.amount, decimals),
        "drawn_on": draw.drawn_on,
        "status": draw.status,
        "days_late": draw.days_late,
        "days_past_due": draw.days_past_due,
        "delinquent_days": draw.delinquent_days,
        "bucket": draw.bucket,
        "installment_buckets": {
            name: to_text(amount, decimals) for name, amount in installment_buckets(draw).items()
        },
        "risk_class": draw.risk_class,
        "late_since": draw.late_since,
        "overdue_since": draw.overdue_since,
        "late_total": to_text(draw.late_total, decimals),
        "overdue": amounts_document(draw.overdue, decimals),
        "overdue_total": to_text(draw.overdue_total, decimals),
        "outstanding": amounts_document(draw.outstanding, decimals),
        "written_off": amounts_document(draw.written_off, decimals),
        "next_due_on": draw.next_due_on,
        "restructurings": [
            {
                "restructure_id": one.restructure_id,
                "on": one.on,
                "principal": to_text(one.principal, decimals),
                "capitalised": to_text(one.capitalised, decimals),
                "overdue": to_text(one.overdue, decimals),
            }
            for one in draw.restructurings
        ],
        "installments": [
            {
                "number": row.number,
                "due_on": row.due_on,
                "owed": amounts_document(row.owed, decimals),
                "paid": amounts_document(row.paid, decimals),
                "waived": amounts_document(row.waived, decimals),
                "written_off": amounts_document(row.written_off, decimals),
                "recovered": amounts_document(row.recovered, decimals),
                "cancelled": amounts_document(row.cancelled, decimals),
                "outstanding": to_text(row.outstanding, decimals),
                "status": row.status,
                "days_late": row.days_late,
                "settled_on": row.settled_on,
            }
            for row in draw.installments
        ],
    }


def _installments_table(draw: DrawState, decimals: int) -> Table:
    title = f"Draw {draw.draw_id}: {to_text(draw.amount, decimals)} on {draw.drawn_on}"
    if draw.status == "overdue":
        title += (
            f", OVERDUE {to_text(draw.overdue_total, decimals)} since {draw.overdue_since}"
            f" ({draw.days_past_due} days past due, {draw.bucket}, {draw.risk_class})"
        )
    else:
        title += f", {draw.status.replace('_', ' ')}"
    taken_off = ["paid", "waived"]
    taken_off += [
        name
        for name in ("written_off", "cancelled")
        if any(any(getattr(row, name)) for row in draw.installments)
    ]
    heads = (f">{name.replace('_', ' ')}" for name in (*COMPONENTS, *taken_off, "open"))
    return table(
        title,
        [">nr", "due", *heads, "status"],
        [
            (
                row.number, row.due_on, *(to_text(part, decimals) for part in row.owed),
                *(to_text(sum(getattr(row, name)), decimals) for name in taken_off),
                to_text(row.outstanding, decimals), row.status,
            )
            for row in draw.installments
        ],
    )  # fmt: skip
