"""The one place where it is decided what a borrower sees.

    replay -> view -> cache -> policy -> viewer -> client -> shown

The cache stands before the two that it spares: a page that it holds is not read again.  Behind it
nothing is spared.  What comes out is what replay says, less what policy and client take away; or it
is marked as not current.  There is no third case.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import product
from typing import NamedTuple

from ledger.codec import CodecError
from ledger.domain.account import Account
from ledger.domain.disclosure import Plan, Ruling, client_class, clients_told_apart
from ledger.log.log import Log
from ledger.log.records import Recorded, StreamHead
from ledger.replay import KnownFact, account_as_of, known_facts
from ledger.streams import DISCLOSURE_RULES
from projections.display.cache import Cache, Found, Stamp
from projections.display.policies import InForce, Policies
from projections.display.shapes import Content, Outcome, Question, Row, Shown, Step, Viewer
from projections.display.steps import (
    PAGES,
    SUMMARY_COLUMNS,
    lessened,
    through_client,
    through_policy,
    through_viewer,
)
from projections.reading import AccountUnknown, Reader, Reading, Together

#: The view that says of each draw whether it is overdue: the rules look at it for every page.
STANDING = "overdue"

_NO_CACHE = Found("off", "pages of another day or an earlier knowledge are not kept")


class Display:
    """Shows pages.  Safe to share between threads."""

    def __init__(self, log: Log, reader: Reader, cache: Cache | None = None) -> None:
        self._log = log
        self._reader = reader
        self.policies = Policies(log)
        self.cache = cache

    def show(self, question: Question) -> Shown:
        """What is shown to this viewer, on this client, and every step that led to it.

        Raises `AccountUnknown`; `CodecError` where the past of an account cannot be read.
        """
        heads = self._log.versions([question.account_id, DISCLOSURE_RULES])
        head = heads[question.account_id]
        rules = self.policies.in_force(
            question.as_of, question.known_at, heads[DISCLOSURE_RULES].version
        )
        made = self._live(question, head, rules) if question.is_live else self._past(question)
        return chained(question, made, rules)

    def show_no_more_than(self, question: Question, today: date) -> Shown:
        """A page of another day, or of an earlier knowledge, for whom the policy is made: of a draw
        of which something is withheld today, no other day shows more.  Raises like `show`.
        """
        shown = self.show(question)
        if question.is_live:
            return shown
        now = replace(question, view=STANDING, as_of=today, known_at=None, is_live=True)
        return narrowed(shown, self.show(now).withheld)

    def examined(self, question: Question) -> tuple[Shown, Found]:
        """What is shown where the cache has nothing to say, and what it would say; both stay as
        they are.  Raises like `show`.
        """
        shown = Display(self._log, self._reader).show(question)
        if self.cache is None or not question.is_live:
            return shown, _NO_CACHE if self.cache is not None else _NOT_THERE
        head = self._log.versions([question.account_id])[question.account_id]
        rules = InForce(shown.policy, shown.policy_version)
        return shown, self.cache.look(self.stamp(question, head.version, rules), head)

    def purge(self, account_id: str, as_of: date) -> int:
        """Forget what the cache holds of an account for a day, whoever looks with whatever client;
        answers the places that were looked at.  Raises `StoreAway`.
        """
        if self.cache is None:
            return 0
        places = list(self._places([account_id], as_of))
        for stamp, _ in places:
            self.cache.purge(stamp)
        return len(places)

    def stale_entries(self, account_ids: Sequence[str], as_of: date) -> dict[str, Found]:
        """Of these accounts those of which the cache holds an entry that is not theirs as they
        stand, each with the first.  Raises `StoreAway`.
        """
        if self.cache is None:
            return {}
        places = list(self._places(account_ids, as_of))
        wrong: dict[str, Found] = {}
        for (stamp, _), found in zip(places, self.cache.look_at_many(places), strict=True):
            if found.outcome in ("stale", "broken"):
                wrong.setdefault(stamp.account_id, found)
        return wrong

    def _places(
        self, account_ids: Sequence[str], as_of: date
    ) -> Iterator[tuple[Stamp, StreamHead]]:
        """Wherever the cache may hold something of these accounts for a day."""
        heads = self._log.versions([*account_ids, DISCLOSURE_RULES])
        rules = self.policies.in_force(as_of, version=heads[DISCLOSURE_RULES].version)
        clients = clients_told_apart(rules.policy)
        for account_id in account_ids:
            head, viewer = heads[account_id], Viewer.borrower_of(account_id)
            for view, client in product(PAGES, clients):
                question = Question(account_id, view, viewer, client, as_of)
                yield self.stamp(question, head.version, rules), head

    def stamp(self, question: Question, version: int, rules: InForce) -> Stamp:
        """All that the page depends on, and so where the cache keeps it."""
        return Stamp(
            str(self._log.ledger_id), question.account_id, question.view, version,
            question.as_of, rules.version, client_class(rules.policy, question.client),
        )  # fmt: skip

    def _live(self, question: Question, head: StreamHead, rules: InForce) -> "Made":
        if head.version == 0:
            raise AccountUnknown(question.account_id)
        stamp = self.stamp(question, head.version, rules)
        found = _NOT_THERE if self.cache is None else self.cache.find(stamp, head)
        if found.content is not None:
            return Made(found.content, _spared(found))
        together = self._reader.read_together(
            {STANDING, question.view}, question.account_id, question.as_of
        )
        content = content_of(question, together)
        # Somebody may have appended meanwhile: then the page is newer than its place would say.
        if self.cache is not None and content.is_current and together.head == head:
            self.cache.keep(stamp, head, content)
        return Made(content, _read(content, found))

    def _past(self, question: Question) -> "Made":
        together = self._reader.replay_together(
            {STANDING, question.view}, question.account_id, question.as_of, question.known_at
        )
        content = content_of(question, together)
        return Made(content, _read(content, _NO_CACHE))


class Made(NamedTuple):
    """A page before the policy, and the steps that made it."""

    content: Content
    steps: tuple[Step, ...]


_NOT_THERE = Found("off", "there is no cache here")


def chained(question: Question, made: Made, rules: InForce) -> Shown:
    """The page as policy, viewer and client leave it.  Pure."""
    policy, rulings = through_policy(question, made.content, rules.policy)
    if rules.unreadable is not None:
        why = f"the rules cannot be read, so nothing is withheld: {rules.unreadable}"
        policy = Step("policy", "policy_unreadable", why, policy.got, policy.gives)
    assert policy.gives is not None  # Every step behind the cache gives something.
    viewer = through_viewer(question, policy.gives)
    assert viewer.gives is not None
    client = through_client(question, viewer.gives, rules.policy)
    assert client.gives is not None
    return Shown(
        question, client.gives, (*made.steps, policy, viewer, client), rulings, rules.policy,
        rules.version, client_class(rules.policy, question.client),
    )  # fmt: skip


def narrowed(shown: Shown, withheld: Sequence[Ruling]) -> Shown:
    """The page less what these rulings of another day withhold of what is overdue on it.  Pure."""
    overdue = {plan.draw_id for plan in shown.content.plans if plan.is_overdue}
    before = {one.draw_id: one for one in shown.withheld}
    added = {
        one.draw_id: one
        for one in withheld
        if one.draw_id in overdue
        and (one.draw_id not in before or before[one.draw_id].show == "summary")
    }
    if not added:
        return shown
    content = lessened(shown.content, {one.draw_id: one.show for one in added.values()})
    rulings = tuple(added.get(one.draw_id, one) for one in shown.rulings)
    return replace(shown, content=content, rulings=rulings)


def content_of(question: Question, together: Together) -> Content:
    """The page before any step has lessened it."""
    reading = together.readings[question.view]
    facts = _readable(together.history, question.known_at)
    account = _account(facts, question.as_of)
    plans = tuple(_plans(together.readings[STANDING], account))
    return Content(
        view=question.view,
        currency=account.opened.currency if account.opened else "",
        rows=tuple(_rows(reading)),
        plans=plans if question.view in SUMMARY_COLUMNS else (),
        source=reading.source,
        as_of=reading.as_of,
        account_version=reading.account_version,
        stream_version=reading.stream_version,
        staleness=reading.staleness,
        note=reading.note,
        extents={},
    )


def plans_of(standing: Reading, history: Sequence[Recorded], on: date) -> tuple[Plan, ...]:
    """The draws of an account as the rules look at them, from a reading of the view of them."""
    account = _account(_readable(history, None), on)
    return tuple(_plans(standing, account))


def _account(facts: Sequence[KnownFact], as_of: date) -> Account:
    """The account, or what can be gathered of its first facts: who changed the log may have left
    some that speak of others which are not there.
    """

    try:
        return account_as_of(facts, as_of)
    except Exception:  # Whatever it is, what comes before it still says tier and product.
        return _account(facts[: len(facts) // 2], as_of)


def _plans(standing: Reading, account: Account) -> Iterable[Plan]:
    for row in standing.dicts():
        draw = account.draws.get(row["draw_id"])
        yield Plan(
            draw_id=row["draw_id"],
            is_overdue=row["status"] == "overdue",
            days_late=row["days_late"],
            tier=account.tier,
            region=account.opened.region if account.opened else None,
            product=draw.product if draw else None,
        )


def _rows(reading: Reading) -> Iterable[Row]:
    for row in reading.rows:
        yield {
            name: value if isinstance(value, str | int | None) else value.isoformat()
            for name, value in zip(reading.columns, row, strict=True)
        }


def _readable(history: Sequence[Recorded], known_at: datetime | None) -> list[KnownFact]:
    """The facts known then, up to the first that this code cannot read."""
    facts: list[KnownFact] = []
    for one in history:
        if known_at is not None and one.recorded_at > known_at:
            break  # Recorded times never run backwards.
        try:
            facts += known_facts([one])
        except CodecError:
            break
    return facts


def _spared(found: Found) -> tuple[Step, ...]:
    """The first steps of a page out of the cache."""
    why = "the page out of the cache is sealed with the digest of the account's last event"
    return (
        Step("replay", "not_folded", why, None, None),
        Step("view", "not_asked", "the cache holds the page", None, None),
        Step("cache", "hit", found.why, None, found.content),
    )


#: By the source of a page: what the steps of replay and view did, and why nothing more was folded.
_DONE: Mapping[str, tuple[Outcome, Outcome, str]] = {
    "view": (
        "not_folded", "fresh", "the receipt of the rows says that they are what replay gives",
    ),
    "replay": ("folded", "replayed", "folded on the spot"),
    "stale_view": ("unreadable", "not_current", "the events cannot be folded"),
}  # fmt: skip


def _read(content: Content, found: Found) -> tuple[Step, ...]:
    """The first steps of a page that was read."""
    folded = content if content.source == "replay" else None
    replay, view, why = _DONE[content.source]
    return (
        Step("replay", replay, why, None, folded),
        Step("view", view, content.note, folded, content),
        Step("cache", found.outcome, found.why, content, content),
    )
