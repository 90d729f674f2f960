"""The parts become one ASGI application.  Nothing connects, listens or is read here."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from app.api import (
    accounting,
    appending,
    batch,
    cases,
    following,
    incidents,
    listing,
    operations,
    pages,
    quoting,
    reading,
    rebuilding,
    simulating,
    upkeep,
)
from app.api.case_documents import CASE_COMPONENTS
from app.api.desk import Desk
from app.api.documents import COMPONENTS, DESCRIPTION
from app.api.examples import EXAMPLES
from app.api.fact_schemas import Schema
from app.api.faults import problem_of
from app.api.frame import Frame
from app.api.problems import Fault


def application(desk: Desk) -> FastAPI:
    """The door over a desk."""
    components: dict[str, Schema] = {
        name: {**schema, "examples": [EXAMPLES[name]]} if name in EXAMPLES else schema
        for name, schema in {**COMPONENTS, **CASE_COMPONENTS}.items()
    }
    api = DuebookApi(
        components,
        title="duebook",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # Pages would load scripts of others.
        redoc_url=None,
        redirect_slashes=False,
    )
    api.state.desk = desk
    for router in (
        appending.router_of(components),
        batch.router(),
        reading.router(),
        pages.router(),
        quoting.router(),
        accounting.router(),
        listing.router(),
        following.router(),
        simulating.router(),
        upkeep.router(),
        incidents.router(),
        cases.router(),
        rebuilding.router(),
        operations.router(),
    ):
        api.include_router(router)
    api.add_middleware(Frame, figures=desk.figures)
    for kind in (HTTPException, RequestValidationError):
        api.add_exception_handler(kind, _refused)
    return api


class DuebookApi(FastAPI):
    """FastAPI, whose document also holds the schemas of facts and of answers."""

    def __init__(self, components: dict[str, Schema], **how: Any) -> None:
        super().__init__(**how)
        self._components = components

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document of the door, made at the first call."""
        if self.openapi_schema is None:
            document = super().openapi()
            components = document.setdefault("components", {})
            components["schemas"] = {**components.get("schemas", {}), **self._components}
            components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            for unused in ("HTTPValidationError", "ValidationError"):
                components["schemas"].pop(unused, None)
        return self.openapi_schema or {}


async def _refused(request: Request, error: Exception) -> Response:
    """What the router refuses by itself, in the form of everything else."""
    if isinstance(error, HTTPException) and error.status_code == Fault.METHOD_NOT_ALLOWED.status:
        methods = _methods_at(request)
        if methods:  # Of what the document does not have, the router says it.
            error.headers = {"Allow": ", ".join(methods)}
    problem = problem_of(error)
    assert problem is not None
    return problem.response(request.state.request_id)


def _methods_at(request: Request) -> list[str]:
    """The methods of a path; the router names only those of the first route that has it."""
    api = request.app
    assert isinstance(api, DuebookApi)
    return sorted(
        method.upper()
        for template, operations in api.openapi()["paths"].items()
        if compile_path(template)[0].match(request.url.path)
        for method in operations
    )
