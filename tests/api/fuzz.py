"""Requests that nobody would write, made by schemathesis from the OpenAPI document.

    python -m tests.api.fuzz --seconds 1200      all phases, for every role in turn

Every check counts: no 5xx, no status that the document lacks, no answer that breaks its schema.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.api.roles import ApiRole
from tests.api.serving import Served, serving
from tests.system import servers as places
from tests.system.crews import fresh_ledger
from tests.system.helpers import REPOSITORY, account_lines

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
ACCOUNT = "fuzzed"


def fuzzed(
    served: Served,
    role: ApiRole,
    *,
    examples: int,
    phases: str,
    seed: int,
    seconds: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against a server as somebody of the role.

    With `seconds` it goes on that long; otherwise it is done when every operation was tried.
    """
    key = served.key(role, ACCOUNT if role is ApiRole.BORROWER else None)
    return subprocess.run(
        [
            SCHEMATHESIS,
            "--config-file=tests/api/schemathesis.toml",
            "run",
            f"{served.url}/openapi.json",
            f"--header=Authorization: Bearer {key}",
            f"--max-examples={examples}",
            f"--phases={phases}",
            f"--seed={seed}",
            "--checks=all",
            "--continue-on-failure",
            "--warnings=off",
            "--generation-database=none",
            *([] if seconds is None else [f"--max-time={seconds}"]),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def main(
    seconds: Annotated[int, typer.Option(min=6, help="For all roles together.")] = 1_200,
    seed: Annotated[int, typer.Option(help="The same seed makes the same requests.")] = 1,
) -> None:
    """Serve a fresh ledger and try every role on it; exit 1 where a check fails."""
    is_sound = True
    with places.built_in() as built_in, fresh_ledger(built_in) as app:
        app.books.append_all(account_lines(ACCOUNT))
        with serving(app) as served:
            for role in ApiRole:
                done = fuzzed(
                    served,
                    role,
                    seconds=seconds // len(ApiRole),
                    examples=100,
                    phases="examples,coverage,fuzzing,stateful",
                    seed=seed,
                )
                is_sound &= done.returncode == 0
                sys.stdout.write(
                    f"=== {role}: exit {done.returncode}\n{done.stdout}{done.stderr}\n"
                )
                sys.stdout.flush()
    sys.exit(not is_sound)


if __name__ == "__main__":
    typer.run(main)
