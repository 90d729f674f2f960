"""API keys: `duebook_<id>_<secret>`, of which the database keeps a digest and no more.

The secret has 256 random bits, so that a plain SHA-256 of it cannot be turned round; what makes a
slow hash necessary for passwords, that people choose them, does not hold here.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from app.api.roles import ApiRole, Caller
from app.api.statements import SQL
from ledger.domain.bounds import is_id
from ledger.domain.limits import NAME_LENGTH_MAX

#: What was asked of the database is believed for so long: a revoked key is refused after it.
BELIEVED_SECONDS = 2.0
#: Keys remembered at most; then all are forgotten and asked for again.
REMEMBERED_MAX = 10_000

_FORM = re.compile(r"duebook_([a-z0-9]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it can be shown to anybody who may know that it exists."""

    key_id: str
    name: str
    role: str
    account_id: str | None
    created_at: datetime
    revoked_at: datetime | None


class KeyRefused(Exception):
    """A key that cannot be made as asked; `field` says what of it."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


class Keys:
    """The keys of a ledger.  Safe to share between threads."""

    def __init__(self, pool: ConnectionPool[Connection], clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._clock = clock
        self._lock = Lock()
        self._remembered: dict[str, tuple[Caller | None, float]] = {}

    def add(self, name: str, role: ApiRole, account_id: str | None = None) -> tuple[Key, str]:
        """Make a key; its text is told this once and never again.  Raises `KeyRefused`."""
        _check(name, role, account_id)
        key_id = "".join(secrets.choice(_LETTERS) for _ in range(12))
        secret = secrets.token_urlsafe(32)
        key = Key(key_id, name, role, account_id, self._clock(), None)
        with self._pool.connection() as conn:
            conn.execute(
                SQL.add_key,
                {
                    "key_id": key_id,
                    "name": name,
                    "role": role,
                    "account_id": account_id,
                    "digest": _digest(secret),
                    "created_at": key.created_at,
                },
            )
        return key, f"duebook_{key_id}_{secret}"

    def revoke(self, key_id: str) -> Key | None:
        """End a key for good; None where there is none of that id."""
        asked = {"key_id": key_id, "revoked_at": self._clock()}
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Key)) as cur:
            key = cur.execute(SQL.revoke_key, asked).fetchone()
        with self._lock:
            self._remembered.clear()
        return key

    def all(self) -> list[Key]:
        """Every key that there is or was."""
        with self._pool.connection() as conn, conn.cursor(row_factory=class_row(Key)) as cur:
            return cur.execute(SQL.keys).fetchall()

    def remembered(self, text: str) -> tuple[bool, Caller | None]:
        """Whether the key was asked about a moment ago, and who it is; None where it is not good.

        Waits for nothing, so that it may be called where nobody may wait.
        """
        caller, until = self._remembered.get(_name_of(text), (None, 0.0))
        return time.monotonic() < until, caller

    def caller(self, text: str) -> Caller | None:
        """Who shows this key, asked of the database; None where it is not good."""
        match = _FORM.fullmatch(text)
        caller = None
        if match is not None:
            key_id, secret = match.groups()
            with self._pool.connection() as conn:
                row = conn.execute(SQL.find_key, {"key_id": key_id}).fetchone()
            if row is not None and hmac.compare_digest(bytes(row[2]), _digest(secret)):
                role, account_id, _ = row
                accounts = None if account_id is None else frozenset({account_id})
                caller = Caller(f"key:{key_id}", ApiRole(role), accounts)
        with self._lock:
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.clear()
            self._remembered[_name_of(text)] = (caller, time.monotonic() + BELIEVED_SECONDS)
        return caller


def _check(name: str, role: ApiRole, account_id: str | None) -> None:
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        raise KeyRefused(
            f"the name has {len(name)} characters; give 1 to {NAME_LENGTH_MAX} printable ones",
            "name",
        )
    if role is ApiRole.BORROWER and account_id is None:
        raise KeyRefused("a borrower's key is for one account; name it", "account")
    if role is not ApiRole.BORROWER and account_id is not None:
        raise KeyRefused(f"a key for {role} is for all accounts; name none", "account")
    if account_id is not None and not is_id(account_id):
        raise KeyRefused(f"account is {account_id!r:.60}; give the id of an account", "account")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _name_of(text: str) -> str:
    """Under what a key is remembered: not its text, which nobody needs to find in memory."""
    return hashlib.sha256(text.encode()).hexdigest()
