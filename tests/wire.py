"""A wire to the database that a test can cut, also in the very moment of a commit."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Literal

import psycopg

#: What happens to the next commit: nothing, it is lost on its way, or the answer to it is.
Fault = Literal["none", "commit lost", "answer lost"]

_COMMIT = b"COMMIT"
#: ReadyForQuery outside of a transaction: the commit is done.
_DONE = b"Z\0\0\0\5I"


class Wire:
    """Where the database is reached as long as the wire is whole."""

    def __init__(self, database_url: str) -> None:
        with psycopg.connect(database_url) as conn:
            info = conn.info
            self._host, self._port = info.host, info.port
            login = f"{info.user}:{info.password}" if info.password else info.user
            database = info.dbname
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url = f"postgresql://{login}@127.0.0.1:{port}/{database}?sslmode=disable"
        self.fault: Fault = "none"
        #: Whether the wire stays down once it is cut; a test that lifts this mends it.
        self.stays_down = False
        self._is_down = False
        self._lock = Lock()
        self._ends: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection is lost."""
        with self._lock:
            self._is_down = self.stays_down
            ends, self._ends = self._ends, []
        for end in ends:
            _shut(end)

    def mend(self) -> None:
        """Whoever connects reaches the database again."""
        self.stays_down = self._is_down = False

    def close(self) -> None:
        """Take the wire away."""
        _shut(self._listening)
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):  # The wire is taken away.
            while True:
                near, _ = self._listening.accept()
                if self._is_down:
                    near.close()
                    continue
                far = self._reach()
                with self._lock:
                    self._ends += near, far
                is_losing = Event()
                Thread(target=self._ask, args=(near, far, is_losing), daemon=True).start()
                Thread(target=self._answer, args=(far, near, is_losing), daemon=True).start()

    def _reach(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(Path(self._host) / f".s.PGSQL.{self._port}"))
        return far

    def _ask(self, near: socket.socket, far: socket.socket, is_losing: Event) -> None:
        with suppress(OSError), near:
            while said := near.recv(1 << 16):
                if _COMMIT in said and self.fault != "none":
                    is_lost, self.fault = self.fault == "commit lost", "none"
                    if is_lost:
                        self.cut()
                    is_losing.set()
                far.sendall(said)
            _shut(far)

    def _answer(self, far: socket.socket, near: socket.socket, is_losing: Event) -> None:
        with suppress(OSError), far:
            while said := far.recv(1 << 16):
                if not is_losing.is_set():
                    near.sendall(said)
                elif said.endswith(_DONE):
                    self.cut()
            _shut(near)


@contextmanager
def wire_to(database_url: str) -> Iterator[Wire]:
    """A wire for one test."""
    wire = Wire(database_url)
    try:
        yield wire
    finally:
        wire.close()


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
