"""What the fold makes of cases and of borrowers by lot, as one JSON document: the same, however it
is run.

It begins with how the fold runs, so that nobody compares plain Python with itself.
"""

import hashlib
import json
import sys
from datetime import date
from pathlib import Path
from random import Random

from app.sample import account_id_of, character_of
from app.sample.characters import CHARACTERS, ORDER
from app.sample.life import Life
from app.simulation.cases import read_cases
from app.simulation.outcome import simulated
from ledger.codec import encode
from ledger.compiled import FOLD_IS
from ledger.log.records import Recorded
from ledger.proof.digest import NO_DIGEST
from projections.folding import folded
from projections.schema import VIEWS

GOLDEN = Path(__file__).parent.parent / "golden"
SEED = 38
#: The last day of what is told, and the days for which it is folded.
UNTIL = date(2026, 1, 31)
DAYS = (date(2025, 9, 15), UNTIL, date(2026, 12, 31))


def main() -> None:
    """Write the document."""
    document = {"fold": FOLD_IS, "golden": golden(), "lots": by_lot()}
    sys.stdout.write(json.dumps(document, indent=1))


def golden() -> dict[str, str]:
    """What each published case comes to."""
    outcomes = [simulated(case) for case in read_cases([GOLDEN])]
    return {f"{one.family} {one.case}": digest_of(one) for one in outcomes}


def by_lot() -> dict[str, str]:
    """The rows of each borrower on each day with their digests, or why there are none."""
    found = {}
    for number in range(1, len(ORDER) + 1):
        history = history_of(number)
        for day in DAYS:
            made = folded(history, day, VIEWS)
            found[f"{history[0].stream_id} {character_of(number)} {day}"] = digest_of(made)
    return found


def history_of(number: int) -> list[Recorded]:
    """What the log holds of a borrower; where it lies there does not matter here."""
    account = account_id_of(SEED, number)
    life = Life(account, f"lots-{number}", Random(f"{SEED} {number}"), UNTIL)
    CHARACTERS[character_of(number)](life)
    learnt = sorted(life.told(), key=lambda one: one.recorded_at)
    return [
        Recorded(
            0, version, account, version, one.event.TOPIC, one.event.effective_on,
            one.recorded_at, one.event.key, encode(one.event), NO_DIGEST,
        )
        for version, one in enumerate(learnt, start=1)
    ]  # fmt: skip


def digest_of(value: object) -> str:
    """Short enough to read a difference, and different where anything is."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
