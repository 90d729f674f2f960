"""The checks of the display: what of an overdue account gets lost behind the views, and to whom.

The chain itself is asked (`projections.display`), for the viewer and the client of the question;
nothing of it is worked out anew here.
"""

from typing import NamedTuple

import psycopg

from ledger.domain.disclosure import Ruling, overdue_plans_since
from projections.diagnosis.arithmetic import told_by_events
from projections.diagnosis.case import CannotSay, Case
from projections.diagnosis.past import Past
from projections.diagnosis.past_causes import of_incident
from projections.diagnosis.verdict import Cause, Evidence, Finding
from projections.display import Client, Display, Question, Shown, Viewer
from projections.display.cache import Found
from projections.display.receipts import Receipt, Receipts
from projections.display.steps import sentence_of
from projections.overdue import OVERDUE
from projections.reading import AccountUnknown


class Page(NamedTuple):
    """The page of a case: what the chain shows, what the cache would have said, and what was shown
    by the instant asked about.
    """

    case: Case
    shown: Shown | None
    cache: Found | None
    receipts: tuple[Receipt, ...]
    #: Pages shown since that instant for which the cache was found to be wrong, in their order.
    found_stale: tuple[Receipt, ...]
    has_cache: bool
    #: Why the chain gave nothing, where it should have.
    failed: str | None = None


def page_of(
    case: Case,
    display: Display,
    receipts: Receipts | None,
    viewer: Viewer | None,
    client: Client | None,
) -> Page:
    """Ask the display for the page that the case is about; nothing of it is changed."""
    then: tuple[Receipt, ...] = ()
    stale: tuple[Receipt, ...] = ()
    if case.known_at is not None and receipts is not None:
        at = receipts.at(case.account_id, case.known_at)
        then = tuple(one for one in at if one.as_of == case.as_of and _is_meant(one, viewer))
        later = receipts.found_stale(case.account_id, case.as_of, case.known_at)
        stale = tuple(one for one in later if _is_meant(one, viewer))
    question = Question(
        account_id=case.account_id,
        view=OVERDUE.name,
        viewer=viewer or Viewer.borrower_of(case.account_id),
        client=client or Client(),
        as_of=case.as_of,
        known_at=case.known_at,
        is_live=case.known_at is None,
    )
    shown: Shown | None = None
    cache: Found | None = None
    failed: str | None = None
    try:
        shown, cache = display.examined(question)
    except AccountUnknown:
        pass
    except psycopg.OperationalError:
        raise
    except Exception as error:  # Whatever stops the display is itself an observation.
        failed = f"{type(error).__name__}: {error}".split("\n")[0]
    return Page(case, shown, cache, then, stale, display.cache is not None, failed)


def stale_cache(page: Page) -> Finding | None:
    """The cache holds an entry of this page that is not of the account as it stands."""
    _asked(page)
    if page.case.past is not None:
        return _stale_then(page, page.case.past)
    found = page.cache
    if found is None:
        return None
    if found.outcome == "away":
        raise CannotSay(found.why)
    if found.outcome not in ("stale", "broken"):
        return None
    return Finding(
        Cause.STALE_CACHE,
        found.outcome,
        "the cache holds an entry of the page that is not of the account as it stands; whoever"
        " reads it past the display sees an old page",
        (Evidence(found.why, {"outcome": found.outcome}), *told_by_events(page.case)),
        f"duebook purge {page.case.account_id}",
    )


def _stale_then(page: Page, past: Past) -> Finding | None:
    """A page that was asked for later, or the monitor, found what the cache had held.

    Under the key of a version nothing lies before there is that version.
    """
    version = past.last.version if past.last is not None else 0
    for receipt in page.found_stale:
        if receipt.stream_version == version:
            return Finding(
                Cause.STALE_CACHE,
                receipt.cache,
                "the cache held an entry of the page that was not of the account as it stood; it"
                " was recognised and replaced when the page was asked for, and since when it lay"
                " there is not kept",
                (_receipt_evidence(receipt),),
            )
    for one in past.afflictions:
        if one.cause == Cause.STALE_CACHE.value:
            return of_incident(past, Cause.STALE_CACHE, one)
    if page.has_cache and not page.receipts and page.case.is_overdue:
        raise CannotSay(
            "nobody had asked for the page by then, and what the cache held is not kept"
        )
    return None


def withheld_by_policy(page: Page) -> Finding | None:
    """A rule of the policy keeps it from the borrower that the account is overdue."""
    shown = _asked(page)
    if shown is None or shown.policy is None:
        return None
    hidden = [one for one in shown.rulings if one.show == "nothing" and _concerns(page, one)]
    if not hidden:
        return None
    policy = shown.policy
    evidence = [Evidence(sentence_of(one, policy), _rule_data(one)) for one in hidden]
    evidence += [_receipt_evidence(one) for one in page.receipts if one.withheld]
    evidence += [
        Evidence(
            f"policy {policy.policy_id} counts from {policy.effective_on} (version"
            f" {shown.policy_version} of rules/disclosure); it lets nothing hide what is more than"
            f" {policy.mandatory_days} days late",
            {
                "policy_id": policy.policy_id,
                "version": shown.policy_version,
                "effective_on": policy.effective_on,
                "mandatory_days": policy.mandatory_days,
            },
        ),
        *(
            Evidence(
                f"draw {draw.draw_id} is {draw.days_late} days late, and {draw.days_late} <="
                f" {policy.mandatory_days}",
                {"draw": draw.draw_id, "days_late": draw.days_late},
            )
            for draw in page.case.draws
            if draw.draw_id in {one.draw_id for one in hidden}
        ),
    ]
    return Finding(
        Cause.WITHHELD_BY_POLICY,
        hidden[0].rule.rule_id if hidden[0].rule else None,
        "the disclosure policy keeps it from the borrower that the account is overdue",
        tuple(evidence),
        "duebook policy publish ...",
    )


