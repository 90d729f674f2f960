"""What if: facts that nobody records are decided and folded, and the state is shown.

They are judged as the books would judge them, on an account that exists for this request only.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api.answers import answer
from app.api.bodies import JSON, json_object
from app.api.desk import desk_of
from app.api.document_parts import ref
from app.api.documents import SIMULATION_WANTED
from app.api.problems import Fault, Problem
from app.api.roles import Permission
from app.api.routing import add
from app.cli.rendering import state_document
from ledger.codec import decode
from ledger.deciding import Plan
from ledger.deciding import Request as Wish
from ledger.domain.rejections import Rejected
from ledger.door import Line, line_of
from ledger.replay import KnownFact, replay

ACCOUNT_ID = "simulated"
#: Facts of one simulation: deciding grows with those before.
FACTS_MAX = 500

Body = Annotated[dict[str, Any], Depends(json_object)]


def router() -> APIRouter:
    """The route."""
    made = APIRouter(prefix="/v1", tags=["read"])
    wanted = {"required": True, "content": {JSON: {"schema": SIMULATION_WANTED}}}
    returns: dict[int | str, dict[str, Any]] = {
        200: {"description": "The state.", "content": {JSON: {"schema": ref("Simulated")}}}
    }
    add(
        made,
        "POST",
        "/simulations",
        simulate,
        needs=Permission.CALCULATE,
        may_end=(400, 404, 408, 409, 412, 413, 415),
        returns=returns,
        extra={"requestBody": wanted},
    )
    return made


def simulate(request: Request, body: Body) -> Response:
    """The state of an account that had these facts, in the order in which they are given."""
    today = desk_of(request).app.today()
    # One that is given as null is no date either.
    facts, day = body.pop("facts", None), body.pop("as_of", today)
    if body or not isinstance(facts, list) or not 1 <= len(facts) <= FACTS_MAX:
        raise Problem(
            Fault.CASE_REFUSED, f"a simulation is facts, 1 to {FACTS_MAX}, and as_of", field="facts"
        )
    as_of = _a_date(day)
    lines = [_line(number, fact) for number, fact in enumerate(facts)]
    return answer({"state": state_document(replay(_decided(lines), as_of))})


def _a_date(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise Problem(
            Fault.CASE_REFUSED, f"as_of is {text!r:.60}; give a date such as 2026-03-31",
            field="as_of",
        ) from None  # fmt: skip


def _line(number: int, fact: object) -> Line:
    """A fact, whosever it says that it is."""
    if not isinstance(fact, dict):
        found = f"fact {number} is {type(fact).__name__}; a fact is an object"
        raise Problem(Fault.CASE_REFUSED, found, field=f"facts[{number}]")
    try:
        return line_of({**fact, "account": ACCOUNT_ID})
    except Rejected as error:
        raise Problem.of(error.rejection, fact, {"fact": number}) from None


def _decided(lines: Sequence[Line]) -> list[KnownFact]:
    """The facts as the books would take them.  Raises `Problem` for the first refused."""
    plan = Plan({ACCOUNT_ID: []})
    for line in lines:
        plan.take(Wish([line], all_or_nothing=True), {})
    for number, outcome in enumerate(plan.outcomes()):
        if isinstance(outcome, Rejected):
            raise Problem.of(outcome.rejection, lines[number].body, {"fact": number})
    return [
        KnownFact(decode(one.topic, one.effective_on, one.state), version, _NOW)
        for version, one in enumerate(plan.events, start=1)
    ]


#: When the facts are learnt plays no part: all are known.
_NOW = datetime.min.replace(tzinfo=UTC)
