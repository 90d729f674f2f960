"""A list of one type arrives as it was sent, as an array of that type."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.log.columns import Bigints, Blobs, Dates, Instants, Integers, Texts


@pytest.mark.parametrize(
    ("column", "type_name"),
    [
        (Integers([0, 1, -1, 2**31 - 1, -(2**31)]), b"integer[]"),
        (Bigints([0, 1, -1, 2**63 - 1, -(2**63)]), b"bigint[]"),
        (Texts(["", "A-1", "Zoë", "{\"',NULL}", "NULL"]), b"text[]"),
        (Dates([date(1, 1, 1), date(2026, 3, 1), date(9999, 12, 31)]), b"date[]"),
        (
            Instants(
                [datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), datetime.max.replace(tzinfo=UTC)]
            ),
            b"timestamp with time zone[]",
        ),
        (Blobs([b"", b"\0\xff", bytes(32)]), b"bytea[]"),
    ],
    ids=["integers", "bigints", "texts", "dates", "instants", "blobs"],
)
def test_a_column_arrives_as_it_was_sent(
    pool: ConnectionPool[Connection], column: list[Any], type_name: bytes
) -> None:
    empty = type(column)()
    with pool.connection() as conn, conn.cursor(binary=True) as cur:
        conn.execute("SET TIME ZONE 'UTC'")
        cur.execute(
            "SELECT %(sent)b, pg_typeof(%(sent)b)::text, %(empty)b, pg_typeof(%(empty)b)::text",
            {"sent": column, "empty": empty},
        )
        assert cur.fetchone() == (list(column), type_name.decode(), [], type_name.decode())
