"""Put an answer together: why it is so, how the account stands, what happens now."""

from collections.abc import Mapping
from datetime import date
from string import Formatter
from typing import Any

from app.answers.chinese import CHINESE
from app.answers.english import ENGLISH
from app.answers.phrases import Phrase, Phrases
from app.answers.standing import Standing
from ledger.domain.cases import Language, Question
from ledger.domain.money import decimals_of, to_text

PHRASES: Mapping[Language, Phrases] = {"en": ENGLISH, "zh": CHINESE}

#: Causes under which no figure can be trusted, or none concerns the one who asks.
WITHOUT_FIGURES = frozenset({"ledger_tampered", "quarantined", "not_permitted", "incomplete"})
#: Causes whose own words leave no question about figures.
SAID_BY_ITSELF = frozenset({"ledger_tampered", "not_recorded", "not_permitted"})

_AMOUNTS = ("overdue", "late", "next_due", "written_off", "last_paid")
_DAYS = ("overdue_since", "late_since", "grace_until", "next_due_on", "last_paid_on")


def answer_text(
    language: Language,
    account_id: str,
    day: date,
    cause: str,
    sub_cause: str | None,
    standing: Standing | None,
    *,
    is_complete: bool = True,
    question: Question = "not_shown",
) -> str:
    """What the borrower is told of a diagnosis.

    Without a standing, and where figures cannot be trusted, none is told.
    """
    phrases = PHRASES[language]
    phrase = phrase_of(phrases, cause, sub_cause, question)
    told = None if cause in WITHOUT_FIGURES else standing
    figures = {"account": account_id, "day": phrases.day(day), **_figures(phrases, told)}
    sentences = [phrases.heading, phrase.why, *_stands(phrases, cause, told), phrase.now]
    if not is_complete and cause != "incomplete":
        sentences.append(phrases.partly_checked)
    told_of = [one for one in sentences if _names_in(one) <= figures.keys()]
    return phrases.separator.join(one.format_map(figures) for one in told_of)


def phrase_of(
    phrases: Phrases, cause: str, sub_cause: str | None, question: Question = "not_shown"
) -> Phrase:
    """The words for a cause: of the sub-cause, or of the question, where it has its own."""
    causes = phrases.causes
    if question == "although_paid" and (phrase := causes.get(f"{question}.{cause}")):
        return phrase
    return causes.get(f"{cause}.{sub_cause}") or causes.get(cause) or phrases.unknown


def _stands(phrases: Phrases, cause: str, standing: Standing | None) -> list[str]:
    """How the account stands, in up to two sentences."""
    if standing is None:
        return [] if cause in SAID_BY_ITSELF else [phrases.no_figures]
    said = [phrases.is_overdue if standing.overdue else phrases.is_not_overdue]
    if cause == "not_overdue" and not standing.overdue:
        said = []  # Why it is not, says it.
    if standing.next_due_on is not None and standing.next_due:
        said.append(phrases.next_due)
    return said


def _figures(phrases: Phrases, standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {}
    decimals = decimals_of(standing.currency)

    def amount(name: str) -> str:
        return phrases.amount(to_text(getattr(standing, name), decimals), standing.currency)

    figures: dict[str, Any] = {name: amount(name) for name in _AMOUNTS}
    for name in _DAYS:
        day = getattr(standing, name)
        if day is not None:
            figures[name] = phrases.day(day)
    return {**figures, "days": standing.days}


def _names_in(sentence: str) -> set[str]:
    """The figures that a sentence names: it is left out where one of them is not known."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
