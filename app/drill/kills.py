"""The drill of kills: clients append, workers follow, and in every round something is killed.

The supervisor, the pool and the engines are those of every day; nothing knows that it is a drill.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from redis import Redis, RedisError

from app.drill.audit import Audit
from app.drill.client_process import answer_of, take
from app.drill.clients import ClientHandle, NotRecovered
from app.drill.facts import TODAY, Request, account_ids, openings
from app.drill.folder import drill_settings, make_anew
from app.drill.journal import Journal, journal_path
from app.drill.patience import OUTAGES, patiently
from app.drill.plan import Plan, Target, plan_of
from app.drill.targets import Targets
from app.founding import make_ledger
from app.settings import Settings
from app.supervisor import Supervisor
from app.wiring import App, now, opened

SHARDS = 4
RECOVERY_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.02
#: Accounts opened in one request.
OPENINGS = 1_000


@dataclass(frozen=True, slots=True)
class Victim:
    """A process that was killed."""

    target: Target
    pid: int

    def __str__(self) -> str:
        return f"{self.target} {self.pid}"


@dataclass(frozen=True, slots=True)
class Round:
    """What was done in a round and what came of it."""

    number: int
    killed: list[Victim]
    #: Seconds of load before the blow.
    killed_after: float
    redis_emptied: bool
    #: New in this round.
    events: int
    #: Of these, recorded by requests whose first answer was lost in the blow.
    repeated: int
    #: From the blow until all runs, every client has its answers and every view is caught up.
    recovery_seconds: float
    seconds: float
    violations: list[str]


@dataclass(slots=True)
class _Blow:
    """What was really done to the ledger in a round."""

    struck_at: float = field(default_factory=time.monotonic)
    killed: list[Victim] = field(default_factory=list)
    redis_emptied: bool = False


class KillDrill:
    """A ledger at work, to be struck round by round.  Made by `prepared`."""

    def __init__(
        self, app: App, crew: Supervisor, clients: Sequence[ClientHandle], seed: int
    ) -> None:
        self.app = app
        self._targets = Targets(app, crew)
        self._clients = clients
        self._seed = seed
        self.audit = Audit(app, app.settings.home / "journals")

    def round(self, number: int) -> Round:
        """Load, a blow, recovery, audit."""
        plan = plan_of(self._seed, number)
        began = time.monotonic()
        events_before = events = self._events()
        repeated = self.audit.claims.repeated
        blow = _Blow()
        try:
            self._load(plan, blow)
            self._recover(blow)
            recovered = time.monotonic()
            violations = patiently(self.audit.violations)
            events = self._events()
        except NotRecovered as error:
            recovered = time.monotonic()
            violations = [str(error)]  # Somebody may still write: the books cannot be compared.
        return Round(
            number,
            killed=blow.killed,
            killed_after=round(plan.strike_at, 2),
            redis_emptied=blow.redis_emptied,
            events=events - events_before,
            repeated=self.audit.claims.repeated - repeated,
            recovery_seconds=round(recovered - blow.struck_at, 2),
            seconds=round(time.monotonic() - began, 2),
            violations=violations,
        )

    def _load(self, plan: Plan, blow: _Blow) -> None:
        """Let the clients work, strike in between, and let them come to rest."""

        def strike() -> None:
            blow.struck_at = time.monotonic()
            for target in plan.targets:
                blow.killed.append(Victim(target, self._kill(target, plan.lots)))

        def empty_redis() -> None:
            blow.redis_emptied = self._empty_redis()

        deeds: list[tuple[float, Callable[[], None]]] = [(plan.strike_at, strike)]
        if plan.empty_redis_at is not None:
            deeds.append((plan.empty_redis_at, empty_redis))
        for client in self._clients:
            client.work()
        began = time.monotonic()
        for at, deed in sorted(deeds, key=lambda one: one[0]):
            _sleep_until(began + at)
            deed()
        _sleep_until(began + plan.rest_at)
        for client in self._clients:
            client.rest()
        for client in self._clients:
            client.wait()

    def _kill(self, target: Target, lots: Random) -> int:
        """Strike one of these; answers its process."""
        if target is Target.CLIENT:
            client = lots.choice(self._clients)
            pid = client.kill()
            client.work()
            return pid
        pid = lots.choice(self._targets.living(target))
        with suppress(ProcessLookupError):  # It may have left by itself a moment ago.
            os.kill(pid, signal.SIGKILL)
        return pid

    def _empty_redis(self) -> bool:
        with Redis.from_url(self.app.engines.redis_url) as client, suppress(RedisError):
            client.flushall()
            return True
        return False  # It is dead, and so it is empty.

    def _recover(self, blow: _Blow) -> None:
        """Wait until everything is up and caught up.  Raises `NotRecovered`."""
        killed = {victim.pid for victim in blow.killed}
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while missing := self._missing(killed):
            if time.monotonic() > deadline:
                raise NotRecovered(
                    f"not back after {RECOVERY_SECONDS_MAX:g} s: {', '.join(missing)};"
                    " workers.log and the logs of the engines say why"
                )
            time.sleep(LOOK_SECONDS)

    def _missing(self, killed: set[int]) -> list[str]:
        """What is not up or not caught up."""
        try:
            return self._targets.missing(killed) or ([] if self._is_caught_up() else ["the views"])
        except OUTAGES as error:
            return [" ".join(str(error).split())]

    def _is_caught_up(self) -> bool:
        heads = {head.shard: head.position for head in self.app.log.heads()}
        return all(
            point.position == heads[point.shard] and point.rolled_to == TODAY
            for point in self.app.projector.checkpoints()
        )

    def _events(self) -> int:
        return patiently(lambda: sum(head.position for head in self.app.log.heads()))


@contextmanager
def prepared(base: Settings, *, seed: int, accounts: int, writers: int) -> Iterator[KillDrill]:
    """A fresh ledger with open accounts, a crew that follows it, and clients at rest."""
    settings = drill_settings(base)
    make_anew(settings.home)
    (settings.home / "journals").mkdir(mode=0o700)
    make_ledger(settings, shards=SHARDS, ledger_id=UUID(int=seed), created_at=now())
    with ExitStack() as exits:
        app = exits.enter_context(opened(settings, needs_redis=True))
        _open_accounts(app, account_ids(accounts))
        workers_log = exits.enter_context((settings.home / "workers.log").open("wb"))
        clients_log = exits.enter_context((settings.home / "clients.log").open("wb"))
        crew = exits.enter_context(Supervisor(settings, reports=workers_log))
        clients = []
        for number in range(1, writers + 1):
            clients.append(ClientHandle(settings, seed, number, accounts, clients_log))
            exits.callback(clients[-1].close)
        for client in clients:
            client.rest()
            client.wait()
        yield KillDrill(app, crew, clients, seed)


def _open_accounts(app: App, accounts: list[str]) -> None:
    """The first client of the ledger is the drill itself."""
    with Journal(journal_path(app.settings.home, 0)) as journal:
        for number, begin in enumerate(range(0, len(accounts), OPENINGS), start=1):
            facts = openings(accounts[begin : begin + OPENINGS])
            request = Request(number, is_whole=True, facts=facts)
            journal.write(request)
            journal.write(answer_of(request, take(app, request)))


def _sleep_until(instant: float) -> None:
    time.sleep(max(0.0, instant - time.monotonic()))
