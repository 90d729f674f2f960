"""The steps behind the cache: policy, viewer, client.  Values in, values out: no database here.

They run at every display, also of a page out of the cache, so that what no policy may hide is
checked each time.
"""

from collections.abc import Mapping
from dataclasses import replace

from ledger.domain.disclosure import (
    DisclosurePublished,
    Extent,
    Ruling,
    can_show_overdue,
    overdue_plans_since,
    ruling,
)
from projections.display.shapes import Content, Outcome, Question, Row, Step

#: The views whose rows are of plans, and what is left of a row that is shown in summary: that it is
#: overdue, and by how much.  Of other views, such as the movements of money, no rule speaks.
SUMMARY_COLUMNS: Mapping[str, frozenset[str]] = {
    "overdue": frozenset(
        {
            "draw_id", "currency", "status", "days_past_due", "overdue_since", "overdue_total",
            "next_due_on",
        }
    ),
    "repayment_schedule": frozenset({"draw_id", "number", "due_on", "outstanding", "status"}),
    "episodes": frozenset({"draw_id", "number", "began_on", "ended_on", "currency"}),
}  # fmt: skip

#: All that borrowers have pages of.
PAGES = (*SUMMARY_COLUMNS, "activity")


def through_policy(
    question: Question, content: Content, policy: DisclosurePublished | None
) -> tuple[Step, tuple[Ruling, ...]]:
    """What the policy leaves of a page, and its ruling on each overdue draw."""
    every = [ruling(policy, plan, question.client, question.as_of) for plan in content.plans]
    rulings = tuple(one for one in every if one.by != "not_overdue")
    given = lessened(content, {one.draw_id: one.show for one in rulings if one.show != "full"})
    if policy is None:
        why = "no policy is in force: everything is shown"
        return Step("policy", "no_policy", why, content, given), rulings
    said = [sentence_of(one, policy) for one in rulings]
    why = (
        "; ".join(said)
        or f"policy {policy.policy_id}: no overdue plan is on the page, so all is shown"
    )
    outcome: Outcome = "in_full" if given is content else "lessened"
    return Step("policy", outcome, why, content, given), rulings


def through_viewer(question: Question, content: Content) -> Step:
    """All of it for whom it concerns, and nothing for others."""
    if question.viewer.may_see(question.account_id):
        why = f"{question.viewer} may see the account"
        return Step("viewer", "permitted", why, content, content)
    why = (
        f"{question.viewer} may not see the account"
        f" {question.account_id}; ask with a key that is made for it"
    )
    nothing: dict[str, Extent] = {plan.draw_id: "nothing" for plan in content.plans}
    return Step("viewer", "not_permitted", why, content, lessened(content, nothing))


def through_client(
    question: Question, content: Content, policy: DisclosurePublished | None
) -> Step:
    """What the client can show.  One that is too old for something overdue is told so."""
    client = question.client
    if can_show_overdue(policy, client):
        return Step("client", "able", f"{client} can show overdue plans", content, content)
    overdue = content.overdue
    if not overdue:
        why = f"{client} cannot show overdue plans, and there is none to show"
        return Step("client", "able", why, content, content)
    plans = "an overdue plan" if len(overdue) == 1 else f"{len(overdue)} overdue plans"
    why = (
        f"this version of {client.app} ({client.version or 'none given'}) cannot show {plans} of"
        f" this account; update it to {overdue_plans_since(policy, client)} or later"
    )
    nothing: dict[str, Extent] = dict.fromkeys(overdue, "nothing")
    return Step("client", "too_old", why, content, lessened(content, nothing))


def sentence_of(one: Ruling, policy: DisclosurePublished) -> str:
    """A ruling in words, with the rule it comes from."""
    rule = one.rule
    if rule is None:
        return f"draw {one.draw_id}: shown in full, no rule of policy {policy.policy_id} fits it"
    named = f"rule {rule.rule_id} of policy {policy.policy_id}"
    basis = f" ({rule.reason}{'; ' if rule.legal_basis else ''}{rule.legal_basis})"
    if one.by == "mandatory":
        return (
            f"draw {one.draw_id}: shown in full, though {named} would hide it{basis}: beyond"
            f" {policy.mandatory_days} days late nothing may"
        )
    how = {"full": "shown in full", "summary": "shown in summary", "nothing": "not shown"}[one.show]
    return f"draw {one.draw_id}: {how} by {named}{basis}"


def lessened(content: Content, extents: Mapping[str, Extent]) -> Content:
    """The page with less of some draws.  What was taken away before does not come back."""
    if not extents:
        return content
    left = (
        _row(row, extents.get(str(row["draw_id"]), "full"), content.view) for row in content.rows
    )
    merged = {**content.extents, **extents}
    return replace(content, rows=tuple(row for row in left if row is not None), extents=merged)


def _row(row: Row, extent: Extent, view: str) -> Row | None:
    if extent == "full":
        return row
    if extent == "nothing":
        return None
    return {name: value for name, value in row.items() if name in SUMMARY_COLUMNS[view]}
