"""Tokens: whose count, and the many that do not."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.api.roles import ApiRole
from app.api.settings import ApiSettings
from app.api.tokens import TokenRefused, Tokens, TokensMisconfigured
from app.wiring import App
from tests.api.serving import Served, problem_of, serving

ISSUER = "https://login.lender.example"
ED = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
STRANGER = ed25519.Ed25519PrivateKey.generate()


def claims(**fields: Any) -> dict[str, Any]:
    """What a good token of a support agent says, but for some fields; None leaves one out."""
    said = {
        "iss": ISSUER,
        "aud": "duebook",
        "sub": "agent-7",
        "exp": int(time.time()) + 600,
        "scope": "openid duebook:support",
        **fields,
    }
    return {name: one for name, one in said.items() if one is not None}


def signed(key: Any = ED, alg: str = "EdDSA", kid: str = "ed", **fields: Any) -> str:
    """A token."""
    return jwt.encode(claims(**fields), key, algorithm=alg, headers={"kid": kid})


@pytest.fixture(scope="module")
def key_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public keys of the issuer, as it publishes them."""
    ed = jwt.algorithms.OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True)
    rs = jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True)
    keys = [{**ed, "kid": "ed"}, {**rs, "kid": "rs", "alg": "RS256"}]
    file = tmp_path_factory.mktemp("keys") / "jwks.json"
    file.write_text(json.dumps({"keys": keys}))
    return file


@pytest.fixture(scope="module")
def tokens(key_set: Path) -> Tokens:
    """A door that takes tokens of the issuer."""
    return Tokens(ApiSettings(jwt_jwks=str(key_set), jwt_issuer=ISSUER))


@pytest.mark.parametrize(
    "token", [lambda: signed(), lambda: signed(RSA, "RS256", "rs")], ids=["EdDSA", "RS256"]
)
def test_a_good_token_is_believed(tokens: Tokens, token: Callable[[], str]) -> None:
    caller = tokens.caller(token())
    assert (caller.name, caller.role, caller.accounts) == ("token:agent-7", ApiRole.SUPPORT, None)


def test_a_borrower_is_confined_to_his_accounts(tokens: Tokens) -> None:
    for claim, accounts in (
        ("A-1", frozenset({"A-1"})),
        (["A-1", "A-2"], frozenset({"A-1", "A-2"})),
    ):
        caller = tokens.caller(signed(scope="duebook:borrower", account=claim))
        assert (caller.role, caller.accounts) == (ApiRole.BORROWER, accounts)


def none_signed() -> str:
    """A token that nobody signed."""
    return jwt.encode(claims(), "", algorithm="none", headers={"kid": "ed"})


def secret_signed() -> str:
    """The public key taken for a shared secret: the classic confusion."""
    public = ED.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return jwt.encode(claims(), public, algorithm="HS256", headers={"kid": "ed"})


BAD: dict[str, Callable[[], str]] = {
    "alg none": none_signed,
    "a shared secret": secret_signed,
    "of a stranger's key": lambda: signed(STRANGER),
    "the key of another algorithm": lambda: signed(RSA, "RS256", "ed"),
    "of an unknown key": lambda: signed(kid="other"),
    "of another issuer": lambda: signed(iss="https://elsewhere.example"),
    "of no issuer": lambda: signed(iss=None),
    "for another audience": lambda: signed(aud="payroll"),
    "for no audience": lambda: signed(aud=None),
    "expired": lambda: signed(exp=int(time.time()) - 60),
    "that never expires": lambda: signed(exp=None),
    "not valid yet": lambda: signed(nbf=int(time.time()) + 600),
    "of nobody": lambda: signed(sub=None),
    "without a scope": lambda: signed(scope=None),
    "with a scope of others": lambda: signed(scope="openid profile"),
    "with an unknown role": lambda: signed(scope="duebook:king"),
    "with two roles": lambda: signed(scope="duebook:support duebook:operator"),
    "with a scope that is no text": lambda: signed(scope=["duebook:operator"]),
    "a borrower's without account": lambda: signed(scope="duebook:borrower"),
    "a borrower's with a wrong account": lambda: signed(scope="duebook:borrower", account=["A 1"]),
    "a borrower's with no accounts": lambda: signed(scope="duebook:borrower", account=[]),
    "cut short": lambda: signed()[:-4],
    "no token at all": lambda: "a.b.c",
    "empty parts": lambda: "..",
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
def test_a_token_that_proves_nothing_is_refused(tokens: Tokens, token: Callable[[], str]) -> None:
    with pytest.raises(TokenRefused):
        tokens.caller(token())


@pytest.fixture(scope="module")
def trusting(ledger: App, key_set: Path) -> Iterator[Served]:
    """A server that takes tokens of the issuer."""
    told = {"DUEBOOK_API_JWT_JWKS": str(key_set), "DUEBOOK_API_JWT_ISSUER": ISSUER}
    with serving(ledger, told) as served:
        yield served


def test_tokens_at_the_door(trusting: Served) -> None:
    with trusting.with_key(signed()) as support:
        assert support.get("/v1/overdue?limit=1").status_code == 200
        assert problem_of(support.get("/v1/quarantine")) == (403, "forbidden")
    for token in BAD.values():
        with trusting.with_key(token()) as stranger:
            answer = stranger.get("/v1/overdue?limit=1")
            assert problem_of(answer) == (401, "unauthenticated")
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_without_an_issuer_no_token_is_taken(served: Served) -> None:
    with served.with_key(signed()) as support:
        assert problem_of(support.get("/v1/overdue?limit=1")) == (401, "unauthenticated")


def test_a_single_public_key_serves_as_well(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(ED.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    tokens = Tokens(ApiSettings(jwt_public_key=file, jwt_issuer=ISSUER))
    assert tokens.caller(signed()).role is ApiRole.SUPPORT
    with pytest.raises(TokenRefused):
        tokens.caller(signed(RSA, "RS256", "rs"))


def test_settings_that_would_let_in_too_many_are_refused(key_set: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("{}")
    for settings in (
        ApiSettings(jwt_jwks=str(key_set)),
        ApiSettings(jwt_jwks=str(broken), jwt_issuer=ISSUER),
        ApiSettings(jwt_jwks=str(tmp_path / "missing"), jwt_issuer=ISSUER),
        ApiSettings(jwt_public_key=broken, jwt_issuer=ISSUER),
        ApiSettings(jwt_public_key=broken, jwt_jwks=str(key_set), jwt_issuer=ISSUER),
    ):
        with pytest.raises(TokensMisconfigured):
            Tokens(settings)
