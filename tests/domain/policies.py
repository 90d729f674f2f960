"""Policies of disclosure for tests: a lender who is quiet about young overdue plans."""

from datetime import date
from typing import Any

from ledger.domain.disclosure import Capability, Client, DisclosurePublished, Plan, Rule

NEW_YEAR = date(2026, 1, 1)
MARCH = date(2026, 3, 1)
MOBILE = Client("mobile", "3.1")


def rule(name: str = "quiet", show: Any = "nothing", **fields: Any) -> Rule:
    """A rule that hides what is at most ten days late, unless it is told otherwise."""
    basis = {"reason": "a grace of courtesy", "legal_basis": "contract, clause 7"}
    limit = {"days_late_max": 10} if show == "nothing" else {}
    return Rule(rule_id=name, show=show, **{**basis, **limit, **fields})


def policy(*rules: Rule, name: str = "P-1", **fields: Any) -> DisclosurePublished:
    """A policy of these rules, in force since the new year."""
    return DisclosurePublished(
        **{
            "effective_on": NEW_YEAR,
            "policy_id": name,
            "mandatory_days": 30,
            "tiers": ("standard", "gold"),
            "regions": ("east", "west"),
            "products": ("phone", "cash"),
            "clients": (Capability("mobile", "3.0"), Capability("web", "1")),
            "rules": rules,
            **fields,
        }
    )


def late(days: int = 5, **fields: Any) -> Plan:
    """An overdue draw of a standard borrower."""
    return Plan(
        **{"draw_id": "D-1", "is_overdue": True, "tier": "standard", **fields}, days_late=days
    )
