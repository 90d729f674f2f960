"""Errors that a user can mend, and the one sentence that each becomes."""

import psycopg
import redis
from psycopg_pool import PoolTimeout

from app.engines import EngineError
from ledger.books import Busy
from ledger.codec import CodecError
from ledger.domain.rejections import Rejected
from ledger.log.records import LogError
from ledger.schema import SchemaError
from projections.reading import AccountUnknown


class UserError(Exception):
    """What was asked cannot be done; the message says what was found and what to do."""


USER_ERRORS = (
    UserError,
    AccountUnknown,
    Rejected,
    Busy,
    CodecError,
    LogError,
    SchemaError,
    EngineError,
    PoolTimeout,
    psycopg.OperationalError,
    redis.ConnectionError,
)


def sentence_of(error: BaseException) -> str:
    """The error as one line, with its code where it has one."""
    text = " ".join(str(error).split())
    if isinstance(error, Rejected):
        return f"{error.rejection.code.value}: {text}"
    if isinstance(error, psycopg.OperationalError | PoolTimeout):
        return f"the database does not answer ({text}); check DUEBOOK_DATABASE_URL and that it runs"
    return text
