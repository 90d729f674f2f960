"""The limits of every field of every event, checked in one place.

A field is judged by its name and type, so that a new event type is bounded from its first day.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import get_args, get_type_hints

from ledger.domain import limits
from ledger.domain.money import Amount
from ledger.domain.rejections import Code, Rejection

_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:@+-]{{0,{limits.ID_LENGTH_MAX - 1}}}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_IDS = ("_id", "_ref")


def is_id(text: str) -> bool:
    """Whether `text` may name an account, a draw, a payment and the like."""
    return _ID.fullmatch(text) is not None


def out_of_bounds(value: object, path: str = "") -> Iterator[Rejection]:
    """Every field of an event (or of a part of it) that is beyond its limits."""
    shape: type = type(value)
    for name, is_money in _fields_of(shape):
        part = getattr(value, name)
        if part is None:
            continue
        if is_money:
            yield from _judged_money(part, f"{path}{name}")
        else:
            yield from _judged(part, name, f"{path}{name}")


@cache
def _fields_of(shape: type) -> tuple[tuple[str, bool], ...]:
    """The fields, and whether they are marked as `Amount`.

    Other whole numbers are counts, judged by what they count.
    """
    hints = get_type_hints(shape, include_extras=True)
    names = [field.name for field in fields(shape)]
    return tuple((name, Amount in (hints[name], *get_args(hints[name]))) for name in names)


def _judged(value: object, name: str, path: str) -> Iterable[Rejection]:
    if isinstance(value, str):
        return _judged_text(value, name, path)
    if isinstance(value, date):
        return _judged_date(value, path)
    if isinstance(value, tuple):
        return _judged_entries(value, name, path)
    return out_of_bounds(value, f"{path}.") if is_dataclass(value) else ()


def _judged_entries(values: tuple[object, ...], name: str, path: str) -> Iterator[Rejection]:
    if len(values) > limits.INSTALLMENTS_MAX:
        yield _invalid(
            path, f"{path} has {len(values)} entries; at most {limits.INSTALLMENTS_MAX} fit"
        )
        return
    for number, item in enumerate(values):
        yield from _judged(item, name, f"{path}[{number}]")


def _judged_date(value: date, path: str) -> Iterable[Rejection]:
    first, last = limits.YEAR_MIN, limits.YEAR_MAX
    if first <= value.year <= last:
        return ()
    return [_invalid(path, f"{path} is {value}; books speak of the years {first} to {last}")]


def _judged_text(value: str, name: str, path: str) -> Iterable[Rejection]:
    if name.endswith(_IDS):
        if is_id(value):
            return ()
        message = (
            f"{path} is {value[:40]!r}; an id has 1 to {limits.ID_LENGTH_MAX} letters, digits"
            " or . _ : @ + - and begins with a letter or digit"
        )
    elif name == "currency":
        if _CURRENCY.fullmatch(value):
            return ()
        message = f"{path} is {value[:10]!r}; give an ISO 4217 code such as USD"
    else:
        if len(value) <= limits.TEXT_LENGTH_MAX and value.isprintable():
            return ()
        message = (
            f"{path} has {len(value)} characters; at most {limits.TEXT_LENGTH_MAX} printable"
            " characters fit"
        )
    return [_invalid(path, message)]


def _judged_money(value: int, path: str) -> Iterable[Rejection]:
    if 0 <= value <= limits.AMOUNT_MAX:
        return ()
    message = f"{path} is negative; money taken back is a reversal"
    if value > 0:
        message = f"{path} is {value} minor units; at most {limits.AMOUNT_MAX} fit one event"
    return [Rejection(Code.AMOUNT_INVALID, message, path)]


def _invalid(path: str, message: str) -> Rejection:
    return Rejection(Code.FIELD_INVALID, message, path)
