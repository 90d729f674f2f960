"""Lists of one type each, on their way into an array parameter of a statement.

psycopg would look at each value of a list to find its type, and at integers for the smallest type
that holds them: for a few events that took as long as the server takes to write them.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from struct import Struct
from typing import Any, Final, cast

import psycopg
from psycopg.types.array import ListBinaryDumper

from ledger.domain.limits import EVENTS_PER_STREAM_MAX, SHARDS_MAX


class Integers(list[int]):
    """Of four bytes: shards and versions.  psycopg cuts what is larger without a word."""


class Bigints(list[int]):
    """Of eight bytes."""


class Texts(list[str]):
    """Of UTF-8."""


class Dates(list[date]):
    """Plain dates."""


class Instants(list[datetime]):
    """With a time zone."""


class Blobs(list[bytes]):
    """Of bytes as they are."""


Column = Integers | Bigints | Texts | Dates | Instants | Blobs

#: The type of the elements of each, as PostgreSQL names it.
ELEMENTS: Final[Mapping[type[Column], str]] = {
    Integers: "int4",
    Bigints: "int8",
    Texts: "text",
    Dates: "date",
    Instants: "timestamptz",
    Blobs: "bytea",
}

assert max(SHARDS_MAX, EVENTS_PER_STREAM_MAX) < 2**31

#: One dimension, no nulls, the type of the elements, how many, and the first is number 1.
_head = Struct("!5I").pack
_length = Struct("!I").pack


class _ColumnDumper(ListBinaryDumper):
    """A flat list without nulls, in the binary format of an array."""

    def dump(self, obj: list[Any]) -> bytes:
        assert self.sub_dumper is not None  # The type of the elements is known.
        dump = cast(Callable[[Any], bytes], self.sub_dumper.dump)
        parts = [_head(1, 0, self.element_oid, len(obj), 1)]
        for value in obj:
            data = dump(value)
            parts += _length(len(data)), data
        return b"".join(parts)


def _dumper_of(element: str) -> type[_ColumnDumper]:
    known = psycopg.adapters.types[element]
    oids = {"oid": known.array_oid, "element_oid": known.oid}
    return type(f"_ColumnOf_{element}", (_ColumnDumper,), oids)


for _kind, _element in ELEMENTS.items():
    psycopg.adapters.register_dumper(_kind, _dumper_of(_element))
