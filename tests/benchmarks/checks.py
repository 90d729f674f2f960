"""A fast wrong answer is no figure: what must hold after every measured job."""

from concurrent.futures import Executor
from datetime import date

from ledger.proof.verify import verify_streams
from tests.benchmarks.ledgers import Ledger
from tests.benchmarks.processes import compared


class WrongResult(Exception):
    """A benchmark made something that is not so; none of its figures counts."""


def log_is_sound(job: str, ledger: Ledger, events: int) -> str:
    """Every event is there, positions have no gaps, digests fit."""
    found = [str(finding) for finding in verify_streams(ledger.house.log)]
    _refuse_any(job, found)
    same_number(job, "events in the log", ledger.events, events)
    return f"{job}: {events:,} events, positions without gaps, digests fit"


def views_equal_replay(job: str, pool: Executor, ledger: Ledger, today: date) -> str:
    """Every row of every account is what replay says."""
    accounts, found = compared(pool, ledger, today)
    _refuse_any(job, found)
    same_number(job, "accounts compared with replay", accounts, ledger.accounts)
    return f"{job}: {accounts:,} accounts, views equal replay"


def same_number(job: str, what: str, found: int, expected: int) -> None:
    """Both sides did the same work."""
    if found != expected:
        raise WrongResult(f"{job}: {found:,} {what}, {expected:,} were expected")


def _refuse_any(job: str, problems: list[str]) -> None:
    if problems:
        first = "\n  ".join(problems[:5])
        raise WrongResult(f"{job}: {len(problems):,} problems, the first of them:\n  {first}")
