"""Sort more lines than memory holds: sorted chunks in temporary files, merged on the way out.

A line begins with its sort key; lines are compared as bytes, so that no line is ever parsed here.
"""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

CHUNK_BYTES_MAX = 64 * 1024 * 1024


class Sorter:
    """Take lines in any order, give them back in order, once.  Lines hold no line end."""

    def __init__(self, chunk_bytes_max: int = CHUNK_BYTES_MAX) -> None:
        self.count = 0
        self._chunk_bytes_max = chunk_bytes_max
        self._lines: list[bytes] = []
        self._bytes = 0
        #: Files without a name: a process that is killed leaves none behind.
        self._chunks: list[IO[bytes]] = []

    def add(self, line: bytes) -> None:
        """Take a line."""
        self.count += 1
        self._lines.append(line)
        self._bytes += len(line)
        if self._bytes >= self._chunk_bytes_max:
            self._write_chunk()

    def in_order(self) -> Iterator[bytes]:
        """All lines, the smallest first."""
        self._lines.sort()
        if not self._chunks:
            yield from self._lines
            return
        with ExitStack() as files:
            chunks = [map(_without_end, files.enter_context(chunk)) for chunk in self._chunks]
            yield from heapq.merge(*chunks, self._lines)

    def _write_chunk(self) -> None:
        self._lines.sort()
        chunk = TemporaryFile(prefix="duebook-import-")  # noqa: SIM115  # in_order closes it.
        chunk.writelines(line + b"\n" for line in self._lines)
        chunk.seek(0)
        self._chunks.append(chunk)
        self._lines, self._bytes = [], 0


def _without_end(line: bytes) -> bytes:
    return line[:-1]
