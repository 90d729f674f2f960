"""Which problem an error becomes.  What is not in the table is a fault of ours, and is logged."""

import math

import psycopg
from fastapi.exceptions import RequestValidationError
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from app.api.problems import Fault, Problem
from app.cases.errors import CaseUnknown
from app.simulation.cases import CaseError, NotOffered
from app.simulation.folding import Refused
from ledger.books import Busy, NotWritten
from ledger.codec import CodecError
from ledger.counter import CounterClosed, Overloaded, Withdrawn
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.log.transactions import MayBeWritten
from projections.diagnosis import ClaimUnclear, InstantInFuture
from projections.generations import GenerationRefused
from projections.incidents import IncidentUnknown
from projections.reading import AccountUnknown

#: After a database that is away nobody need come back sooner.
AWAY_SECONDS = 2
_AGAIN = {"Retry-After": str(AWAY_SECONDS)}
#: Where the exception itself names a command, which nobody has who comes by HTTP.
_CASES = "GET /v1/accounts/{account}/cases lists those of an account"


def problem_of(error: Exception) -> Problem | None:
    """What to answer; None where nobody foresaw the error."""
    match error:
        case Problem():
            return error
        case Rejected():
            return Problem.of(error.rejection)
        case AccountUnknown():
            # Whoever may not see an account learns no more of it than that.
            return Problem.of(Rejection(Code.ACCOUNT_UNKNOWN, str(error), "account"))
        case CaseUnknown():
            return Problem(Fault.CASE_UNKNOWN, f"there is no case {error.case_id!r:.130}; {_CASES}")
        case IncidentUnknown():
            there = "GET /v1/incidents lists them"
            return Problem(Fault.INCIDENT_UNKNOWN, f"there is no incident {error.number}; {there}")
        case ClaimUnclear():
            return Problem(Fault.PARAMETER_INVALID, str(error), field="question")
        case InstantInFuture():
            return Problem(Fault.PARAMETER_INVALID, str(error), field="known_at")
        case CodecError():
            sentence = f"the account cannot be read: {error}"
            return Problem.of(Rejection(Code.ACCOUNT_UNREADABLE, sentence, "account"))
        case CaseError() | NotOffered() | Refused():
            return Problem(Fault.CASE_REFUSED, str(error))
        case GenerationRefused():
            return Problem(Fault.REBUILD_REFUSED, str(error))
        case RequestValidationError():
            return _parameter_invalid(error)
        case HTTPException():
            return _of_http(error)
        case NotWritten() | psycopg.Error() | PoolTimeout():
            return _of_database(error)
    return None


def _of_database(error: Exception) -> Problem | None:
    match error:
        case MayBeWritten():
            return Problem(Fault.MAY_BE_WRITTEN, str(error), headers=_AGAIN)
        case Overloaded():
            again = {"Retry-After": str(math.ceil(error.retry_after_seconds))}
            return Problem(Fault.OVERLOADED, str(error), headers=again)
        case CounterClosed():
            return Problem(Fault.STOPPING, str(error), headers=_AGAIN)
        case Withdrawn() | Busy():
            return Problem(Fault.OVERLOADED, str(error), headers=_AGAIN)
        case (
            psycopg.OperationalError()
            | psycopg.InterfaceError()
            | psycopg.errors.ReadOnlySqlTransaction()
            | PoolTimeout()
        ):
            sentence = "the database does not answer; nothing was written, come again"
            return Problem(Fault.UNAVAILABLE, sentence, headers=_AGAIN)
    return None


def _parameter_invalid(error: RequestValidationError) -> Problem:
    """The first parameter that is wrong."""
    first = error.errors()[0]
    field = str(first["loc"][-1])
    said = str(first["msg"]).removeprefix("Value error, ")
    members = {} if first["type"] == "missing" else {"found": f"{first['input']!s:.200}"}
    return Problem(Fault.PARAMETER_INVALID, f"{field}: {said}", field=field, members=members)


def _of_http(error: HTTPException) -> Problem:
    """What the router says by itself."""
    if error.status_code == Fault.METHOD_NOT_ALLOWED.status:
        allowed = (error.headers or {}).get("Allow", "")
        detail = f"the route does not know this method, but {allowed}"
        return Problem(Fault.METHOD_NOT_ALLOWED, detail, headers=error.headers)
    if error.status_code == Fault.ROUTE_UNKNOWN.status:
        return Problem(Fault.ROUTE_UNKNOWN, "there is no such route; /openapi.json lists them")
    return Problem(Fault.HEADER_INVALID, str(error.detail), headers=error.headers)
