"""`duebook status`: how far the log is, how far the views are, and what waits."""

from typing import Any

from app.cli.options import Json, Today
from app.cli.output import console, print_json, table
from app.settings import Settings
from app.supervisor import alive
from app.wiring import App, opened


def status(today: Today = None, as_json: Json = False) -> None:
    """Heads, lag, business date, roll date, quarantine and workers.

    ```
    duebook status
    duebook status --json
    ```
    """
    with opened(Settings(today=today) if today else Settings()) as app:
        document = status_document(app)
    if as_json:
        print_json(document)
        return
    console.print(
        table(
            "Ledger",
            ["", ""],
            [(name.replace("_", " "), document[name]) for name in document if name != "shards"],
        )
    )
    columns = ["shard", "head", "projected", "lag", "business_date", "rolled_to"]
    rows = [[shard[column] for column in columns] for shard in document["shards"]]
    console.print(table("Shards", [f">{column}" for column in columns], rows))


def status_document(app: App) -> dict[str, Any]:
    """The state of the ledger as one document."""
    heads = {head.shard: head.position for head in app.log.heads()}
    shards = [
        {
            "shard": point.shard,
            "head": heads[point.shard],
            "projected": point.position,
            "lag": heads[point.shard] - point.position,
            "business_date": point.business_date,
            "rolled_to": point.rolled_to,
        }
        for point in app.projector.checkpoints()
    ]
    workers = alive(app.engines.redis_url)
    return {
        "ledger_id": str(app.log.ledger_id),
        "phase": app.log.phase,
        "today": app.today(),
        "accounts": app.reader.account_count(list(range(app.log.shards))),
        "events": sum(heads.values()),
        "lag": sum(shard["lag"] for shard in shards),
        "quarantined": len(app.reader.quarantined()),
        "workers_alive": workers if workers is not None else "unknown: Redis does not answer",
        "database": "embedded" if app.engines.embedded_database else "server",
        "redis": "embedded" if app.engines.embedded_redis else "server",
        "shards": shards,
    }
