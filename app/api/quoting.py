"""What settling costs: `GET /v1/accounts/{account}/quote`, to the cent, for any day."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api.answers import etag_of, tagged
from app.api.bodies import JSON
from app.api.desk import desk_of
from app.api.document_parts import ref
from app.api.parameters import Account, Day, Draw
from app.api.problems import Fault, Problem
from app.api.reading import history_of, replayed
from app.api.roles import Permission
from app.api.routing import add
from app.quoting import NotQuoted, quote_document, quotes_of

On = Annotated[Day | None, Query(description="The day of the settlement; today without.")]


def router() -> APIRouter:
    """The route."""
    made = APIRouter(prefix="/v1/accounts/{account}", tags=["read"])
    content = {JSON: {"schema": ref("Quotes")}}
    add(
        made,
        "GET",
        "/quote",
        read_quote,
        needs=Permission.READ_ACCOUNT,
        may_end=(404, 409),
        returns={
            200: {
                "description": "A payment of just `to_pay` on that day leaves nothing owed.",
                "content": content,
                "headers": {"ETag": {"schema": {"type": "string"}}},
            },
            304: {"description": "What the caller holds still says the same."},
        },
    )
    return made


def read_quote(request: Request, account: Account, draw: Draw = None, on: On = None) -> Response:
    """What it costs to settle a draw on a day; without `draw`, of each that owes something."""
    desk = desk_of(request)
    day = on or desk.app.today()
    history = history_of(desk, account)
    try:
        quotes, currency = quotes_of(history, draw, day)
    except NotQuoted as error:
        raise Problem(Fault.PARAMETER_INVALID, str(error), field="draw") from None
    document = {
        "account": account,
        "on": day,
        "quotes": [quote_document(account, one, currency) for one in quotes],
        "freshness": replayed(history, history, day, None),
    }
    return tagged(request, document, etag_of(len(history), "quote", draw, day))
