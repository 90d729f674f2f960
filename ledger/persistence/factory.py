"""Settings in, recorders out: what `PERSISTENCE_MODULE=ledger.persistence` constructs."""

import re
from typing import Literal, TypeVar, cast

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool

from ledger.persistence.place import Place
from ledger.persistence.recorders import (
    LedgerAggregateRecorder,
    LedgerApplicationRecorder,
    LedgerProcessRecorder,
    LedgerTrackingRecorder,
    Translation,
)

DATABASE_URL = "DUEBOOK_DATABASE_URL"
SCHEMA = "DUEBOOK_SCHEMA"
POOL_SIZE = "DUEBOOK_POOL_SIZE"
ORIGINATOR_ID_TYPE = "ORIGINATOR_ID_TYPE"
CREATE_TABLE = "CREATE_TABLE"

Recorder = TypeVar("Recorder")

POOL_SIZE_DEFAULT = 10
#: A name of PostgreSQL has 63 bytes; `_snapshots` must fit behind it.
SCHEMA_LENGTH_MAX = 50


class Factory(InfrastructureFactory[LedgerTrackingRecorder]):
    """Recorders over ledgers in one database, named after the application."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        database_url = self.env.get(DATABASE_URL)
        if not database_url:
            raise OSError(
                f"{DATABASE_URL} is not set for {self.env.name or 'the application'!r}."
                " Set it to a PostgreSQL database, such as postgresql:///books."
            )
        self._database_url = database_url
        self._schema = self._schema_name()
        self._pool_size = int(self.env.get(POOL_SIZE) or POOL_SIZE_DEFAULT)
        self._translation = Translation(self._originator_id_type())
        self._places: dict[str, Place] = {}

    def aggregate_recorder(self, purpose: str = "events") -> LedgerAggregateRecorder:
        """Events by aggregate, without notifications; snapshots are in a ledger of their own."""
        suffix = "" if purpose == "events" else f"_{purpose}"
        return LedgerAggregateRecorder(self._place(self._schema + suffix), self._translation)

    def application_recorder(self) -> LedgerApplicationRecorder:
        """Events by aggregate and in the order of the log."""
        recorder_class = self._class_of(self.APPLICATION_RECORDER_TOPIC, LedgerApplicationRecorder)
        return recorder_class(self._place(self._schema), self._translation)

    def tracking_recorder(
        self, tracking_recorder_class: type[LedgerTrackingRecorder] | None = None
    ) -> LedgerTrackingRecorder:
        """How far applications are followed, and the view that is made of them."""
        recorder_class = tracking_recorder_class or self._class_of(
            self.TRACKING_RECORDER_TOPIC, LedgerTrackingRecorder
        )
        place = self._place(self._schema)
        if self._makes_tables:
            place.make_views(recorder_class.create_statements)
        return recorder_class(place)

    def process_recorder(self) -> LedgerProcessRecorder:
        """Events together with the position that they come from."""
        recorder_class = self._class_of(self.PROCESS_RECORDER_TOPIC, LedgerProcessRecorder)
        return recorder_class(self._place(self._schema), self._translation)

    def close(self) -> None:
        """Close all connections."""
        for place in self._places.values():
            place.close()

    @property
    def _makes_tables(self) -> bool:
        return strtobool(self.env.get(CREATE_TABLE) or "yes")

    def _place(self, schema_name: str) -> Place:
        place = self._places.get(schema_name)
        if place is None or place.pool.closed:
            place = self._places[schema_name] = Place(
                self._database_url, schema_name, make=self._makes_tables, pool_size=self._pool_size
            )
        return place

    def _schema_name(self) -> str:
        name = self.env.get(SCHEMA) or f"duebook_{self.env.name.lower() or 'application'}"
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) or len(name) > SCHEMA_LENGTH_MAX:
            raise OSError(
                f"{name!r} cannot be the schema of an application: it takes lower-case letters,"
                f" digits and _, at most {SCHEMA_LENGTH_MAX} of them. Set {SCHEMA} to such a name."
            )
        return name

    def _originator_id_type(self) -> Literal["uuid", "text"]:
        kind = self.env.get(ORIGINATOR_ID_TYPE, "uuid").lower()
        if kind not in ("uuid", "text"):
            raise OSError(f"{ORIGINATOR_ID_TYPE} is {kind!r}; set it to 'uuid' or 'text'.")
        return cast(Literal["uuid", "text"], kind)

    def _class_of(self, setting: str, default: type[Recorder]) -> type[Recorder]:
        topic = self.env.get(setting)
        return resolve_topic(topic) if topic else default
