"""A fact a request: `POST /v1/accounts/{account}/payments` and its like, one for each topic."""

import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api.answers import answer, recorded_document, taken_document
from app.api.bodies import JSON, json_object
from app.api.conditions import expected_version, with_idempotency_key
from app.api.desk import Desk, desk_of
from app.api.fact_schemas import Schema, body_of
from app.api.parameters import Account, IdempotencyKey, IfMatch, Wait
from app.api.problems import Problem
from app.api.resources import RESOURCES, Resource
from app.api.roles import Permission
from app.api.routing import add
from ledger.books import Taken
from ledger.domain.rejections import Code, Rejected
from ledger.door import Line, line_of
from projections.overdue import OVERDUE

#: Pauses between two looks at the view, in seconds.
LOOK_SECONDS_MIN, LOOK_SECONDS_MAX = 0.01, 0.2

Body = Annotated[dict[str, Any], Depends(json_object)]

#: How an append may end besides what every route may: 413 and 415 are the body's.
_MAY_END = (400, 404, 408, 409, 412, 413, 415, 504)


def router_of(components: dict[str, Schema]) -> APIRouter:
    """The routes; the schemas that their bodies need are added to the components."""
    router = APIRouter(prefix="/v1/accounts", tags=["append"])
    for resource in RESOURCES:
        schema = body_of(resource, components)
        body = {"required": True, "content": {JSON: {"schema": schema}}}
        add(
            router,
            "POST",
            f"/{{account}}/{resource.path}" if resource.path else "",
            _endpoint_of(resource),
            needs=Permission.APPEND,
            may_end=_MAY_END,
            returns=_RETURNS if resource.path else _with_links(_RETURNS),
            extra={"requestBody": body},
            name=name_of(resource),
            summary=f"Record {resource.topic}",
        )
    return router


_RETURNS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": meaning,
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Taken"}}},
        "headers": {
            "ETag": {
                "description": "The version of the account, for If-Match.",
                "schema": {"type": "string"},
            }
        },
    }
    for status, meaning in {
        201: "The fact is recorded.",
        200: "It was recorded before: this is the first answer.",
    }.items()
}


#: What a service may read of an account, and tools may follow a link to.
_READ_OF_ACCOUNT = (
    "read_schedule", "read_overdue", "read_activity", "read_episodes", "read_quote",
)  # fmt: skip


def _with_links(returns: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """What can be done with an account that was opened, for tools that follow links."""
    account = {"account": "$response.body#/account"}
    names = [name_of(one) for one in RESOURCES if one.path]
    links = {
        name: {"operationId": name, "parameters": account} for name in (*names, *_READ_OF_ACCOUNT)
    }
    return {status: {**one, "links": links} for status, one in returns.items()}


def name_of(resource: Resource) -> str:
    """The name of the operation that records facts of the resource."""
    return f"append_{resource.topic.replace('.', '_')}"


def _endpoint_of(resource: Resource) -> Callable[..., Response]:
    """The handler of a resource.  Only opening says in the body whose fact it is."""

    def append(
        request: Request,
        account: Account,
        body: Body,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
        wait: Wait = None,
    ) -> Response:
        fact = with_idempotency_key(body, resource.id_field, idempotency_key)
        line = Line(account, resource.topic, fact)
        return _appended(request, line, expected_version(if_match), wait)

    def open_account(
        request: Request,
        body: Body,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
        wait: Wait = None,
    ) -> Response:
        fact = with_idempotency_key(body, resource.id_field, idempotency_key)
        envelope = line_of({"topic": resource.topic, "account": fact.pop("account", None)})
        line = Line(envelope.account_id, resource.topic, fact)
        return _appended(request, line, expected_version(if_match), wait)

    return append if resource.path else open_account


def _appended(request: Request, line: Line, expected: int | None, wait: Wait) -> Response:
    """Bring the fact to the counter, and answer with what became of it."""
    desk = desk_of(request)
    try:
        [taken] = desk.counter.append_all(
            [line], expected_version=expected, seconds=desk.settings.append_seconds_max
        )
    except Rejected as error:
        desk.figures.count_answers([error.rejection])
        raise _problem(desk, line, error) from None
    desk.figures.count_answers([taken])
    desk.app.ring([taken])
    document = taken_document(line, taken)
    headers = {}
    if taken.recorded:
        last = taken.recorded[-1]
        headers["ETag"] = f'"{last.version}"'
        request.state.report = {"shard": last.shard, "position": last.position, "key": last.key}
        if wait is not None:
            document["view"] = _awaited(desk, line.account_id, taken)
    return answer(document, 200 if taken.is_retry else 201, headers)


def _problem(desk: Desk, line: Line, error: Rejected) -> Problem:
    """The refusal; of a key that is used it names the event that used it first."""
    rejection = error.rejection
    if rejection.code is not Code.KEY_USED_WITH_OTHER_CONTENT or rejection.version is None:
        return Problem.of(rejection, line.body)
    history = desk.app.log.streams([line.account_id])[line.account_id]
    first = history[rejection.version - 1]
    named = {**recorded_document(first), "topic": first.topic, "effective_on": first.effective_on}
    return Problem.of(rejection, line.body, {"first": named})


def _awaited(desk: Desk, account_id: str, taken: Taken) -> dict[str, Any]:
    """Wait until the view is made from the fact, within bounds, and say whether it is."""
    version = taken.recorded[-1].version
    began = time.monotonic()
    pause = LOOK_SECONDS_MIN
    while True:
        receipt = desk.app.reader.held(OVERDUE, account_id).receipt
        seconds = time.monotonic() - began
        shown = 0 if receipt is None else receipt.account_version
        is_over = seconds >= desk.settings.view_seconds_max or desk.stopping.is_set()
        if shown >= version or is_over:
            return {
                "shows_the_fact": shown >= version,
                "account_version": shown,
                "waited_seconds": round(seconds, 3),
            }
        time.sleep(pause)
        pause = min(2 * pause, LOOK_SECONDS_MAX)
