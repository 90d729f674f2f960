"""The mapping file: which CSV files are which table, and which facts a row of a table makes.

`read_mapping` refuses a file that contradicts itself or the ledger: an unknown topic or field, a
table that is not there.  Whether the files have the columns is seen by `app.importing.tables`.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.importing.findings import ImportUnusable
from app.importing.templates import (
    Columns,
    ConditionKind,
    Row,
    Template,
    Test,
    condition,
    equality,
    template,
)
from ledger.domain.events import EVENT_TYPES, AccountEvent, DrawMade, PaymentReversed
from ledger.door import shape_of, without_none

#: Written in the place of a date: the earliest that another fact of the account has.
EARLIEST = "earliest"

#: The rows of one account, by table.
RowsByTable = Mapping[str, Sequence[Row]]
#: What makes a field (of a row and of the account's rows); None leaves it out.
Maker = Callable[[Row, RowsByTable], Any]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Strict):
    """A row makes a fact only if this column is so, or holds just this text."""

    column: str
    kind: ConditionKind | None = Field(default=None, alias="is")
    equals: str | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.kind is None) == (self.equals is None):
            raise ValueError("write either `is` or `equals`")
        return self


class TableText(_Strict):
    """A table as the mapping file writes it."""

    files: list[str] = Field(min_length=1)
    account: str
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    optional: list[str] = []


class FactText(_Strict):
    """A fact as the mapping file writes it."""

    table: str
    topic: str
    when: list[Condition] = []
    recorded_at: str | None = None
    negative_rows: str = Field(default="refuse", pattern="^(refuse|net)$")
    fields: dict[str, Any]


class MappingText(_Strict):
    """The mapping file as written."""

    tables: dict[str, TableText] = Field(min_length=1)
    facts: list[FactText] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of CSV file: one row of it belongs to one account."""

    name: str
    text: TableText
    columns: Columns


@dataclass(frozen=True, slots=True)
class FactPlan:
    """What makes one kind of fact of a row."""

    table: str
    topic: str
    when: tuple[Test, ...]
    recorded_at: Template | None
    nets_rows: bool
    body: Maker
    #: Tables whose rows are listed inside this fact.
    listed: frozenset[str]


@dataclass(frozen=True, slots=True)
class MappingPlan:
    """A mapping that can be followed: facts of one account and instant come in this order."""

    tables: dict[str, Table]
    facts: tuple[FactPlan, ...]


