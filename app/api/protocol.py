"""HTTP/1.1 on a connection, with what uvicorn leaves open closed: large heads and slow ones."""

from asyncio import BaseTransport, TimerHandle, Transport

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.problems import MEDIA_TYPE
from app.api.settings import ApiSettings

#: What goes wrong before there is a request that the application could answer.
SENTENCES = {
    400: ("request_malformed", "the request is no HTTP/1.1 that can be read; mend the client"),
    408: ("request_timeout", "the head of the request was not there in time; send it at once"),
    431: ("head_too_large", "the request line and the headers are too long; shorten them"),
}


class HeadTooLarge(Exception):
    """Raised inside of the parser, which then gives up the connection."""


class LimitedProtocol(HttpToolsProtocol):
    """A connection whose heads are bounded in size and in time."""

    settings: ApiSettings

    _head_bytes = 0
    _is_in_head = True
    _status = 400
    _timer: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Somebody is there, and has to say what he wants."""
        assert isinstance(transport, Transport)
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request."""
        super().data_received(data)
        if self._is_in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > self.settings.head_bytes_max:
                self._refuse(431)

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._stop_waiting()
        self._is_in_head = False
        parts = sum(len(name) + len(value) for name, value in self.headers)
        if len(self.url) + parts > self.settings.head_bytes_max:
            self._status = 431
            raise HeadTooLarge
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """The parser gave up: say why, as everywhere, as a problem."""
        self._refuse(self._status)

    def _await_head(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(self.settings.head_seconds_max, self._refuse, 408)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        code, detail = SENTENCES[status]
        problem = {
            "type": f"urn:duebook:problem:{code}",
            "title": code.replace("_", " ").capitalize(),
            "status": status,
            "detail": detail,
            "code": code,
        }
        body = orjson.dumps(problem)
        head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close"
        self.transport.write(STATUS_LINE[status] + head.encode() + b"\r\n\r\n" + body)
        self.transport.close()


def protocol_of(settings: ApiSettings) -> type[LimitedProtocol]:
    """The protocol with the limits of these settings."""
    return type("Protocol", (LimitedProtocol,), {"settings": settings})
