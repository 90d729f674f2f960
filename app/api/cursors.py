"""Cursors: where a list goes on, and for which question.

A cursor names nothing but an id that its holder has seen.  Its seal, under a secret that stays in
the ledger, tells one that this ledger gave out from one that was made up, changed or cut short.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from app.api.answers import dumped
from app.api.problems import Fault, Problem

SEAL_BYTES = 12


class Cursors:
    """Gives out cursors of a ledger and knows them again."""

    def __init__(self, secret: bytes) -> None:
        # A key of its own for each use of the secret, so that no other seal passes for a cursor.
        self._key = hmac.digest(secret, b"cursors", "sha256")

    def after(self, last: str, question: Mapping[str, Any]) -> str:
        """The cursor of a list with these filters that has come as far as `last`."""
        said = orjson.dumps(last)
        return base64.urlsafe_b64encode(self._seal(said, question) + said).decode().rstrip("=")

    def read(self, cursor: str | None, question: Mapping[str, Any]) -> str:
        """How far the list has come; empty without a cursor.  Raises `Problem`."""
        if cursor is None:
            return ""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
            seal, said = raw[:SEAL_BYTES], raw[SEAL_BYTES:]
            if not hmac.compare_digest(seal, self._seal(said, question)):
                raise ValueError("it is sealed otherwise")
            last = orjson.loads(said)
            assert isinstance(last, str)  # Sealed by us, so written by us.
        except (ValueError, binascii.Error):
            raise Problem(
                Fault.CURSOR_INVALID,
                "the cursor is not of this ledger, or was given out for other filters; begin"
                " without one",
                field="cursor",
            ) from None
        return last

    def _seal(self, said: bytes, question: Mapping[str, Any]) -> bytes:
        asked = dumped(sorted((name, one) for name, one in question.items() if one is not None))
        return hmac.digest(self._key, said + hashlib.sha256(asked).digest(), "sha256")[:SEAL_BYTES]
