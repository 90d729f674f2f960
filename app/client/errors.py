"""What a caller has to expect.

ClientError
├── Refused       the door said no, and why; nothing was written
└── Unanswered    no answer within the deadline; sending the same again settles the matter
"""

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Base of what this client raises."""


class Refused(ClientError):
    """A problem (RFC 9457), as the door gave it."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('detail')}")
        self.status = int(problem.get("status", 0))
        self.code = str(problem.get("code"))
        self.field: str | None = problem.get("field")
        self.problem = dict(problem)


class Unanswered(ClientError):
    """Nobody answered in time.  A fact may or may not be recorded: repeat the request."""
