"""The parts of which the shapes of the OpenAPI document are made."""

from typing import Any

from app.api.parameters import ID_PATTERN

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NONE: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "integer"}
NUMBER_OR_NONE: Schema = {"type": ["integer", "null"]}
DAY: Schema = {"type": "string", "format": "date"}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
OPEN: Schema = {"type": "object"}
ID: Schema = {"type": "string", "pattern": ID_PATTERN}
INSTANT: Schema = {"type": "string", "format": "date-time"}


def object_of(properties: dict[str, Schema], *optional: str, is_open: bool = False) -> Schema:
    """An object with these members; all but the optional ones are always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": is_open,
    }


def listed(item: Schema) -> Schema:
    """A list of them."""
    return {"type": "array", "items": item}


def ref(name: str) -> Schema:
    """One of the components by its name."""
    return {"$ref": f"#/components/schemas/{name}"}
