"""The reports in docs/diagnosis.md are what `duebook diagnose` prints, on a ledger told here."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool
from rich.text import Text

from app.cli.diagnose import lines_of
from app.faults import INJECTIONS, Site
from ledger.books import Books
from ledger.log.log import Log
from projections.diagnosis import Cause, Claim, Diagnosis, PaidCause, although_paid, diagnose
from projections.projector import Projector
from projections.reading import Reader
from tests.display.pages import Shelf
from tests.house import House, make_views
from tests.lines import late_payer, paid, penalised, reversed_
from tests.views.sites import site_over

PAGE = Path(__file__).parents[2] / "docs/diagnosis.md"
TODAY = date(2026, 2, 20)


class Clock:
    """Each look at it is a minute later, from the morning of the day on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 20, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def site(pool: ConnectionPool[Connection]) -> Site:
    """One account that is overdue and shown."""
    clock = Clock()
    log = Log(pool, clock)
    make_views(pool, log.shards)
    with pool.connection() as conn:
        conn.execute("SET ROLE NONE")
        conn.execute("UPDATE views_history SET begun_at = '2026-02-01 00:00Z'")
        conn.execute("UPDATE generations SET live_since = '2026-02-01', begun_at = '2026-02-01'")
    projector = Projector(pool, log, clock)
    house = House(pool, log, Books(log), projector, Reader(pool, log, projector.views))
    house.record(*late_payer("A-1"))
    house.follow(TODAY)
    house.roll(TODAY)
    return site_over(house, TODAY, Shelf())


def injected(cause: Cause) -> Callable[[Site], Diagnosis]:
    """The report of a fault that is injected."""

    def tell(site: Site) -> Diagnosis:
        fault = INJECTIONS[cause](site, "A-1")
        follow(site)
        return site.ask("A-1", fault.look)

    return tell


def in_the_past(site: Site) -> Diagnosis:
    """The report of a fault that was healed, asked for the time before."""
    INJECTIONS[Cause.QUARANTINED](site, "A-1")
    then = site.log.now()
    site.projector.heal(["A-1"], TODAY)
    return diagnose(site.log, "A-1", TODAY, known_at=then)


def although(cause: PaidCause) -> Callable[[Site], Diagnosis]:
    """The report of the mirror question."""
    facts = {
        PaidCause.CHARGES_FIRST: [
            penalised("A-1", "F-1", "8.00", "2026-02-06", installment=1),
            paid("A-1", "P-1", "100.00", "2026-02-07"),
        ],
        PaidCause.REVERSED: [
            paid("A-1", "P-1", "100.00", "2026-02-05"),
            reversed_("A-1", "P-1", "2026-02-09", reason="no funds"),
        ],
        PaidCause.NOT_RECORDED: [paid("A-1", "P-0", "5.00", "2026-02-04")],
    }[cause]
    claim = Claim(amount=100_00, on=date(2026, 2, 5))

    def tell(site: Site) -> Diagnosis:
        site.books.append_all(facts)
        follow(site)
        return although_paid(site.log, "A-1", TODAY, claim)

    return tell


#: By the name in front of the report on the page.
REPORTS: dict[str, Callable[[Site], Diagnosis]] = {
    "not_overdue": injected(Cause.NOT_OVERDUE),
    "day_not_rolled": injected(Cause.DAY_NOT_ROLLED),
    "drifted": injected(Cause.DRIFTED),
    "withheld_by_policy": injected(Cause.WITHHELD_BY_POLICY),
    "client_too_old": injected(Cause.CLIENT_TOO_OLD),
    "in_the_past": in_the_past,
    "although_paid_charges_first": although(PaidCause.CHARGES_FIRST),
    "although_paid_reversed": although(PaidCause.REVERSED),
    "although_paid_not_recorded": although(PaidCause.NOT_RECORDED),
}


def follow(site: Site) -> None:
    for shard in range(site.log.shards):
        while site.projector.follow(shard, TODAY) is not None:
            pass


def on_the_page() -> dict[str, str]:
    found = re.findall(r"<!-- (\w+) -->\n```text\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return dict(found)


def rendered(diagnosis: Diagnosis) -> str:
    return "".join(Text.from_markup(line).plain + "\n" for line in lines_of(diagnosis))


@pytest.mark.parametrize("name", REPORTS)
def test_the_report_on_the_page_is_what_is_printed(site: Site, name: str) -> None:
    assert on_the_page().get(name) == rendered(REPORTS[name](site))


def test_the_page_shows_every_report_and_no_other() -> None:
    assert set(on_the_page()) == set(REPORTS)


def test_the_page_names_every_cause_in_the_order_of_the_list() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)
    assert named == [cause.value for cause in (*Cause, *PaidCause)]
