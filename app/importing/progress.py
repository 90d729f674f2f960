"""How far an import has come, so that the next run need not begin at the first line.

The file only saves time.  It names the last events taken of each shard: where the log does not
hold exactly those, as after a restored backup, the file is stale and the import begins anew.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import orjson

from ledger.log.log import Log
from ledger.log.records import Recorded

FORMAT = 1


@dataclass(slots=True)
class Progress:
    """What an import has done with its first `lines` lines."""

    lines: int = 0
    taken: int = 0
    retries: int = 0
    #: How many refused lines there are, by code, and the bytes of their sentences.
    refused: dict[str, int] = field(default_factory=dict)
    refused_bytes: int = 0
    #: Of each shard (JSON keys are text) the position and digest of the last event taken.
    last_events: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, recorded: Iterable[Recorded]) -> None:
        """Remember the last event of each shard."""
        for event in recorded:
            position, _ = self.last_events.get(str(event.shard), (0, ""))
            if event.position > position:
                self.last_events[str(event.shard)] = event.position, event.digest.hex()


class ProgressFile:
    """The progress of one import of one content into one ledger."""

    def __init__(self, folder: Path, log: Log, contents: Iterable[bytes]) -> None:
        name = sha256(log.ledger_id.bytes + b"".join(contents)).hexdigest()[:32]
        self._path = folder / f"{name}.json"
        #: The sentences about refused lines, one a line; they must survive a kill like the counts.
        self.refused_path = folder / f"{name}.refused"
        self._log = log
        folder.mkdir(parents=True, exist_ok=True)

    def load(self) -> Progress:
        """The progress saved, or none if there is none that fits the log."""
        try:
            saved = orjson.loads(self._path.read_bytes())
            if saved.pop("format") == FORMAT and self._fits(found := Progress(**saved)):
                return found
        except (OSError, orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
            return Progress()  # It is missing, torn or of another version: it only cost time.
        return Progress()

    def save(self, progress: Progress) -> None:
        """Replace the file at once: a kill leaves the old one or the new one."""
        aside = self._path.with_suffix(".new")
        aside.write_bytes(orjson.dumps({"format": FORMAT, **_fields(progress)}))
        os.replace(aside, self._path)

    def remove(self) -> None:
        """The import is done, or begins anew."""
        self._path.unlink(missing_ok=True)
        self.refused_path.unlink(missing_ok=True)

    def _fits(self, progress: Progress) -> bool:
        spooled = self.refused_path.stat().st_size if self.refused_path.exists() else 0
        return progress.refused_bytes <= spooled and all(
            [event.digest.hex() for event in self._log.follow(int(shard), position - 1, 1)]
            == [digest]
            for shard, (position, digest) in progress.last_events.items()
        )


def _fields(progress: Progress) -> dict[str, object]:
    return {name: getattr(progress, name) for name in Progress.__slots__}
