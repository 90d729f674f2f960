"""`duebook up`: keep a ledger running; with --story, show first what duebook is for."""

import time
from contextlib import ExitStack
from typing import Annotated

import typer

from app.api.settings import ApiSettings
from app.cli.diagnose import show
from app.cli.errors import UserError
from app.cli.options import Today
from app.cli.output import console, table
from app.cli.rendering import reading_table
from app.cli.views import OVERDUE_COLUMNS
from app.monitoring import monitor_settings
from app.operations_log import configure
from app.settings import Settings
from app.story import ACCOUNT, FAULT, NAIVE_QUERY, Story, StoryStuck, begun
from app.supervisor import Supervisor
from app.wiring import opened
from projections.reading import Reading

CURRENCY = "CNY"
DAY_COLUMNS = ("business date", "what has happened", "status", ">days late", ">DPD", "read from")


def up(
    story: Annotated[bool, typer.Option("--story", help="Tell a story on a ledger of its own.")] = (
        False
    ),
    end: Annotated[bool, typer.Option("--end", help="End when the story is told.")] = False,
    accounts: Annotated[
        int, typer.Option(min=1, max=100_000, help="Accounts of the story's portfolio.")
    ] = 2_000,
    api: Annotated[
        bool, typer.Option(help="Serve the HTTP API as well, at DUEBOOK_API_HOST and _PORT.")
    ] = True,
    today: Today = None,
) -> None:
    """Run the engines, the workers and the HTTP API of the ledger until Ctrl-C.

    With --story a fresh ledger is made in the folder `story` of DUEBOOK_HOME, and what duebook is
    for is shown on it: an overdue state is lost, named, and healed.  Other ledgers stay untouched.

    ```
    duebook up
    duebook up --no-api
    duebook up --story
    duebook up --story --end --accounts 200
    ```
    """
    if end and not story:
        raise UserError("--end is about the story; write duebook up --story --end.")
    configure("up")
    settings = Settings(today=today) if today else Settings()
    if not story:
        _serve(settings, with_api=api)
        return
    try:
        _tell(settings, accounts, end=end, with_api=api and not end)
    except StoryStuck as error:
        raise UserError(str(error)) from error


def _serve(settings: Settings, *, with_api: bool) -> None:
    monitor_settings()  # What its processes cannot use is said here, once.
    with (
        opened(settings, needs_redis=True) as app,
        Supervisor(settings, with_api=with_api) as crew,
    ):
        count = app.reader.account_count(list(range(app.log.shards)))
        console.print(
            f"{count} accounts in {settings.home}, {settings.worker_processes} worker processes,"
            f" business date {app.today()}.{_address(with_api)}  Ctrl-C stops."
        )
        crew.wait()


def _address(with_api: bool) -> str:
    """Where the API is, as a sentence; nothing where it is not served."""
    found = ApiSettings()
    return f"  API on http://{found.host}:{found.port}." if with_api else ""


def _tell(settings: Settings, accounts: int, *, end: bool, with_api: bool) -> None:
    begin = time.monotonic()
    with ExitStack() as exits:
        with console.status("a ledger and a portfolio are made"):
            story = exits.enter_context(begun(settings, accounts, with_api=with_api))
        console.print(
            f"A ledger with {accounts} sample accounts in {story.app.settings.home},"
            f" made in {time.monotonic() - begin:.1f} s; worker processes follow it."
        )
        _days_pass(story)
        _a_row_is_lost(story)
        _the_cause_is_named(story)
        _all_is_verified(story)
        console.print(f"The story took {time.monotonic() - begin:.1f} s.")
        if not end:
            home = story.app.settings.home
            console.print(
                f"\nThe workers go on.{_address(with_api)}  Look around with\n"
                f"  DUEBOOK_HOME={home} duebook overdue\n"
                f"  DUEBOOK_HOME={home} duebook explain {ACCOUNT}\n"
                "Ctrl-C stops."
            )
            story.crew.wait()


def _days_pass(story: Story) -> None:
    _chapter(1, "As days pass, an account falls overdue")
    happened = {
        story.days.drawn: "1200.00 drawn, 3 days of grace agreed",
        story.days.in_grace: f"installment 1 was due on {story.days.due}; nobody paid",
        story.days.today: "the grace is over",
    }
    rows = []
    for day, what in happened.items():
        with console.status(f"the workers roll {day}"):
            reading = story.day(day)
        [row] = reading.dicts()
        rows.append(
            (day, what, row["status"], row["days_late"], row["days_past_due"], _source(reading))
        )
    console.print(table(f"Account {ACCOUNT}", DAY_COLUMNS, rows))


def _a_row_is_lost(story: Story) -> None:
    _chapter(2, "Its overdue row is lost, but the reader is not fooled")
    lost = story.lose_the_row()
    console.print(f"The fault, on purpose: {FAULT % repr(ACCOUNT)}  ({lost} row lost)")
    naive = story.naive_rows()
    console.print(f"A page that trusts the table asks: {NAIVE_QUERY % repr(ACCOUNT)}")
    console.print(f"  and gets {naive or 'nothing'}: the borrower sees no overdue plan.")
    console.print("duebook's reader compares the row with its receipt:")
    reading = story.read()
    title = f"{reading.view} of {ACCOUNT} on {reading.as_of}, {reading.note}"
    console.print(reading_table(title, [(reading, CURRENCY)], OVERDUE_COLUMNS))


def _the_cause_is_named(story: Story) -> None:
    _chapter(3, "The cause is named, and healed")
    diagnosis = story.diagnosis()
    show(diagnosis)
    if diagnosis.finding is None or diagnosis.finding.remedy is None:
        raise StoryStuck(f"The diagnosis {diagnosis.cause} names no remedy for a lost row.")
    remedy = diagnosis.finding.remedy
    console.print(f"$ {remedy}\n{story.run(remedy)}")
    console.print(f"The table holds again: {story.naive_rows()}")


def _all_is_verified(story: Story) -> None:
    _chapter(4, "Every view of every account is compared with replay")
    with console.status("all accounts are replayed"):
        verified = story.verified()
    for one in verified.found:
        console.print(f"  {one.view} of {one.account_id}: {one.problem}")
    if verified.found:
        raise StoryStuck(f"{len(verified.found)} view rows differ from replay.")
    console.print(
        f"{verified.accounts} accounts: all views equal replay ({verified.seconds:.1f} s).\n"
    )


def _chapter(number: int, title: str) -> None:
    console.print(f"\n[bold]{number}. {title}[/bold]")


def _source(reading: Reading) -> str:
    return "the view, fresh" if reading.source == "view" else reading.note
