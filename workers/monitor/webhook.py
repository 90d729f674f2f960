"""Tell the receiver of the webhook what has become of incidents, until he says that he has it.

Messages are signed as the Standard Webhooks specification asks: HMAC-SHA256 over `id.time.body`, so
that a receiver can check them with any of its libraries.  The id is that of the message: whoever
gets it twice knows that it is the same one.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import httpx
import structlog

from projections.incidents import Message, Outbox

#: How long the receiver may take.
SECONDS_MAX = 5.0
#: Messages of one call; the next one goes on.
MESSAGES_MAX = 50
#: Bytes of a secret, as the specification bounds them.
SECRET_BYTES_MIN, SECRET_BYTES_MAX = 24, 64
SECRET_PREFIX = "whsec_"
#: Of an error so much is kept.
OUTCOME_LENGTH_MAX = 200

_logger = structlog.get_logger(__name__)


class WebhookRefused(Exception):
    """The address or the secret of the webhook cannot be used; the message says why."""


class Webhook:
    """The receiver, and how to reach him.  Safe to share between threads."""

    def __init__(
        self, url: str, secret: str, outbox: Outbox, clock: Callable[[], datetime], sender: str
    ) -> None:
        self._url = checked_url(url)
        self._secret = secret_bytes(secret)
        self._outbox = outbox
        self._clock = clock
        self._sender = sender

    def deliver(self) -> int:
        """Send what is due; answers how many messages he has taken.

        The first that he does not take ends the call: he is down, and nobody waits for him.
        """
        with httpx.Client(timeout=SECONDS_MAX, follow_redirects=False) as client:
            for taken in range(MESSAGES_MAX):
                with self._outbox.turn() as (message, done):
                    if message is None:
                        return taken
                    is_delivered, outcome = self._send(client, message)
                    done(is_delivered, outcome)
                if not is_delivered:
                    _logger.warning("webhook_not_taken", message=message.number, outcome=outcome)
                    return taken
        return MESSAGES_MAX

    def _send(self, client: httpx.Client, message: Message) -> tuple[bool, str]:
        sent_at = str(int(self._clock().timestamp()))
        # Unique among all senders that one receiver may have.
        message_id = f"msg_{self._sender}_{message.number}"
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": sent_at,
            "webhook-signature": signature(self._secret, message_id, sent_at, message.body),
        }
        try:
            answer = client.post(self._url, content=message.body, headers=headers)
        except httpx.HTTPError as error:
            return False, f"{type(error).__name__}: {error}"[:OUTCOME_LENGTH_MAX]
        return answer.is_success, f"HTTP {answer.status_code}"


def signature(secret: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    """The signature of a message, as its receiver works it out too."""
    signed = b".".join((message_id.encode(), sent_at.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def checked_url(url: str) -> str:
    """An address to send to.  Raises `WebhookRefused`."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise WebhookRefused(
            f"the webhook's address is {url!r:.120}; give one that begins with http:// or https://"
            " in DUEBOOK_MONITOR_WEBHOOK_URL"
        )
    return url


def secret_bytes(secret: str) -> bytes:
    """The key of the signatures.  Raises `WebhookRefused`."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not SECRET_BYTES_MIN <= len(key) <= SECRET_BYTES_MAX:
        raise WebhookRefused(
            f"the webhook's secret is not {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes in base64;"
            " make one with `openssl rand -base64 32` and give it in DUEBOOK_MONITOR_WEBHOOK_SECRET"
        )
    return key
