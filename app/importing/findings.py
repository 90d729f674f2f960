"""What an import has to say about a line: that it was refused or altered, and why."""

from collections import Counter
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from ledger.domain.rejections import Rejection

#: The code of a finding about a row that was taken, but not as it stood.
ALTERED = "altered"


class ImportUnusable(Exception):
    """The import cannot begin or go on; the message says what was found and what to do."""


class Finding(NamedTuple):
    """One line of the report."""

    place: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.code}: {' '.join(self.message.split())}"


class FindingsFile:
    """Findings as they come: counted by code, written to a file, and shown."""

    def __init__(self, file: BinaryIO, show: Callable[[Finding], None]) -> None:
        self.file = file
        self.by_code: Counter[str] = Counter()
        self._show = show

    def add(self, finding: Finding) -> None:
        """Take one."""
        self.by_code[finding.code] += 1
        self.file.write(f"{finding}\n".encode())
        self._show(finding)


def refused(place: str, rejection: Rejection) -> Finding:
    """The finding that a rejection is."""
    return Finding(place, rejection.code.value, rejection.message)
