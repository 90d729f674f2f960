"""The door for services as a process of a supervisor: `python -m app.api_process`.

While PostgreSQL or the broker is down it waits and tries again, as the workers do.
"""

import time
from itertools import chain, repeat

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from app.api.server import serve
from app.api.settings import ApiSettings
from app.api.tokens import TokensMisconfigured
from app.attached import leave_when_told
from app.engines import EngineError
from app.operations_log import configure
from app.settings import Settings
from app.wiring import opened
from ledger.schema import SchemaError

#: Pauses between attempts to reach engines that are down; the last one is repeated.
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)

_logger = structlog.get_logger("app.api_process")


def main() -> None:
    """Serve until told to leave."""
    configure("api")
    leave_when_told()
    settings, api_settings = Settings(), ApiSettings()
    for pause in chain(PAUSES_SECONDS, repeat(PAUSES_SECONDS[-1])):
        try:
            patience = api_settings.database_seconds_max
            with opened(settings, needs_redis=True, connect_seconds=patience) as app:
                serve(app, api_settings, lambda address: None)
                return
        except TokensMisconfigured as error:
            _logger.error("settings_contradict", error=str(error), again_in_seconds=pause)
            time.sleep(pause)
        except (EngineError, SchemaError, PoolTimeout, psycopg.OperationalError) as error:
            _logger.warning("engines_not_there", error=str(error), again_in_seconds=pause)
            time.sleep(pause)


if __name__ == "__main__":
    main()
