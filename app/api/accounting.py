"""The books of all accounts together: `GET /v1/trial-balance`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api.answers import answer
from app.api.bodies import JSON
from app.api.desk import desk_of
from app.api.document_parts import ref
from app.api.parameters import ID_PATTERN, AsOf, KnownAt
from app.api.problems import Fault, Problem
from app.api.roles import Permission
from app.api.routing import add
from app.balancing import NotBalanced, trial_balance

OfAccount = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="One account, replayed; without, all.")
]


def router() -> APIRouter:
    """The route."""
    made = APIRouter(prefix="/v1", tags=["read"])
    content = {JSON: {"schema": ref("TrialBalance")}}
    add(
        made,
        "GET",
        "/trial-balance",
        read_trial_balance,
        needs=Permission.READ_BOOKS,
        may_end=(404, 409),
        returns={200: {"description": "Balances by currency.", "content": content}},
    )
    return made


def read_trial_balance(
    request: Request, account: OfAccount = None, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """The balance of every ledger account, and whether they sum to zero."""
    try:
        found = trial_balance(desk_of(request).app, account, as_of, known_at)
    except NotBalanced as error:
        field = "known_at" if known_at is not None else "as_of"
        raise Problem(Fault.PARAMETER_INVALID, str(error), field=field) from None
    return answer({**found.document(), "is_balanced": not found.unbalanced})
