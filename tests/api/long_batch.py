"""One batch of any length, killed in the middle and sent again; and the memory of the server.

python -m tests.api.long_batch --lines 1000000
"""

import json
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from app.api.roles import ApiRole
from app.wiring import App
from tests.api.serving import Served, opening, payment, serving
from tests.system import servers as places
from tests.system.crews import fresh_ledger

PAYMENTS_PER_ACCOUNT = 19
CHUNK_LINES = 200


def facts(lines: int) -> Iterator[bytes]:
    """So many lines: accounts, each with its payments; the same every time."""
    for number in range(lines):
        account, place = divmod(number, PAYMENTS_PER_ACCOUNT + 1)
        name = f"long-{account}"
        topic = "payment.received" if place else "account.opened"
        fact = payment(f"P-{place}", "1.00") if place else opening(name)
        yield json.dumps({**fact, "account": name, "topic": topic}).encode()


@dataclass
class Sent:
    """What one batch came to."""

    answered: int = 0
    end: dict[str, int] | None = None
    seconds: float = 0.0
    #: Of the server, in MB, as the answers came in.
    memory: list[float] = field(default_factory=list)


def send(served: Served, lines: int, *, kill_after: int | None = None) -> Sent:
    """Send a batch and read its answers meanwhile; kill the server after so many of them."""
    sent = Sent()
    began = time.monotonic()
    place = urlsplit(served.url)
    with socket.create_connection((place.hostname, place.port), timeout=120) as connection:
        writer = Thread(target=_write, args=(connection, served.key(ApiRole.SERVICE), lines))
        writer.start()
        for document in _documents(connection):
            if "end" in document:
                sent.end = document["end"]
                break
            assert "problem" not in document, document
            sent.answered += 1
            is_alive = kill_after is None or sent.answered < kill_after
            if sent.answered % 5_000 == 1 and is_alive:
                sent.memory.append(megabytes_of(served.process.pid))
            if sent.answered == kill_after:
                served.process.send_signal(signal.SIGKILL)
        writer.join()
    sent.seconds = time.monotonic() - began
    return sent


def _write(connection: socket.socket, key: str, lines: int) -> None:
    head = (
        f"POST /v1/batch HTTP/1.1\r\nHost: duebook\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    try:
        connection.sendall(head.encode())
        chunk: list[bytes] = []
        for line in facts(lines):
            chunk.append(line)
            if len(chunk) == CHUNK_LINES:
                _write_chunk(connection, chunk)
                chunk = []
        if chunk:
            _write_chunk(connection, chunk)
        connection.sendall(b"0\r\n\r\n")
    except OSError:
        return  # The server is gone, and whoever reads the answers sees it.


def _write_chunk(connection: socket.socket, chunk: list[bytes]) -> None:
    body = b"".join(line + b"\n" for line in chunk)
    connection.sendall(b"%x\r\n%s\r\n" % (len(body), body))


def _documents(connection: socket.socket) -> Iterator[dict[str, Any]]:
    """The answers, as far as they come: chunks of whole lines."""
    answer = connection.makefile("rb")
    try:
        while (line := answer.readline()) and line.strip():
            continue  # The head.
        while size := int(answer.readline() or b"0", 16):
            chunk = answer.read(size)
            if len(chunk) < size:
                return
            yield from map(json.loads, chunk.splitlines())
            answer.readline()
    except OSError:
        return


def megabytes_of(pid: int) -> float:
    """The memory of a process that is its own."""
    status = Path(f"/proc/{pid}/status").read_text()
    [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    return int(kilobytes) / 1_024


def killed_and_sent_again(app: App, lines: int) -> tuple[Sent, Sent]:
    """The first attempt, which a kill ends in the middle, and the second."""
    with serving(app) as served:
        first = send(served, lines, kill_after=lines // 2)
    with serving(app) as served:
        return first, send(served, lines)


def main(lines: Annotated[int, typer.Option(min=100)] = 1_000_000) -> None:
    """Send it, and say what it took."""
    with places.built_in() as built_in, fresh_ledger(built_in) as app:
        first, again = killed_and_sent_again(app, lines)
        held = sum(head.position for head in app.log.heads())
    for name, one in (("killed", first), ("again", again)):
        sys.stdout.write(
            f"{name}: {one.answered} answered in {one.seconds:.0f} s, end {one.end}, server"
            f" {min(one.memory):.0f} to {max(one.memory):.0f} MB, last {one.memory[-1]:.0f} MB\n"
        )
    sys.stdout.write(f"{held} events in the log for {lines} lines\n")
    sys.exit(held != lines)


if __name__ == "__main__":
    typer.run(main)
