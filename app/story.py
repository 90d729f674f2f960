"""What duebook is for, played through on a real ledger: an overdue state is lost, named and healed.

The story has a data folder of its own, `story` in DUEBOOK_HOME, with its own engines: it makes its
ledger from scratch every time and never touches another one.  Its dates run up to today, so that
afterwards the ledger can be looked at as it is.

The facts of the sample and of the story's account come in as the days pass, with the times at which
they would have been learnt; worker processes follow them and roll each day.
"""

import shlex
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from app.engines import remove
from app.founding import make_ledger
from app.sample import Body, portfolio, write
from app.settings import Settings
from app.supervisor import Supervisor, environment_of
from app.wiring import App, now, opened
from ledger.domain.calendar import add_months
from projections.diagnosis import Diagnosis, diagnose
from projections.reading import Reading
from projections.verification import Difference, differences

ACCOUNT, DRAW = "story-1", "D-1"
SEED = 1
SHARDS = 8
GRACE_DAYS = 3
#: The story ends so many days after the due date.
DAYS_OVERDUE = 6

#: So that a new day is taken up at once.
TICK_SECONDS = 0.2
CATCH_UP_SECONDS_MAX = 120
LOOK_SECONDS = 0.03
PAGE_ACCOUNTS = 500

#: What a page that trusts its table would ask.
NAIVE_QUERY = "SELECT status, days_past_due FROM overdue WHERE account_id = %s"
#: The fault: nothing in duebook deletes a row without writing its successor.
FAULT = "DELETE FROM overdue WHERE account_id = %s"


class StoryStuck(Exception):
    """The workers did not do what the story waits for."""


@dataclass(frozen=True, slots=True)
class Days:
    """The business dates of the story."""

    drawn: date
    due: date
    in_grace: date
    today: date  # and then the grace is over

    @classmethod
    def up_to(cls, today: date) -> "Days":
        """The dates of a story that ends today."""
        due = today - timedelta(days=DAYS_OVERDUE)
        drawn = add_months(due, -1, due.day)
        return cls(drawn, due, due + timedelta(days=GRACE_DAYS - 1), today)


@dataclass(frozen=True, slots=True)
class Verified:
    """All accounts compared with replay."""

    accounts: int
    found: list[Difference]
    seconds: float


