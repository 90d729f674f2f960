"""What a client remembers: what it sent and how it was answered, on disk before it counts.

One JSON document a line.  A line that a kill has torn was never written: a request is sent, and an
answer believed, only after its line is on disk.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import orjson

from app.drill.facts import Fact, Name, Request


@dataclass(frozen=True, slots=True)
class Answered:
    """How a request was answered: for each fact its digest, or the code of its refusal."""

    number: int
    digests: tuple[str | None, ...]
    refusals: tuple[str | None, ...]
    #: Facts that were recorded already: an earlier answer had been lost.
    repeated: int


Record = Request | Answered


class Journal:
    """The journal of one client, written by it alone."""

    def __init__(self, path: Path) -> None:
        """Go on behind the last whole line."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.records, end = read(path)
        os.ftruncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def write(self, record: Record) -> None:
        """Returns when it is on disk."""
        line = orjson.dumps(_document(record)) + b"\n"
        while line:
            line = line[os.write(self._file, line) :]
        os.fsync(self._file)


def journal_path(home: Path, client: int) -> Path:
    """Where a client of this data folder keeps its journal."""
    return home / "journals" / f"client-{client}.ndjson"


def read(path: Path, offset: int = 0) -> tuple[list[Record], int]:
    """The whole lines behind the offset, and where they end."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    end = data.rfind(b"\n") + 1
    return [_record(line) for line in data[:end].splitlines()], offset + end


def _document(record: Record) -> dict[str, object]:
    match record:
        case Request():
            facts = [[fact.name.key, fact.body] for fact in record.facts]
            return {"sent": record.number, "whole": record.is_whole, "facts": facts}
        case Answered():
            return {
                "answered": record.number,
                "digests": record.digests,
                "refusals": record.refusals,
                "repeated": record.repeated,
            }


def _record(line: bytes) -> Record:
    document = orjson.loads(line)
    if "sent" in document:
        facts = (Fact(Name(body["account"], key), body) for key, body in document["facts"])
        return Request(document["sent"], document["whole"], tuple(facts))
    return Answered(
        document["answered"],
        tuple(document["digests"]),
        tuple(document["refusals"]),
        document["repeated"],
    )
