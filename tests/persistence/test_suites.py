"""The library's own suites, run against `ledger.persistence`.

All of its suites for recorders, factories and projections run, except two that do not concern us:
`TaggedDecisionCountersProjectionTestCase` is about the library's other kind of application (DCB),
whose events belong to no aggregate; the suites of mappers, transcoders and connection pools test
classes of the library that are the same with every persistence module.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from eventsourcing.persistence import Tracking
from eventsourcing.tests import persistence as suites
from eventsourcing.tests import projection as projection_suites
from eventsourcing.utils import Environment

from ledger.persistence import (
    Factory,
    LedgerAggregateRecorder,
    LedgerApplicationRecorder,
    LedgerProcessRecorder,
    LedgerTrackingRecorder,
)


class OnFreshDatabase:
    """Each test has a database of its own, and a factory on it that is closed afterwards."""

    factory: Factory
    env: Any

    @pytest.fixture(autouse=True)
    def _fresh(self, empty_database_url: str) -> Iterator[None]:
        settings = {
            "PERSISTENCE_MODULE": "ledger.persistence",
            "DUEBOOK_DATABASE_URL": empty_database_url,
        }
        self.env = Environment("suite", settings)
        self.factory = Factory(self.env)
        yield
        self.factory.close()


class TestAggregateRecorder(OnFreshDatabase, suites.AggregateRecorderTestCase):
    def create_recorder(self) -> LedgerAggregateRecorder:
        return self.factory.aggregate_recorder()


class TestApplicationRecorder(
    OnFreshDatabase, suites.ApplicationRecorderTestCase[LedgerApplicationRecorder]
):
    def create_recorder(self) -> LedgerApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        """The suite leaves it to those who have subscriptions to call this one."""
        self.optional_test_insert_subscribe()


class TestTrackingRecorder(OnFreshDatabase, suites.TrackingRecorderTestCase):
    def create_recorder(self) -> LedgerTrackingRecorder:
        return self.factory.tracking_recorder()


class TestProcessRecorder(OnFreshDatabase, suites.ProcessRecorderTestCase):
    def create_recorder(self) -> LedgerProcessRecorder:
        return self.factory.process_recorder()


class TestNonInterleavingNotificationIDs(
    OnFreshDatabase, suites.NonInterleavingNotificationIDsBaseCase
):
    def create_recorder(self) -> LedgerApplicationRecorder:
        return self.factory.application_recorder()


class OtherTrackingRecorder(LedgerTrackingRecorder):
    """For a factory that is told which class to construct."""


class TestFactory(OnFreshDatabase, suites.InfrastructureFactoryTestCase[Factory]):
    def expected_factory_class(self) -> type[Factory]:
        return Factory

    def expected_aggregate_recorder_class(self) -> type[LedgerAggregateRecorder]:
        return LedgerAggregateRecorder

    def expected_application_recorder_class(self) -> type[LedgerApplicationRecorder]:
        return LedgerApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[LedgerTrackingRecorder]:
        return LedgerTrackingRecorder

    def tracking_recorder_subclass(self) -> type[LedgerTrackingRecorder]:
        return OtherTrackingRecorder

    def expected_process_recorder_class(self) -> type[LedgerProcessRecorder]:
        return LedgerProcessRecorder


class EventCounters(LedgerTrackingRecorder, projection_suites.EventCountersView):
    """A projection as a user writes it: its table, and counts that move with the position."""

    create_statements = (
        "CREATE TABLE IF NOT EXISTS counters (name text PRIMARY KEY, events integer NOT NULL)",
    )

    def get_created_event_counter(self) -> int:
        return self._count("created")

    def get_subsequent_event_counter(self) -> int:
        return self._count("subsequent")

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        self._increment("created", tracking)

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        self._increment("subsequent", tracking)

    def _count(self, name: str) -> int:
        with self.transaction() as conn:
            row = conn.execute("SELECT events FROM counters WHERE name = %s", [name]).fetchone()
        return row[0] if row else 0

    def _increment(self, name: str, tracking: Tracking) -> None:
        with self.transaction() as conn:
            conn.execute(
                "INSERT INTO counters VALUES (%s, 1)"
                " ON CONFLICT (name) DO UPDATE SET events = counters.events + 1",
                [name],
            )
            self.track(conn, tracking)


class TestEventCountersView(OnFreshDatabase, projection_suites.EventCountersViewTestCase):
    def construct_event_counters_view(self) -> EventCounters:
        recorder = self.factory.tracking_recorder(EventCounters)
        assert isinstance(recorder, EventCounters)
        return recorder


class TestProjection(OnFreshDatabase, projection_suites.AggregateEventCountersProjectionTestCase):
    view_class = EventCounters


class TestEventSourcedProjection(OnFreshDatabase, projection_suites.EventSourcedProjectionTestCase):
    """Its events and positions go into one ledger, in one transaction."""
