"""A backend service that must not lose or double anything: `python -m tests.api.caller_process`.

It appends payments to accounts that it shares with others, through whatever lies between it and the
door, and says on its standard output which facts were acknowledged: one key a line.
"""

import sys
import time
from random import Random

from app.client import Client, Unanswered

#: So impatient that many an answer comes too late.
ANSWER_SECONDS = 2.0
DEADLINE_SECONDS = 60.0


def main(url: str, key: str, name: str, seconds: float, accounts: int) -> None:
    """Append until the time is over."""
    lots = Random(name)
    end = time.monotonic() + seconds
    with Client(
        url, key, answer_seconds=ANSWER_SECONDS, deadline_seconds=DEADLINE_SECONDS
    ) as duebook:
        number = 0
        while time.monotonic() < end:
            number += 1
            payment_id = f"{name}-{number}"
            account = f"hammered-{lots.randrange(accounts)}"
            fact = {"effective_on": "2026-02-05", "payment_id": payment_id, "amount": "1.00"}
            try:
                appended = duebook.append(account, "payments", fact)
                if lots.random() < 0.2:  # Some send again what was answered.
                    appended = duebook.append(account, "payments", fact)
            except Unanswered:
                continue
            sys.stdout.write(f"{account} {appended.recorded[0].key} {appended.version}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), int(sys.argv[5]))
