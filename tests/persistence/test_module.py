"""What a user of the library sees of `ledger.persistence`, beyond what the library's suites ask."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import (
    DataError,
    InfrastructureFactoryError,
    IntegrityError,
    RecordConflictError,
    StoredEvent,
    Tracking,
)
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import sql

from ledger import schema
from ledger.domain.limits import REQUEST_EVENTS_MAX, STATE_BYTES_MAX
from ledger.persistence import Factory, LedgerApplicationRecorder, LedgerTrackingRecorder
from ledger.proof.verify import verify_streams

PATIENCE_SECONDS = 60.0


class Dog(Aggregate):
    """An aggregate as the library's own documentation has it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tricks: list[str] = []

    @event("TrickAdded")
    def add_trick(self, trick: str) -> None:
        self.tricks.append(trick)


class DogSchool(Application[UUID]):
    """A plain application: nothing in it knows where its events go."""

    is_snapshotting_enabled = True

    def register(self, name: str) -> UUID:
        dog = Dog(name)
        self.save(dog)
        return dog.id

    def teach(self, dog_id: UUID, trick: str) -> None:
        dog: Dog = self.repository.get(dog_id)
        dog.add_trick(trick)
        self.save(dog)

    def tricks(self, dog_id: UUID) -> list[str]:
        dog: Dog = self.repository.get(dog_id)
        return dog.tricks


class Census(LedgerTrackingRecorder):
    """The ids that a projection was given, each in a row of its own: a second time is an error."""

    create_statements = ("CREATE TABLE IF NOT EXISTS census (notification_id bigint PRIMARY KEY)",)

    def count(self, tracking: Tracking) -> None:
        with self.transaction() as conn:
            conn.execute("INSERT INTO census VALUES (%s)", [tracking.notification_id])
            self.track(conn, tracking)

    def ids(self) -> list[int]:
        with self.transaction() as conn:
            return [row[0] for row in conn.execute("SELECT * FROM census ORDER BY 1")]


class TakeCensus(Projection[Census]):
    """Counts whatever comes."""

    name = "census"

    def process_event(self, _event: object, tracking: Tracking) -> None:
        self.view.count(tracking)


@pytest.fixture
def env(empty_database_url: str) -> dict[str, str]:
    """The settings of a user who switched."""
    return {
        "PERSISTENCE_MODULE": "ledger.persistence",
        "DUEBOOK_DATABASE_URL": empty_database_url,
    }


@pytest.fixture
def school(env: dict[str, str]) -> Iterator[DogSchool]:
    """An application on an empty database."""
    with DogSchool(env=env) as application:
        yield application


@pytest.fixture
def recorder(env: dict[str, str]) -> Iterator[LedgerApplicationRecorder]:
    """A recorder on an empty database."""
    factory = Factory(env)
    yield factory.application_recorder()
    factory.close()


def stored(version: int, originator_id: UUID | str, state: bytes = b"{}") -> StoredEvent:
    return StoredEvent(originator_id, version, "dog.taught", state)


