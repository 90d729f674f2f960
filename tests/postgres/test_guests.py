"""Analysts and borrowers with SQL of their own: what they see, and what they cannot reach.

They log in as themselves, for a role that is only taken can be laid down again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import Connection, errors, sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from app.founding import make_derived
from ledger import rights
from ledger.rights import Guest, Role
from projections import published
from projections.published.comments import COMMENTS
from projections.published.logins import LoginRefused, all_logins, bind, unbind
from tests.lines import drawn, late_payer, opened, paid
from tests.postgres.rights_page import PAGE
from tests.postgres.test_rights import SHARDS, Parts, found, parts

LATE = date(2026, 2, 20)
DOCUMENT = PAGE.with_name("analytics.md")


@pytest.fixture
def url(empty_database_url: str) -> str:
    """A ledger with three late payers, folded for the 20th of February."""
    found(empty_database_url)
    with parts(empty_database_url, Role.SERVICE) as ledger:
        for account in ("A-1", "A-2", "A-3"):
            ledger.books.append_all(late_payer(account))
        project(ledger)
    return empty_database_url


def project(ledger: Parts) -> None:
    for shard in range(SHARDS):
        while ledger.projector.follow(shard, LATE) is not None:
            pass


@contextmanager
def login(url: str, name: str, *roles: str) -> Iterator[str]:
    """A login of somebody else, a member of these roles; its name, which is gone at the end."""
    login_name = f"duebook_test_{name}_{os.getpid()}"
    who = sql.Identifier(login_name)
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'test'").format(who))
        for role in roles:
            administrator.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), who))
        try:
            yield login_name
        finally:
            # Temporary tables outlive a connection by a moment.
            administrator.execute(sql.SQL("DROP OWNED BY {}").format(who))
            administrator.execute(sql.SQL("DROP ROLE {}").format(who))


@contextmanager
def connected(url: str, name: str) -> Iterator[Connection[dict[str, Any]]]:
    """A connection of that login, which says the business date as an analyst does."""
    how = make_conninfo(url, user=name, password="test", options=f"-c duebook.today={LATE}")
    with psycopg.connect(how, row_factory=dict_row, autocommit=True) as conn:
        yield conn


def bound(url: str, name: str, account: str) -> None:
    with parts(url, Role.SERVICE) as ledger, rights.connect(url, Role.OWNER) as conn:
        bind(conn, name, ledger.log.shard_of(account), account, datetime.now(UTC))


def accounts(conn: Connection[dict[str, Any]], view: LiteralString) -> list[str]:
    rows = conn.execute("SELECT DISTINCT account_id FROM " + view).fetchall()
    return sorted(row["account_id"] for row in rows)


def test_an_analyst_sees_what_is_live_and_no_person(url: str) -> None:
    with login(url, "analyst", Guest.ANALYST) as name, connected(url, name) as analyst:
        for view in COMMENTS:
            if view.startswith("analytics."):
                rows = analyst.execute(sql.SQL("SELECT * FROM " + view)).fetchall()
                assert rows, view
                assert "borrower" not in str(rows), view
        [row] = analyst.execute("SELECT * FROM analytics.overdue WHERE account_id = 'A-1'")
        assert (row["status"], row["days_past_due"], row["bucket"]) == ("overdue", 15, "M1")
        assert (row["as_of"], row["is_behind"]) == (LATE, False)
        [total] = analyst.execute("SELECT * FROM analytics.portfolio")
        assert (total["day"], total["product"], total["bucket"]) == (LATE, "interest_free", "M1")
        assert (total["draws"], total["overdue_total"]) == (3, 300_00)
        assert (total["draws_behind"], total["accounts_behind"]) == (0, 0)


def test_the_portfolio_is_by_the_product_that_a_draw_names(url: str) -> None:
    with login(url, "analyst", Guest.ANALYST) as name, connected(url, name) as analyst:
        with parts(url, Role.SERVICE) as ledger:
            ledger.books.append_all([opened("A-5"), drawn("A-5", product="bicycles")])
            project(ledger)
        told = "SELECT product, draws FROM analytics.portfolio ORDER BY product"
        sums = [(row["product"], row["draws"]) for row in analyst.execute(told)]
        assert sums == [("bicycles", 1), ("interest_free", 3)]


def test_rows_that_are_behind_say_so(url: str) -> None:
    with login(url, "analyst", Guest.ANALYST) as name, connected(url, name) as analyst:
        with parts(url, Role.SERVICE) as ledger:
            ledger.books.append_all([paid("A-1", "P-1", "100.00", "2026-02-10")])
            ledger.books.append_all(late_payer("A-4"))
            told = "SELECT account_id FROM analytics.accounts WHERE is_behind ORDER BY 1"
            assert [row["account_id"] for row in analyst.execute(told)] == ["A-1", "A-4"]
            [total] = analyst.execute("SELECT * FROM analytics.portfolio").fetchall()
            assert (total["draws_behind"], total["accounts_behind"]) == (1, 2)
            project(ledger)
            assert analyst.execute(told).fetchall() == []
        # A day later every open row has changed by time alone, and nobody has rolled it.
        analyst.execute("SET duebook.today = '2026-02-21'")
        assert len(analyst.execute(told).fetchall()) == 3
        analyst.execute("SET duebook.today = '2026-02-19'")
        assert len(analyst.execute(told).fetchall()) == 4


def test_a_new_generation_is_seen_by_the_same_views_with_the_same_rights(url: str) -> None:
    with (
        login(url, "analyst", Guest.ANALYST) as name,
        connected(url, name) as analyst,
        parts(url, Role.SERVICE) as ledger,
    ):
        before = analyst.execute("SELECT * FROM analytics.schedule ORDER BY 1, 2, 3").fetchall()
        new = ledger.rebuilds.begin(LATE, "given").number
        for shard in range(SHARDS):
            while ledger.rebuilds.build(ledger.projector, shard, LATE) is not None:
                pass
        same = analyst.execute("SELECT * FROM analytics.schedule ORDER BY 1, 2, 3").fetchall()
        assert same == before, "what is being built is seen by nobody"
        with ledger.rebuilds.turn_to_switch(wait=True):
            ledger.rebuilds.generations.switch(ledger.projector, new, LATE)
        ledger.rebuilds.remove(1)
        after = analyst.execute("SELECT * FROM analytics.schedule ORDER BY 1, 2, 3").fetchall()
        assert after == before


def test_nothing_waits_for_an_analyst_who_takes_his_time(url: str) -> None:
    """A process that starts makes what is missing; who is reading keeps it and nobody waiting."""
    with (
        login(url, "analyst", Guest.ANALYST) as name,
        connected(url, name) as analyst,
        analyst.transaction(),
    ):
        for view in COMMENTS:
            if view.startswith("analytics."):
                analyst.execute(sql.SQL("SELECT * FROM " + view))
        impatient = make_conninfo(url, options="-c lock_timeout=2s")
        make_derived(impatient, SHARDS)


def test_a_borrower_sees_his_own_account_and_no_other(url: str) -> None:
    with login(url, "ann", Guest.BORROWER) as ann, login(url, "ben", Guest.BORROWER) as ben:
        bound(url, ann, "A-1")
        with connected(url, ann) as hers, connected(url, ben) as his:
            for view in ("borrower.schedule", "borrower.overdue", "borrower.activity"):
                assert accounts(hers, view) == ["A-1"]
                assert accounts(his, view) == [], "a login that is bound to nothing sees nothing"
            assert hers.execute("SELECT is_behind FROM borrower.episodes").fetchall() == [
                {"is_behind": False}
            ]
            with rights.connect(url, Role.OWNER) as owner:
                assert unbind(owner, ann) == 1
            assert accounts(hers, "borrower.overdue") == []


#: What a hostile borrower may try, and which is refused.
REFUSED: tuple[LiteralString, ...] = (
    "SELECT * FROM overdue",
    "SELECT * FROM overdue_v2",
    "SELECT * FROM events",
    "SELECT * FROM streams",
    "SELECT * FROM own_accounts",
    "SELECT * FROM borrower_logins",
    "INSERT INTO borrower_logins SELECT session_user::regrole, 0, 'A-2', now()",
    "SELECT * FROM analytics.overdue",
    "SET ROLE duebook_service",
    "SET ROLE duebook_owner",
    "SET ROLE duebook_analyst",
    "CREATE OR REPLACE VIEW borrower.overdue AS SELECT 1",
    "ALTER VIEW borrower.overdue SET (security_barrier = false)",
    "CREATE FUNCTION public.session_user() RETURNS name LANGUAGE sql AS 'SELECT ''x''::name'",
    "CREATE TABLE borrower.overdue_v2 (n integer)",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('PG_VERSION')",
)
#: What changes nothing of who he is.
IN_VAIN: tuple[LiteralString, ...] = (
    "SET duebook.account = 'A-2'",
    "SET duebook.borrower = 'A-2'",
    "SET ROLE duebook_borrower",
    "RESET ROLE",
    "RESET SESSION AUTHORIZATION",
    "SET search_path = pg_temp, public",
    "SET application_name = 'duebook'",
    "CREATE TEMP TABLE own_accounts AS SELECT 0 AS shard, 'A-2' AS account_id",
    "CREATE TEMP TABLE pg_roles AS SELECT 0::oid AS oid, 'x'::name AS rolname",
    "SET row_security = off",
)


def test_a_hostile_borrower_stays_who_he_is(url: str) -> None:
    with login(url, "ann", Guest.BORROWER) as ann, login(url, "ben", Guest.BORROWER) as ben:
        bound(url, ann, "A-1")
        bound(url, ben, "A-2")
        with connected(url, ann) as hers:
            for statement in REFUSED:
                with pytest.raises(errors.InsufficientPrivilege):
                    hers.execute(statement)
                assert accounts(hers, "borrower.overdue") == ["A-1"], statement
            for other in (ben, "postgres"):
                with pytest.raises((errors.InsufficientPrivilege, errors.InvalidParameterValue)):
                    hers.execute(
                        sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(other))
                    )
            for statement in IN_VAIN:
                hers.execute(statement)
                assert accounts(hers, "borrower.overdue") == ["A-1"], statement


def test_a_function_of_a_borrower_is_never_shown_a_row_of_another(url: str) -> None:
    """It costs next to nothing, so a planner without a barrier would ask it first."""
    with login(url, "ann", Guest.BORROWER) as ann:
        bound(url, ann, "A-1")
        with connected(url, ann) as hers:
            told: list[str] = []
            hers.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
            hers.execute(
                "CREATE FUNCTION pg_temp.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001"
                " AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
            )
            hers.execute("SELECT FROM borrower.overdue WHERE pg_temp.tell(account_id)")
            hers.execute("SELECT FROM borrower.schedule WHERE pg_temp.tell(account_id)")
            assert set(told) == {"A-1"}
            seen = hers.execute("SELECT FROM pg_stats WHERE schemaname = 'public'")
            assert seen.fetchall() == [], "nor are statistics of what others have"
            hers.execute("DROP FUNCTION pg_temp.tell")


def test_a_login_that_may_more_or_is_none_is_not_bound(url: str) -> None:
    with login(url, "two", Guest.BORROWER, Role.READER) as two, login(url, "none") as none:
        for name, reason in (
            (two, "may do more than duebook_borrower"),
            (none, "no member of duebook_borrower"),
            ("nobody", "there is no login 'nobody'"),
        ):
            with pytest.raises(LoginRefused, match=reason):
                bound(url, name, "A-1")


def test_another_login_of_the_same_name_is_another(url: str) -> None:
    with login(url, "ann", Guest.BORROWER) as ann:
        bound(url, ann, "A-1")
    with login(url, "ann", Guest.BORROWER) as same_name, connected(url, same_name) as other:
        assert same_name == ann
        assert accounts(other, "borrower.overdue") == []
        with rights.connect(url, Role.OWNER) as owner:
            [line] = all_logins(owner)
            assert (line.account_id, line.exists) == ("A-1", False)
            assert unbind(owner, line.login) == 1


def test_every_view_and_column_says_what_it_means(url: str) -> None:
    with psycopg.connect(url) as conn:
        columns = conn.execute(
            "SELECT nspname || '.' || relname, attname,"
            " col_description(attrelid, attnum), obj_description(attrelid, 'pg_class')"
            " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE nspname IN ('analytics', 'borrower') AND attnum > 0"
        ).fetchall()
    assert {view for view, _, _, _ in columns} == set(COMMENTS)
    for view, column, said, of_view in columns:
        sentence, meanings = COMMENTS[view]
        assert said == meanings[column], (view, column)
        assert of_view.startswith(sentence)
    for view, (_, meanings) in COMMENTS.items():
        assert {column for name, column, _, _ in columns if name == view} == set(meanings)


def test_a_view_of_the_lenders_own_is_not_taken_away(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url) as conn:
        conn.execute("CREATE SCHEMA analytics")
        conn.execute("CREATE VIEW analytics.overdue AS SELECT 'ours' AS whose")
    with pytest.raises(published.NameTaken, match=r"analytics.overdue is in the database already"):
        found(empty_database_url)
    with psycopg.connect(empty_database_url) as conn:
        assert conn.execute("SELECT whose FROM analytics.overdue").fetchone() == ("ours",)
        conn.execute("ALTER VIEW analytics.overdue RENAME TO our_overdue")
    found(empty_database_url)


def test_without_the_roles_of_guests_everything_else_is_made(url: str) -> None:
    """An older server, whose login may not make them; they come to be known when they are there."""
    with psycopg.connect(url) as conn:
        conn.execute("ALTER ROLE duebook_analyst RENAME TO duebook_none")
        conn.execute("DROP SCHEMA borrower CASCADE")
        published.publish(conn)
        assert rights.exist(conn)
        conn.execute("CREATE SCHEMA borrower")
        conn.execute("DROP VIEW analytics.portfolio")
        published.publish(conn)
        assert conn.execute("SELECT count(*) FROM borrower.overdue").fetchone() == (0,)
        conn.rollback()
