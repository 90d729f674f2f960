"""The log as a persistence module of the library `eventsourcing`.

    PERSISTENCE_MODULE=ledger.persistence
    DUEBOOK_DATABASE_URL=postgresql:///books
    DUEBOOK_SCHEMA=duebook_accounts    where its ledger is, if not in duebook_<application>
    DUEBOOK_POOL_SIZE=10               connections to it at most
    ORIGINATOR_ID_TYPE=uuid            or text: what the ids of aggregates are
    CREATE_TABLE=yes                   or no: then the ledger must be there

Every application, and the snapshots of every application, is a ledger of its own in a schema of
its own, with one shard.  The library wants one sequence of notification ids in which the events of
a save stand side by side; a shard is exactly that, and several are not.

    factory         settings in, recorders out
    place           the schema: ledger, connections and rights
    gathering       many saves, one commit
    recorders       stored events to events of the log and back
    subscription    follows by looking at the head of the shard
"""

from ledger.persistence.factory import Factory
from ledger.persistence.recorders import (
    LedgerAggregateRecorder,
    LedgerApplicationRecorder,
    LedgerProcessRecorder,
    LedgerTrackingRecorder,
)

__all__ = [
    "Factory",
    "LedgerAggregateRecorder",
    "LedgerApplicationRecorder",
    "LedgerProcessRecorder",
    "LedgerTrackingRecorder",
]
