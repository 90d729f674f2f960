"""What befalls a whole shard or a whole ledger at work is named; no other account is.

Engines, workers and the commands that the remedies name are the real ones.  What befalls single
accounts is injected by the drill of causes (`test_drill_causes`).
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from app.sample import portfolio, write
from app.settings import Settings
from app.supervisor import Supervisor, environment_of
from app.wiring import App, opened
from ledger.door import line_of
from ledger.log.records import NewEvent
from projections.diagnosis import Diagnosis, diagnose
from tests.system.helpers import TODAY, eventually, found, is_up_to_date, new_home, settings_of
from workers.rebuilds import Rebuilds

ACCOUNTS = 400
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


def test_of_400_healthy_accounts_none_is_named(ward: Ward) -> None:
    accounts = _all_accounts(ward.app)
    assert len(accounts) == ACCOUNTS
    answers = [ward.ask(account) for account in accounts]
    assert [answer for answer in answers if not answer.is_healthy] == []
    assert {answer.cause for answer in answers} == {"shown", "not_overdue"}


def test_a_fact_that_no_worker_has_projected(ward: Ward) -> None:
    account = next(ward.overdue)
    with ward.no_projector_gets_a_turn(account):
        change = {"change_id": "limit", "credit_limit": "900000.00", "effective_on": str(TODAY)}
        line = line_of({"account": account, "topic": "account.limit_changed", **change})
        ward.app.ring(ward.app.books.append_all([line]))
        answer = ward.ask(account)
    assert (answer.cause, answer.noticed) == ("not_projected", ())
    assert answer.finding is not None
    assert answer.finding.remedy is not None
    ward.run(answer.finding.remedy)
    assert ward.ask(account).cause == "shown"


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


def test_beside_the_injected_faults_nobody_is_named(ward: Ward) -> None:
    """The last test of the module: what is still ill is what was left ill on purpose."""
    ill = {
        a.account_id: a.cause for a in map(ward.ask, _all_accounts(ward.app)) if not a.is_healthy
    }
    assert sorted(ill.values()) == ["quarantined"]


def _named_and_healed(ward: Ward, account: str, cause: str) -> None:
    answer = ward.ask(account)
    assert (answer.cause, answer.noticed) == (cause, ())
    assert answer.finding is not None
    assert answer.finding.remedy is not None
    ward.run(answer.finding.remedy)
    after = ward.ask(account)
    assert (after.cause, after.is_healthy) == ("shown", True)