def drop_connections(database_url: str) -> int:
    """End every connection to the database but this one, and wait for it; answers how many."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        return conn.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).rowcount


def test_an_application_saves_and_loads_an_aggregate(school: DogSchool) -> None:
    fido = school.register("Fido")
    for trick in ("roll over", "play dead"):
        school.teach(fido, trick)
    assert school.tricks(fido) == ["roll over", "play dead"]
    with pytest.raises(AggregateNotFoundError):
        school.tricks(uuid4())


def test_another_process_loads_what_was_saved(env: dict[str, str], school: DogSchool) -> None:
    fido = school.register("Fido")
    with DogSchool(env=env | {"CREATE_TABLE": "no"}) as other:
        other.teach(fido, "roll over")
    assert school.tricks(fido) == ["roll over"]


def test_of_two_who_decide_on_the_same_version_one_is_refused(school: DogSchool) -> None:
    fido = school.register("Fido")
    one: Dog = school.repository.get(fido)
    other: Dog = school.repository.get(fido)
    one.add_trick("roll over")
    other.add_trick("play dead")
    school.save(one)
    with pytest.raises(RecordConflictError, match="recorded already, as position 2"):
        school.save(other)
    assert school.tricks(fido) == ["roll over"]


def test_a_save_of_many_aggregates_is_whole_or_not_at_all(school: DogSchool) -> None:
    fido = school.register("Fido")
    stale: Dog = school.repository.get(fido)
    school.teach(fido, "roll over")
    stale.add_trick("play dead")
    rex = Dog("Rex")
    with pytest.raises(IntegrityError):
        school.save(rex, stale)
    assert rex.id not in school.repository


def test_a_repeated_insert_is_a_conflict_also_with_the_same_bytes(
    recorder: LedgerApplicationRecorder,
) -> None:
    fido = uuid4()
    recorder.insert_events([stored(1, fido)])
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(1, fido), stored(2, fido)])
    assert [one.originator_version for one in recorder.select_events(fido)] == [1]


def test_versions_left_out_and_versions_of_ten_digits_keep_their_order(
    recorder: LedgerApplicationRecorder,
) -> None:
    fido = uuid4()
    versions = [0, 9, 10, 9_999_999_999]
    recorder.insert_events([stored(version, fido) for version in reversed(versions)])
    assert [one.originator_version for one in recorder.select_events(fido)] == versions
    between = recorder.select_events(fido, gt=0, lte=10, desc=True)
    assert [one.originator_version for one in between] == [10, 9]


def test_snapshots_are_in_a_ledger_of_their_own(env: dict[str, str], school: DogSchool) -> None:
    fido = school.register("Fido")
    school.teach(fido, "roll over")
    school.take_snapshot(fido)
    assert school.tricks(fido) == ["roll over"]
    assert school.recorder.max_notification_id() == 2
    with psycopg.connect(env["DUEBOOK_DATABASE_URL"]) as conn:
        rows = conn.execute("SELECT version, key FROM duebook_dogschool_snapshots.events")
        assert rows.fetchall() == [(1, "v0000000002")]


def test_what_is_saved_is_a_sound_ledger(school: DogSchool) -> None:
    fido = school.register("Fido")
    school.teach(fido, "roll over")
    recorder = school.recorder
    assert isinstance(recorder, LedgerApplicationRecorder)
    recorder.place.log.open()  # An event of the ledger about itself is no notification.
    school.teach(fido, "play dead")
    assert list(verify_streams(recorder.place.log)) == []
    ids = [one.id for one in recorder.select_notifications(None, 10)]
    assert (ids, recorder.max_notification_id()) == ([1, 2, 4], 4)


def test_ids_may_be_text(env: dict[str, str]) -> None:
    factory = Factory(env | {"ORIGINATOR_ID_TYPE": "text"})
    recorder = factory.application_recorder()
    recorder.insert_events([stored(1, "dog/Fido")])
    assert recorder.select_events("dog/Fido") == [stored(1, "dog/Fido")]
    with pytest.raises(DataError, match="ORIGINATOR_ID_TYPE"):
        recorder.insert_events([stored(1, uuid4())])
    factory.close()


def test_a_ledger_with_several_shards_is_refused(env: dict[str, str], database_url: str) -> None:
    factory = Factory(env | {"DUEBOOK_DATABASE_URL": database_url, "DUEBOOK_SCHEMA": "public"})
    with pytest.raises(InfrastructureFactoryError, match=r"4 shards.*Set DUEBOOK_SCHEMA"):
        factory.application_recorder()
    assert schema.check(database_url).shards == 4


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("DUEBOOK_DATABASE_URL", "", "DUEBOOK_DATABASE_URL is not set"),
        ("DUEBOOK_SCHEMA", "Dogs; DROP", "cannot be the schema"),
        ("ORIGINATOR_ID_TYPE", "integer", "set it to 'uuid' or 'text'"),
    ],
)
def test_a_wrong_setting_is_named(env: dict[str, str], setting: str, value: str, said: str) -> None:
    with pytest.raises(OSError, match=said):
        Factory(env | {setting: value})


def test_without_tables_and_told_not_to_make_them_it_says_so(env: dict[str, str]) -> None:
    with pytest.raises(InfrastructureFactoryError, match="holds no ledger"):
        Factory(env | {"CREATE_TABLE": "no"}).application_recorder()


def test_what_the_log_cannot_hold_is_refused_by_its_limits(
    recorder: LedgerApplicationRecorder,
) -> None:
    for events in (
        [stored(1, uuid4(), b"x" * (STATE_BYTES_MAX + 1))],
        [stored(1, uuid4())] * (REQUEST_EVENTS_MAX + 1),
        [stored(10_000_000_000, uuid4())],
    ):
        with pytest.raises(DataError):
            recorder.insert_events(events)
    assert recorder.max_notification_id() is None


def test_applications_that_start_at_once_make_one_ledger(env: dict[str, str]) -> None:
    barrier = Barrier(4)

    def start(number: int) -> None:
        barrier.wait()
        with DogSchool(env=env) as application:
            application.register(f"Dog {number}")

    with ThreadPoolExecutor(4) as starters:
        list(starters.map(start, range(4)))
    with DogSchool(env=env) as application:
        assert application.recorder.max_notification_id() == 4


def test_a_save_finds_another_connection_where_the_server_ended_one(
    env: dict[str, str], school: DogSchool
) -> None:
    fido = school.register("Fido")
    for trick in ("roll over", "play dead", "fetch"):
        assert drop_connections(env["DUEBOOK_DATABASE_URL"]) >= 1
        school.teach(fido, trick)
    assert school.tricks(fido) == ["roll over", "play dead", "fetch"]


def test_a_subscription_goes_on_after_its_connection_was_dropped(
    env: dict[str, str], school: DogSchool
) -> None:
    fido = school.register("Fido")
    with school.recorder.subscribe(gt=0) as subscription:
        seen = [next(subscription).id]
        for trick in ("roll over", "play dead", "fetch"):
            drop_connections(env["DUEBOOK_DATABASE_URL"])
            school.teach(fido, trick)
            seen.append(next(subscription).id)
    assert seen == [1, 2, 3, 4]


def test_a_projection_runner_goes_on_after_dropped_connections(env: dict[str, str]) -> None:
    """All connections end between events, again and again: none is lost, none counts twice."""
    with ProjectionRunner(
        application_class=DogSchool, projection_class=TakeCensus, view_class=Census, env=env
    ) as runner:
        fido = runner.app.register("Fido")
        for number in range(4):
            # First all is followed: an end in the midst of a statement is the caller's to repeat.
            runner.wait(runner.app.recorder.max_notification_id(), timeout=PATIENCE_SECONDS)
            drop_connections(env["DUEBOOK_DATABASE_URL"])
            runner.app.teach(fido, f"trick {number}")
        runner.wait(5, timeout=PATIENCE_SECONDS)
        assert runner.view.ids() == list(range(1, 6))


def test_the_recorder_works_with_the_rights_of_the_service(
    recorder: LedgerApplicationRecorder,
) -> None:
    recorder.insert_events([stored(1, uuid4())])
    with recorder.place.pool.connection() as conn:
        assert conn.execute("SELECT current_user").fetchone() == ("duebook_service",)
        for change in ("UPDATE events SET state = ''", "DELETE FROM events", "TRUNCATE events"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(sql.SQL(change))
