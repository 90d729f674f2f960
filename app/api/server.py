"""Serve the door: a port, limits on connections, and a stop that finishes what was accepted."""

import socket
from collections.abc import Callable
from contextlib import closing

import structlog
import uvicorn

from app.api.desk import Desk
from app.api.factory import application
from app.api.protocol import protocol_of
from app.api.settings import ApiSettings
from app.engines import EngineError
from app.wiring import App
from ledger.garbage import keep_what_is_loaded

_logger = structlog.get_logger("app.api")


class Server(uvicorn.Server):
    """Tells the streams that they end before it waits for all that is in hand."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing new, and finish the rest."""
        self._desk.stopping.set()
        await super().shutdown(sockets)


def serve(app: App, settings: ApiSettings, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C.  `on_ready` is told the address.

    Raises `EngineError` where the port is taken and `TokensMisconfigured`.
    """
    with closing(Desk.of(app, settings)) as desk, listening(settings) as listener:
        config = uvicorn.Config(
            application(desk),
            http=protocol_of(settings),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=settings.connections_max,
            timeout_keep_alive=max(1, int(settings.head_seconds_max)),
            timeout_graceful_shutdown=max(1, int(settings.stop_seconds_max)),
        )
        keep_what_is_loaded()
        host, port = listener.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        on_ready(address)
        _logger.info("serving", address=address)
        Server(config, desk).run([listener])
        _logger.info("stopped")


def listening(settings: ApiSettings) -> socket.socket:
    """The socket of the door.  Raises `EngineError` where the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as error:
        raise EngineError(
            f"Cannot serve on {settings.host} port {settings.port}: {error.strerror}."
            " Set DUEBOOK_API_PORT to a port that is free, or DUEBOOK_API_HOST."
        ) from None
    # What is accepted inherits it.  asyncio would set it, but not on a socket that was made without
    # naming its protocol; and each answer then waits 40 ms for the caller to acknowledge its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
