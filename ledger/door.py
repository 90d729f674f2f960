"""Facts as people and services write them: one flat JSON object, amounts as decimal strings.

    {"account": "A-1", "topic": "payment.received", "effective_on": "2026-03-02",
     "payment_id": "P-1", "amount": "100.00"}

`parse_line` reads bytes, `proposal_of` turns what was read into a proposal (which needs the
account: its currency says what a decimal is worth), `as_written` is the way back.  Every door uses
these.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple, Union, cast, get_args, get_origin, get_type_hints

import orjson
from pydantic import ValidationError

from ledger import strict_json
from ledger.business_days import CalendarUnusable, resolved
from ledger.codec import adapter_of, always_written
from ledger.domain import limits
from ledger.domain.account import Account
from ledger.domain.bounds import is_id
from ledger.domain.calendar import due_dates
from ledger.domain.consistency import inconsistencies
from ledger.domain.decisions import Proposal
from ledger.domain.events import (
    EVENT_TYPES,
    AccountEvent,
    AccountOpened,
    ChargeReversed,
    DrawMade,
    DuesWaived,
    FeeCharged,
    PaymentReversed,
    PenaltyCharged,
    WaiverReversed,
)
from ledger.domain.money import Amount, AmountError, decimals_of, to_minor, to_text
from ledger.domain.outcome_events import CancellationReversed, WriteOffReversed
from ledger.domain.refusals import (
    account_unknown,
    charge_unknown,
    ending_unknown,
    payment_unknown,
    unknown_draw,
    waiver_unknown,
)
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.domain.reversal_decisions import MoneyTakenBack


@dataclass(frozen=True, slots=True)
class Line:
    """A fact as it came in: whose it is, which topic, and its fields as written."""

    account_id: str
    topic: str
    body: Mapping[str, Any]
    #: The source's own recorded time, which only a ledger in the phase loading accepts.
    recorded_at: datetime | None = None


def parse_line(raw: bytes) -> Line:
    """Read one line of NDJSON.  Raises `Rejected`."""
    return line_of(parse_object(raw))


def parse_object(raw: bytes) -> dict[str, Any]:
    """Read one JSON object, strictly.  Raises `Rejected`."""
    if len(raw) > limits.LINE_BYTES_MAX:
        raise _malformed(f"the line has {len(raw)} bytes; at most {limits.LINE_BYTES_MAX} fit")
    try:
        body = strict_json.loads(raw)
    except strict_json.JsonRefused as error:
        raise _malformed(f"the line is no JSON that can be taken: {error}") from None
    if not isinstance(body, dict):
        raise _malformed(f"a line is one JSON object, found {type(body).__name__}")
    return body


def line_of(body: dict[str, Any]) -> Line:
    """Take the envelope off a JSON object.  Raises `Rejected`."""
    fields_of_fact = dict(body)
    topic = fields_of_fact.pop("topic", None)
    if not isinstance(topic, str) or topic not in EVENT_TYPES:
        known = ", ".join(EVENT_TYPES)
        message = f"topic {topic!r:.60} is unknown; known are {known}"
        raise Rejected(Rejection(Code.TOPIC_UNKNOWN, message, "topic"))
    account_id = fields_of_fact.pop("account", None)
    if not isinstance(account_id, str) or not is_id(account_id):
        raise _invalid("account", f"account is {account_id!r:.60}; give the id of an account")
    recorded_at = fields_of_fact.pop("recorded_at", None)
    return Line(account_id, topic, fields_of_fact, _instant(recorded_at))


def proposal_of(line: Line, account: Account) -> Proposal:
    """The proposal that a line makes to `account`.  Raises `Rejected`."""
    body = dict(line.body)
    event_type = EVENT_TYPES[line.topic]
    currency = _currency(body, event_type, account)
    if event_type is PaymentReversed and "payment_id" not in body:
        return _money_taken_back(body, decimals_of(currency))
    _fill_in(body, event_type, account)
    event = cast(AccountEvent, _validated(event_type, body, decimals_of(currency)))
    return _on_business_days(event, account) if isinstance(event, DrawMade) else event


def _fill_in(body: dict[str, Any], event_type: type[AccountEvent], account: Account) -> None:
    """What a fact may leave unsaid, because the fact that it names has said it."""
    if event_type is PaymentReversed:
        payment_id = str(body["payment_id"])
        _date_as(body, account.payments.get(payment_id), payment_unknown(payment_id))
    elif event_type is WaiverReversed and "waiver_id" in body:
        waiver_id = str(body["waiver_id"])
        _date_as(body, account.waivers.get(waiver_id), waiver_unknown(waiver_id))
    elif event_type is ChargeReversed and "charge_id" in body:
        component, charge_id = str(body.get("component", "penalty")), str(body["charge_id"])
        charge = account.charges.get(f"{component}:{charge_id}")
        _date_as(body, charge, charge_unknown(component, charge_id))
    elif event_type in (WriteOffReversed, CancellationReversed) and "draw_id" in body:
        ending = _ending_named(body, event_type)
        _date_as(body, account.endings.get(ending.ending_key), ending_unknown(ending))
    elif event_type is DrawMade and "terms" not in body and "joins_draw_id" in body:
        draw_id = str(body["joins_draw_id"])
        if unknown := unknown_draw(account, draw_id):
            raise Rejected(unknown)
        assert account.opened is not None  # Whoever has draws is open.
        body["terms"] = as_written(account.draws[draw_id], account.opened.currency)["terms"]
    elif event_type is DuesWaived and "charge_id" in body and "draw_id" not in body:
        charge = _charge_named(body, account)
        body |= {"draw_id": charge.draw_id, "component": charge.key.partition(":")[0]}


def _on_business_days(draw: DrawMade, account: Account) -> DrawMade:
    """The draw with its due dates on business days, if its terms name a calendar.

    A draw that is recorded keeps the days that it has: a retry is the same, whatever has become
    of the calendar.  Dates that cannot be counted are left for the decision to refuse.
    """
    terms, rules = draw.terms, draw.terms.business_days
    if rules is None or rules.due_dates:
        return draw
    for earlier in map(account.draws.get, (draw.draw_id, draw.joins_draw_id or "")):
        agreed = earlier and earlier.terms.business_days
        if earlier and agreed and replace(earlier.terms, business_days=rules) == terms:
            return replace(draw, terms=earlier.terms)
    plain = replace(terms, business_days=None)
    if any(inconsistencies(plain, draw.amount, draw.effective_on)):
        return draw
    try:
        rules = resolved(rules, due_dates(plain))
    except CalendarUnusable as error:
        field = "terms.business_days.calendar"
        raise _invalid(field, f"{field}: {error}") from None
    return replace(draw, terms=replace(terms, business_days=rules))


def _charge_named(body: dict[str, Any], account: Account) -> PenaltyCharged | FeeCharged:
    """The charge of that id; the component says which, if a penalty and a fee share it."""
    components = [body["component"]] if "component" in body else ["penalty", "fee"]
    for component in components:
        charge = account.charges.get(f"{component}:{body['charge_id']}")
        if charge is not None:
            return charge
    raise Rejected(charge_unknown(" or ".join(map(str, components)), str(body["charge_id"])))


def _date_as(body: dict[str, Any], fact: AccountEvent | None, unknown: Rejection) -> None:
    """A reversal counts, unless it says otherwise, from the day of what it reverses."""
    if fact is not None:
        body.setdefault("effective_on", fact.effective_on.isoformat())
    elif "effective_on" not in body:
        raise Rejected(unknown)


def _ending_named(
    body: dict[str, Any], event_type: type[AccountEvent]
) -> WriteOffReversed | CancellationReversed:
    """The reversal as far as it says what it reverses."""
    draw_id = str(body["draw_id"])
    if event_type is WriteOffReversed:
        own_id = body.get("write_off_id")
        return WriteOffReversed(
            effective_on=date.min, reversal_id="", draw_id=draw_id, write_off_id=own_id
        )
    own_id = body.get("cancellation_id")
    return CancellationReversed(
        effective_on=date.min, reversal_id="", draw_id=draw_id, cancellation_id=own_id
    )


def as_written(event: AccountEvent, currency: str) -> dict[str, Any]:
    """The event as the doors write it, nulls by default left out: the inverse of `proposal_of`."""
    shape: type = type(event)
    body = _outside(event, _held(shape), decimals_of(currency))
    assert isinstance(body, dict)
    return {"topic": event.TOPIC, **body}


def _currency(body: dict[str, Any], event_type: type[AccountEvent], account: Account) -> str:
    """The currency of the account; a fact that names another one is refused."""
    if event_type is AccountOpened:
        return str(body.get("currency"))
    if account.opened is None:
        raise Rejected(account_unknown())
    own = account.opened.currency
    named = body.pop("currency", own)
    if named != own:
        raise Rejected(
            Rejection(
                Code.CURRENCY_MISMATCH,
                f"the fact is in {named}, the account is kept in {own}",
                "currency",
            )
        )
    return own


def _money_taken_back(body: dict[str, Any], decimals: int) -> MoneyTakenBack:
    wish = _validated(MoneyTakenBack, body, decimals)
    assert isinstance(wish, MoneyTakenBack)
    return wish


def _validated(shape: type, body: dict[str, Any], decimals: int) -> object:
    inside = _inside(body, _held(shape), decimals, "")
    try:
        return adapter_of(shape).validate_json(orjson.dumps(inside), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        found = "" if first["type"] == "missing" else f", found {first['input']!r:.60}"
        raise _invalid(path, f"{path}: {first['msg'].lower()}{found}") from None


class _Held(NamedTuple):
    """What a field holds when it holds anything; a text, a number or a date is none of these."""

    is_amount: bool
    #: Of an object: the type, with what each of its fields holds.
    shape: type | None
    #: Of a list: what each entry is.
    item: "_Held | None"

    @property
    def fields(self) -> dict[str, "_Held"]:
        """What the fields of an object hold."""
        return {} if self.shape is None else _held_by(self.shape)


@cache
def _held_by(shape: type) -> dict[str, _Held]:
    return {name: _held(annotation) for name, annotation in shape_of(shape).items()}


@cache
def _held(annotation: Any) -> _Held:
    annotation = without_none(annotation)
    item = get_args(annotation)[0] if get_origin(annotation) is tuple else None
    return _Held(
        annotation == Amount,
        cast(type, annotation) if is_dataclass(annotation) else None,
        None if item is None else _held(item),
    )


def _inside(value: Any, held: _Held, decimals: int, path: str) -> Any:
    """`value` with its decimal strings turned into minor units, unknown fields refused."""
    if held.is_amount:
        return value if value is None else _minor(value, decimals, path)
    if held.shape is not None and isinstance(value, dict):
        known = held.fields
        if not value.keys() <= known.keys():
            unknown = min(value.keys() - known.keys())
            raise _invalid(
                f"{path}{unknown}",
                f"{path}{unknown} is no field here; there are {', '.join(sorted(known))}",
            )
        return {
            name: _inside(part, known[name], decimals, f"{path}{name}.")
            for name, part in value.items()
        }
    if held.item is not None and isinstance(value, list):
        return [_inside(part, held.item, decimals, path) for part in value]
    return value


def _outside(value: Any, held: _Held, decimals: int) -> Any:
    if held.is_amount and isinstance(value, int):
        return to_text(value, decimals)
    if held.shape is not None:
        needed = always_written(held.shape)
        parts = {name: (getattr(value, name), part) for name, part in held.fields.items()}
        return {
            name: _outside(part, inner, decimals)
            for name, (part, inner) in parts.items()
            if part is not None or name in needed
        }
    if held.item is not None and isinstance(value, tuple):
        return [_outside(part, held.item, decimals) for part in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def shape_of(event_type: type) -> dict[str, Any]:
    """The fields of an event type and what they hold."""
    hints = get_type_hints(event_type, include_extras=True)
    return {field.name: hints[field.name] for field in fields(event_type)}


def without_none(annotation: Any) -> Any:
    """What a field holds when it holds anything."""
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return parts[0] if len(parts) == 1 else annotation
    return annotation


def _minor(value: object, decimals: int, path: str) -> int:
    field = path.rstrip(".")
    try:
        minor = to_minor(value, decimals)
    except AmountError as error:
        raise Rejected(Rejection(Code.AMOUNT_INVALID, f"{field}: {error}", field)) from None
    if abs(minor) > limits.AMOUNT_MAX:
        # Said here, because an integer of more than 64 bits cannot go through the validator.
        most = to_text(limits.AMOUNT_MAX, decimals)
        message = f"{field} is {value}; at most {most} fits one event"
        raise Rejected(Rejection(Code.AMOUNT_INVALID, message, field))
    return minor


def _instant(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(str(text))
        if instant.tzinfo is None:
            raise _invalid("recorded_at", f"recorded_at is {text!r} without a time zone; add Z")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"recorded_at is {text!r:.60}; give an instant in UTC"
        raise _invalid("recorded_at", message) from None


def _malformed(message: str) -> Rejected:
    return Rejected(Rejection(Code.LINE_MALFORMED, message))


def _invalid(field: str, message: str) -> Rejected:
    return Rejected(Rejection(Code.FIELD_INVALID, message, field))
