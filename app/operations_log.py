"""The log of operations: what the processes of duebook report while they run.

Not the ledger's log of events.  It goes to stderr: as readable lines on a terminal, as one JSON
document a line elsewhere.  Everything is in it, also what libraries say through `logging`.
"""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def configure(process: str, *, level: int = logging.INFO) -> None:
    """Send all reports of this process to stderr, under the name of its role."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(process),
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendered(for_people=sys.stderr.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # What these say at INFO ("starting", "retrying") is noise; their warnings are not.
    for library in ("dramatiq", "periodiq"):
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
    # These tell every step of a lost connection; whoever needed it reports the loss, once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    logging.getLogger("pika").setLevel(logging.CRITICAL)


def _named(process: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add


def _rendered(*, for_people: bool) -> list[Processor]:
    if for_people:
        return [structlog.dev.ConsoleRenderer()]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
