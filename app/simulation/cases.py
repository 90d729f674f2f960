"""Read case files: what is in them, and what is wrong with them, before anything is folded.

A file is one case, or `{"family", "cases": [...]}`; a folder stands for its `*.json` files.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

#: A file is read as a whole; the largest known collection of cases has an eighth of a megabyte.
FILE_BYTES_MAX = 50_000_000

#: Digits after the point that a figure may be shown with.
DECIMALS_SHOWN_MAX = 12

#: These are asked of the terms alone (`rates.py`); all other kinds are folded as an account is.
KINDS_OF_TERMS = ("apr", "day_count", "due_dates")
KINDS = ("ledger", "schedule", "multidraw", "recalc", "daily", *KINDS_OF_TERMS)

#: What an event carries beside `seq`, `type`, `effective` and `recorded`.
FIELDS_BY_EVENT = {
    "draw": {"amount"},
    "payment": {"amount", "subtype", "in_advance_target", "intent"},
    "payment_reversal": {"reverses"},
    "fee": {"amount", "due_on"},
    "penalty": {"amount", "due_on"},
    "credit": {"amount", "subtype", "in_advance_target"},
    "overpayment_refund": {"amount"},
    "waiver": {"amount", "charge"},
    "waiver_reversal": {"reverses"},
    "due_date_shift": {"from_due", "to_due"},
    "delinquency_pause": {"until"},
    "restructure": {"terms", "covers", "unpaid_interest"},
}

#: Dates that an event cannot do without.
_NEEDED_BY_EVENT = {"due_date_shift": ("from_due", "to_due"), "delinquency_pause": ("until",)}

#: What terms alone say holds on any day.
ANY_DAY = date.max

_CASE_FIELDS = {
    "id", "family", "kind", "status", "source", "notes", "terms", "events", "expect"
}  # fmt: skip
_EVENT_FIELDS = {"seq", "type", "effective", "recorded"}


class CaseError(Exception):
    """A file or a case that cannot be understood."""


class NotOffered(Exception):
    """A case asks for what duebook does not do yet; the message names it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a case; `fields` is what its type carries."""

    seq: int
    type: str
    effective: date
    recorded: date
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expectation:
    """The books as of a date with the events up to `after_seq`, and the figures they must show."""

    after_seq: int
    as_of: date
    shown_decimals: int | None
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A loan: its terms, its events in the order of being recorded, what is asked about it."""

    id: str
    family: str
    kind: str
    terms: Mapping[str, Any]
    events: tuple[Event, ...]
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A case that cannot be understood.  The cases beside it are folded all the same."""

    id: str
    family: str
    problem: str


def read_cases(paths: Iterable[Path]) -> Iterator[Case | Unreadable]:
    """Every case of the files and folders, in order.  Raises `CaseError` for a wrong file."""
    for path in paths:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not files:
            raise CaseError(f"{path} holds no .json file; name a file of cases")
        for file in files:
            yield from _cases_of(file)


def _cases_of(path: Path) -> Iterator[Case | Unreadable]:
    document = _document(path)
    family = str(document.get("family", ""))
    cases = document.get("cases", [document])
    if not isinstance(cases, list):
        raise CaseError(f"{path}: cases is {type(cases).__name__}; write a list of cases")
    for number, body in enumerate(cases, start=1):
        try:
            if not isinstance(body, dict):
                raise CaseError(f"case {number} is {type(body).__name__}; a case is an object")
            yield _case(body, family, f"{path}: case {body.get('id', number)!s:.60}")
        except CaseError as error:
            name = body.get("id", number) if isinstance(body, dict) else number
            yield Unreadable(f"{name!s:.60}", family, str(error))


def _document(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > FILE_BYTES_MAX:
            raise CaseError(f"{path} has {size} bytes; at most {FILE_BYTES_MAX} are read")
        document = orjson.loads(path.read_bytes())
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        hint = "numbers are plain and text is UTF-8; NaN is no JSON"
        raise CaseError(f"{path} is no JSON ({error}); {hint}") from None
    if not isinstance(document, dict):
        raise CaseError(f"{path}: a file is one case or a family of cases, each a JSON object")
    return document


def _case(body: dict[str, Any], family: str, where: str) -> Case:
    _no_others(body, _CASE_FIELDS, where)
    kind = body.get("kind", "ledger")
    if kind not in KINDS:
        raise CaseError(f"{where}: kind {kind!r:.40} is unknown; there are {', '.join(KINDS)}")
    terms = _part(body, "terms", dict, where)
    events = _part(body, "events", list, where)
    expect = _part(body, "expect", list, where)
    _no_floats(terms, f"{where}: terms")
    _no_floats(events, f"{where}: events")
    _no_floats(expect, f"{where}: expect")
    read = tuple(_event(event, f"{where}: event {n}") for n, event in enumerate(events, start=1))
    if [event.seq for event in read] != sorted({event.seq for event in read}):
        raise CaseError(f"{where}: seq must rise from event to event")
    last_seq = read[-1].seq if read else 0
    return Case(
        id=str(body.get("id", where)),
        family=str(body.get("family", family)),
        kind=kind,
        terms=terms,
        events=read,
        expectations=tuple(
            _expectation(entry, last_seq, kind in KINDS_OF_TERMS, f"{where}: expect {n}")
            for n, entry in enumerate(expect, start=1)
        ),
    )


def _event(body: object, where: str) -> Event:
    if not isinstance(body, dict):
        raise CaseError(f"{where} is {type(body).__name__}; an event is an object")
    kind = body.get("type")
    if not isinstance(kind, str):
        raise CaseError(f"{where}: type is the name of an event, found {kind!r:.40}")
    if kind not in FIELDS_BY_EVENT:
        known = ", ".join(FIELDS_BY_EVENT)
        raise CaseError(f"{where}: type {kind!r:.40} is unknown; there are {known}")
    # A name that begins with an underscore is a remark of the tool that wrote the file.
    written = {name: part for name, part in body.items() if not name.startswith("_")}
    _no_others(written, FIELDS_BY_EVENT[kind] | _EVENT_FIELDS, where)
    for name in _NEEDED_BY_EVENT.get(kind, ()):
        _date(body, name, where)
    effective = _date(body, "effective", where)
    return Event(
        seq=_whole(body, "seq", where),
        type=kind,
        effective=effective,
        recorded=_date(body, "recorded", where) if "recorded" in body else effective,
        fields={name: part for name, part in body.items() if name not in _EVENT_FIELDS},
    )


def _expectation(body: object, last_seq: int, is_dateless: bool, where: str) -> Expectation:
    if not isinstance(body, dict):
        raise CaseError(f"{where} is {type(body).__name__}; it is an object with as_of")
    named = {"after_seq", "as_of", "shown_decimals"}
    return Expectation(
        after_seq=_whole(body, "after_seq", where) if "after_seq" in body else last_seq,
        as_of=ANY_DAY if is_dateless and "as_of" not in body else _date(body, "as_of", where),
        shown_decimals=(
            _whole(body, "shown_decimals", where, most=DECIMALS_SHOWN_MAX)
            if "shown_decimals" in body
            else None
        ),
        figures={name: figure for name, figure in body.items() if name not in named},
    )


def _part(body: dict[str, Any], name: str, shape: type, where: str) -> Any:
    part = body.get(name)
    if not isinstance(part, shape):
        found = "nothing" if name not in body else type(part).__name__
        raise CaseError(f"{where}: {name} is a {shape.__name__}, found {found}")
    return part


def _date(body: dict[str, Any], name: str, where: str) -> date:
    try:
        return date.fromisoformat(body.get(name, ""))
    except (TypeError, ValueError):
        found = f"{body.get(name)!r:.40}"
        raise CaseError(f"{where}: {name} is a date such as 2026-03-31, found {found}") from None


def _whole(body: dict[str, Any], name: str, where: str, most: int = 10**9) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        asked = f"a whole number from 0 to {most}"
        raise CaseError(f"{where}: {name} is {asked}, found {value!r:.40}")
    return value


def _no_others(body: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(body.keys() - known)
    if unknown:
        raise CaseError(f"{where}: {unknown[0]} is unknown; there are {', '.join(sorted(known))}")


def _no_floats(value: object, path: str) -> None:
    if isinstance(value, float):
        raise CaseError(f"{path} is the number {value}; write it as a decimal string")
    if isinstance(value, dict):
        for name, part in value.items():
            _no_floats(part, f"{path}.{name}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, part in enumerate(value, start=1):
            _no_floats(part, f"{path}[{number}]")