class Story:
    """The steps of the story, in their order.  Made by `begun`."""

    def __init__(self, app: App, crew: Supervisor, days: Days, facts: list[Body]) -> None:
        self.app = app
        self.crew = crew
        self.days = days
        self._today = days.drawn
        self._facts = facts

    def day(self, today: date) -> Reading:
        """A business date comes: its facts are recorded, and the workers roll the day."""
        if today != self._today:
            self.crew.turn_to(today)
            self._today = today
        self._facts = _record(self.app, self._facts, today)
        self._wait_for(today)
        return self.read()

    def read(self) -> Reading:
        """What duebook's reader says of the account today."""
        return self.app.reader.read("overdue", ACCOUNT, self._today)

    def lose_the_row(self) -> int:
        """Inject the fault; answers how many rows were lost."""
        with self.app.pool.connection() as conn:
            return conn.execute(FAULT, (ACCOUNT,)).rowcount

    def naive_rows(self) -> list[tuple[Any, ...]]:
        """What a page that trusts the table would show."""
        with self.app.pool.connection() as conn:
            return conn.execute(NAIVE_QUERY, (ACCOUNT,)).fetchall()

    def diagnosis(self) -> Diagnosis:
        """Why the page shows nothing."""
        return diagnose(self.app.log, ACCOUNT, self.days.today)

    def run(self, remedy: str) -> str:
        """Run the command that the diagnosis names; answers what it printed."""
        program, *arguments = shlex.split(remedy)
        assert program == "duebook"
        ran = subprocess.run(
            [sys.executable, "-c", "from app.cli import main; main()", *arguments],
            env=environment_of(self.app.settings),
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise StoryStuck(f"{remedy} failed with exit {ran.returncode}: {ran.stderr.strip()}")
        return ran.stdout.strip()

    def verified(self) -> Verified:
        """Compare every view of every account with replay."""
        begin = time.monotonic()
        accounts = 0
        found: list[Difference] = []
        for shard in range(self.app.log.shards):
            ids = self.app.reader.account_ids(shard)
            while page := list(islice(ids, PAGE_ACCOUNTS)):
                accounts += len(page)
                found += differences(self.app.log, page, self.days.today)
        return Verified(accounts, found, time.monotonic() - begin)

    def _wait_for(self, day: date) -> None:
        """Until the workers have projected everything and rolled every shard to the day."""
        end = time.monotonic() + CATCH_UP_SECONDS_MAX
        while time.monotonic() < end:
            heads = {head.shard: head.position for head in self.app.log.heads()}
            points = self.app.projector.checkpoints()
            if all(p.position >= heads[p.shard] and p.rolled_to == day for p in points):
                return
            time.sleep(LOOK_SECONDS)
        raise StoryStuck(
            f"The workers did not roll {day} within {CATCH_UP_SECONDS_MAX} s;"
            f" {reports_of(self.app.settings)} holds what they reported."
        )


@contextmanager
def begun(base: Settings, accounts: int, *, with_api: bool = False) -> Iterator[Story]:
    """A fresh ledger with what was known before the story's first day, and workers at it."""
    days = Days.up_to(base.today or now().date())
    settings = story_settings(base).model_copy(update={"today": days.today})
    remove(settings.home)
    make_ledger(settings, shards=SHARDS, ledger_id=uuid4(), created_at=now())
    facts = portfolio(Random(SEED), SEED, accounts, days.today) + _own_facts(days)
    facts.sort(key=lambda body: str(body["recorded_at"]))
    with opened(settings) as app:
        rest = _record(app, facts, days.drawn - timedelta(days=1))
        first_day = settings.model_copy(update={"today": days.drawn})
        with (
            reports_of(settings).open("wb") as reports,
            Supervisor(first_day, reports=reports, with_api=with_api) as crew,
        ):
            yield Story(app, crew, days, rest)


def story_settings(base: Settings) -> Settings:
    """The settings of the story's own ledger: its own folder, its own engines."""
    own = {
        "home": base.home.expanduser() / "story",
        "database_url": None,
        "redis_url": None,
        "broker_url": None,
        "tick_seconds": TICK_SECONDS,
        # The story heals its fault itself, once it has named it.
        "monitor": False,
    }
    return base.model_copy(update=own)


def reports_of(settings: Settings) -> Path:
    """Where the worker processes report to while the story is told."""
    return settings.home / "workers.log"


def _record(app: App, facts: list[Body], until: date) -> list[Body]:
    """Record what was learnt by the end of a day; answers the rest."""
    tomorrow = (until + timedelta(days=1)).isoformat()
    known = bisect_left(facts, tomorrow, key=lambda body: str(body["recorded_at"]))
    write(app.books, facts[:known], with_recorded_times=True, progress=lambda _: None)
    return facts[known:]


def _own_facts(days: Days) -> list[Body]:
    """The story's account: one draw in three installments, and no payment."""
    at = {"account": ACCOUNT, "effective_on": days.drawn.isoformat()}
    return [
        {
            **at,
            "topic": "account.opened",
            "recorded_at": f"{days.drawn}T02:00:00Z",
            "borrower_ref": "sample-story",
            "currency": "CNY",
            "time_zone": "Asia/Shanghai",
            "credit_limit": "5000.00",
        },
        {
            **at,
            "topic": "draw.made",
            "recorded_at": f"{days.drawn}T02:00:01Z",
            "draw_id": DRAW,
            "amount": "1200.00",
            "terms": {
                "method": "equal_installment",
                "term_count": 3,
                "first_due_on": days.due.isoformat(),
                "annual_rate": "0.156",
                "delinquency": {"grace_days": GRACE_DAYS},
            },
        },
    ]
