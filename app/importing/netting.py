"""Installments below nothing, netted into the rows beside them.

Some sources keep a correction as a row of its own with a negative amount.  In a ledger an
installment never pays out, so such an amount is taken off other rows of the schedule: first those
due the same day, so that what is due by any date stays what it was; then, if those do not suffice,
earlier rows, the latest first, so that what is due from its date on stays what it was; at last the
rows after it.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from app.importing.templates import is_number

COMPONENTS = ("principal", "interest", "fee")


def net_negative_rows(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Change `rows`, which stand in order of their due dates; a sentence for each negative amount.

    What cannot be netted, because the whole schedule is below nothing or a text is no amount, is
    left to be refused.
    """
    sentences: list[str] = []
    for component in COMPONENTS:
        if all(is_number(row.get(component, "0")) for row in rows):
            sentences += _net_component(rows, component)
    return sentences


def _net_component(rows: Sequence[dict[str, Any]], component: str) -> Iterator[str]:
    amounts = [Decimal(row.get(component, "0")) for row in rows]
    for place, row in enumerate(rows):
        if amounts[place] >= 0:
            continue
        asked, taken = -amounts[place], []
        for other in _nearest_first(rows, place):
            part = min(-amounts[place], max(amounts[other], Decimal(0)))
            if part:
                amounts[other] -= part
                amounts[place] += part
                taken.append(f"{part} from row {other + 1} due {rows[other]['due_on']}")
                rows[other][component] = f"{amounts[other]:f}"
        row[component] = f"{amounts[place]:f}"
        yield (
            f"row {place + 1} due {row['due_on']} has {component} -{asked}, but an installment"
            f" never pays out; netted: {', '.join(taken) or 'nothing to take it from'}"
        )


def _nearest_first(rows: Sequence[dict[str, Any]], place: int) -> list[int]:
    day = rows[place]["due_on"]
    before, after = range(place - 1, -1, -1), range(place + 1, len(rows))
    same_day = [other for other in (*before, *after) if rows[other]["due_on"] == day]
    return [*same_day, *(other for other in (*before, *after) if other not in same_day)]
