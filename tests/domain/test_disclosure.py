"""What a policy shows of an overdue draw, and which policies are refused."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.disclosure import (
    Capability,
    Client,
    ClientRange,
    DisclosurePublished,
    Rule,
    can_show_overdue,
    client_class,
    in_force,
    ruling,
    version_numbers,
)
from ledger.domain.disclosure_decisions import publish
from ledger.domain.rejections import Code, Rejected
from tests.domain.policies import MARCH, MOBILE, late, policy, rule

GOLD, STANDARD = {"tiers": ("gold",)}, {"tiers": ("standard",)}


def test_a_good_policy_is_published_as_it_stands() -> None:
    good = policy(rule(order=1), rule("mild", "summary", order=2))
    assert publish(good) == [good]


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (policy(rule("a"), rule("b")), "rules a and b can fit the same draw"),
        (policy(rule("a", order=1), rule("b", order=1)), "rules a and b can fit the same draw"),
        (policy(rule(days_late_max=31)), "hides what is overdue up to 31 days late"),
        (policy(rule(days_late_max=None)), "hides what is overdue without a limit"),
        (policy(rule(tiers=("platinum",))), "names the tier 'platinum'"),
        (policy(rule(regions=("north",))), "names the region 'north'"),
        (policy(rule(products=("boat",))), "names the product 'boat'"),
        (policy(rule(clients=(ClientRange("watch"),))), "names the app 'watch'"),
        (policy(rule(since=date(2026, 3, 2), until=MARCH)), "ends on 2026-03-01, before it begins"),
        (policy(rule(clients=(ClientRange("mobile", "3.1", "3"),))), "which is no version"),
        (policy(rule(clients=(ClientRange("mobile", "three"),))), "the version 'three'"),
        (policy(clients=(Capability("mobile", "3-beta"),)), "the version '3-beta'"),
        (policy(clients=(Capability("web", "1"), Capability("web", "2"))), "stands twice"),
        (policy(rule(reason=" ")), "has no reason"),
        (policy(rule(legal_basis="")), "has no legal_basis"),
        (policy(rule("a", **GOLD), rule("a", **STANDARD)), "two rules are called a"),
        (policy(mandatory_days=-1), "mandatory_days is -1"),
        (policy(rule(days_late_max=-1)), "days are 0 or more"),
    ],
)
def test_a_bad_policy_is_refused_with_one_sentence(bad: DisclosurePublished, sentence: str) -> None:
    with pytest.raises(Rejected, match=sentence) as refused:
        publish(bad)
    assert refused.value.rejection.code is Code.POLICY_CONTRADICTORY


def test_a_name_that_is_none_is_refused_before_all_else() -> None:
    with pytest.raises(Rejected, match="policy_id is ''"):
        publish(policy(name=""))


def test_rules_that_cannot_meet_need_no_order() -> None:
    publish(policy(rule("a", **GOLD), rule("b", **STANDARD)))
    publish(policy(rule("a", until=MARCH), rule("b", since=date(2026, 3, 2))))
    old, new = ClientRange("mobile", before="3.0"), ClientRange("mobile", "3")
    publish(policy(rule("a", clients=(old,)), rule("b", clients=(new,))))


def test_the_rule_of_the_lowest_order_decides() -> None:
    rules = policy(rule("quiet", order=2), rule("gold", "full", order=1, **GOLD))
    assert ruling(rules, late(), MOBILE, MARCH).show == "nothing"
    decided = ruling(rules, late(tier="gold"), MOBILE, MARCH)
    assert (decided.show, decided.rule and decided.rule.rule_id) == ("full", "gold")


def test_rules_look_at_tier_region_product_client_and_date() -> None:
    narrow = rule(
        tiers=("gold",), regions=("east",), products=("phone",),
        clients=(ClientRange("mobile", "3", "4"),), since=MARCH, until=MARCH,
    )  # fmt: skip
    rules, plan = policy(narrow), late(tier="gold", region="east", product="phone")
    assert ruling(rules, plan, MOBILE, MARCH).show == "nothing"
    for other in (
        replace(plan, tier="standard"), replace(plan, region="west"), replace(plan, region=None),
        replace(plan, product="cash"), replace(plan, days_late=11),
    ):  # fmt: skip
        assert ruling(rules, other, MOBILE, MARCH).by == "no_rule"
    for client in (Client("mobile", "2.9"), Client("mobile", "4"), Client("web", "3.1"), Client()):
        assert ruling(rules, plan, client, MARCH).by == "no_rule"
    for on in (date(2026, 2, 28), date(2026, 3, 2)):
        assert ruling(rules, plan, MOBILE, on).by == "no_rule"


def test_what_is_not_overdue_is_shown_in_full() -> None:
    assert ruling(policy(rule()), late(is_overdue=False), MOBILE, MARCH).by == "not_overdue"
    assert ruling(None, late(), MOBILE, MARCH).by == "no_policy"


def test_beyond_the_mandatory_days_nothing_is_hidden_whatever_was_published() -> None:
    """The policy got past the check, as one that other code published might."""
    forged = policy(rule(days_late_max=None))
    assert ruling(forged, late(30), MOBILE, MARCH).show == "nothing"
    decided = ruling(forged, late(31), MOBILE, MARCH)
    assert (decided.show, decided.by) == ("full", "mandatory")


def test_the_policy_of_a_day_is_the_last_one_that_is_effective_by_it() -> None:
    first, second = policy(name="P-1"), policy(name="P-2", effective_on=MARCH)
    back_dated = policy(name="P-3", effective_on=date(2026, 2, 1))
    published = [first, second, back_dated]
    assert in_force(published, date(2025, 12, 31)) is None
    assert in_force(published, date(2026, 1, 31)) is first
    assert in_force(published, date(2026, 2, 28)) is back_dated
    assert in_force(published, MARCH) is second
    again = policy(name="P-4", effective_on=MARCH)
    assert in_force([*published, again], MARCH) is again, "of one day, the last published"


def test_a_client_is_too_old_below_the_version_that_its_app_needs() -> None:
    rules = policy()
    old = [Client("mobile", "2.9.9"), Client("mobile", "")]
    able = [Client("mobile", "3"), Client("mobile", "3.0.1"), Client("kiosk", "0.1"), Client()]
    assert not any(can_show_overdue(rules, client) for client in old)
    assert all(can_show_overdue(rules, client) for client in able)
    assert can_show_overdue(None, old[0])


VERSIONS = st.lists(st.integers(0, 4), min_size=1, max_size=3).map(lambda n: ".".join(map(str, n)))
CLIENTS = st.builds(Client, st.sampled_from(["mobile", "web", "kiosk", ""]), VERSIONS)
RULES = st.builds(
    Rule,
    rule_id=st.sampled_from(["a", "b", "c"]),
    show=st.sampled_from(["full", "summary", "nothing"]),
    reason=st.just("r"),
    legal_basis=st.just("b"),
    order=st.none() | st.integers(1, 3),
    tiers=st.sampled_from([(), ("gold",)]),
    clients=st.lists(
        st.builds(
            ClientRange, st.sampled_from(["mobile", "web"]), st.none() | VERSIONS,
            st.none() | VERSIONS,
        ),
        max_size=2,
    ).map(tuple),
    days_late_max=st.none() | st.integers(0, 40),
)  # fmt: skip
POLICIES = st.lists(RULES, max_size=3).map(lambda rules: policy(*rules))


@given(POLICIES, CLIENTS, CLIENTS, st.integers(0, 60), st.sampled_from(["gold", "standard"]))
def test_clients_of_one_class_are_shown_the_same(
    rules: DisclosurePublished, one: Client, other: Client, days: int, tier: str
) -> None:
    if client_class(rules, one) == client_class(rules, other):
        plan = late(days, tier=tier)
        assert ruling(rules, plan, one, MARCH) == ruling(rules, plan, other, MARCH)
        assert can_show_overdue(rules, one) == can_show_overdue(rules, other)


@given(POLICIES, CLIENTS, st.integers(31, 4_000))
def test_no_policy_hides_beyond_the_mandatory_days(
    rules: DisclosurePublished, client: Client, days: int
) -> None:
    assert ruling(rules, late(days), client, MARCH).show != "nothing"


def test_zeros_at_the_end_of_a_version_say_nothing() -> None:
    assert version_numbers("3") == version_numbers("3.0.0") < version_numbers("3.0.1")
