"""The journal as pages that a bookkeeper can review."""

from collections.abc import Iterable
from textwrap import dedent

from ledger.domain.journal import Entry, Posting
from ledger.domain.money import to_text
from ledger.replay import outcome_of
from tests.domain.dsl import Story, day


def page(text: str) -> str:
    """A page as it is written down in a test."""
    return dedent(text).strip()


def journal(story: Story, on: str, *, since: str = "2026-01-01", known: str | None = None) -> str:
    """What an account has posted from a day until a day, in dollars."""
    facts = [fact for fact in story.facts if known is None or fact.recorded_at.date() <= day(known)]
    entries = outcome_of(facts, day(on)).journal.entries
    return written(entry for entry in entries if entry.on >= day(since))


def written(entries: Iterable[Entry]) -> str:
    """Entries as a page: the day and the event, then a line for each posting."""
    return "\n".join(
        line
        for entry in entries
        for line in (f"{entry.on} {entry.kind} {entry.fact_id}", *map(_line, entry.postings))
    )


def _line(posting: Posting) -> str:
    account, amount, draw_id, installment = posting
    place = "/".join(str(part) for part in (draw_id, installment) if part is not None)
    return f"  {account:<30} {place:<6} {to_text(amount, 2):>9}"
