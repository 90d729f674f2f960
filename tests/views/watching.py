"""A monitor over a house, with a receiver of its webhook and a clock that a test sets."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from ledger import rights
from ledger.rights import Role
from projections.display import Display
from tests.house import House
from workers import monitor as monitors
from workers.monitor import Monitor, Policy, Webhook

SECRET_KEY = bytes(range(32))
SECRET = base64.b64encode(SECRET_KEY).decode()


@dataclass
class Clock:
    """The time of the monitor: it goes on when the test says so."""

    lead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.lead

    def advance(self, **by: float) -> None:
        """So much later."""
        self.lead += timedelta(**by)


@dataclass
class Receiver:
    """A small HTTP server that takes messages, and may be out of order."""

    port: int = 0
    is_down: bool = False
    #: Each message as often as it came.
    taken: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/incidents"

    @property
    def kinds(self) -> list[str]:
        """What each message was about."""
        return [one["type"] for one in self.taken]

    def take(self, headers: Any, body: bytes) -> int:
        """The status with which a request is answered.  A bad signature ends the test."""
        if self.is_down:
            self.refused += 1
            return 503
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.digest(SECRET_KEY, signed, hashlib.sha256)
        assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
        self.ids.append(headers["webhook-id"])
        self.taken.append(json.loads(body))
        return 204


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            self.send_response(receiver.take(self.headers, self.rfile.read(length)))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_port
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def monitor_of(
    house: House, clock: Clock, policy: Policy | None = None, display: Display | None = None
) -> Monitor:
    """A monitor with a receiver, like that of the workers."""
    assert isinstance(house.pool.conninfo, str)
    with rights.connect(house.pool.conninfo, Role.OWNER) as conn:
        monitors.create(conn, house.log.shards)
    return Monitor(
        house.pool,
        house.log,
        house.projector,
        house.reader,
        clock,
        policy or Policy(),
        has_receiver=True,
        display=display,
    )


def webhook_of(monitor: Monitor, receiver: Receiver, clock: Clock) -> Webhook:
    """The way to the receiver."""
    return Webhook(receiver.url, SECRET, monitor.outbox, clock, "test")
