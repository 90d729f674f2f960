"""What each role may do with a ledger, and that a ledger lives with no more than that.

The tests log in with all rights and take a role, as every process of duebook does.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection, errors, sql
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from app.founding import make_derived
from app.wiring import pool_of
from ledger import rights, schema
from ledger.books import Books
from ledger.log.log import Log
from ledger.proof.verify import verify_streams
from ledger.rights import Role
from projections.diagnosis import diagnose
from projections.projector import Projector
from projections.reading import Reader
from projections.schema import VIEWS
from projections.verification import differences
from tests.lines import late_payer
from tests.postgres.rights_page import as_table, tried, written
from workers.assessments import Assessments
from workers.rebuilds import Rebuilds

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
LATE = date(2026, 2, 20)
SHARDS = 4
LOGIN = f"duebook_test_login_{os.getpid()}"

CHANGES_OF_EVENTS: tuple[LiteralString, ...] = (
    "UPDATE events SET state = ''",
    "DELETE FROM events",
    "TRUNCATE events",
    "DROP TRIGGER events_never_change ON events",
    "ALTER TABLE events DISABLE TRIGGER events_never_change",
    "ALTER TABLE events ADD COLUMN note text",
    "DROP TABLE events CASCADE",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'",
    "CREATE TABLE mine (n integer)",
    "UPDATE streams SET stream_id = ''",
    "DELETE FROM streams",
    "DELETE FROM heads",
    "UPDATE heads SET shard = 9",
    "UPDATE ledger SET shards = 1",
    "DELETE FROM ledger",
    "DELETE FROM duebook_migrations",
    "UPDATE view_versions SET version = 9",
    "DROP TABLE overdue_v2",
    "DROP VIEW overdue",
    "ALTER ROLE duebook_service SUPERUSER",
)
CHANGES_OF_VIEWS: tuple[LiteralString, ...] = (
    "INSERT INTO events SELECT * FROM events",
    "SELECT FROM heads FOR UPDATE",
    "DELETE FROM overdue",
    "UPDATE receipts SET as_of = as_of",
    "INSERT INTO rebuilds (generation, shard, chunk, after, upto, accounts)"
    " VALUES (1, 0, 0, '', '', 0)",
    "DELETE FROM quarantine",
    "DELETE FROM assessments",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A ledger over connections of one role."""

    pool: ConnectionPool[Connection]
    log: Log
    books: Books
    projector: Projector
    reader: Reader
    rebuilds: Rebuilds


@contextmanager
def parts(url: str, role: Role) -> Iterator[Parts]:
    with pool_of(url, role) as pool:
        log = Log(pool, lambda: datetime.now(UTC))
        projector = Projector(pool, log, lambda: datetime.now(UTC))
        reader = Reader(pool, log, projector.views)
        yield Parts(pool, log, Books(log), projector, reader, Rebuilds(pool))


def found(url: str) -> None:
    """What `duebook init` does in a database."""
    schema.create(url, shards=SHARDS, ledger_id=UUID(int=1), created_at=MADE_AT)
    make_derived(url, SHARDS)


@pytest.fixture
def ledger_url(empty_database_url: str) -> str:
    """A ledger with its views, founded like any other, that holds an account."""
    found(empty_database_url)
    with parts(empty_database_url, Role.SERVICE) as ledger:
        ledger.books.append_all(late_payer("A-1"))
    return empty_database_url


