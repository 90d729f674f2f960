"""What keeps the books shown and known: heal, verify, quarantine, keys, the access log."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from app.api.answers import answer
from app.api.bodies import JSON, json_object
from app.api.desk import desk_of
from app.api.document_parts import ref
from app.api.documents import KEY_WANTED
from app.api.keys import KeyRefused
from app.api.parameters import Account, Limit
from app.api.problems import Fault, Problem
from app.api.roles import ApiRole, Permission
from app.api.routing import add
from ledger.proof.verify import verify_streams
from projections.reading import AccountUnknown
from projections.verification import differences

KeyId = Annotated[str, Path(pattern="^[a-z0-9]{12}$", description="The id of the key.")]
AfterNumber = Annotated[int, Query(ge=0, le=2**62, description="The last number that was seen.")]
Body = Annotated[dict[str, Any], Depends(json_object)]

_WITH_BODY = (400, 408, 413, 415)
#: What can be done with a key that was made, for tools that follow links.
_LINKS = {
    "revoke_key": {
        "operationId": "revoke_key",
        "parameters": {"key_id": "$response.body#/key/key_id"},
    }
}


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(prefix="/v1", tags=["upkeep"])
    wanted = {"required": True, "content": {JSON: {"schema": KEY_WANTED}}}
    for method, path, endpoint, needs, schema, may_end in (
        ("POST", "/accounts/{account}/heal", heal, Permission.HEAL, "Healed", (404,)),
        ("GET", "/accounts/{account}/verification", verify, Permission.VERIFY, "Verified", (404,)),
        ("GET", "/quarantine", quarantine, Permission.OPERATE, "Quarantine", ()),
        ("GET", "/keys", list_keys, Permission.OPERATE, "Keys", ()),
        ("POST", "/keys", add_key, Permission.OPERATE, "KeyMade", _WITH_BODY),
        ("DELETE", "/keys/{key_id}", revoke_key, Permission.OPERATE, "Key", (404,)),
        ("GET", "/access-log", read_access_log, Permission.READ_ACCESS_LOG, "AccessLog", ()),
    ):
        status = 201 if endpoint is add_key else 200
        returns: dict[int | str, dict[str, Any]] = {
            status: {"description": "Done.", "content": {JSON: {"schema": ref(schema)}}}
        }
        if endpoint is add_key:
            returns[status]["links"] = _LINKS
        add(
            made,
            method,
            path,
            endpoint,
            needs=needs,
            may_end=may_end,
            returns=returns,
            extra={"requestBody": wanted} if endpoint is add_key else None,
        )
    return made


def heal(request: Request, account: Account) -> Response:
    """Fold the account again and replace its rows, whatever they say."""
    app = desk_of(request).app
    if app.log.versions([account])[account].version == 0:
        raise AccountUnknown(account)
    [step] = app.projector.heal([account], app.today())
    return answer({"account": account, "is_healed": step.quarantined == 0})


def verify(request: Request, account: Account) -> Response:
    """Recompute the digests of the account's events, and compare its views with replay."""
    app = desk_of(request).app
    if app.log.versions([account])[account].version == 0:
        raise AccountUnknown(account)
    chain = list(verify_streams(app.log, [account]))
    drift = list(differences(app.log, [account], app.today()))
    document = {"account": account, "is_sound": not chain, "log": chain, "views": drift}
    return answer(document)


def quarantine(request: Request) -> Response:
    """The accounts that could not be folded, the longest first."""
    return answer({"accounts": desk_of(request).app.reader.quarantined()})


def list_keys(request: Request) -> Response:
    """Every key that there is or was, without what would let anybody in."""
    return answer({"keys": desk_of(request).keys.all()})


def add_key(request: Request, body: Body) -> Response:
    """Make a key.  Its text is in this answer, and never again in another."""
    is_for_one = "account" in body
    role, name, account = (body.pop(field, None) for field in ("role", "name", "account"))
    if body or not isinstance(name, str) or role not in list(ApiRole):
        asked = f"name, role ({', '.join(ApiRole)}) and, for a borrower, account"
        wrong = next(iter(body), "role" if isinstance(name, str) else "name")
        raise Problem(Fault.KEY_REFUSED, f"a key is made from {asked}", field=wrong[:60])
    if is_for_one and not isinstance(account, str):
        raise Problem(Fault.KEY_REFUSED, "account is the id of an account", field="account")
    try:
        key, text = desk_of(request).keys.add(name, ApiRole(str(role)), account)
    except KeyRefused as error:
        raise Problem(Fault.KEY_REFUSED, str(error), field=error.field) from None
    return answer({"key": key, "text": text}, 201, {"Cache-Control": "no-store"})


def revoke_key(request: Request, key_id: KeyId) -> Response:
    """End a key for good; within two seconds no process takes it any more."""
    key = desk_of(request).keys.revoke(key_id)
    if key is None:
        raise Problem(Fault.KEY_UNKNOWN, f"there is no key {key_id}; GET /v1/keys lists them")
    return answer(key)


def read_access_log(request: Request, after: AfterNumber = 0, limit: Limit = 100) -> Response:
    """What was refused to whom, and what operators did, in the order in which it happened."""
    entries = desk_of(request).access_log.read(after, limit)
    return answer({"entries": entries, "next": entries[-1].number if entries else after})
