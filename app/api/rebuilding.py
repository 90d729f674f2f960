"""Build the views anew: begin, look at what would change, confirm.  Workers do the work.

What changes nothing goes live by itself.  What changes something waits until an operator has seen
its report and confirms it.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.api.answers import answer
from app.api.bodies import JSON
from app.api.desk import desk_of
from app.api.document_parts import ref
from app.api.problems import Fault, Problem
from app.api.roles import Permission
from app.api.routing import add
from app.watching import BuildStatus, builds
from app.wiring import App
from projections.generations import Generation
from workers.rebuilds import Progress, Rebuilds

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The number of the generation.")]

_ONE: dict[str, Any] = {JSON: {"schema": ref("Rebuild")}}
_LIST: dict[str, Any] = {JSON: {"schema": ref("Rebuilds")}}
#: What can be done with a rebuild that was begun, for tools that follow links.
_LINKS = {
    name: {"operationId": name, "parameters": {"number": "$response.body#/generation"}}
    for name in ("read_rebuild", "confirm_rebuild")
}


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(prefix="/v1/rebuilds", tags=["upkeep"])
    begun = {202: ("Workers build it.", _ONE), 200: ("It is being built already.", _ONE)}
    agreed = {202: ("Workers will switch to it.", _ONE), 200: ("It is live.", _ONE)}
    routes: tuple[tuple[str, str, Callable[..., Response], tuple[int, ...], Any], ...] = (
        ("POST", "", begin_rebuild, (409,), begun),
        ("GET", "", list_rebuilds, (), {200: ("Every generation, the oldest first.", _LIST)}),
        ("GET", "/{number}", read_rebuild, (404,), {200: ("How far, what changes.", _ONE)}),
        ("POST", "/{number}/confirmation", confirm_rebuild, (404, 409), agreed),
    )
    for method, path, endpoint, may_end, ends in routes:
        links = {"links": _LINKS} if endpoint is begin_rebuild else {}
        returns: dict[int | str, dict[str, Any]] = {
            status: {"description": said, "content": content, **links}
            for status, (said, content) in ends.items()
        }
        add(
            made,
            method,
            path,
            endpoint,
            needs=Permission.OPERATE,
            may_end=may_end,
            returns=returns,
        )
    return made


def begin_rebuild(request: Request) -> Response:
    """Begin to build every view anew beside the live ones; one at a time, so it may be repeated."""
    app = desk_of(request).app
    rebuilds = Rebuilds(app.pool)
    building = rebuilds.generations.building()
    if building is not None and rebuilds.generations.is_ours(building):
        return answer(_document(*_found(app, building.number)))
    begun = rebuilds.begin(app.today(), "if_equal")
    for shard in rebuilds.owed():
        app.doorbell.call("rebuild_shard", shard)
    return answer(_document(*_found(app, begun.number)), 202)


def list_rebuilds(request: Request) -> Response:
    """The generations there are: which is live, which is building, and what each would change."""
    found = builds(desk_of(request).app)
    return answer({"rebuilds": [_document(*one) for one in found]})


def read_rebuild(request: Request, number: Number) -> Response:
    """How far a generation is; once it is built and compared, what a switch to it changes."""
    return answer(_document(*_found(desk_of(request).app, number)))


def confirm_rebuild(request: Request, number: Number) -> Response:
    """Let readers see a generation whatever changes by it.  It must have been compared, so that
    there is a report to confirm.
    """
    app = desk_of(request).app
    generation, progress = _found(app, number)
    if generation.state == "live":
        return answer(_document(generation, progress))
    if generation.state == "old":
        sentence = f"generation {number} is old; only one that is built can go live"
        raise Problem(Fault.REBUILD_REFUSED, sentence)
    if generation.report is None:
        raise Problem(
            Fault.REBUILD_REFUSED,
            f"generation {number} is not compared yet, {progress.done} of {progress.accounts}"
            " accounts are built; there is nothing to confirm before its report is there",
        )
    rebuilds = Rebuilds(app.pool)
    with app.pool.connection() as conn:
        rebuilds.generations.set_consent(conn, number, "given")
    app.doorbell.call("finish_rebuild")
    return answer(_document(*_found(app, number)), 202)


def _found(app: App, number: int) -> tuple[Generation, Progress]:
    for one, progress in builds(app):
        if one.number == number:
            return one, progress
    raise Problem(
        Fault.REBUILD_UNKNOWN, f"there is no generation {number}; GET /v1/rebuilds lists them"
    )


def _document(one: Generation, progress: Progress) -> dict[str, Any]:
    """A generation as JSON."""
    return {
        "generation": one.number,
        "state": one.state,
        "standing": BuildStatus.of(one, progress).standing,
        "waits_for_confirmation": one.state == "building"
        and one.consent == "withheld"
        and one.report is not None,
        "begun_at": one.begun_at,
        "compared_at": one.compared_at,
        "live_since": one.live_since,
        "progress": asdict(progress),
        "report": one.report,
    }
