"""JSON schemas of facts, drawn from the event classes: what they say is what the door takes.

They describe, they do not judge: every fact is judged by `ledger.door` and the decisions alone.
"""

import inspect
import types
from collections.abc import Set
from dataclasses import is_dataclass
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin

from app.api.resources import Resource
from ledger.codec import always_written
from ledger.domain import limits
from ledger.domain.events import PaymentReversed
from ledger.domain.money import Amount
from ledger.domain.reversal_decisions import MoneyTakenBack
from ledger.door import shape_of

Schema = dict[str, Any]

AMOUNT = {"type": "string", "pattern": r"^\d{1,18}(\.\d{1,4})?$", "examples": ["100.00"]}
RATE = {"type": "string", "pattern": r"^\d{1,6}(\.\d{1,30})?$", "examples": ["0.156"]}
DATE = {"type": "string", "format": "date", "examples": ["2026-02-05"]}
ID = {
    "type": "string",
    "pattern": rf"^[A-Za-z0-9][A-Za-z0-9._:@+-]{{0,{limits.ID_LENGTH_MAX - 1}}}$",
    "examples": ["P-1"],
}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["CNY"]}
TEXT = {"type": "string", "maxLength": limits.TEXT_LENGTH_MAX}

#: What facts may leave unsaid, because the fact that they name has said it (`ledger.door`).
_FILLED_IN = {
    "payment.reversed": {"effective_on"},
    "waiver.reversed": {"effective_on"},
    "draw.made": {"terms"},
    "dues.waived": {"draw_id", "component"},
}


def body_of(resource: Resource, components: dict[str, Schema]) -> Schema:
    """The body of a request that posts a fact; its parts are added to the components."""
    own_id = {resource.id_field} if resource.id_field else set()
    may_lack = _FILLED_IN.get(resource.topic, set()) | own_id
    schema = _object(resource.event_type, components, may_lack)
    if resource.event_type is PaymentReversed:
        # Without a payment it is an amount that is taken back, from the latest payments on.
        schema = {"anyOf": [schema, _object(MoneyTakenBack, components, own_id)]}
    if resource.path == "":
        schema["properties"]["account"] = ID
        schema["required"].append("account")
    return {**schema, "examples": [resource.example]}


def _object(shape: type, components: dict[str, Schema], may_lack: Set[str] = frozenset()) -> Schema:
    return {
        "type": "object",
        "description": inspect.cleandoc(shape.__doc__ or "").partition("\n\n")[0],
        "properties": {
            name: _schema(name, hint, components) for name, hint in shape_of(shape).items()
        },
        "required": sorted(always_written(shape) - may_lack),
        "additionalProperties": False,
    }


def _schema(name: str, hint: Any, components: dict[str, Schema]) -> Schema:
    """The schema of a field, by its type and, for texts, by its name."""
    if hint == Amount:
        return AMOUNT
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not type(None)]
        return {"anyOf": [_schema(name, part, components) for part in parts] + [{"type": "null"}]}
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if get_origin(hint) is tuple:
        item = _schema(name, get_args(hint)[0], components)
        return {"type": "array", "items": item, "maxItems": limits.INSTALLMENTS_MAX}
    if is_dataclass(hint):
        assert isinstance(hint, type)
        if hint.__name__ not in components:
            components[hint.__name__] = {}  # A type may hold itself.
            components[hint.__name__] = _object(hint, components)
        return {"$ref": f"#/components/schemas/{hint.__name__}"}
    return _plain(name, hint)


def _plain(name: str, hint: Any) -> Schema:
    if hint is str:
        if name.endswith(("_id", "_ref")):
            return ID
        if name.endswith(("rate", "rates", "percent")) or name == "days_per_year":
            return RATE
        return CURRENCY if name == "currency" else TEXT
    if hint is date:
        return DATE
    return {"type": "boolean" if hint is bool else "integer"}
