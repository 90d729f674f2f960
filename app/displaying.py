"""Pages as documents: what the door, the commands and the receipts say of what a borrower sees."""

from datetime import datetime
from typing import Any

from app.cli.rendering import rows_document
from ledger.domain.bounds import is_id
from ledger.domain.disclosure import Client, Ruling
from ledger.domain.disclosure_decisions import is_version
from projections.display import Content, Shown, Step
from projections.display.receipts import Receipt

#: The views that borrowers have, by the name that their routes and commands give them.
VIEWS = {
    "overdue": "overdue",
    "schedule": "repayment_schedule",
    "episodes": "episodes",
    "activity": "activity",
}

APP_LENGTH_MAX = 40


def client_of(text: str) -> Client:
    """A client as it says what it is, `mobile/3.1`.  Raises `ValueError` with a sentence."""
    app, _, version = text.partition("/")
    if not (is_id(app) and len(app) <= APP_LENGTH_MAX and is_version(version)):
        raise ValueError(
            f"{text[:60]!r} does not say what the client is; write app/version, such as mobile/3.1"
        )
    return Client(app, version)


def page_document(shown: Shown) -> dict[str, Any]:
    """The page as its viewer gets it."""
    content = shown.content
    return {
        "account": shown.question.account_id,
        "view": content.view,
        "rows": rows_document(content.rows, content.currency),
        "freshness": freshness_of(content),
        "notices": list(shown.notices),
    }


def freshness_of(content: Content) -> dict[str, Any]:
    """How far the page can be trusted."""
    return {
        "source": content.source,
        "as_of": content.as_of,
        "account_version": content.account_version,
        "stream_version": content.stream_version,
        "staleness": content.staleness,
        "note": content.note,
    }


def chain_document(shown: Shown) -> dict[str, Any]:
    """The page with every step that led to it: for those who help the viewer, not for himself."""
    return {
        **page_document(shown),
        "viewer": str(shown.question.viewer),
        "client": str(shown.question.client),
        "client_class": shown.client_class,
        "policy": shown.policy.policy_id if shown.policy else None,
        "policy_version": shown.policy_version,
        "digest": shown.digest,
        "rulings": [ruling_document(one) for one in shown.rulings],
        "steps": [step_document(step) for step in shown.steps],
    }


def ruling_document(one: Ruling) -> dict[str, Any]:
    """What was decided on a draw, with the text of the rule."""
    return {"draw_id": one.draw_id, "show": one.show, "by": one.by, "rule": one.rule}


def step_document(step: Step) -> dict[str, Any]:
    """What a step got and gives, in short: rows, and the overdue draws among them."""
    return {
        "step": step.name,
        "outcome": step.outcome,
        "why": step.why,
        "got": _in_short(step.got),
        "gives": _in_short(step.gives),
        "lost": list(step.lost),
    }


def receipt_document(one: Receipt, *, to_borrower: bool = False) -> dict[str, Any]:
    """A receipt; which rules withheld what is not for the borrower."""
    page = one.page
    document = {
        "shown_at": one.shown_at,
        "changed_at": one.changed_at,
        "view": one.view,
        "viewer": one.viewer,
        "client": one.client,
        "as_of": one.as_of,
        "account_version": one.account_version,
        "is_current": page["is_current"],
        "rows": rows_document(page["rows"], page["currency"]),
        "notices": page["notices"],
        "refused": page["refused"],
        "digest": one.digest,
    }
    if to_borrower:
        return document
    inner = {
        "role": one.role,
        "client_class": one.client_class,
        "stream_version": one.stream_version,
        "policy": one.policy_id,
        "policy_version": one.policy_version,
        "source": one.source,
        "cache": one.cache,
        "withheld": one.withheld,
    }
    return {**document, **inner}


def future_refused(at: datetime, now: datetime) -> str | None:
    """The sentence that refuses an instant that has not come; None for others."""
    if at <= now:
        return None
    return (
        f"{at:%Y-%m-%d %H:%M}Z has not come yet: nothing was shown then; ask for an instant that"
        " has passed"
    )


def _in_short(content: Content | None) -> dict[str, Any] | None:
    if content is None:
        return None
    return {"rows": len(content.rows), "overdue": list(content.overdue)}
