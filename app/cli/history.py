"""`duebook history` and `duebook replay`: the events of an account, and what they amount to."""

from typing import Any

from app.cli.options import Account, AsOf, Json, KnownAt, Today
from app.cli.output import console, print_json, table
from app.cli.rendering import fact_text, state_document, state_tables
from app.settings import Settings
from app.wiring import opened
from ledger.domain.events import AccountOpened
from ledger.door import as_written
from ledger.log.records import Recorded
from ledger.replay import known_facts
from ledger.rights import Role
from projections.reading import AccountUnknown


def history(account: Account, known_at: KnownAt = None, as_json: Json = False) -> None:
    """The events of an account in the order in which they were recorded.

    ```
    duebook history A-1
    duebook history A-1 --known-at 2026-03-01T00:00Z --json
    ```
    """
    with opened(Settings(), role=Role.READER) as app:
        recorded = app.log.streams([account])[account]
        if not recorded:
            raise AccountUnknown(account)
        shown = [one for one in recorded if known_at is None or one.recorded_at <= known_at]
        rows = documents(shown)
        if as_json:
            print_json(rows)
            return
        console.print(
            table(
                f"History of {account}",
                [">version", "effective", "recorded at", "topic", "content", "digest"],
                [
                    (
                        row["version"],
                        row["effective_on"],
                        f"{one.recorded_at:%Y-%m-%d %H:%M}Z",
                        one.topic,
                        fact_text(row["fact"]),
                        one.digest.hex()[:10],
                    )
                    for row, one in zip(rows, shown, strict=True)
                ],
            )
        )


def replay(
    account: Account,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """The truth about an account: its events folded as of a date, as known at an instant.

    ```
    duebook replay A-1
    duebook replay A-1 --as-of 2026-03-31
    duebook replay A-1 --as-of 2026-03-31 --known-at 2026-04-01T00:00Z --json
    ```
    """
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        state = app.reader.replayed(account, as_of or app.today(), known_at)
    if as_json:
        print_json({"account": account, "known_at": known_at, **state_document(state)})
        return
    for made in state_tables(account, state):
        console.print(made)


def documents(recorded: list[Recorded]) -> list[dict[str, Any]]:
    """The events with their facts as the doors write them."""
    facts = known_facts(recorded)
    currency = next((f.event.currency for f in facts if isinstance(f.event, AccountOpened)), "")
    return [
        {
            "position": one.position,
            "shard": one.shard,
            "version": one.version,
            "effective_on": one.effective_on,
            "recorded_at": one.recorded_at,
            "key": one.key,
            "digest": one.digest,
            "fact": as_written(known.event, currency),
        }
        for one, known in zip(recorded, facts, strict=True)
    ]
