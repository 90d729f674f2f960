"""The terms of a case as the door takes them.

A case may leave unsaid what its kind says: where money goes that comes early, and what a second
draw does to the schedule.
"""

from collections.abc import Mapping
from typing import Any

from app.simulation.cases import Case, CaseError
from ledger.domain.terms import COMPONENTS, Terms
from ledger.door import shape_of

#: Terms of the case itself; all others are those of its draw.
TERMS_OF_CASE = {"currency", "currency_decimals", "principal", "disbursed_on"}

_NAMES_IN_WINDOW = {"from": "from_on", "to": "to_on"}
_NEED_A_DRAW = ("daily", "recalc", "multidraw")
#: Money before the due date is principal first, where interest waits for its own due date.
_PRINCIPAL_FIRST = ("principal", "interest", "fee", "penalty")


def terms_of_draw(case: Case) -> dict[str, Any]:
    """The terms of the draw.  Raises `CaseError` for names that it does not know."""
    known = shape_of(Terms)
    terms = {name: part for name, part in case.terms.items() if name not in TERMS_OF_CASE}
    for name in terms:
        if name not in known:
            names = ", ".join(sorted({*known, *TERMS_OF_CASE}))
            raise CaseError(f"terms.{name} is unknown; there are {names}")
    allocation = terms.get("allocation")
    if isinstance(allocation, dict):
        terms["allocation"] = {n: x for n, x in allocation.items() if n != "name"}
    if case.kind in _NEED_A_DRAW and all(event.type != "draw" for event in case.events):
        raise CaseError(f"kind {case.kind} begins with a draw, but there is none among the events")
    if case.kind == "daily":
        terms |= _as_owed_by_the_day(terms)
    elif case.kind in ("recalc", "multidraw"):
        terms["allocation"] = {"in_advance": _PRINCIPAL_FIRST, **terms.get("allocation", {})}
    if case.kind == "multidraw":
        terms.setdefault("draw_spread", "sum_then_level")
    return terms


def _as_owed_by_the_day(terms: Mapping[str, Any]) -> dict[str, Any]:
    """One order whatever is due, and windows with the names of the format."""
    changed: dict[str, Any] = {}
    allocation = terms.get("allocation", {})
    if isinstance(allocation, dict):
        named = {name: part for name, part in allocation.items() if name != "order"}
        order = allocation.get("order", named.get("past_due", COMPONENTS))
        if isinstance(order, list) and "fee" not in order:
            order = [*order, "fee"]  # Where the order leaves fees out, there are none.
        changed["allocation"] = {
            "sequence": "component_then_installment",
            "past_due": order, "due": order, "in_advance": order, **named,
        }  # fmt: skip
    windows = terms.get("rate_windows")
    if isinstance(windows, list):
        changed["rate_windows"] = [
            {_NAMES_IN_WINDOW.get(name, name): part for name, part in window.items()}
            if isinstance(window, dict)
            else window
            for window in windows
        ]
    return changed
