"""Every cause, injected into a running ledger of 2,000 accounts, is named; no other account is.

Engines, workers and the commands that the remedies name are the real ones.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import psycopg
import pytest

from app.sample import portfolio, write
from app.settings import Settings
from app.supervisor import Supervisor, environment_of
from app.wiring import App, now, opened
from ledger.domain.state import DrawState
from ledger.door import line_of
from ledger.log.records import NewEvent
from projections.diagnosis import Diagnosis, diagnose
from tests.system.helpers import TODAY, eventually, found, is_up_to_date, new_home, settings_of
from workers.rebuilds import Rebuilds

ACCOUNTS = 2_000
SEED = 11
TOMORROW = TODAY + timedelta(days=1)
DUEBOOK = Path(sys.executable).with_name("duebook")


@dataclass(frozen=True, slots=True)
class Ward:
    """A ledger with workers at it, and the accounts that no test has touched yet."""

    settings: Settings
    app: App
    overdue: Iterator[str]

    def ask(self, account: str, as_of: date = TODAY) -> Diagnosis:
        """Why is this account not shown as overdue?"""
        return diagnose(self.app.log, account, as_of)

    def behind_the_triggers(self, statement: str, account: str) -> None:
        """Change stored events as only somebody with all rights can."""
        with psycopg.connect(self.app.engines.database_url) as conn:
            conn.execute("SET session_replication_role = replica")
            assert conn.execute(statement.encode(), [account]).rowcount == 1

    @contextmanager
    def no_projector_gets_a_turn(self, account: str) -> Iterator[None]:
        """Keep every worker from the shard of an account."""
        shard = self.app.log.shard_of(account)
        with self.app.pool.connection() as conn, conn.transaction():
            conn.execute("SELECT FROM checkpoints WHERE shard = %s FOR UPDATE", [shard])
            yield

    def run(self, command: str) -> None:
        """Run a remedy as a person would."""
        environment = {**os.environ, **environment_of(self.settings)}
        assert command.startswith("duebook ")
        words = shlex.split(command)[1:]
        subprocess.run([DUEBOOK, *words], env=environment, check=True, capture_output=True)


@pytest.fixture(scope="module")
def ward() -> Iterator[Ward]:
    with new_home() as home:
        settings = settings_of(home)
        found(settings)
        with opened(settings, needs_redis=True) as app:
            facts = portfolio(Random(SEED), SEED, ACCOUNTS, TODAY)
            write(app.books, facts, with_recorded_times=True, progress=lambda _: None)
            app.log.open(TODAY)
            with Supervisor(settings, processes=2):
                eventually("everything is projected", lambda: is_up_to_date(app))
                yield Ward(settings, app, iter(_overdue(app)))


def _overdue(app: App) -> list[str]:
    return [reading.account_id for reading in app.reader.overdue(TODAY, 100).readings]


def _all_accounts(app: App) -> list[str]:
    return [account for shard in range(app.log.shards) for account in app.reader.account_ids(shard)]


def test_of_2000_healthy_accounts_none_is_named(ward: Ward) -> None:
    accounts = _all_accounts(ward.app)
    assert len(accounts) == ACCOUNTS
    answers = [ward.ask(account) for account in accounts]
    assert [answer for answer in answers if not answer.is_healthy] == []
    assert {answer.cause for answer in answers} == {"shown", "not_overdue"}


def test_a_lost_row(ward: Ward) -> None:
    account = next(ward.overdue)
    with ward.app.pool.connection() as conn:
        conn.execute("DELETE FROM overdue WHERE account_id = %s", [account])
    _named_and_healed(ward, account, "drifted")


def test_a_fact_that_no_worker_has_projected(ward: Ward) -> None:
    account = next(ward.overdue)
    with ward.no_projector_gets_a_turn(account):
        _record(ward, account, "limit", lambda: {"topic": "account.limit_changed"})
        answer = ward.ask(account)
    assert (answer.cause, answer.noticed) == ("not_projected", ())
    assert answer.finding is not None
    assert answer.finding.remedy is not None
    ward.run(answer.finding.remedy)
    assert ward.ask(account).cause == "shown"


def test_a_day_that_was_not_rolled(ward: Ward) -> None:
    account = next(ward.overdue)
    answer = ward.ask(account, TOMORROW)
    assert (answer.cause, answer.noticed) == ("day_not_rolled", ())


def test_a_generation_that_nobody_switched_to(ward: Ward) -> None:
    """As after an upgrade: what is live was made by older code, and the new one waits."""
    account = next(ward.overdue)
    rebuilds = Rebuilds(ward.app.pool)
    number = rebuilds.begin(TODAY, "withheld").number
    eventually("it is built", lambda: rebuilds.is_built(number))
    with ward.app.pool.connection() as conn:
        conn.execute("UPDATE receipts SET projector = 1")
        conn.execute(
            """UPDATE generations SET recipe = recipe || '{"fold": 1}' WHERE state = 'live'"""
        )
    _named_and_healed(ward, account, "generation_not_switched")
    assert rebuilds.generations.live().number == number


def test_an_account_that_cannot_be_folded(ward: Ward) -> None:
    account = next(ward.overdue)
    event = NewEvent(account, "draw.teleported", TODAY, "draw:T-1", b"{}")
    ward.app.log.append([event])
    eventually("it is in quarantine", lambda: ward.ask(account).cause == "quarantined")
    assert ward.ask(account).noticed == ()


def test_what_became_known_later(ward: Ward) -> None:
    account, payment = _paid_up(ward.app)
    before = now()
    _record(
        ward,
        account,
        "bounced",
        lambda: {"topic": "payment.reversed", "payment_id": payment},
    )
    eventually("it is shown", lambda: ward.ask(account).cause == "shown")
    answer = diagnose(ward.app.log, account, TODAY, known_at=before)
    assert (answer.cause, answer.noticed) == ("known_later", ())


def test_an_event_that_somebody_changed(ward: Ward) -> None:
    account = next(ward.overdue)
    ward.behind_the_triggers(
        "UPDATE events SET effective_on = effective_on + 30"
        " WHERE stream_id = %s AND topic = 'draw.made' AND version = 2",
        account,
    )
    assert ward.ask(account).cause == "ledger_tampered"


def test_an_account_that_nobody_recorded(ward: Ward) -> None:
    assert ward.ask("A-nobody").cause == "not_recorded"


def test_beside_the_injected_faults_nobody_is_named(ward: Ward) -> None:
    """The last test of the module: what is still ill is what was left ill on purpose."""
    ill = {
        a.account_id: a.cause for a in map(ward.ask, _all_accounts(ward.app)) if not a.is_healthy
    }
    assert sorted(ill.values()) == ["ledger_tampered", "quarantined"]


def _named_and_healed(ward: Ward, account: str, cause: str) -> None:
    answer = ward.ask(account)
    assert (answer.cause, answer.noticed) == (cause, ())
    assert answer.finding is not None
    assert answer.finding.remedy is not None
    ward.run(answer.finding.remedy)
    after = ward.ask(account)
    assert (after.cause, after.is_healthy) == ("shown", True)


def _record(ward: Ward, account: str, name: str, fact: Callable[[], dict[str, object]]) -> None:
    body: dict[str, object] = {"account": account, **fact()}
    if body["topic"] == "payment.reversed":
        body |= {"reversal_id": name}
    else:
        body |= {"change_id": name, "credit_limit": "900000.00", "effective_on": str(TODAY)}
    ward.app.ring(ward.app.books.append_all([line_of(body)]))


def _paid_up(app: App) -> tuple[str, str]:
    """An account that is not late, with a payment that paid an installment that is now past due."""
    for account in _all_accounts(app):
        state = app.reader.replayed(account, TODAY)
        if len(state.payments) == 1 and len(state.draws) == 1 and _is_paid_up(state.draws[0]):
            return account, state.payments[0].payment_id
    raise AssertionError("the sample has no account with one payment for one past installment")


def _is_paid_up(draw: DrawState) -> bool:
    past = [row for row in draw.installments if row.due_on < TODAY - timedelta(days=40)]
    return draw.status == "current" and bool(past) and all(sum(row.paid) for row in past)
