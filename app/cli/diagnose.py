"""`duebook diagnose`: why is this account not shown as overdue?"""

from typing import Annotated

import typer

from app.api.keys import Keys
from app.asking import Asked
from app.cli.display import client_asked
from app.cli.errors import UserError
from app.cli.options import (
    Account,
    Amount,
    AsOf,
    At,
    DayPaid,
    Json,
    KnownAt,
    PaymentMeant,
    Today,
)
from app.cli.output import console, print_json
from app.settings import Settings
from app.wiring import App, now, opened
from ledger.rights import Role
from projections.diagnosis import Diagnosis, Finding
from projections.display import Viewer

AlthoughPaid = Annotated[
    bool, typer.Option("--although-paid", help="Ask why it IS overdue, although it was paid.")
]
With = Annotated[
    str | None, typer.Option(help="With what he looks, such as mobile/3.1.", metavar="APP/N.N")
]
Key = Annotated[str | None, typer.Option(help="As the holder of the API key of this id sees it.")]
Notices = Annotated[bool, typer.Option("--notices", help="Also ask whether a reminder failed.")]


def diagnose(
    account: Account,
    draw: Annotated[str | None, typer.Option(help="Ask about this draw only.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at: At = None,
    although_paid: AlthoughPaid = False,
    payment: PaymentMeant = None,
    amount: Amount = None,
    on: DayPaid = None,
    client: With = None,
    key: Key = None,
    notices: Notices = False,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Name the one cause for which an overdue state is not shown, with evidence and remedy.

    With --at the question is about an instant that has passed, on the business date of then.  With
    --although-paid it is the other way round: why is it overdue, although money was paid?  Without
    a payment the last one is meant.

    ```
    duebook diagnose A-1
    duebook diagnose A-1 --draw D-1 --json
    duebook diagnose A-1 --at 2026-03-10T18:00Z
    duebook diagnose A-1 --as-of 2026-03-10 --known-at 2026-03-10T18:00Z
    duebook diagnose A-1 --client mobile/2.0
    duebook diagnose A-1 --although-paid --payment P-1
    duebook diagnose A-1 --although-paid --amount 300.00 --on 2026-02-05
    ```
    """
    if at is not None and (as_of is not None or known_at is not None):
        raise UserError("--at stands for --as-of and --known-at together; give the one or the two")
    settings = Settings(today=today) if today else Settings()
    day = at.astimezone(settings.zone).date() if at else as_of
    # Our own Redis holds no page while it is down; one that is named must answer for itself.
    is_own_redis = not (settings.redis_url or settings.broker_url)
    with opened(settings, needs_redis=is_own_redis, role=Role.READER) as app:
        asked = Asked(
            account, day or app.today(), at or known_at, draw,
            "although_paid" if although_paid else "not_shown", payment, amount, on,
            None if key is None else _holder(app, key), client_asked(client), notices,
        )  # fmt: skip
        diagnosis = asked.of(app)
    if as_json:
        print_json({"cause": diagnosis.cause, "is_healthy": diagnosis.is_healthy, "of": diagnosis})
    else:
        show(diagnosis)


def _holder(app: App, key_id: str) -> Viewer:
    """Who looks with a key, and at which accounts."""
    with opened(app.settings) as service:  # Keys are nothing for those who only read.
        keys = {key.key_id: key for key in Keys(service.pool, now).all()}
    key = keys.get(key_id)
    if key is None:
        raise UserError(f"there is no key {key_id}; duebook keys list shows them")
    accounts = None if key.account_id is None else frozenset({key.account_id})
    return Viewer(key.name, key.role, accounts)


def show(diagnosis: Diagnosis) -> None:
    """The diagnosis for people."""
    console.print(*lines_of(diagnosis), sep="\n", soft_wrap=True)


def lines_of(diagnosis: Diagnosis) -> list[str]:
    """The report line by line, with the marks of rich."""
    finding = diagnosis.finding
    subject = diagnosis.account_id + (f", draw {diagnosis.draw_id}" if diagnosis.draw_id else "")
    then = f", as known at {diagnosis.known_at:%Y-%m-%d %H:%M}Z" if diagnosis.known_at else ""
    asked = ": overdue, although it was paid?" if diagnosis.question == "although_paid" else ""
    lines = [f"{subject} on {diagnosis.as_of}{then}{asked}"]
    lines += _lines(finding) if finding is not None else [f"[bold]{diagnosis.cause}[/bold]"]
    for noticed in diagnosis.noticed:
        lines += ["", f"also noticed: {_lines(noticed)[0]}", *_lines(noticed)[1:]]
    return lines + [f"INCOMPLETE: {sentence}" for sentence in diagnosis.incomplete]


def _lines(finding: Finding) -> list[str]:
    sub_cause = f" ({finding.sub_cause})" if finding.sub_cause else ""
    lines = [f"[bold]{finding.cause.value}[/bold]{sub_cause}: {finding.summary}"]
    lines += [f"  · {evidence.sentence}" for evidence in finding.evidence]
    if finding.remedy:
        lines.append(f"  remedy: [bold]{finding.remedy}[/bold]")
    return lines
