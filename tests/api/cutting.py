"""A small proxy that cuts connections: before, in the middle of, or after what they carry."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from threading import Thread
from urllib.parse import urlsplit

#: Of a hundred connections so many are cut, each after so many bytes at most, in either direction.
CUT_PERCENT = 80
BYTES_MAX = 6_000


class CuttingProxy:
    """Passes bytes on to one place, and lots decide which connections it cuts, and where."""

    def __init__(self, url: str, lots: Random) -> None:
        place = urlsplit(url)
        assert place.hostname is not None
        assert place.port is not None
        self._place = (place.hostname, place.port)
        self._lots = lots
        self.url = ""
        self.connections = 0
        self.cuts = 0

    async def serve(self, ready: asyncio.Event) -> None:
        """Listen until cancelled."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*self._place)
            is_cut = self._lots.randrange(100) < CUT_PERCENT
            left = [self._lots.randrange(1, BYTES_MAX) if is_cut else None] * 2
            self._lots.shuffle(left)
            await asyncio.wait(
                [
                    asyncio.ensure_future(self._pass_on(reader, far_writer, left[0])),
                    asyncio.ensure_future(self._pass_on(far_reader, writer, left[1])),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
            far_writer.transport.abort()
        writer.transport.abort()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(4_096):
                if left is not None and len(piece) >= left:
                    self.cuts += 1
                    return
                left = None if left is None else left - len(piece)
                writer.write(piece)
                await writer.drain()


@contextmanager
def cutting(url: str, seed: int) -> Iterator[CuttingProxy]:
    """The proxy, in a thread of its own, for as long as the block lasts."""
    proxy = CuttingProxy(url, Random(seed))
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    ready = asyncio.Event()
    serving = asyncio.run_coroutine_threadsafe(proxy.serve(ready), loop)
    asyncio.run_coroutine_threadsafe(ready.wait(), loop).result(10)
    try:
        yield proxy
    finally:
        serving.cancel()
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_all() -> None:
    """Every connection ends with the proxy."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
