"""`duebook explain`: every amount of an account's state, derived line by line."""

from typing import Annotated, Any

import typer

from app.cli.errors import UserError
from app.cli.options import Account, AsOf, Json, KnownAt, Today
from app.cli.output import console, print_json, table
from app.cli.rendering import state_document
from app.explanation import DrawExplained, DrawUnknown, Explanation, Happening, Plan
from app.explanation import explain as derived
from app.settings import Settings
from app.wiring import opened
from ledger.domain.money import decimals_of, to_text
from ledger.domain.terms import COMPONENTS
from ledger.replay import known_facts
from ledger.rights import Role
from projections.reading import AccountUnknown


def explain(
    account: Account,
    draw: Annotated[str | None, typer.Option(help="Only this draw.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Derive every amount of an account from its events, to be followed with a pencil.

    ```
    duebook explain A-1
    duebook explain A-1 --draw D-1 --as-of 2026-03-31
    duebook explain A-1 --as-of 2026-03-31 --known-at 2026-04-01T00:00Z --json
    ```
    """
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        history = app.log.streams([account])[account]
        day = as_of or app.today()
    if not history:
        raise AccountUnknown(account)
    try:
        explanation = derived(account, known_facts(history), day, known_at, draw)
    except DrawUnknown as error:
        raise UserError(str(error)) from error
    if as_json:
        print_json(document(explanation))
    else:
        show(explanation)


def show(explanation: Explanation) -> None:
    """The derivation for people: plan, events, installments, being overdue, what comes."""
    state, decimals = explanation.state, decimals_of(explanation.state.currency)
    for draw in explanation.draws:
        console.print(f"\n[bold]Draw {draw.draw_id}: the plan[/bold]")
        _show_plan(draw.plan, decimals)
        if draw.course is not None:
            console.print(f"\n[bold]Draw {draw.draw_id}: the plan since it was changed[/bold]")
            _show_plan(draw.course, decimals)
    console.print()
    known = f", as known at {explanation.known_at:%Y-%m-%d %H:%M}Z" if explanation.known_at else ""
    console.print(
        table(
            f"What happened in {explanation.account_id} until {state.as_of}{known}",
            ["date", ">version", "event and what it did", ">open", ">credit"],
            [
                (
                    one.on, one.version, one.sentence,
                    to_text(one.outstanding, decimals), to_text(one.credit, decimals),
                )
                for one in explanation.happenings
            ],
        )
    )  # fmt: skip
    for draw in explanation.draws:
        _show_standings(draw, decimals)
    console.print(f"\ncredit balance: {to_text(state.credit_balance, decimals)}")
    console.print(explanation.changes)
    for one in explanation.left_out:
        console.print(f"left out: version {one.version}, {one.key}: {one.reason}")


def _show_plan(plan: Plan, decimals: int) -> None:
    for sentence in plan.sentences:
        console.print(f"  {sentence}")
    for line in plan.lines:
        fee = f"; fee {to_text(line.fee, decimals)}" if line.fee else ""
        left = to_text(line.balance_after, decimals)
        console.print(f"  {line.number:>3}  {line.due_on}  {line.how}{fee}; left {left}")


def document(explanation: Explanation) -> dict[str, Any]:
    """The derivation as JSON, with amounts as decimal strings."""
    decimals = decimals_of(explanation.state.currency)
    return {
        "account": explanation.account_id,
        "known_at": explanation.known_at,
        "draws": [_draw_document(draw, decimals) for draw in explanation.draws],
        "happenings": [_happening_document(one, decimals) for one in explanation.happenings],
        "left_out": explanation.left_out,
        "changes": explanation.changes,
        "state": state_document(explanation.state),
    }


def _show_standings(draw: DrawExplained, decimals: int) -> None:
    amounts = {"owed": "owed", "paid": "- paid", "waived": "- waived"}
    for name in ("written_off", "cancelled"):
        if any(getattr(row, name) for row in draw.standings):
            amounts[name] = f"- {name.replace('_', ' ')}"
    amounts["open"] = "= open"
    rows = [
        (
            row.number, row.due_on,
            *(to_text(getattr(row, name), decimals) for name in amounts),
            row.status, row.why,
        )
        for row in draw.standings
    ]  # fmt: skip
    heads = (f">{head}" for head in amounts.values())
    columns = [">nr", "due", *heads, "status", "because"]
    console.print(table(f"Installments of draw {draw.draw_id}", columns, rows))
    for sentence in draw.overdue:
        console.print(f"  {sentence}")


def _draw_document(draw: DrawExplained, decimals: int) -> dict[str, Any]:
    return {
        "draw_id": draw.draw_id,
        "plan": _plan_document(draw.plan, decimals),
        "course": draw.course and _plan_document(draw.course, decimals),
        "installments": [
            {
                "number": row.number,
                "due_on": row.due_on,
                "owed": to_text(row.owed, decimals),
                "paid": to_text(row.paid, decimals),
                "waived": to_text(row.waived, decimals),
                "written_off": to_text(row.written_off, decimals),
                "cancelled": to_text(row.cancelled, decimals),
                "open": to_text(row.open, decimals),
                "status": row.status,
                "why": row.why,
            }
            for row in draw.standings
        ],
        "overdue": draw.overdue,
    }


def _plan_document(plan: Plan, decimals: int) -> dict[str, Any]:
    return {
        "sentences": plan.sentences,
        "installments": [
            {
                "number": line.number,
                "from_on": line.from_on,
                "due_on": line.due_on,
                "interest": to_text(line.interest, decimals),
                "fee": to_text(line.fee, decimals),
                "principal": to_text(line.principal, decimals),
                "balance_after": to_text(line.balance_after, decimals),
                "how": line.how,
            }
            for line in plan.lines
        ],
    }


def _happening_document(one: Happening, decimals: int) -> dict[str, Any]:
    return {
        "on": one.on,
        "version": one.version,
        "sentence": one.sentence,
        "steps": [
            {
                "kind": step.kind,
                "fact": step.fact_id,
                "draw_id": step.draw_id,
                "installment": step.installment,
                "component": None if step.component is None else COMPONENTS[step.component],
                "amount": to_text(step.amount, decimals),
            }
            for step in one.steps
        ],
        "outstanding": to_text(one.outstanding, decimals),
        "credit_balance": to_text(one.credit, decimals),
    }
