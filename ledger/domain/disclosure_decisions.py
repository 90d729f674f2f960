"""Which policies of disclosure are refused: all findings at once, each one sentence.

A check takes the policy and yields findings, (field, sentence), as those of terms do.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from ledger.domain.bounds import out_of_bounds
from ledger.domain.conventions import Findings
from ledger.domain.disclosure import (
    ClientRange,
    DisclosureEvent,
    DisclosurePublished,
    Rule,
    version_numbers,
)
from ledger.domain.limits import DAYS_OVERDUE_MAX, POLICY_NAMES_MAX, POLICY_RULES_MAX
from ledger.domain.rejections import Code, Rejected, Rejection

_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}", re.ASCII)


def publish(policy: DisclosurePublished) -> list[DisclosureEvent]:
    """The policy as a fact.  Raises `Rejected` with everything that is wrong with it."""
    beyond = next(out_of_bounds(policy), None)
    if beyond is not None:
        raise Rejected(beyond)
    findings = list(contradictions(policy))
    if findings:
        sentence = "; ".join(sentence for _, sentence in findings)
        raise Rejected(Rejection(Code.POLICY_CONTRADICTORY, sentence, findings[0][0]))
    return [policy]


def is_version(text: str) -> bool:
    """Whether a text is a version as clients have it: up to four numbers with dots between."""
    return _VERSION.fullmatch(text) is not None


def contradictions(policy: DisclosurePublished) -> Findings:
    """What is wrong with a policy in itself."""
    malformed = list(_wrong_limits(policy)) + list(_wrong_versions(policy))
    if malformed:  # Versions that are none cannot be compared.
        yield from malformed
        return
    yield from _wrong_names(policy)
    for rule in policy.rules:
        yield from _wrong_ends(rule)
        yield from _wrong_reasons(rule)
        yield from _hidden_too_long(rule, policy.mandatory_days)
    yield from _unordered(policy.rules)


def _wrong_limits(policy: DisclosurePublished) -> Findings:
    if not 0 <= policy.mandatory_days <= DAYS_OVERDUE_MAX:
        yield (
            "mandatory_days",
            f"mandatory_days is {policy.mandatory_days}; it takes 0 to {DAYS_OVERDUE_MAX}",
        )
    if len(policy.rules) > POLICY_RULES_MAX:
        yield "rules", f"a policy has at most {POLICY_RULES_MAX} rules, found {len(policy.rules)}"
    for field in ("tiers", "regions", "products", "clients"):
        count = len(getattr(policy, field))
        if count > POLICY_NAMES_MAX:
            yield field, f"a policy lists at most {POLICY_NAMES_MAX} {field}, found {count}"


def _wrong_versions(policy: DisclosurePublished) -> Findings:
    given = [("clients", one.app, one.overdue_plans_since) for one in policy.clients]
    for rule in policy.rules:
        for one in rule.clients:
            ends = (one.since, one.before)
            given += [(f"rule {rule.rule_id}", one.app, end) for end in ends if end is not None]
    for where, app, version in given:
        if not app:
            yield "clients", f"{where} has a client without an app; give it a name such as mobile"
        if not is_version(version):
            yield (
                "clients",
                f"{where} gives {app} the version {version[:40]!r}; a version is up to four"
                " numbers with dots between, such as 3.1",
            )


def _wrong_names(policy: DisclosurePublished) -> Findings:
    """Names that no account could have, and rules that cannot be told apart."""
    for name in _repeated([rule.rule_id for rule in policy.rules]):
        yield "rules", f"two rules are called {name}; give each a name of its own"
    for name in _repeated([one.app for one in policy.clients]):
        yield "clients", f"the app {name} stands twice in the policy's clients; say it once"
    for rule in policy.rules:
        for field, known, used in (
            ("tier", policy.tiers, rule.tiers),
            ("region", policy.regions, rule.regions),
            ("product", policy.products, rule.products),
            ("app", [one.app for one in policy.clients], [one.app for one in rule.clients]),
        ):
            for name in used:
                if name not in known:
                    where = "clients" if field == "app" else f"{field}s"
                    yield (
                        where,
                        f"rule {rule.rule_id} names the {field} {name!r}, which the policy's"
                        f" {where} do not list; correct it or list it there",
                    )


def _wrong_ends(rule: Rule) -> Findings:
    if rule.since is not None and rule.until is not None and rule.until < rule.since:
        yield (
            "rules",
            f"rule {rule.rule_id} ends on {rule.until}, before it begins on {rule.since};"
            " give dates in their order",
        )
    for one in rule.clients:
        if _is_empty(one):
            yield (
                "rules",
                f"rule {rule.rule_id} speaks of {one.app} from {one.since} and below {one.before},"
                " which is no version; give versions in their order",
            )


def _wrong_reasons(rule: Rule) -> Findings:
    if not rule.reason.strip():
        yield "rules", f"rule {rule.rule_id} has no reason; say why it is there"
    if rule.show != "full" and not rule.legal_basis.strip():
        yield (
            "rules",
            f"rule {rule.rule_id} shows {rule.show} and has no legal_basis; name the law, the"
            " contract or the order that allows it",
        )


def _hidden_too_long(rule: Rule, mandatory_days: int) -> Findings:
    limit = rule.days_late_max
    if limit is not None and limit < 0:
        yield "rules", f"rule {rule.rule_id} has days_late_max {limit}; days are 0 or more"
    if rule.hides and (limit is None or limit > mandatory_days):
        found = "without a limit" if limit is None else f"up to {limit} days late"
        yield (
            "rules",
            f"rule {rule.rule_id} hides what is overdue {found}, but beyond mandatory_days"
            f" ({mandatory_days}) nothing may; give it days_late_max = {mandatory_days} or less",
        )


def _unordered(rules: Sequence[Rule]) -> Findings:
    """Two rules that may fit the same draw, of which nothing says which one decides."""
    for one, other in combinations(rules, 2):
        is_ordered = None not in (one.order, other.order) and one.order != other.order
        if not is_ordered and _can_meet(one, other):
            yield (
                "rules",
                f"rules {one.rule_id} and {other.rule_id} can fit the same draw, and nothing says"
                " which decides; give each an order of its own (the lower one decides)",
            )


def _can_meet(one: Rule, other: Rule) -> bool:
    firsts = [day for day in (one.since, other.since) if day is not None]
    lasts = [day for day in (one.until, other.until) if day is not None]
    return (
        all(
            not names or not others or set(names) & set(others)
            for names, others in (
                (one.tiers, other.tiers),
                (one.regions, other.regions),
                (one.products, other.products),
            )
        )
        and (not firsts or not lasts or max(firsts) <= min(lasts))
        and (
            not one.clients
            or not other.clients
            or any(_share(a, b) for a in one.clients for b in other.clients)
        )
    )


def _share(one: ClientRange, other: ClientRange) -> bool:
    """Whether some version of an app is in both ranges."""
    if one.app != other.app:
        return False
    since = [version_numbers(end) for end in (one.since, other.since) if end is not None]
    before = [version_numbers(end) for end in (one.before, other.before) if end is not None]
    return not since or not before or max(since) < min(before)


def _is_empty(one: ClientRange) -> bool:
    return not _share(one, one)


def _repeated(names: Sequence[str]) -> Iterator[str]:
    return (name for name in dict.fromkeys(names) if names.count(name) > 1)
