"""Plans that are not those of one draw alone: draws that share a schedule, due dates moved."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from app.explanation.plans import Plan, PlanLine, Write, plan_of
from ledger.domain.account import Account
from ledger.domain.events import DrawMade
from ledger.domain.interest import accrues
from ledger.domain.spreading import SharedRow, is_down_payment, shared_rows

_SPREADS = {
    "sum_then_level": "the plan is that of the sum of all draws, over the due dates of the first",
    "each_draw_level": "a later draw is spread evenly over the installments due after its day",
}


def plan_in_account(account: Account, draw_id: str, write: Write) -> Plan:
    """The plan of a draw with those that joined it, as all its due dates stand."""
    draw, joined = account.draws[draw_id], account.joined.get(draw_id, [])
    plan = plan_of(draw, write)
    moved = account.moved.get(draw_id, [])
    moves = tuple(
        f"what fell due on {move.due_on} falls due on {move.new_due_on}; amounts stay"
        for move in moved
    )
    if accrues(draw.terms):
        moves += tuple(
            f"{write(x.amount)} drawn on {x.effective_on}: {x.draw_id}, repaid by the same rows"
            for x in joined
        )
    if not joined or accrues(draw.terms):
        return replace(plan, sentences=plan.sentences + moves)
    draws = [draw, *joined]
    sentences = tuple(f"{write(x.amount)} drawn on {x.effective_on}: {x.draw_id}" for x in draws)
    spread = _SPREADS[draw.terms.draw_spread or "each_draw_level"]
    rows = shared_rows(draws, moved)
    return Plan((*sentences, spread, *moves), tuple(_lines(draws, rows, write)))


def _lines(draws: list[DrawMade], rows: list[SharedRow], write: Write) -> Iterator[PlanLine]:
    """Every row with what each draw puts on it; what was drawn later raises the balance."""
    left = sum(draw.amount for draw in draws)
    for number, row in enumerate(rows, start=1):
        principal = sum(amounts[3] for amounts in row.amounts.values())
        parts = [f"{write(amounts[3])} of {name}" for name, amounts in row.amounts.items()]
        what = "down payment" if is_down_payment(row) else "principal"
        yield PlanLine(
            number, row.from_on, row.due_on, Fraction(left), None, 0, 0, principal,
            left - principal, f"{what} {' + '.join(parts)}",
        )  # fmt: skip
        left -= principal
