"""From the log to the borrower's eyes: what each step of the display does to a page."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ledger.domain.disclosure import Client
from projections.display import Display, Viewer
from projections.display.cache import entry_of
from projections.reading import AccountUnknown
from tests.display.pages import TODAY, Shelf, asked, publish_in, show, words
from tests.domain.policies import policy, rule
from tests.house import House
from tests.lines import drawn, good_payer, late_payer, opened, paid

OLD = Client("mobile", "2.9")


@pytest.fixture
def late(house: House) -> House:
    """A-1 is overdue and projected."""
    house.record(*late_payer("A-1"))
    house.follow(TODAY)
    house.roll(TODAY)
    return house


def test_a_page_is_read_once_and_then_comes_out_of_the_cache(late: House, display: Display) -> None:
    first, second = show(display), show(display)
    assert words(first) == "not_folded fresh miss no_policy permitted able"
    assert words(second) == "not_folded not_asked hit no_policy permitted able"
    assert first.page == second.page
    assert first.content.rows[0]["status"] == "overdue"
    assert first.notices == ()


def test_a_view_that_lags_is_replayed_and_the_page_is_true(late: House, display: Display) -> None:
    show(display)
    late.record(paid("A-1", "P-1", "100.00", "2026-02-09"))
    shown = show(display)
    assert words(shown) == "folded replayed miss no_policy permitted able"
    assert shown.content.rows[0]["status"] == "current"
    assert show(display).page == shown.page


def test_an_account_that_cannot_be_folded_is_marked_and_never_kept(
    late: House, display: Display, shelf: Shelf
) -> None:
    late.poison("A-1")
    shown = show(display)
    assert words(shown) == "unreadable not_current miss no_policy permitted able"
    assert not shown.content.is_current
    assert shown.notices[0].startswith("NOT CURRENT: as of 2026-02-09")
    assert shelf.entries == {}


def test_a_rule_hides_young_plans_and_says_that_it_does(late: House, display: Display) -> None:
    publish_in(late, policy(rule()))
    for view in ("overdue", "repayment_schedule", "episodes"):
        shown = show(display, view=view)
        assert shown.content.rows == ()
        assert shown.step("policy").lost == ("D-1",)
        assert shown.notices == ("1 plan is not shown here for now; support can tell why",)
        assert "not shown by rule quiet of policy P-1" in shown.step("policy").why


def test_after_its_days_the_rule_hides_nothing(late: House, display: Display) -> None:
    publish_in(late, policy(rule(days_late_max=10)))
    at = {days: show(display, as_of=date(2026, 2, 5 + days)) for days in (10, 11)}
    assert at[10].content.rows == ()
    assert at[11].content.rows[0]["status"] == "overdue"
    assert at[11].rulings[0].by == "no_rule"


def test_in_summary_a_plan_is_overdue_by_an_amount_and_nothing_else(
    late: House, display: Display
) -> None:
    publish_in(late, policy(rule(show="summary")))
    [row] = show(display).content.rows
    assert (row["status"], row["overdue_total"], row["overdue_since"]) == (
        "overdue", 100_00, "2026-02-05",
    )  # fmt: skip
    assert "overdue_principal" not in row
    rows = show(display, view="repayment_schedule").content.rows
    assert [sorted(one) for one in rows] == [
        ["draw_id", "due_on", "number", "outstanding", "status"]
    ] * 3


def test_no_rule_speaks_of_movements_of_money(late: House, display: Display) -> None:
    publish_in(late, policy(rule()))
    shown = show(display, view="activity", client=OLD)
    assert [row["kind"] for row in shown.content.rows] == ["draw"]
    assert (shown.withheld, shown.refusal, shown.notices) == ((), None, ())


def test_other_plans_of_the_account_are_left_alone(late: House, display: Display) -> None:
    late.record(drawn("A-1", "D-2", on="2026-02-01", first_due_on="2026-03-05"))
    publish_in(late, policy(rule()))
    assert [row["draw_id"] for row in show(display).content.rows] == ["D-2"]


def test_rules_look_at_tier_region_and_product(house: House, display: Display) -> None:
    house.record(opened("A-1", tier="gold", region="east"), drawn("A-1"))
    publish_in(house, policy(rule(tiers=("gold",), regions=("east",), products=("phone",))))
    assert show(display).withheld == (), "the draw has no product"
    line = drawn("A-2")
    body = {**line.body, "product": "phone"}
    house.record(opened("A-2", tier="gold", region="east"), replace(line, body=body))
    assert [one.draw_id for one in show(display, "A-2").withheld] == ["D-1"]


def test_a_client_that_is_too_old_is_told_so(late: House, display: Display) -> None:
    publish_in(late, policy())
    shown = show(display, client=OLD)
    assert shown.refusal == shown.step("client")
    assert shown.content.rows == ()
    assert shown.notices == (
        "this version of mobile (2.9) cannot show an overdue plan of this account; update it to"
        " 3.0 or later",
    )
    late.record(*good_payer("A-2"))
    fine = show(display, "A-2", client=OLD)
    assert fine.refusal is None, "there is nothing overdue that it could not show"


def test_a_viewer_without_the_right_sees_nothing(late: House, display: Display) -> None:
    shown = show(display, viewer=Viewer.borrower_of("A-2"))
    assert shown.content.rows == ()
    assert shown.refusal == shown.step("viewer")


def test_rules_have_two_axes_of_time_as_accounts_have(late: House, display: Display) -> None:
    before = datetime.now(UTC)
    publish_in(late, policy(rule(), effective_on=date(2026, 2, 8)))
    on = {"is_live": False}
    assert show(display, as_of=date(2026, 2, 7), **on).withheld == ()
    assert len(show(display, as_of=date(2026, 2, 8), **on).withheld) == 1
    assert show(display, as_of=date(2026, 2, 8), known_at=before, **on).withheld == ()


def test_rules_that_cannot_be_read_withhold_nothing(late: House, display: Display) -> None:
    publish_in(late, policy(rule()))
    late.poison("rules/disclosure")
    shown = show(display)
    assert shown.step("policy").outcome == "policy_unreadable"
    assert shown.content.rows[0]["status"] == "overdue"


def test_an_account_that_is_not_there_is_unknown(house: House, display: Display) -> None:
    with pytest.raises(AccountUnknown):
        show(display, "A-9")


# The cache


def test_a_change_of_policy_counts_at_once(late: House, display: Display) -> None:
    show(display), show(display)
    publish_in(late, policy(rule()))
    assert show(display).content.rows == ()
    publish_in(late, policy(name="P-2"))
    assert show(display).content.rows[0]["status"] == "overdue"


def test_an_entry_in_the_wrong_place_is_stale_by_its_own_stamp_and_replaced(
    late: House, display: Display, shelf: Shelf
) -> None:
    show(display)
    [(_, old)] = shelf.entries.items()
    late.record(paid("A-1", "P-1", "100.00", "2026-02-09"))
    true_page = show(display).page
    [place] = [key for key in shelf.entries if shelf.entries[key] != old]
    shelf.entries[place] = old
    shown = show(display)
    assert shown.step("cache").outcome == "stale"
    assert shown.step("cache").why.endswith("its version is 2, wanted is 3")
    assert shown.page == true_page
    assert show(display).step("cache").outcome == "hit", "it was replaced"
    assert display.cache is not None
    assert display.cache.counts == {"miss": 2, "stale": 1, "hit": 1}


@pytest.mark.parametrize("poison", [b"", b"\xff" * 90, b"{}", b"null" * 30])
def test_an_entry_that_is_no_entry_is_broken_and_replaced(
    late: House, display: Display, shelf: Shelf, poison: bytes
) -> None:
    true_page = show(display).page
    [place] = shelf.entries
    shelf.entries[place] = poison
    shown = show(display)
    assert (shown.step("cache").outcome, shown.page) == ("broken", true_page)
    assert show(display).step("cache").outcome == "hit"


def test_a_poisoned_entry_with_the_right_stamp_is_found_by_its_seal(
    late: House, display: Display, shelf: Shelf
) -> None:
    """Somebody who can write to Redis alone cannot make a page that is believed."""
    good = show(display)
    [place] = shelf.entries
    rules = display.policies.in_force(TODAY)
    stamp = display.stamp(asked(), 2, rules)
    assert stamp.key == place
    lie = replace(good.content, rows=())
    elsewhere = late.log.versions(["A-9"])["A-9"]
    shelf.entries[place] = entry_of(stamp, elsewhere, lie)
    shown = show(display)
    assert (shown.step("cache").outcome, shown.page) == ("broken", good.page)


def test_without_redis_pages_are_slower_and_never_wrong(
    late: House, display: Display, shelf: Shelf
) -> None:
    first = show(display)
    shelf.is_away = True
    away = show(display)
    assert away.step("cache").outcome == "away"
    assert away.page == first.page
    shelf.is_away = False
    assert show(display).step("cache").outcome == "hit"


def test_pages_of_the_past_are_not_kept(late: House, display: Display, shelf: Shelf) -> None:
    assert show(display, is_live=False).step("cache").outcome == "off"
    assert shelf.entries == {}


def test_clients_that_the_policy_tells_apart_have_pages_of_their_own(
    late: House, display: Display, shelf: Shelf
) -> None:
    publish_in(late, policy())
    for version in ("3.0", "3.1", "4"):
        show(display, client=Client("mobile", version))
    assert len(shelf.entries) == 1
    show(display, client=OLD)
    assert len(shelf.entries) == 2
