"""An answer that is given before the whole body came in has to arrive all the same.

A server that closes a connection with bytes unread resets it, and the reset overtakes the answer.
So whoever was told that his body is too large is heard out first, for a while.
"""

import asyncio

from starlette.types import Message, Receive, Send

HEARD_BYTES_MAX = 50_000_000
HEARD_SECONDS_MAX = 5.0


class Lingering:
    """The two ends of one request, of which the answer is finished after the body."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._is_heard = False

    async def receive(self) -> Message:
        """The next piece of the body."""
        message = await self._receive()
        self._is_heard = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Send on; the last piece only after the body was heard, or proved to be too long."""
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._hear_out()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def _hear_out(self) -> None:
        heard_bytes = 0
        try:
            async with asyncio.timeout(HEARD_SECONDS_MAX):
                while not self._is_heard and heard_bytes < HEARD_BYTES_MAX:
                    heard_bytes += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return  # He was given his time: whoever sends on without end is cut off.
