"""Go on through an outage: what failed for want of an engine is tried again, within a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from app.engines import EngineError
from ledger.books import NotWritten

#: What says that an engine is not there, or too busy; a request may or may not have been done.
OUTAGES = (psycopg.OperationalError, PoolTimeout, EngineError, NotWritten)
OUTAGE_SECONDS_MAX = 60.0
AGAIN_SECONDS = 0.1

T = TypeVar("T")

_logger = structlog.get_logger(__name__)


def patiently(attempt: Callable[[], T]) -> T:
    """Try until it works.  Raises the last error of an outage that lasts too long."""
    deadline = time.monotonic() + OUTAGE_SECONDS_MAX
    while True:
        try:
            return attempt()
        except OUTAGES as error:
            if time.monotonic() > deadline:
                raise
            _logger.info("tried_again", error=f"{type(error).__name__}: {error}")
            time.sleep(AGAIN_SECONDS)
