"""How fast the library `eventsourcing` saves: on `ledger.persistence`, beside its own module.

Both record into the same server; the library's own in its two modes, plain statements and functions
of the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, StoredEvent

from ledger.log.log import Log
from ledger.persistence import LedgerApplicationRecorder
from ledger.proof.verify import verify_streams
from tests.benchmarks.callers import Callers, callers
from tests.benchmarks.checks import WrongResult, same_number
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import BATCH
from tests.databases import fresh_database

CALLERS = 16
#: A payment of our own vocabulary has about this many bytes.
STATE = b"x" * 150


def recording(server_url: str, events: int, rounds: int) -> Iterator[Figure | str]:
    """Single saves by one thread and by many, and saves of many events at once."""
    with (
        _recorder(server_url, "ledger.persistence") as ours,
        _recorder(server_url, "eventsourcing.postgres") as stock,
        _recorder(server_url, "eventsourcing.postgres", functions=True) as functions,
        callers(CALLERS) as many,
        callers(1) as one,
    ):
        race = _Race(ours, stock, functions, rounds)
        few = max(CALLERS, events // CALLERS)
        yield from race.run("save 1 event, 1 thread", one, few, 1)
        goals = (Goal("at least", 5), Goal("at least", 2))
        yield from race.run(f"save 1 event, {CALLERS} threads", many, events, 1, goals)
        yield from race.run(f"save {BATCH:,} events, 1 thread", one, 5 * events, BATCH)
        yield race.checked()


class _Race:
    """The same saves by three recorders."""

    def __init__(
        self,
        ours: ApplicationRecorder,
        stock: ApplicationRecorder,
        functions: ApplicationRecorder,
        rounds: int,
    ) -> None:
        self._recorders = (ours, stock, functions)
        self._rounds = rounds
        self._events = 0

    def run(
        self,
        name: str,
        by: Callers,
        events: int,
        batch: int,
        goals: tuple[Goal | None, Goal | None] = (None, None),
    ) -> Iterator[Figure]:
        """One row beside each mode of the library's own module."""
        saves = max(1, events // batch)

        def job(recorder: ApplicationRecorder, number: int) -> float:
            aggregates = [_aggregate(batch) for _ in range(saves)]
            return saves * batch / seconds_of(lambda: by.bring(recorder.insert_events, aggregates))

        ours, stock, functions = alternate(
            self._rounds,
            *(lambda number, one=recorder: job(one, number) for recorder in self._recorders),
        )
        self._events += saves * batch * self._rounds
        yield Figure(name, ours, "eventsourcing.postgres", stock, "events/s", goals[0])
        yield Figure(
            f"{name} (2)", ours, "the same with functions", functions, "events/s", goals[1]
        )

    def checked(self) -> str:
        """Every recorder holds every event, and ours is a sound ledger."""
        job = "eventsourcing"
        for recorder in self._recorders:
            same_number(job, "notifications", recorder.max_notification_id() or 0, self._events)
        assert isinstance(self._recorders[0], LedgerApplicationRecorder)
        _refuse_findings(job, self._recorders[0].place.log)
        return f"{job}: {self._events:,} events in each module, digests fit"


def _refuse_findings(job: str, log: Log) -> None:
    found = list(verify_streams(log))
    if found:
        raise WrongResult(f"{job}: {len(found):,} problems, the first of them: {found[0]}")


def _aggregate(events: int) -> list[StoredEvent]:
    aggregate = uuid4()
    return [StoredEvent(aggregate, version, "saved", STATE) for version in range(1, events + 1)]


@contextmanager
def _recorder(
    server_url: str, module: str, *, functions: bool = False
) -> Iterator[ApplicationRecorder]:
    """A recorder of a module on a database of its own."""
    with fresh_database(server_url) as url:
        settings = _settings(url) | {
            "PERSISTENCE_MODULE": module,
            "POSTGRES_ENABLE_DB_FUNCTIONS": "yes" if functions else "no",
        }
        factory: InfrastructureFactory = InfrastructureFactory.construct(settings)
        try:
            yield factory.application_recorder()
        finally:
            factory.close()


def _settings(url: str) -> dict[str, str]:
    """The same database, for both modules."""
    with psycopg.connect(url) as conn:
        return {
            "DUEBOOK_DATABASE_URL": url,
            "DUEBOOK_POOL_SIZE": str(CALLERS),
            "POSTGRES_DBNAME": conn.info.dbname,
            "POSTGRES_HOST": conn.info.host,
            "POSTGRES_PORT": str(conn.info.port),
            "POSTGRES_USER": conn.info.user,
            "POSTGRES_PASSWORD": conn.info.password,
            "POSTGRES_POOL_SIZE": str(CALLERS),
        }
