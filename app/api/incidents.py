"""What the monitor found wrong: for support, which is asked about it, and for operators."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from app.api.answers import answer
from app.api.bodies import JSON
from app.api.desk import desk_of
from app.api.document_parts import ref
from app.api.parameters import Limit
from app.api.roles import Permission
from app.api.routing import add
from projections.incidents import Incidents

Number = Annotated[int, Path(ge=1, le=2**62, description="The number of the incident.")]
Before = Annotated[
    int | None, Query(ge=1, le=2**62, description="The last number of the page before.")
]
OnlyOpen = Annotated[bool, Query(alias="open", description="Only those that are open.")]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(prefix="/v1/incidents", tags=["upkeep"])
    for path, endpoint, schema, may_end in (
        ("", list_incidents, "Incidents", ()),
        ("/{number}", read_incident, "IncidentShown", (404,)),
    ):
        content = {JSON: {"schema": ref(schema)}}
        add(
            made,
            "GET",
            path,
            endpoint,
            needs=Permission.READ_INCIDENTS,
            may_end=may_end,
            returns={200: {"description": "What was found.", "content": content}},
        )
    return made


def list_incidents(
    request: Request, only_open: OnlyOpen = False, before: Before = None, limit: Limit = 100
) -> Response:
    """Incidents, the newest first."""
    incidents = Incidents(desk_of(request).app.pool)
    found = incidents.page(only_open=only_open, before=before, limit=limit)
    return answer({"incidents": [one.document() for one in found]})


def read_incident(request: Request, number: Number) -> Response:
    """One incident: whom it concerns, what was done, and the proof with which it was closed."""
    return answer(Incidents(desk_of(request).app.pool).document(number))
