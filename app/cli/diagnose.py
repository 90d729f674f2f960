"""`duebook diagnose`: why is this account not shown as overdue?"""

from typing import Annotated

import typer

from app.cli.options import Account, AsOf, Json, KnownAt, Today
from app.cli.output import console, print_json
from app.settings import Settings
from app.wiring import opened
from ledger.rights import Role
from projections.diagnosis import Diagnosis, Finding
from projections.diagnosis import diagnose as find_cause


def diagnose(
    account: Account,
    draw: Annotated[str | None, typer.Option(help="Ask about this draw only.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Name the one cause for which an overdue state is not shown, with evidence and remedy.

    ```
    duebook diagnose A-1
    duebook diagnose A-1 --draw D-1 --json
    duebook diagnose A-1 --as-of 2026-03-10 --known-at 2026-03-10T18:00Z
    ```
    """
    with opened(Settings(today=today) if today else Settings(), role=Role.READER) as app:
        diagnosis = find_cause(
            app.log, account, as_of or app.today(), known_at=known_at, draw_id=draw
        )
    if as_json:
        print_json({"cause": diagnosis.cause, "is_healthy": diagnosis.is_healthy, "of": diagnosis})
    else:
        show(diagnosis)


def show(diagnosis: Diagnosis) -> None:
    """The diagnosis for people."""
    finding = diagnosis.finding
    subject = diagnosis.account_id + (f", draw {diagnosis.draw_id}" if diagnosis.draw_id else "")
    lines = [f"[bold]{diagnosis.cause}[/bold]"]
    if finding is not None:
        lines = _lines(finding)
    for noticed in diagnosis.noticed:
        lines += ["", f"also noticed: {_lines(noticed)[0]}", *_lines(noticed)[1:]]
    lines += [f"INCOMPLETE: {sentence}" for sentence in diagnosis.incomplete]
    console.print(f"{subject} on {diagnosis.as_of}", *lines, sep="\n", soft_wrap=True)


def _lines(finding: Finding) -> list[str]:
    sub_cause = f" ({finding.sub_cause})" if finding.sub_cause else ""
    lines = [f"[bold]{finding.cause.value}[/bold]{sub_cause}: {finding.summary}"]
    lines += [f"  · {evidence.sentence}" for evidence in finding.evidence]
    if finding.remedy:
        lines.append(f"  remedy: [bold]{finding.remedy}[/bold]")
    return lines
