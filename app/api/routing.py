"""How a route is made: what it needs, how it may end, and which parameters it knows."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, get_type_hints

from fastapi import APIRouter, Depends, Request
from fastapi.params import Query

from app.api.access import allowed
from app.api.problems import MEDIA_TYPE, Fault, Problem
from app.api.roles import MAY, Permission

#: Statuses with which every route that needs a key may end.
_GUARDED = (401, 403, 429)
_ANY = (503,)

_MEANINGS = {
    400: "The request cannot be read.",
    401: "No key or token that is good.",
    403: "Not for this role.",
    404: "No such account, or one of somebody else.",
    406: "No answer of the type that is accepted.",
    408: "The body did not come in time.",
    409: "The books stand against it.",
    412: "The account is at another version.",
    413: "The body is too large.",
    415: "The body is of another type.",
    422: "Understood, and refused.",
    429: "Too often.",
    503: "Not now: come again.",
    504: "It may have been written: repeat it unchanged.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for its documentation."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in sorted(statuses)
    }


def add(
    router: APIRouter,
    method: str,
    path: str,
    endpoint: Callable[..., Any],
    *,
    needs: Permission,
    may_end: Sequence[int] = (),
    returns: dict[int | str, dict[str, Any]],
    extra: dict[str, Any] | None = None,
    name: str | None = None,
    summary: str | None = None,
) -> None:
    """Add a route.  `returns` documents what it gives, `may_end` with which statuses it refuses."""
    guarded = () if needs is Permission.NOTHING else _GUARDED
    security: list[dict[str, list[str]]] = [] if needs is Permission.NOTHING else [{"bearer": []}]
    router.add_api_route(
        path,
        endpoint,
        methods=[method],
        dependencies=[Depends(allowed(needs)), Depends(no_others(_query_parameters(endpoint)))],
        response_model=None,
        name=name,
        operation_id=name or endpoint.__name__,
        summary=summary,
        responses={**problems(422, *may_end, *guarded, *_ANY), **returns},
        openapi_extra={
            "security": security,
            "x-permission": needs.value,
            "x-roles": sorted(MAY[needs]),
            **(extra or {}),
        },
    )


def no_others(known: frozenset[str]) -> Callable[[Request], Awaitable[None]]:
    """The check that a route knows every parameter given, and has each but once.

    One that is misspelt would be ignored otherwise, and the answer be another.
    """

    async def check(request: Request) -> None:
        given = [name for name, _ in request.query_params.multi_items()]
        for name in given:
            if name not in known:
                there = ", ".join(sorted(known)) or "none"
                raise _invalid(name, f"{name[:60]} is no parameter here; there are {there}")
            if given.count(name) > 1:
                raise _invalid(name, f"{name} is given {given.count(name)} times; give it once")

    return check


def _query_parameters(endpoint: Callable[..., Any]) -> frozenset[str]:
    """The parameters of an endpoint that are marked as of the query."""
    hints = get_type_hints(endpoint, include_extras=True)
    return frozenset(
        mark.alias or name
        for name, hint in hints.items()
        for mark in getattr(hint, "__metadata__", ())
        if isinstance(mark, Query)
    )


def _invalid(name: str, sentence: str) -> Problem:
    return Problem(Fault.PARAMETER_INVALID, sentence, field=name)
