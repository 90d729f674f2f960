"""Errors that a user can mend, and the one sentence that each becomes."""

import psycopg
import redis
from psycopg_pool import PoolTimeout

from app.cases.errors import CaseUnknown
from app.engines import EngineError
from ledger.books import Busy
from ledger.codec import CodecError
from ledger.domain.rejections import Rejected
from ledger.log.records import LogError
from ledger.log.transactions import MayBeWritten
from ledger.schema import SchemaError
from projections.diagnosis import ClaimUnclear, InstantInFuture
from projections.incidents import IncidentUnknown
from projections.reading import AccountUnknown


class UserError(Exception):
    """What was asked cannot be done; the message says what was found and what to do."""


USER_ERRORS = (
    UserError,
    AccountUnknown,
    CaseUnknown,
    IncidentUnknown,
    ClaimUnclear,
    InstantInFuture,
    Rejected,
    Busy,
    CodecError,
    LogError,
    SchemaError,
    EngineError,
    PoolTimeout,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    redis.ConnectionError,
)


def sentence_of(error: BaseException) -> str:
    """The error as one line, with its code where it has one."""
    text = " ".join(str(error).split())
    if isinstance(error, Rejected):
        return f"{error.rejection.code.value}: {text}"
    if isinstance(error, MayBeWritten):
        return text
    for kinds, found, remedy in _DATABASE:
        if isinstance(error, kinds):
            return f"{found} ({text}); {remedy}"
    return text


#: Errors of the database: what was found and what to do, the special before the general.
_DATABASE: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (
        psycopg.errors.ReadOnlySqlTransaction,
        "the database takes no writes",
        "it is a standby or set to read only; point DUEBOOK_DATABASE_URL to one that takes them",
    ),
    (
        psycopg.errors.DiskFull,
        "the database has no room",
        "make room on its disk and repeat the command: what is recorded already counts as a retry",
    ),
    (
        (psycopg.errors.TooManyConnections, PoolTimeout),
        "the database gives no connection",
        "wait for others to leave, or raise its max_connections",
    ),
    (
        (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled),
        "the database was not done in time",
        "see with duebook status who holds a head, and repeat the command",
    ),
    (
        (psycopg.OperationalError, psycopg.InterfaceError),
        "the database does not answer",
        "check DUEBOOK_DATABASE_URL and that it runs",
    ),
)
