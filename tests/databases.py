"""Databases for tests: fresh ones, made quickly and dropped afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlsplit

import psycopg
from psycopg import Connection, sql
from psycopg_pool import ConnectionPool

CONNECTIONS_MAX = 20

_numbers = count(1)


@contextmanager
def fresh_database(
    server_url: str, *, template: str = "template0", encoding: str = "UTF8"
) -> Iterator[str]:
    """The URL of a new database; it is dropped at the end, whoever is still connected."""
    name = f"duebook_test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING {} LOCALE 'C'")
        server.execute(create.format(sql.Identifier(name), sql.Identifier(template), encoding))
        try:
            yield url_of(server_url, name)
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def url_of(server_url: str, database: str) -> str:
    """The URL of another database of the same server."""
    parts = urlsplit(server_url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{database}{query}"


def ledger_pool(database_url: str) -> ConnectionPool[Connection]:
    """Connections that commit each statement, unless a transaction is asked for."""
    return ConnectionPool(
        database_url,
        min_size=1,
        max_size=CONNECTIONS_MAX,
        kwargs={"autocommit": True},
        open=True,
    )
