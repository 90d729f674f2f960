"""A FastAPI application with one route that does nothing: what HTTP costs before there is a ledger.

`python -m tests.benchmarks.empty_route` serves it with the server that the door has, and prints
where.
"""

import sys

import uvicorn
from fastapi import FastAPI

from app.api.server import listening
from app.api.settings import ApiSettings


def main() -> None:
    """Serve until somebody ends it."""
    api = FastAPI()

    @api.get("/")
    async def nothing() -> dict[str, bool]:
        return {"is_empty": True}

    with listening(ApiSettings(host="127.0.0.1", port=0)) as listener:
        sys.stdout.write(f"serving http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(
            api, loop="asyncio", ws="none", lifespan="off", log_config=None, access_log=False
        )
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
