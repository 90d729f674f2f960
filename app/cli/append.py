"""`duebook append`: record one fact, or many from a file, all or none."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from app.cli.errors import UserError
from app.cli.options import Json, Today
from app.cli.output import console, print_json
from app.settings import Settings
from app.wiring import App, opened
from ledger.books import Taken
from ledger.door import Line, line_of, parse_line


def append(
    account: Annotated[str | None, typer.Argument(help="The id of the account.")] = None,
    topic: Annotated[
        str | None, typer.Argument(help="What happened, e.g. payment.received.")
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Argument(help="FIELD=TEXT, or FIELD:=JSON for numbers, lists and objects."),
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", help="NDJSON with one fact a line; - is stdin.")
    ] = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Record facts: all of a request or none.  The same fact again is a harmless retry.

    ```
    duebook append A-1 account.opened borrower_ref=B-1 currency=CNY
    duebook append A-1 draw.made draw_id=D-1 amount=1200.00 terms.method=equal_installment \\
        terms.term_count:=3 terms.first_due_on=2026-02-05 terms.annual_rate=0.12
    duebook append A-1 payment.received payment_id=P-1 amount=100.00 effective_on=2026-02-05
    duebook append --file facts.ndjson
    ```
    """
    settings = Settings(today=today) if today else Settings()
    with opened(settings) as app:
        lines = _from_file(file) if file else [_from_arguments(app, account, topic, fields or [])]
        answers = app.books.append_all(lines)
        app.ring(answers)
        if as_json:
            print_json(
                [_document(line, answer) for line, answer in zip(lines, answers, strict=True)]
            )
        else:
            for line, answer in zip(lines, answers, strict=True):
                console.print(_sentence(line, answer))


def _from_file(file: str) -> list[Line]:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    return [parse_line(line) for line in raw.splitlines() if line.strip()]


def _from_arguments(app: App, account: str | None, topic: str | None, fields: list[str]) -> Line:
    if account is None or topic is None:
        raise UserError("name an account and a topic, or give --file; see duebook append --help")
    body: dict[str, Any] = {}
    for field in fields:
        _put(body, field)
    # A reversal counts from the day of what it reverses, unless it says otherwise.
    if not topic.endswith(".reversed"):
        body.setdefault("effective_on", app.today().isoformat())
    return line_of({"account": account, "topic": topic, **body})


def _put(body: dict[str, Any], field: str) -> None:
    """Set FIELD=TEXT or FIELD:=JSON, where FIELD may be a dotted path."""
    name, equals, text = field.partition("=")
    if not equals:
        raise UserError(f"{field!r} is no field; write FIELD=TEXT or FIELD:=JSON")
    value: Any = text
    if name.endswith(":"):
        name = name.removesuffix(":")
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise UserError(f"the value of {name} is no JSON ({error})") from None
    *path, last = name.split(".")
    for part in path:
        body = body.setdefault(part, {})
        if not isinstance(body, dict):
            raise UserError(f"{name} is inside {part}, which already has a plain value")
    body[last] = value


def _document(line: Line, answer: Taken) -> dict[str, Any]:
    return {
        "account": line.account_id,
        "topic": line.topic,
        "is_retry": answer.is_retry,
        "recorded": [
            {
                "shard": one.shard,
                "position": one.position,
                "version": one.version,
                "key": one.key,
                "recorded_at": one.recorded_at,
                "digest": one.digest,
            }
            for one in answer.recorded
        ],
    }


def _sentence(line: Line, answer: Taken) -> str:
    if not answer.recorded:
        return f"{line.account_id} {line.topic}: nothing to do"
    said = "recorded already" if answer.is_retry else "recorded"
    places = ", ".join(
        f"{one.key} as version {one.version} (shard {one.shard}, position {one.position})"
        for one in answer.recorded
    )
    return f"{line.account_id} {line.topic}: {said} {places}"
