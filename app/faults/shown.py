"""Faults behind the views: an old page in the cache, a rule, a stranger, an old client."""

from dataclasses import replace

from app.faults.site import FaultRefused, Injected, Look, Site
from ledger.domain.disclosure import Capability, DisclosurePublished, Rule
from ledger.domain.disclosure_decisions import publish
from ledger.domain.limits import DAYS_OVERDUE_MAX
from ledger.door import line_of
from ledger.streams import DISCLOSURE_RULES
from projections.display import Client, Question, Viewer
from projections.display.cache import KEPT_SECONDS, entry_of
from projections.display.policies import InForce

#: The tier whose overdue plans the rule of a drill hides, and that rule.
HIDDEN_TIER = "drill-hidden"
HIDING_RULE = "drill-hides"
#: An app that shows overdue plans from some version on, and a version before it.
OLD_CLIENT = Client("drill-app", "2.0")
SHOWS_SINCE = "3.0"


def stale_cache(site: Site, account_id: str) -> Injected:
    """An entry of an earlier version of the account lies where the page of today is looked for."""
    site.overdue_state(account_id)
    if site.store is None or site.display.cache is None:
        raise FaultRefused(
            "stale_cache was asked for, but no cache is there. Start Redis (`duebook up`), or set"
            " DUEBOOK_REDIS_URL."
        )
    viewer = Viewer.borrower_of(account_id)
    question = Question(account_id, "overdue", viewer, Client(), site.today)
    page, _ = site.display.examined(question)
    head = site.log.versions([account_id])[account_id]
    rules = InForce(page.policy, page.policy_version)
    stamp = site.display.stamp(question, head.version, rules)
    old = replace(stamp, version=stamp.version - 1)
    content = replace(page.content, rows=(), account_version=old.version)
    site.store.put(stamp.key, entry_of(old, head, content), KEPT_SECONDS)
    return Injected("stale_cache", account_id, "entry of an earlier version")


def withheld_by_policy(site: Site, account_id: str) -> Injected:
    """The account comes into a tier of which a rule hides what is overdue."""
    site.overdue_state(account_id)
    _publish(site, hides=True)
    change = {
        "account": account_id,
        "topic": "account.tier_changed",
        "change_id": f"drill-{site.log.now():%H%M%S%f}",
        "tier": HIDDEN_TIER,
        "effective_on": str(site.today),
    }
    site.books.append_all([line_of(change)])
    return Injected("withheld_by_policy", account_id, f"tier {HIDDEN_TIER}", kept={"rule": True})


def not_permitted(site: Site, account_id: str) -> Injected:
    """Somebody looks who has the key of another account."""
    site.overdue_state(account_id)
    return Injected("not_permitted", account_id, "key of another", Look(sees=("drill-stranger",)))


def client_too_old(site: Site, account_id: str) -> Injected:
    """The borrower looks with a version of the app that cannot show overdue plans."""
    site.overdue_state(account_id)
    _publish(site, hides=None)
    look = Look(app=OLD_CLIENT.app, version=OLD_CLIENT.version)
    return Injected("client_too_old", account_id, str(OLD_CLIENT), look)


def shown(site: Site, account_id: str) -> Injected:
    """Nothing is wrong: the account is overdue and shown."""
    site.overdue_state(account_id)
    return Injected("shown", account_id, "nothing")


def stop_hiding(site: Site) -> None:
    """Publish the policy without the rule of the drill."""
    _publish(site, hides=False)


def _publish(site: Site, *, hides: bool | None) -> None:
    """Publish what a drill needs of a policy, beside what is in force.  None: as it is."""
    before = site.display.policies.in_force(site.today).policy
    rules = before.rules if before else ()
    had = any(rule.rule_id == HIDING_RULE for rule in rules)
    wanted = had if hides is None else hides
    knows_client = before is not None and any(c.app == OLD_CLIENT.app for c in before.clients)
    if wanted == had and knows_client:
        return
    rules = tuple(rule for rule in rules if rule.rule_id != HIDING_RULE)
    if wanted:
        rules += (_rule(before),)
    number = site.log.versions([DISCLOSURE_RULES])[DISCLOSURE_RULES].version + 1
    clients = before.clients if before else ()
    tiers = before.tiers if before else ()
    policy = DisclosurePublished(
        effective_on=site.today,
        policy_id=f"drill-{number}",
        mandatory_days=DAYS_OVERDUE_MAX,
        tiers=tuple(dict.fromkeys((*tiers, HIDDEN_TIER))),
        regions=before.regions if before else (),
        products=before.products if before else (),
        clients=clients if knows_client else (*clients, Capability(OLD_CLIENT.app, SHOWS_SINCE)),
        rules=rules,
        reason="a drill",
    )
    site.books.record(DISCLOSURE_RULES, lambda _: publish(policy))


def _rule(before: DisclosurePublished | None) -> Rule:
    return Rule(
        rule_id=HIDING_RULE,
        show="nothing",
        reason="a drill",
        legal_basis="none: this ledger is for exercises",
        order=-1 if before is None else min((r.order or 0 for r in before.rules), default=0) - 1,
        tiers=(HIDDEN_TIER,),
        days_late_max=DAYS_OVERDUE_MAX,
    )
