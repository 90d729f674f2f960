"""A policy of disclosure as people write it: a file in TOML or JSON, with the fields of the event.

Every field is known, or the file is refused: one that is misspelt would be ignored otherwise, and
the policy be another.
"""

import tomllib
from dataclasses import is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast, get_args, get_origin

from pydantic import ValidationError

from ledger import strict_json
from ledger.codec import adapter_of
from ledger.domain.disclosure import DisclosurePublished
from ledger.domain.limits import LINE_BYTES_MAX
from ledger.door import shape_of, without_none


class PolicyUnusable(Exception):
    """A file that holds no policy; the message says what was found and what to do."""


def read_policy(path: Path, today: date) -> DisclosurePublished:
    """The policy of a file; where it does not say from when it counts, that is `today`.

    Raises `PolicyUnusable`.
    """
    body = _document(path)
    body.setdefault("effective_on", today)
    try:
        _check_names(body, DisclosurePublished, "")
        policy: DisclosurePublished = adapter_of(DisclosurePublished).validate_python(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise PolicyUnusable(f"{path}: {where}: {first['msg'].lower()}") from None
    except ValueError as error:
        raise PolicyUnusable(f"{path}: {error}") from None
    return policy


def _document(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PolicyUnusable(f"{path} cannot be read: {error.strerror}") from None
    if len(raw) > LINE_BYTES_MAX:
        raise PolicyUnusable(f"{path} has {len(raw)} bytes; a policy has at most {LINE_BYTES_MAX}")
    try:
        body = strict_json.loads(raw) if path.suffix == ".json" else tomllib.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise PolicyUnusable(f"{path} is no {kind}: {error}") from None
    if not isinstance(body, dict):
        raise PolicyUnusable(f"{path} holds a {type(body).__name__}; a policy is one object")
    return body


def _check_names(value: Any, annotation: Any, path: str) -> None:
    """Refuse fields that are none, however deep.  Raises `ValueError`."""
    annotation = without_none(annotation)
    if is_dataclass(annotation) and isinstance(value, dict):
        shape = shape_of(cast(type, annotation))
        for name, part in value.items():
            if name not in shape:
                raise ValueError(
                    f"{path}{name} is no field here; there are {', '.join(sorted(shape))}"
                )
            _check_names(part, shape[name], f"{path}{name}.")
    elif get_origin(annotation) is tuple and isinstance(value, list):
        for number, part in enumerate(value):
            _check_names(part, get_args(annotation)[0], f"{path.rstrip('.')}[{number}].")
