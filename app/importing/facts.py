"""The rows of one account become its facts, as the native lines that the doors read.

An account's facts are made together, because some of them look at all of the others: the account
opens on the earliest date that any of them has.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from app.importing.findings import ALTERED, Finding
from app.importing.mapping import EARLIEST, FactPlan, MappingPlan, RowsByTable
from app.importing.netting import net_negative_rows
from ledger.domain.rejections import Code


class SourceRow(NamedTuple):
    """The used columns of a row, and where it stands: `file` numbers the files of the import."""

    file: int
    line: int
    fields: Sequence[str]


class MadeFact(NamedTuple):
    """A fact as a native line says it, its place in the mapping, and the row that made it."""

    order: int
    row: SourceRow
    body: dict[str, Any]


class Trouble(NamedTuple):
    """A row that made no fact, or one that is not as the row stood."""

    row: SourceRow
    code: str
    message: str

    def at(self, place: str) -> Finding:
        """The finding, once the place of the row has its name."""
        return Finding(place, self.code, self.message)


def facts_of(
    plan: MappingPlan, account: str, rows: Mapping[str, Sequence[SourceRow]]
) -> Iterator[MadeFact | Trouble]:
    """The facts of an account in the order of the mapping, and what is wrong with its rows.

    A row of which one fact cannot be made makes none: half of it would be worse than nothing.
    """
    fields = {table: [row.fields for row in its] for table, its in rows.items()}
    made: list[MadeFact] = []
    unusable: dict[tuple[int, int], Trouble] = {}
    for order, fact in enumerate(plan.facts):
        for row in rows.get(fact.table, ()):
            try:
                if all(holds(row.fields) for holds in fact.when):
                    made.append(MadeFact(order, row, _body(fact, account, row, fields)))
            except ValueError as error:
                trouble = Trouble(row, Code.FIELD_INVALID.value, str(error))
                unusable.setdefault(row[:2], trouble)
    yield from unusable.values()
    usable = [fact for fact in made if fact.row[:2] not in unusable]
    for one in usable:
        for sentence in _netted(plan.facts[one.order], one.body):
            yield Trouble(one.row, ALTERED, f"{account}: {sentence}")
    yield from _dated(usable)
    listed = frozenset[str]().union(*(plan.facts[fact.order].listed for fact in usable))
    yield from _left_over(plan, account, rows, listed)


def _body(fact: FactPlan, account: str, row: SourceRow, fields: RowsByTable) -> dict[str, Any]:
    """A fact as a native line has it.  Raises `ValueError` for dates that are none."""
    body: dict[str, Any] = {"account": account, "topic": fact.topic}
    if fact.recorded_at is not None:
        body["recorded_at"] = _instant(fact.recorded_at(row.fields))
    body |= fact.body(row.fields, fields)
    _check_date(body)
    return body


def _netted(fact: FactPlan, body: dict[str, Any]) -> list[str]:
    if not fact.nets_rows:
        return []
    return net_negative_rows(body.get("terms", {}).get("rows", ()))


def _dated(made: Sequence[MadeFact]) -> Iterator[MadeFact | Trouble]:
    """Put the earliest date and time of all facts where a fact asks for them."""
    earliest: dict[str, str] = {}
    for name in ("effective_on", "recorded_at"):
        known = [fact.body[name] for fact in made if fact.body.get(name, EARLIEST) != EARLIEST]
        if known:
            earliest[name] = min(known)
    for fact in made:
        asked = [
            name for name in ("effective_on", "recorded_at") if fact.body.get(name) == EARLIEST
        ]
        if all(name in earliest for name in asked):
            fact.body.update((name, earliest[name]) for name in asked)
            yield fact
        else:
            message = f"{fact.body['topic']}: no other fact of the account gives it an {asked[0]}"
            yield Trouble(fact.row, Code.FIELD_INVALID.value, message)


def _left_over(
    plan: MappingPlan, account: str, rows: Mapping[str, Sequence[SourceRow]], listed: frozenset[str]
) -> Iterator[Trouble]:
    """Rows that only a list would have taken, of an account that has no such list."""
    for table in sorted({name for fact in plan.facts for name in fact.listed} - listed):
        if its := rows.get(table):
            message = f"{len(its)} rows of {table} name account {account}, but no fact lists them"
            yield Trouble(its[0], Code.ACCOUNT_UNKNOWN.value, message)


def _instant(text: str) -> str:
    """An instant in UTC, written so that the order of texts is the order of time."""
    if text == EARLIEST:
        return text
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"recorded_at is {text!r}; give an instant as 2026-03-31T18:00Z") from None
    if instant.tzinfo is None:
        raise ValueError(f"recorded_at is {text!r} without a time zone; add Z for UTC")
    return instant.astimezone(UTC).isoformat()


def _check_date(body: Mapping[str, Any]) -> None:
    text = body.get("effective_on", EARLIEST)
    if text != EARLIEST:
        try:
            date.fromisoformat(text)
        except (TypeError, ValueError):
            raise ValueError(f"effective_on is {text!r}; give a date as 2026-03-31") from None