def read_mapping(path: Path) -> MappingPlan:
    """Read and check a mapping file.  Raises `ImportUnusable`."""
    try:
        text = MappingText.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ImportUnusable(f"mapping {path} cannot be read: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ImportUnusable(f"mapping {path}: {place}: {first['msg'].lower()}") from None
    tables = {name: _table(name, table) for name, table in text.tables.items()}
    plans: list[FactPlan] = []
    for number, fact in enumerate(text.facts, start=1):
        try:
            plans.append(_fact_plan(fact, tables))
        except ImportUnusable as error:
            raise ImportUnusable(f"mapping {path}: fact {number} ({fact.topic}): {error}") from None
    if len({plan.recorded_at is None for plan in plans}) > 1:
        raise ImportUnusable(f"mapping {path}: give recorded_at to all facts or to none")
    return MappingPlan(tables, tuple(plans))


def _table(name: str, text: TableText) -> Table:
    columns = Columns()
    columns.place_of(text.account)
    return Table(name, text, columns)


def _fact_plan(text: FactText, tables: Mapping[str, Table]) -> FactPlan:
    event_type = EVENT_TYPES.get(text.topic)
    if event_type is None:
        raise ImportUnusable(f"the topic is unknown; known are {', '.join(EVENT_TYPES)}")
    columns = _table_named(text.table, tables).columns
    missing = sorted(_required(event_type) - text.fields.keys())
    if missing:
        raise ImportUnusable(f"the field {missing[0]} is missing; every {text.topic} has one")
    if text.negative_rows == "net" and event_type is not DrawMade:
        raise ImportUnusable("negative_rows is about the rows of a schedule, which draw.made has")
    listed: set[str] = set()
    body = _record(text.fields, event_type, "", columns, tables, listed)
    return FactPlan(
        table=text.table,
        topic=text.topic,
        when=tuple(_test(one, columns) for one in text.when),
        recorded_at=None if text.recorded_at is None else template(text.recorded_at, columns),
        nets_rows=text.negative_rows == "net",
        body=body,
        listed=frozenset(listed),
    )


def _test(asked: Condition, columns: Columns) -> Test:
    if asked.equals is not None:
        return equality(asked.column, asked.equals, columns)
    assert asked.kind is not None  # A condition asks one thing.
    return condition(asked.column, asked.kind, columns)


def _table_named(name: object, tables: Mapping[str, Table]) -> Table:
    if name not in tables:
        raise ImportUnusable(f"there is no table {name!r}; the mapping has {', '.join(tables)}")
    return tables[str(name)]


def _required(event_type: type[AccountEvent]) -> set[str]:
    names = {
        field.name
        for field in fields(event_type)
        if field.default is MISSING and field.default_factory is MISSING
    }
    # Money may be taken back without saying of which payment, and from its own day on.
    return names - {"payment_id", "effective_on"} if event_type is PaymentReversed else names


def _record(
    written: Mapping[str, Any],
    shape_type: type,
    path: str,
    columns: Columns,
    tables: Mapping[str, Table],
    listed: set[str],
) -> Maker:
    """What makes an object whose fields are those of `shape_type`."""
    shape = shape_of(shape_type)
    makers: list[tuple[str, Maker]] = []
    for name, value in written.items():
        if name not in shape:
            raise ImportUnusable(
                f"{path}{name} is no field here; there are {', '.join(sorted(shape))}"
            )
        part = _part_type(shape[name])
        place = f"{path}{name}."
        if not isinstance(value, dict):
            is_count = without_none(shape[name]) is int
            makers.append((name, _value(value, columns, is_count=is_count)))
        elif part is None:
            raise ImportUnusable(f"{path}{name} is one value, found {value!r}")
        elif "each" in value:
            makers.append((name, _list(value, part, place, tables, listed)))
        else:
            makers.append((name, _record(value, part, place, columns, tables, listed)))

    def made(row: Row, rows: RowsByTable) -> dict[str, Any]:
        parts = ((name, maker(row, rows)) for name, maker in makers)
        return {name: part for name, part in parts if part is not None}

    return made


def _list(
    written: Mapping[str, Any],
    part: type,
    path: str,
    tables: Mapping[str, Table],
    listed: set[str],
) -> Maker:
    """What makes a list with an entry for each row that a table has of the account."""
    if written.keys() != {"each", "fields"} or not isinstance(written["fields"], dict):
        raise ImportUnusable(f'{path[:-1]}: write {{ each = "a table", fields = {{ ... }} }}')
    table = _table_named(written["each"], tables)
    listed.add(table.name)
    entry = _record(written["fields"], part, path, table.columns, tables, listed)
    return lambda _row, rows: [entry(one, rows) for one in rows.get(table.name, ())]


def _value(value: Any, columns: Columns, *, is_count: bool) -> Maker:
    """What makes a plain value; a count that is read from columns becomes a whole number."""
    if isinstance(value, str):
        text = template(value, columns)
        return lambda row, _rows: _count(text(row)) if is_count else text(row) or None
    plain = value.isoformat() if isinstance(value, date | datetime) else value
    return lambda _row, _rows: plain


def _count(text: str) -> int | str | None:
    """A whole number; what is none stays as it is, and the door refuses it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else text or None


def _part_type(annotation: Any) -> type | None:
    """The record that a field holds, or holds a list of; None where it holds plain values."""
    parts = (annotation, *get_args(annotation))
    return next((one for one in parts if isinstance(one, type) and is_dataclass(one)), None)
