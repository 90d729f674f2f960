"""Tokens (JWT, RFC 7519) of an issuer that the settings name, signed with RS256 or EdDSA.

A token says what it is for by a scope, `duebook:<role>`, and a borrower's whose account it is by
the claim `account`: one id or a list of them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.api.roles import ApiRole, Caller
from app.api.settings import ApiSettings
from ledger.domain.bounds import is_id

#: Signatures that are believed.  `none` is not among them, nor is any with a shared secret.
ALGORITHMS = ("RS256", "EdDSA")
#: The clocks of two machines may differ by so much.
LEEWAY_SECONDS = 10
#: A key set is asked for again after so long, and not waited for longer than this.
KEYS_SECONDS = 300
FETCH_SECONDS_MAX = 3
SCOPE_PREFIX = "duebook:"


class TokenRefused(Exception):
    """A token that proves nothing; the message says what is wrong with it."""


class TokensMisconfigured(Exception):
    """The settings of tokens contradict each other, or name a key that cannot be read."""


class Tokens:
    """Checks tokens.  Safe to share between threads."""

    def __init__(self, settings: ApiSettings) -> None:
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._remote: jwt.PyJWKClient | None = None
        self._keys: dict[str | None, Any] = {}
        named = [name for name in (settings.jwt_jwks, settings.jwt_public_key) if name]
        if len(named) > 1:
            raise TokensMisconfigured(
                "DUEBOOK_API_JWT_JWKS and DUEBOOK_API_JWT_PUBLIC_KEY are both set; keep one"
            )
        if named and not self._issuer:
            raise TokensMisconfigured("DUEBOOK_API_JWT_ISSUER is not set; say whose tokens count")
        if settings.jwt_jwks and settings.jwt_jwks.startswith(("https://", "http://")):
            self._remote = jwt.PyJWKClient(
                settings.jwt_jwks, lifespan=KEYS_SECONDS, timeout=FETCH_SECONDS_MAX
            )
        elif settings.jwt_jwks:
            self._keys = _keys_in(Path(settings.jwt_jwks))
        elif settings.jwt_public_key:
            self._keys = {None: _pem_key(settings.jwt_public_key)}

    def caller(self, text: str) -> Caller:
        """Who shows this token.  Raises `TokenRefused`."""
        if self._remote is None and not self._keys:
            raise TokenRefused("tokens are not taken here; show an API key")
        try:
            key = self._key_of(text)
            claims = jwt.decode(
                text,
                key,
                algorithms=ALGORITHMS,
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, TypeError) as error:
            raise TokenRefused(f"the token is not good: {error}") from None
        return _caller_of(claims)

    def _key_of(self, text: str) -> Any:
        if self._remote is not None:
            return self._remote.get_signing_key_from_jwt(text).key
        if None in self._keys:
            return self._keys[None]
        name = jwt.get_unverified_header(text).get("kid")
        if name not in self._keys:
            raise TokenRefused(f"the token names the key {name!r:.60}, which the key set lacks")
        return self._keys[name]


def _caller_of(claims: Mapping[str, Any]) -> Caller:
    scopes = claims.get("scope", "")
    named = scopes.split() if isinstance(scopes, str) else []
    ours = [scope.removeprefix(SCOPE_PREFIX) for scope in named if scope.startswith(SCOPE_PREFIX)]
    if len(ours) != 1 or ours[0] not in set(ApiRole):
        roles = ", ".join(f"{SCOPE_PREFIX}{role}" for role in ApiRole)
        raise TokenRefused(f"the token has not exactly one scope of {roles}")
    role = ApiRole(ours[0])
    if role is not ApiRole.BORROWER:
        return Caller(f"token:{claims['sub']}", role)
    claim = claims.get("account")
    named_accounts = claim if isinstance(claim, list) else [claim]
    accounts = frozenset(one for one in named_accounts if isinstance(one, str) and is_id(one))
    if not accounts or len(accounts) < len(named_accounts):
        raise TokenRefused("the token of a borrower has no claim account with an id or ids")
    return Caller(f"token:{claims['sub']}", role, accounts)


def _keys_in(file: Path) -> dict[str | None, Any]:
    try:
        keys = jwt.PyJWKSet.from_dict(json.loads(file.read_bytes())).keys
    except (OSError, ValueError, AttributeError, jwt.PyJWKSetError) as error:
        raise TokensMisconfigured(f"DUEBOOK_API_JWT_JWKS: {file} is no key set: {error}") from None
    unnamed = [key for key in keys if key.key_id is None]
    if unnamed:
        raise TokensMisconfigured(f"DUEBOOK_API_JWT_JWKS: a key of {file} has no kid; name it")
    return {key.key_id: key.key for key in keys}


def _pem_key(file: Path) -> RSAPublicKey | Ed25519PublicKey:
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise TokensMisconfigured(
            f"DUEBOOK_API_JWT_PUBLIC_KEY: {file} is no public key in PEM: {error}"
        ) from None
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise TokensMisconfigured(
            f"DUEBOOK_API_JWT_PUBLIC_KEY: {file} is neither an RSA nor an Ed25519 key"
        )
    return key
