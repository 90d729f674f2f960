"""Is it alive, is it ready, how does it do: for those who run it, and for their machines."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.answers import answer
from app.api.desk import desk_of
from app.api.document_parts import ref
from app.api.roles import Permission
from app.api.routing import add

#: The text format of Prometheus.
FIGURES = "text/plain; version=0.0.4; charset=utf-8"


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["operations"])
    for path, endpoint, needs, content in (
        ("/healthz", healthz, Permission.NOTHING, {"application/json": {"schema": ref("Health")}}),
        ("/readyz", readyz, Permission.NOTHING, {"application/json": {"schema": ref("Ready")}}),
        ("/metrics", metrics, Permission.OPERATE, {"text/plain": {"schema": {"type": "string"}}}),
    ):
        returns: dict[int | str, dict[str, Any]] = {
            200: {"description": "Yes.", "content": content}
        }
        add(made, "GET", path, endpoint, needs=needs, returns=returns)
    return made


async def healthz(request: Request) -> Response:
    """The process is alive: it answers, and asks nobody else."""
    return answer({"is_alive": True})


def readyz(request: Request) -> Response:
    """The database answers.  Views that are behind keep nobody away: they are replayed meanwhile,
    and the answer says how far they are.
    """
    app = desk_of(request).app
    checkpoints = app.projector.checkpoints()
    head = sum(one.position for one in app.log.heads())
    days = [one.rolled_to for one in checkpoints]
    document = {
        "is_ready": True,
        "phase": app.log.phase,
        "today": app.today(),
        "rolled_to": None if None in days else min(day for day in days if day is not None),
        "lag": max(0, head - sum(one.position for one in checkpoints)),
    }
    return answer(document)


def metrics(request: Request) -> Response:
    """The figures of this process and of the ledger, for Prometheus."""
    return Response(desk_of(request).figures.text(), headers={"Content-Type": FIGURES})
