"""Many client processes, random repetitions, time-outs and cuts; then the books are compared.

python -m tests.api.hammer --clients 32 --seconds 60
"""

import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated

import typer

from app.api.roles import ApiRole
from app.wiring import App
from tests.api.cutting import cutting
from tests.api.serving import Served, opening, serving
from tests.system import servers as places
from tests.system.crews import fresh_ledger
from tests.system.helpers import REPOSITORY

ACCOUNTS = 5


@dataclass(frozen=True)
class Outcome:
    """What the clients wrote down, against what the ledger holds."""

    acknowledged: int
    recorded: int
    connections: int
    cuts: int
    #: Acknowledged facts that the ledger lacks or has elsewhere; keys that it holds twice.
    lost: list[str]
    doubled: list[str]


def hammered(app: App, served: Served, *, clients: int, seconds: float, seed: int) -> Outcome:
    """Let them loose, and compare."""
    accounts = [f"hammered-{number}" for number in range(ACCOUNTS)]
    key = served.key(ApiRole.SERVICE)
    with served.caller() as caller:
        for account in accounts:
            assert caller.post("/v1/accounts", json=opening(account)).is_success
    with ExitStack() as exits:
        proxy = exits.enter_context(cutting(served.url, seed))
        processes = [
            exits.enter_context(
                subprocess.Popen(
                    [
                        *(sys.executable, "-m", "tests.api.caller_process", proxy.url, key),
                        *(f"C{seed}-{number}", str(seconds), str(ACCOUNTS)),
                    ],
                    cwd=REPOSITORY,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(clients)
        ]
        said = [process.communicate()[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * clients
    acknowledged = [line for lines in said for line in lines.splitlines()]
    streams = app.log.streams(accounts)
    held = [
        f"{one.stream_id} {one.key} {one.version}" for events in streams.values() for one in events
    ]
    keys = Counter(one.key for events in streams.values() for one in events[1:])
    return Outcome(
        acknowledged=len(acknowledged),
        recorded=len(held) - ACCOUNTS,
        connections=proxy.connections,
        cuts=proxy.cuts,
        lost=sorted(set(acknowledged) - set(held)),
        doubled=[key for key, count in keys.items() if count > 1],
    )


def main(
    clients: Annotated[int, typer.Option(min=1)] = 32,
    seconds: Annotated[float, typer.Option(min=1)] = 60,
    seed: int = 1,
) -> None:
    """Serve a fresh ledger and hammer it; exit 1 where the books differ."""
    with places.built_in() as built_in, fresh_ledger(built_in) as app, serving(app) as served:
        outcome = hammered(app, served, clients=clients, seconds=seconds, seed=seed)
    sys.stdout.write(f"{outcome}\n")
    sys.exit(bool(outcome.lost or outcome.doubled))


if __name__ == "__main__":
    typer.run(main)
