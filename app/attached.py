"""The life of a process that a supervisor started: ended by a signal, or by the supervisor's end.

The supervisor holds the other end of our standard input.  Whatever kills it closes that pipe, and
we leave in good order: also a `kill -9` of the parent leaves no process of ours behind.
"""

import os
import signal
import sys
import time
from threading import Thread
from types import FrameType

#: Tells a process that its standard input is the supervisor's pipe.
ATTACHED = "--attached"

#: A process that has not left after so long is ended the hard way.
LEAVE_SECONDS_MAX = 8


def leave_when_told() -> None:
    """From now on SIGTERM, SIGINT and the supervisor's end raise `SystemExit` in this thread.

    To be called from the main thread.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    if ATTACHED in sys.argv[1:]:
        Thread(target=_watch_supervisor, name="supervisor-watch", daemon=True).start()


def _leave(_number: int, _frame: FrameType | None) -> None:
    # A second signal must not interrupt the leaving.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)


def _watch_supervisor() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass  # Nothing is ever written; only the end of the pipe says something.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LEAVE_SECONDS_MAX)
    os._exit(1)
