"""The tables: made once, brought up to date, and refused where they do not fit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from ledger import schema
from ledger.log.log import Log
from ledger.sql import Statements
from tests.databases import fresh_database, ledger_pool
from tests.postgres.facts import NOON


def create(url: str, shards: int = 4, ledger_id: UUID | None = None) -> schema.LedgerFacts:
    return schema.create(url, shards=shards, ledger_id=ledger_id or uuid4(), created_at=NOON)


def test_a_new_ledger_says_what_it_is(empty_database_url: str) -> None:
    made = create(empty_database_url, shards=3, ledger_id=UUID(int=7))
    assert made == schema.LedgerFacts(UUID(int=7), 3, "loading", NOON, None)
    assert schema.check(empty_database_url, shards=3) == made
    with psycopg.connect(empty_database_url) as conn:
        heads = conn.execute("SELECT shard, position, recorded_at FROM heads ORDER BY shard")
        assert heads.fetchall() == [(0, 0, None), (1, 0, None), (2, 0, None)]


def test_making_a_ledger_again_leaves_the_first(empty_database_url: str) -> None:
    first = create(empty_database_url)
    assert create(empty_database_url) == first
    assert schema.upgrade(empty_database_url) == []


def test_of_many_who_make_the_ledger_at_once_one_does(empty_database_url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(create, [empty_database_url] * 8))
    assert len({facts.ledger_id for facts in made}) == 1


def test_a_database_without_a_ledger_is_refused(empty_database_url: str) -> None:
    for ask in (schema.check, schema.upgrade):
        with pytest.raises(schema.LedgerMissing, match="Run `duebook init`"):
            ask(empty_database_url)
    with psycopg.connect(empty_database_url) as conn:
        [tables] = conn.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    assert tables == (0,)


def test_a_ledger_with_other_shards_is_refused(database_url: str) -> None:
    with pytest.raises(schema.ShardsDiffer, match=r"has 4 shards.*but 8 were asked for"):
        schema.check(database_url, shards=8)
    with pytest.raises(schema.ShardsDiffer):
        create(database_url, shards=8)
    with pytest.raises(ValueError, match="1 to 1024 shards, but 0"):
        create(database_url, shards=0)


def test_a_schema_from_a_newer_version_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("INSERT INTO duebook_migrations (name) VALUES ('9999_pre_from_the_future')")
    for ask in (schema.check, schema.upgrade, create):
        with pytest.raises(schema.SchemaNewer, match=r"9999_pre_from_the_future.*Upgrade duebook"):
            ask(database_url)


def test_an_outdated_schema_is_refused_until_it_is_upgraded(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Path(schema.__file__).parent / "migrations"
    for file in known.glob("*.sql"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "0100_pre_note.sql").write_text("-- A note.\nCREATE TABLE note (n integer)")
    monkeypatch.setattr(schema, "_MIGRATIONS", tmp_path)
    with pytest.raises(schema.SchemaOutdated, match=r"0100_pre_note.*Run `duebook init`"):
        schema.check(database_url)
    assert schema.upgrade(database_url) == ["0100_pre_note"]
    schema.check(database_url)


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_pre_good.sql").write_text("-- Good.\nCREATE TABLE good (n integer)")
    (tmp_path / "0002_pre_bad.sql").write_text("-- Bad.\nCREATE TABLE good (n integer)")
    with monkeypatch.context() as patched:
        patched.setattr(schema, "_MIGRATIONS", tmp_path)
        with pytest.raises(psycopg.errors.DuplicateTable):
            create(empty_database_url)
    assert create(empty_database_url).shards == 4


def test_a_database_that_does_not_store_utf8_is_refused(database_server: str) -> None:
    with (
        fresh_database(database_server, encoding="SQL_ASCII") as url,
        pytest.raises(schema.ServerUnfit, match="stores SQL_ASCII"),
    ):
        create(url)


def test_the_moment_of_opening_is_kept(database_url: str) -> None:
    with ledger_pool(database_url) as pool:
        opened_at = datetime(2026, 3, 2, tzinfo=UTC)
        Log(pool, lambda: opened_at).open()
    facts = schema.check(database_url)
    assert (facts.phase, facts.opened_at) == ("open", opened_at)


def test_a_wrong_name_of_a_statement_says_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "lock_heads.sql").write_text("-- Why.\nSELECT 1")
    statements = Statements(tmp_path)
    assert statements.lock_heads == b"-- Why.\nSELECT 1"
    with pytest.raises(AttributeError, match=r"'lock_head': .*lock_head\.sql.*is: lock_heads\."):
        _ = statements.lock_head