def not_permitted(page: Page) -> Finding | None:
    """Whoever looks may not see the account."""
    shown = _asked(page)
    if shown is None or shown.step("viewer").outcome != "not_permitted":
        return None
    viewer = shown.question.viewer
    sees = ", ".join(sorted(viewer.accounts or ())) or "none"
    return Finding(
        Cause.NOT_PERMITTED,
        None,
        "whoever looks may not see the account",
        (
            Evidence(shown.step("viewer").why, {"viewer": viewer.name, "role": viewer.role}),
            Evidence(f"{viewer.role} {viewer.name} may see the accounts: {sees}", {"sees": sees}),
        ),
        f"duebook keys add {viewer.name} --role borrower --account {page.case.account_id}",
    )


def client_too_old(page: Page) -> Finding | None:
    """The client cannot show what is overdue."""
    shown = _asked(page)
    if shown is None or shown.policy is None:
        return None
    client = shown.question.client
    since = overdue_plans_since(shown.policy, client)
    # Asked of the client alone: a page that was lessened before has nothing left to show to it.
    if since is None or Client(client.app, since).numbers <= client.numbers:
        return None
    return Finding(
        Cause.CLIENT_TOO_OLD,
        None,
        f"this version of {client.app} cannot show overdue plans; {since} and later can",
        (
            Evidence(
                f"{client} is older than {since}, by policy {shown.policy.policy_id} (version"
                f" {shown.policy_version} of rules/disclosure)",
                {"app": client.app, "version": client.version, "needed": since},
            ),
        ),
        f"duebook diagnose {page.case.account_id} --client {client.app}/{since}",
    )


def shown(page: Page) -> Finding | None:
    """The display shows what is true."""
    given = _asked(page)
    case = page.case
    if case.known_at is not None:
        return _shown_then(page)
    if given is None:
        return None
    overdue = {draw.draw_id for draw in case.draws if draw.status == "overdue"}
    left = [draw_id for draw_id in given.content.overdue if draw_id in overdue]
    if not left or given.content.source != "view":
        return None
    chain = [
        Evidence(f"{step.name}: {step.outcome.replace('_', ' ')}, {step.why}", {"step": step.name})
        for step in given.steps
    ]
    return Finding(
        Cause.SHOWN,
        None,
        "the display shows the account as overdue",
        (*told_by_events(case), *chain, Evidence(f"the page has the digest {given.digest}", {})),
    )


def _shown_then(page: Page) -> Finding | None:
    """Of the past the chain says what was to be shown; what was shown, the receipts say."""
    overdue = {draw.draw_id for draw in page.case.draws if draw.status == "overdue"}
    seen = [
        receipt
        for receipt in page.receipts
        if any(
            row["draw_id"] in overdue and row.get("status") == "overdue"
            for row in receipt.page["rows"]
        )
    ]
    if not seen or not page.case.is_overdue:
        return None
    return Finding(
        Cause.SHOWN,
        None,
        "the page showed the account as overdue",
        (*told_by_events(page.case), *map(_receipt_evidence, seen)),
    )


def _receipt_evidence(receipt: Receipt) -> Evidence:
    until = f" until {receipt.changed_at:%Y-%m-%d %H:%M:%S}Z" if receipt.changed_at else ""
    return Evidence(
        f"shown to {receipt.role} {receipt.viewer} on {receipt.client or 'an unnamed client'} at"
        f" {receipt.shown_at:%Y-%m-%d %H:%M:%S}Z{until}: {len(receipt.page['rows'])} rows, from"
        f" {receipt.source}, cache {receipt.cache}, digest {receipt.digest}",
        {
            "shown_at": receipt.shown_at,
            "viewer": receipt.viewer,
            "client": receipt.client,
            "digest": receipt.digest,
            "rows": len(receipt.page["rows"]),
            "source": receipt.source,
            "cache": receipt.cache,
        },
    )


#: The checks of the display in order of precedence.
OF_THE_DISPLAY = (stale_cache, withheld_by_policy, not_permitted, client_too_old, shown)


def _asked(page: Page) -> Shown | None:
    """The chain, for accounts that are overdue: of others nothing can be lost."""
    if page.failed is not None:
        raise CannotSay(f"the display cannot be asked ({page.failed})")
    return page.shown if page.case.is_overdue else None


def _is_meant(receipt: Receipt, viewer: Viewer | None) -> bool:
    """Whether it is of the page that the question is about."""
    return receipt.view == OVERDUE.name and (viewer is None or receipt.viewer == viewer.name)


def _concerns(page: Page, ruling: Ruling) -> bool:
    return any(draw.holds(ruling.draw_id) for draw in page.case.draws)


def _rule_data(ruling: Ruling) -> dict[str, object]:
    rule = ruling.rule
    if rule is None:
        return {"draw": ruling.draw_id}
    return {
        "draw": ruling.draw_id,
        "rule_id": rule.rule_id,
        "reason": rule.reason,
        "legal_basis": rule.legal_basis,
        "since": rule.since,
        "until": rule.until,
        "days_late_max": rule.days_late_max,
    }
