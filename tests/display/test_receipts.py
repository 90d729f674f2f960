"""What was shown to whom: a receipt when a page changes, and whole months that go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledger import rights
from ledger.domain.disclosure import Client
from ledger.rights import Role
from projections.display import Display, Viewer
from projections.display import receipts as tables
from projections.display.receipts import Receipts
from tests.display.pages import asked, publish_in, show
from tests.domain.policies import policy, rule
from tests.house import House
from tests.lines import late_payer, paid

MARCH = datetime(2026, 3, 31, 23, 50, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = MARCH

    def __call__(self) -> datetime:
        return self.now

    def later(self, **how: int) -> datetime:
        """Let time pass; answers the instant before."""
        before, self.now = self.now, self.now + timedelta(**how)
        return before


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receipts(house: House, clock: Clock) -> Receipts:
    """Receipts of a ledger with an account that is overdue."""
    house.record(*late_payer("A-1"))
    return Receipts(house.pool, house.log, clock)


@pytest.fixture
def anew(house: House, clock: Clock) -> Callable[[], Receipts]:
    """The receipts of a process that remembers nothing."""
    return lambda: Receipts(house.pool, house.log, clock)


def count(house: House) -> int:
    with house.pool.connection() as conn:
        row = conn.execute("SELECT count(*) FROM display_receipts").fetchone()
    assert row is not None
    return int(row[0])


def test_who_looks_again_at_the_same_page_has_one_receipt(
    house: House, display: Display, receipts: Receipts, anew: Callable[[], Receipts]
) -> None:
    assert receipts.write(show(display)) == "written"
    assert receipts.write(show(display)) == "unchanged"
    assert anew().write(show(display)) == "unchanged", "nor does another process write it again"
    assert count(house) == 1


def test_a_page_that_comes_back_after_one_that_was_not_current_has_a_receipt(
    house: House, display: Display, receipts: Receipts, clock: Clock
) -> None:
    page = show(display)
    old = replace(page, content=replace(page.content, source="stale_view", note="not current"))
    for one in (page, old, page):
        assert receipts.write(one) == "written"
        clock.later(seconds=10)
    [last] = receipts.at("A-1", clock.now)
    assert last.page["is_current"] is True


def test_a_page_that_changes_and_changes_back_has_three(
    house: House, display: Display, receipts: Receipts, clock: Clock
) -> None:
    receipts.write(show(display))
    first = clock.later(seconds=10)
    publish_in(house, policy(rule()))
    receipts.write(show(display))
    hidden = clock.later(seconds=10)
    publish_in(house, policy(name="P-2"))
    receipts.write(show(display))
    rows = [[len(one.page["rows"]) for one in receipts.at("A-1", at)] for at in (first, hidden)]
    assert rows == [[1], [0]]
    [then] = receipts.at("A-1", hidden)
    assert (then.policy_id, then.policy_version) == ("P-1", 1)
    assert then.withheld == [{"draw_id": "D-1", "show": "nothing", "rule": "quiet"}]
    assert then.changed_at == clock.now
    assert count(house) == 3


def test_a_new_version_that_says_the_same_is_no_new_page(
    house: House, display: Display, receipts: Receipts
) -> None:
    receipts.write(show(display))
    house.record(paid("A-1", "P-0", "0.00", "2026-02-06"))
    assert receipts.write(show(display)) == "unchanged"


def test_viewers_views_and_clients_have_their_own(
    house: House, display: Display, receipts: Receipts, clock: Clock
) -> None:
    publish_in(house, policy())
    spouse = Viewer.borrower_of("A-1", "the other phone")
    for question in (
        asked(), asked(view="repayment_schedule"), asked(viewer=spouse),
        asked(client=Client("mobile", "2.0")), asked(client=Client("mobile", "3.9")),
    ):  # fmt: skip
        receipts.write(display.show(question))
    found = receipts.at("A-1", clock.now)
    assert len(found) == 5
    assert [one.client for one in found if one.page["refused"]] == ["mobile/2.0"]
    assert receipts.at("A-1", clock.now - timedelta(seconds=1)) == []
    assert receipts.at("A-9", clock.now) == []


def test_every_month_stands_on_its_own_and_goes_as_a_whole(
    house: House, display: Display, receipts: Receipts, clock: Clock
) -> None:
    receipts.write(show(display))
    clock.later(minutes=20)
    assert receipts.write(show(display)) == "written", "in April the same page once more"
    clock.later(days=40)
    receipts.write(show(display))
    assert count(house) == 3
    assert isinstance(house.pool.conninfo, str)
    with rights.connect(house.pool.conninfo, Role.OWNER) as conn:
        assert tables.forget(conn, clock.now, months=3) == []
        gone = tables.forget(conn, clock.now, months=1)
    assert gone == ["display_receipts_2026_03"], "at least two months are kept"
    assert count(house) == 2
    [last] = receipts.at("A-1", clock.now)
    assert last.page["rows"][0]["status"] == "overdue"


def test_the_service_can_add_receipts_and_can_neither_change_nor_remove_them(
    house: House, display: Display, receipts: Receipts, clock: Clock
) -> None:
    assert isinstance(house.pool.conninfo, str)
    with rights.connect(house.pool.conninfo, Role.SERVICE) as conn:
        conn.execute("SELECT make_display_month(%s)", [clock.now])
        conn.commit()
        for statement in (
            "UPDATE display_receipts SET digest = ''",
            "DELETE FROM display_receipts",
            "DROP TABLE display_receipts_2026_03",
            "DELETE FROM display_last",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement.encode())
            conn.rollback()


def test_who_names_another_client_at_each_look_comes_to_a_limit(
    house: House, display: Display, receipts: Receipts, clock: Clock
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tables, "RECEIPTS_A_DAY_MAX", 3)
        looks = [asked(client=Client("mobile", f"3.{number}")) for number in range(5)]
        outcomes = [receipts.write(display.show(one)) for one in looks]
        assert outcomes == ["written"] * 3 + ["full"] * 2
        clock.later(hours=25)
        assert receipts.write(display.show(looks[4])) == "written", "the next day has its own"


def test_pages_with_a_mark_have_receipts_too(
    house: House, display: Display, receipts: Receipts, clock: Clock
) -> None:
    house.poison("A-1")
    receipts.write(show(display))
    [one] = receipts.at("A-1", clock.now)
    assert (one.source, one.page["is_current"]) == ("stale_view", False)
