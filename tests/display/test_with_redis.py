"""The display on a real PostgreSQL and a real Redis: killed, poisoned, and never wrong."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

import psycopg
import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st
from redis import Redis

from app.engines import ensure
from app.wiring import App
from ledger.domain.disclosure import Client
from ledger.streams import DISCLOSURE_RULES
from projections.display import Shown, Viewer
from projections.display.shapes import Question
from projections.overdue import OVERDUE
from tests.display.oracle import page_of
from tests.domain.policies import policy, rule
from tests.lines import late_payer, paid, reversed_
from tests.system import servers as places
from tests.system.crews import fresh_ledger, redis_pid

TODAY = date(2026, 2, 9)
VIEWS = ("overdue", "repayment_schedule")
CLIENTS = (Client("mobile", "3.1"), Client("mobile", "2.9"), Client())

_names = count(1)


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """A ledger with engines of its own."""
    with places.built_in() as built_in, fresh_ledger(built_in) as made:
        yield made


@dataclass
class Borrower:
    """A borrower of a ledger, and what happens around him."""

    app: App
    account: str = field(default_factory=lambda: f"A-{next(_names)}")
    today: date = TODAY
    payments: int = 0

    def show(self, view: str = "overdue", client: Client = CLIENTS[0]) -> Shown:
        """His page."""
        viewer = Viewer.borrower_of(self.account)
        return self.app.display.show(Question(self.account, view, viewer, client, self.today))

    def check(self) -> None:
        """Every page of his is replay filtered by the policy, or is marked.  No third case."""
        policy = self.app.display.policies.in_force(self.today).policy
        outcome = self.app.reader.outcome(self.account, self.today)
        for view in VIEWS:
            for client in CLIENTS:
                shown = self.show(view, client)
                rows, is_refused = page_of(outcome, view, policy, client, self.today)
                if shown.content.is_current:
                    assert list(shown.content.rows) == rows
                    assert (shown.refusal is not None) == is_refused
                else:
                    assert shown.notices[0].startswith("NOT CURRENT")

    def pay(self) -> None:
        self.payments += 1
        line = paid(self.account, f"P-{self.payments}", "60.00", self.today.isoformat())
        self.app.books.append_all([line])

    def bounce(self) -> None:
        if self.payments:
            on = self.today.isoformat()
            line = reversed_(self.account, f"P-{self.payments}", on)
            self.app.books.append_each([line])

    def sleep(self) -> None:
        self.today += timedelta(days=9)

    def project(self) -> None:
        self.app.projector.heal([self.account], TODAY)

    def lose_rows(self) -> None:
        self._damage(f"DELETE FROM {OVERDUE.table_name} WHERE account_id = %s")

    def alter_rows(self) -> None:
        self._damage(f"UPDATE {OVERDUE.table_name} SET status = 'current' WHERE account_id = %s")

    def lose_receipt(self) -> None:
        self._damage("DELETE FROM all_receipts WHERE account_id = %s")

    def publish(self) -> None:
        """Another policy, in turn quiet and loud."""
        number = self.app.log.versions([DISCLOSURE_RULES])[DISCLOSURE_RULES].version + 1
        rules = [rule()] if number % 2 else []
        wanted = policy(*rules, name=f"P-{number}")
        self.app.books.record(DISCLOSURE_RULES, lambda history: [wanted])

    def swap_entries(self) -> None:
        """Each entry of the cache lies in the place of another."""
        with Redis.from_url(self.app.engines.redis_url) as client:
            keys = sorted(client.keys("duebook:page:*"))
            values = client.mget(keys) if keys else []
            for key, value in zip(keys, values[1:] + values[:1], strict=True):
                client.set(key, value)

    def poison_entries(self) -> None:
        """Somebody says in every entry that nothing is overdue."""
        with Redis.from_url(self.app.engines.redis_url) as client:
            for key in client.keys("duebook:page:*"):
                entry = client.get(key) or b""
                client.set(key, entry.replace(b'"status":"overdue"', b'"status":"current"'))

    def empty_cache(self) -> None:
        with Redis.from_url(self.app.engines.redis_url) as client:
            client.flushall()

    def _damage(self, statement: str) -> None:
        assert isinstance(self.app.pool.conninfo, str)
        with psycopg.connect(self.app.pool.conninfo) as conn:
            conn.execute(statement.encode(), [self.account])


HAPPENINGS = st.sampled_from(
    (
        Borrower.pay, Borrower.bounce, Borrower.sleep, Borrower.project, Borrower.lose_rows,
        Borrower.alter_rows, Borrower.lose_receipt, Borrower.publish, Borrower.swap_entries,
        Borrower.poison_entries, Borrower.empty_cache,
    )
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@forall(st.lists(HAPPENINGS, min_size=2, max_size=7))
def test_whatever_happens_a_page_is_true_or_marked(app: App, happenings: list[object]) -> None:
    borrower = Borrower(app)
    app.books.append_all(late_payer(borrower.account))
    borrower.check()
    for happens in happenings:
        assert callable(happens)
        happens(borrower)
        borrower.check()


def test_a_poisoned_entry_is_counted_and_replaced(app: App) -> None:
    borrower = Borrower(app)
    app.books.append_all(late_payer(borrower.account))
    true_page = borrower.show().page
    assert borrower.show().step("cache").outcome == "hit"
    borrower.poison_entries()
    assert app.display.cache is not None
    before = app.display.cache.counts["broken"]
    shown = borrower.show()
    assert (shown.step("cache").outcome, shown.page) == ("broken", true_page)
    assert app.display.cache.counts["broken"] == before + 1
    assert borrower.show().step("cache").outcome == "hit"


def test_an_entry_of_the_old_policy_is_not_believed_under_the_new_one(app: App) -> None:
    borrower = Borrower(app)
    app.books.append_all(late_payer(borrower.account))
    borrower.show()
    with Redis.from_url(app.engines.redis_url) as client:
        [old_key] = client.keys(f"duebook:page:*:{borrower.account}:*")
        old = client.get(old_key)
        borrower.publish()
        borrower.show()
        [new_key] = set(client.keys(f"duebook:page:*:{borrower.account}:*")) - {old_key}
        client.set(new_key, old or b"")
    shown = borrower.show()
    assert shown.step("cache").outcome == "stale"
    assert "policy_version" in shown.step("cache").why
    borrower.check()


def test_a_redis_that_is_killed_makes_pages_slower_and_never_wrong(app: App) -> None:
    borrower = Borrower(app)
    app.books.append_all(late_payer(borrower.account))
    before = borrower.show()
    os.kill(redis_pid(app), signal.SIGKILL)
    away = borrower.show()
    assert (away.step("cache").outcome, away.page) == ("away", before.page)
    borrower.pay()
    borrower.check()
    assert borrower.show().step("cache").outcome == "away"
    ensure(app.settings.home, database_url=app.settings.database_url)
    assert app.pages is not None
    app.pages.forgive()
    outcomes = [borrower.show().step("cache").outcome for _ in range(2)]
    assert outcomes == ["miss", "hit"]
