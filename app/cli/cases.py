"""`duebook case` and `duebook contact`: what borrowers ask, what they are told, what is erased."""

from contextlib import AbstractContextManager
from datetime import date
from typing import Annotated

import typer

from app.cases import CaseDesk, CaseFile, Payment
from app.cli.errors import UserError
from app.cli.options import Account, Amount, DayPaid, Json, PaymentMeant, Today
from app.cli.output import console, counted, print_json, table
from app.settings import Settings
from app.wiring import App, opened

case = typer.Typer(help="What borrowers ask, and what they are told.", no_args_is_help=True)
contact = typer.Typer(help="What is kept of borrowers and can be erased.", no_args_is_help=True)

CaseId = Annotated[str, typer.Argument(help="The id of the case.")]


@case.command("open")
def open_case(
    account: Account,
    words: Annotated[str, typer.Option(help="What the borrower says.")],
    lang: Annotated[str, typer.Option(help="In which language he is answered: en or zh.")] = "en",
    case_id: Annotated[
        str | None, typer.Option("--id", help="The id of the case; without, one is made.")
    ] = None,
    although_paid: Annotated[
        bool, typer.Option("--although-paid", help="He asks why it is overdue although he paid.")
    ] = False,
    payment: PaymentMeant = None,
    amount: Amount = None,
    on: DayPaid = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Open a case: it is diagnosed at once, and answered.  The same again gives the same case.

    ```
    duebook case open A-1 --words "My page shows no overdue plan"
    duebook case open A-1 --words "为什么没有显示逾期?" --lang zh --id C-1
    duebook case open A-1 --words "I paid on the 5th" --although-paid
    duebook case open A-1 --words "I paid" --although-paid --amount 300.00 --on 2026-02-05
    ```
    """
    question = "although_paid" if although_paid else "not_shown"
    with _opened(today) as app:
        meant = Payment(payment, amount, on)
        _show(CaseDesk(app).open(account, words, lang, case_id, question, meant), as_json)


@case.command("show")
def show_case(case_id: CaseId, as_json: Json = False) -> None:
    """A case: what was said, what was found, what was answered.

    ```
    duebook case show C-1
    ```
    """
    with opened(Settings()) as app:
        _show(CaseDesk(app).find(case_id), as_json)


@case.command("list")
def list_cases(
    account: Annotated[str | None, typer.Option(help="Of this account only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """Cases, the newest first.

    ```
    duebook case list
    duebook case list --account A-1 --json
    ```
    """
    with opened(Settings()) as app:
        found = CaseDesk(app).page(account, limit=limit)
    if as_json:
        print_json([one.for_support() for one in found])
    elif not found:
        console.print("there is no case")
    else:
        columns = ["case", "account", "status", "cause", "opened"]
        console.print(table("Cases", columns, map(_row, found)))


@case.command("diagnose")
def diagnose_again(case_id: CaseId, today: Today = None, as_json: Json = False) -> None:
    """Diagnose the account of a case anew, as after a remedy, and answer anew.

    ```
    duebook case diagnose C-1
    ```
    """
    with _opened(today) as app:
        _show(CaseDesk(app).diagnose_again(case_id), as_json)


@case.command("close")
def close_case(
    case_id: CaseId,
    reason: Annotated[str, typer.Option(help="Why, without naming the borrower.")],
    today: Today = None,
    as_json: Json = False,
) -> None:
    """End a case, with a reason.

    ```
    duebook case close C-1 --reason "the plan is shown again"
    ```
    """
    with _opened(today) as app:
        _show(CaseDesk(app).close(case_id, reason), as_json)


@contact.command()
def erase(
    name: Annotated[str, typer.Argument(help="A borrower's reference, or the id of a case.")],
    as_json: Json = False,
) -> None:
    """Erase what a borrower said, in one case or in all of his.  The events know nothing of it.

    ```
    duebook contact erase B-1
    duebook contact erase C-1
    ```
    """
    with opened(Settings()) as app:
        cases, erased = CaseDesk(app).contacts.erase(name)
    if not cases:
        raise UserError(f"nothing is kept of {name!r:.130}; duebook case list shows what is")
    if as_json:
        print_json({"cases": cases, "erased": erased})
    else:
        console.print(f"erased what was said in {counted(erased, 'case')} of {cases}")


def _show(found: CaseFile, as_json: bool) -> None:
    if as_json:
        print_json(found.for_support())
        return
    case_, kept = found.case, found.contact
    lines = [f"case {kept.case_id} about {kept.account_id}: {case_.status}"]
    lines.append(
        f"  said: {kept.words}" if kept.words is not None
        else f"  what was said was erased {kept.erased_at:%Y-%m-%d %H:%M}Z"
    )  # fmt: skip
    for diagnosis, told in zip(case_.diagnoses, case_.answers, strict=True):
        sub_cause = f" ({diagnosis.sub_cause})" if diagnosis.sub_cause else ""
        lines += [
            f"  {diagnosis.effective_on}: {diagnosis.cause}{sub_cause}: {diagnosis.summary}",
            *([f"    remedy: {diagnosis.remedy}"] if diagnosis.remedy else []),
            f"    told in {told.language}: {told.text}",
        ]
    if case_.closing is not None:
        lines.append(f"  closed on {case_.closing.effective_on}: {case_.closing.reason}")
    # What a borrower says is no markup of ours.
    console.print(*lines, sep="\n", soft_wrap=True, markup=False)


def _row(found: CaseFile) -> tuple[object, ...]:
    case_ = found.case
    cause = case_.diagnoses[-1].cause if case_.diagnoses else None
    opened_at = f"{found.contact.kept_at:%Y-%m-%d %H:%M}Z"
    return found.contact.case_id, found.contact.account_id, case_.status, cause, opened_at


def _opened(today: date | None) -> AbstractContextManager[App]:
    """The ledger, with what holds the pages of borrowers: what they are shown is diagnosed too."""
    settings = Settings(today=today) if today else Settings()
    # Our own Redis holds no page while it is down; one that is named must answer for itself.
    return opened(settings, needs_redis=not (settings.redis_url or settings.broker_url))