@pytest.fixture
def plain_login(database_server: str) -> Iterator[str]:
    """A login user that may do nothing special on the server."""
    user = sql.Identifier(LOGIN)
    with psycopg.connect(database_server, autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'test'").format(user))
        try:
            yield LOGIN
        finally:
            server.execute(sql.SQL("DROP ROLE {}").format(user))


def refused(conn: Connection, statement: LiteralString) -> bool:
    """Whether the rights of the connection refuse the statement; nothing of it stays."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(statement)
    except errors.InsufficientPrivilege:
        return True
    return False


@pytest.mark.parametrize("role", [Role.SERVICE, Role.READER])
def test_nobody_but_the_owner_changes_what_is_recorded(ledger_url: str, role: Role) -> None:
    with rights.connect(ledger_url, role) as conn:
        assert [one for one in CHANGES_OF_EVENTS if not refused(conn, one)] == []


def test_the_reader_writes_nothing(ledger_url: str) -> None:
    with rights.connect(ledger_url, Role.READER) as reader:
        assert [one for one in CHANGES_OF_VIEWS if not refused(reader, one)] == []
    with rights.connect(ledger_url, Role.SERVICE) as service:
        # What is refused to the one is the work of the other.
        assert [one for one in CHANGES_OF_VIEWS[1:] if refused(service, one)] == []


def test_the_owner_too_is_stopped_by_the_triggers(ledger_url: str) -> None:
    with rights.connect(ledger_url, Role.OWNER) as conn:
        for statement in CHANGES_OF_EVENTS[:3]:
            with pytest.raises(errors.RestrictViolation, match="recorded events never change"):
                conn.execute(statement)
            conn.rollback()


def test_an_open_ledger_is_not_opened_for_old_times_again(ledger_url: str) -> None:
    with parts(ledger_url, Role.SERVICE) as ledger:
        ledger.log.open()
    with (
        rights.connect(ledger_url, Role.SERVICE) as conn,
        pytest.raises(errors.RestrictViolation, match="loading has ended for good"),
    ):
        conn.execute("UPDATE ledger SET phase = 'loading', opened_at = NULL")


def test_every_role_gets_what_the_page_says(ledger_url: str) -> None:
    """A table, view or function that is new needs a line in `docs/rights.md`."""
    with psycopg.connect(ledger_url) as conn:
        found = tried(conn)
    assert as_table(found) == as_table(written())


def test_everything_belongs_to_the_owner(ledger_url: str) -> None:
    with psycopg.connect(ledger_url) as conn:
        owners = conn.execute(
            "SELECT pg_get_userbyid(relowner) FROM pg_class"
            " WHERE relnamespace IN ('public'::regnamespace, 'analytics'::regnamespace,"
            " 'borrower'::regnamespace)"
            " UNION SELECT pg_get_userbyid(proowner) FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
    assert owners == [(Role.OWNER.value,)]


def test_a_whole_ledger_lives_with_the_least_rights(ledger_url: str) -> None:
    with parts(ledger_url, Role.SERVICE) as service:
        for shard in range(SHARDS):
            while service.projector.follow(shard, LATE) is not None:
                pass
            list(service.projector.roll(shard, LATE))
        list(service.projector.heal(["A-1"], LATE))
        service.rebuilds.ask(range(SHARDS))
        _build(service)
        begun = service.rebuilds.begin(LATE, "given")
        _build(service)
        with service.rebuilds.turn_to_switch(wait=True) as built:
            assert built == begun
            assert service.rebuilds.compare(service.log, service.projector, built, LATE).is_equal
            service.rebuilds.generations.switch(service.projector, built.number, LATE)
        service.rebuilds.remove(1)
        assessor = Assessments(service.pool, service.log, service.books)
        list(assessor.assess(0, LATE))
        assert assessor.assessed_to() == LATE
    with parts(ledger_url, Role.READER) as reader:
        view = next(view for view in VIEWS if view.name == "overdue")
        assert reader.reader.read(view.name, "A-1", LATE).rows
        assert reader.reader.quarantined() == []
        assert diagnose(reader.log, "A-1", LATE).is_healthy
        assert list(verify_streams(reader.log)) == []
        assert list(differences(reader.log, ["A-1"], LATE)) == []
        with pytest.raises(errors.InsufficientPrivilege):
            reader.books.append_all(late_payer("A-2"))


def _build(ledger: Parts) -> None:
    for shard in range(SHARDS):
        while ledger.rebuilds.build(ledger.projector, shard, LATE) is not None:
            pass


def test_every_pool_takes_its_role_and_keeps_it(ledger_url: str) -> None:
    for role in Role:
        with pool_of(ledger_url, role) as pool:
            for _ in range(2):
                with pool.connection() as conn:
                    assert conn.execute("SELECT current_user").fetchone() == (role.value,)
                    conn.execute("ROLLBACK")


def test_founding_again_changes_no_rights_and_hands_over_what_was_there_before(
    empty_database_url: str,
) -> None:
    """A ledger from the days before the roles belongs to the login user."""
    found(empty_database_url)
    with psycopg.connect(empty_database_url) as conn:
        for statement in (
            "ALTER TABLE events OWNER TO CURRENT_USER",
            "ALTER TABLE overdue OWNER TO CURRENT_USER",
            "ALTER VIEW events_readable OWNER TO CURRENT_USER",
            "ALTER FUNCTION as_json(bytea) OWNER TO CURRENT_USER",
            "REVOKE ALL ON events, ledger FROM duebook_service, duebook_reader",
            "GRANT UPDATE ON heads TO duebook_service",
        ):
            conn.execute(statement)
    with rights.connect(empty_database_url, Role.SERVICE) as conn:
        # Without grants the role would be of no use, so the connection stays what it is.
        assert conn.execute("SELECT current_user = session_user").fetchone() == (True,)
    found(empty_database_url)
    test_everything_belongs_to_the_owner(empty_database_url)
    test_every_role_gets_what_the_page_says(empty_database_url)


def test_a_login_that_may_not_make_roles_goes_on_and_says_what_to_run(
    plain_login: str, empty_database_url: str
) -> None:
    with psycopg.connect(empty_database_url) as conn:
        conn.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(LOGIN)))
    url = make_conninfo(empty_database_url, user=plain_login, password="test")
    found(url)
    with parts(url, Role.SERVICE) as ledger:
        assert ledger.books.append_all(late_payer("A-1"))
    assert [line for line in rights.advice(url) if line.startswith("GRANT duebook")] == [
        f'GRANT {role} TO "{LOGIN}";' for role in Role
    ]
    with psycopg.connect(empty_database_url) as administrator:
        for line in rights.advice(url):
            administrator.execute(line.encode())
    found(url)
    assert rights.advice(url) == []
    with rights.connect(url, Role.SERVICE) as conn:
        assert conn.execute("SELECT current_user").fetchone() == (Role.SERVICE.value,)
    test_everything_belongs_to_the_owner(empty_database_url)


def test_everything_is_well_where_the_login_user_may_make_roles(ledger_url: str) -> None:
    assert rights.advice(ledger_url) == []
