"""For any history, policy, client and clock a page is replay filtered by the policy, or is marked.

There is no third case, whatever the cache holds.
"""

from dataclasses import replace
from datetime import date
from hashlib import sha256

from hypothesis import event
from hypothesis import given as forall
from hypothesis import strategies as st

from ledger.codec import encode
from ledger.domain.disclosure import Client, DisclosurePublished
from ledger.domain.events import AccountOpened, DrawMade
from ledger.log.records import Recorded, StreamHead
from ledger.replay import KnownFact, known_facts, outcome_of
from projections.display.cache import Cache, Stamp, entry_of
from projections.display.pipeline import Made, chained, content_of
from projections.display.policies import InForce
from projections.display.shapes import Content, Question, Shown
from projections.reading import Together, reading_of
from projections.schema import VIEWS
from tests.display.oracle import page_of
from tests.display.pages import Shelf, asked
from tests.domain.dsl import Story
from tests.domain.test_disclosure import CLIENTS, POLICIES
from tests.domain.test_laws import ASKED, histories

PAGES = st.sampled_from(["overdue", "repayment_schedule"])
TIERS = st.sampled_from(["standard", "gold"])
MAYBE_POLICIES = st.none() | POLICIES

#: What somebody may have done to the entry of a page.
SPOILT = st.sampled_from(
    ["none", "good", "other version", "other day", "other policy", "forged", "torn", "flipped"]
)


def recorded(facts: list[KnownFact], tier: str) -> list[Recorded]:
    """The facts as the log has them, of a borrower of the tier."""
    found = []
    for fact in facts:
        one = fact.event
        if isinstance(one, AccountOpened):
            one = replace(one, tier=tier, region="east")
        if isinstance(one, DrawMade):
            one = replace(one, product="phone")
        digest = sha256(encode(one)).digest()
        found.append(
            Recorded(
                0, fact.version, "A-1", fact.version, one.TOPIC, one.effective_on,
                fact.recorded_at, one.key, encode(one), digest,
            )
        )  # fmt: skip
    return found


def content(question: Question, history: list[Recorded]) -> Content:
    """The page before the policy."""
    outcome = outcome_of(known_facts(history), question.as_of)
    version = len(history)
    readings = {
        view.name: reading_of(view, "A-1", question.as_of, version, outcome, "replayed")
        for view in VIEWS
        if view.name in ("overdue", "repayment_schedule")
    }
    head = StreamHead(version, history[-1].digest)
    return content_of(question, Together(head, history, readings))


def shown(question: Question, page: Content, policy: DisclosurePublished | None) -> Shown:
    """What comes out of the chain."""
    return chained(question, Made(page, ()), InForce(policy, 0 if policy is None else 1))


@forall(histories(), MAYBE_POLICIES, CLIENTS, PAGES, TIERS, ASKED)
def test_a_page_is_replay_filtered_by_the_policy(
    story: Story,
    policy: DisclosurePublished | None,
    client: Client,
    view: str,
    tier: str,
    as_of: date,
) -> None:
    history = recorded(story.facts, tier)
    if not any(one.effective_on <= as_of for one in history):
        return
    question = asked(view=view, client=client, as_of=as_of)
    page = shown(question, content(question, history), policy)
    outcome = outcome_of(known_facts(history), as_of)
    rows, is_refused = page_of(outcome, view, policy, client, as_of)
    assert list(page.content.rows) == rows
    assert (page.refusal is not None) == is_refused
    hidden = sum(one.show == "nothing" for one in page.rulings)
    event(f"hidden {bool(hidden)}, refused {is_refused}")
    if hidden and not is_refused:
        assert any("not shown here" in notice for notice in page.notices), "never silently nothing"
    for one in page.rulings:
        if one.show == "nothing" and policy is not None:
            draw = outcome.state.draw(one.draw_id)
            assert draw is not None
            assert draw.days_late <= policy.mandatory_days


@forall(histories(), MAYBE_POLICIES, CLIENTS, PAGES, ASKED, SPOILT, st.integers(0, 10_000))
def test_whatever_the_cache_holds_the_page_is_the_same(
    story: Story,
    policy: DisclosurePublished | None,
    client: Client,
    view: str,
    as_of: date,
    spoilt: str,
    place: int,
) -> None:
    history = recorded(story.facts, "standard")
    question = asked(view=view, client=client, as_of=as_of)
    true_page = content(question, history)
    head = StreamHead(len(history), history[-1].digest)
    stamp = Stamp("L", "A-1", view, len(history), as_of, 1, "")
    shelf = Shelf()
    if spoilt != "none":
        shelf.entries[stamp.key] = entry(spoilt, stamp, head, true_page, history, question, place)
    found = Cache(shelf).find(stamp, head)
    event(f"{spoilt}: {found.outcome}")
    page = true_page if found.content is None else found.content
    assert shown(question, page, policy).page == shown(question, true_page, policy).page
    wanted = {"none": "miss", "good": "hit", "forged": "broken", "torn": "broken"}
    assert found.outcome == wanted.get(spoilt, found.outcome)
    if spoilt.startswith("other"):
        assert found.outcome == "stale"


def entry(
    spoilt: str,
    stamp: Stamp,
    head: StreamHead,
    page: Content,
    history: list[Recorded],
    question: Question,
    place: int,
) -> bytes:
    """The entry of a page as somebody has left it."""
    if spoilt == "other version":
        before = history[:-1] or history
        old = StreamHead(len(before), before[-1].digest)
        other = replace(stamp, version=stamp.version - 1)
        return entry_of(other, old, content(question, before))
    if spoilt == "other day":
        return entry_of(replace(stamp, as_of=date(2025, 1, 1)), head, page)
    if spoilt == "other policy":
        return entry_of(replace(stamp, policy_version=2), head, page)
    if spoilt == "forged":
        return entry_of(stamp, StreamHead(head.version, bytes(32)), replace(page, rows=()))
    good = entry_of(stamp, head, page)
    if spoilt == "torn":
        return good[: place % len(good)]
    if spoilt == "flipped":
        at = place % len(good)
        return good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
    return good


@forall(histories(), MAYBE_POLICIES, CLIENTS, PAGES, ASKED)
def test_old_rows_are_never_shown_without_their_mark(
    story: Story, policy: DisclosurePublished | None, client: Client, view: str, as_of: date
) -> None:
    question = asked(view=view, client=client, as_of=as_of)
    old = replace(
        content(question, recorded(story.facts, "standard")),
        source="stale_view",
        note="NOT CURRENT: as of long ago",
    )
    page = shown(question, old, policy)
    assert not page.page["is_current"]
    assert page.notices[0] == "NOT CURRENT: as of long ago"
