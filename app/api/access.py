"""Who comes, and may he?  Asked of every request before anything else of it is looked at."""

import math
from collections.abc import Awaitable, Callable

from fastapi import Request

from app.api.desk import Desk, desk_of
from app.api.problems import Fault, Problem
from app.api.roles import MAY, Caller, Permission
from projections.reading import AccountUnknown


def allowed(needs: Permission) -> Callable[[Request], Awaitable[None]]:
    """The check that stands before a route.

    401 without a good key, 429 for who comes too often, 403 for who may not, and 404 for an account
    of somebody else: word for word as for one that does not exist.
    """

    async def check(request: Request) -> None:
        if needs is Permission.NOTHING:
            return
        desk = desk_of(request)
        caller = await _authenticated(desk, request)
        request.state.caller = caller
        _slow_down(await desk.rates.seconds_until_next(caller.name))
        if not caller.may(needs):
            await desk.log_access(request, "refused", Fault.FORBIDDEN.code, caller)
            roles = ", ".join(sorted(MAY[needs]))
            raise Problem(
                Fault.FORBIDDEN, f"this is not for the role {caller.role}, but for {roles}"
            )
        account_id = request.path_params.get("account")
        if account_id is not None and not caller.may_see(account_id):
            await desk.log_access(request, "refused", "account_of_somebody_else", caller)
            raise AccountUnknown(account_id)
        if needs in (Permission.OPERATE, Permission.HEAL) and request.method != "GET":
            await desk.log_access(request, "operated", "admitted", caller)

    return check


def caller_of(request: Request) -> Caller:
    """Who was let in."""
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller


async def check_still_welcome(request: Request) -> None:
    """Whoever was let in may still come, asked again in the middle of a long answer: keys are
    revoked and tokens expire.  Raises `Problem`, and keeps the refusal.
    """
    desk, caller = desk_of(request), caller_of(request)
    try:
        found = await desk.caller_of(request.headers.get("authorization"))
    except Problem as problem:
        if problem.status == Fault.UNAUTHENTICATED.status:
            await desk.log_access(request, "refused", problem.code, caller)
        raise
    assert found == caller


async def _authenticated(desk: Desk, request: Request) -> Caller:
    try:
        return await desk.caller_of(request.headers.get("authorization"))
    except Problem as problem:
        address = request.client.host if request.client else ""
        _slow_down(await desk.failures.seconds_until_next(address))
        await desk.log_access(request, "refused", problem.code, None)
        raise


def _slow_down(seconds: float) -> None:
    if seconds:
        raise Problem(
            Fault.TOO_MANY_REQUESTS,
            f"you come too often; come again in {seconds:.2f} s",
            headers={"Retry-After": str(math.ceil(seconds))},
        )
