"""What borrowers are told: every cause has words of its own in every language, and no jargon."""

import re
from dataclasses import replace
from datetime import date
from string import Formatter

import pytest

from app.answers import Standing, answer_text
from app.answers.phrases import FIGURES
from app.answers.writing import PHRASES, WITHOUT_FIGURES
from ledger.domain.cases import LANGUAGES, Language
from ledger.domain.limits import WORDS_LENGTH_MAX
from projections.diagnosis import Cause, PaidCause

DAY = date(2026, 2, 20)

#: The closed list of the design; `paid` and its like are why nothing is overdue.
DESIGNED = (
    "not_recorded not_overdue known_later not_projected quarantined day_not_rolled drifted"
    " generation_not_switched stale_cache withheld_by_policy not_permitted client_too_old shown"
    " notice_failed ledger_tampered incomplete"
).split()
NOT_OVERDUE = (
    "paid within_grace below_tolerance due_date_moved restructured paused waived written_off"
    " cancelled not_due_yet"
).split()
ALTHOUGH_PAID = [one.value for one in PaidCause if one is not PaidCause.LEDGER_TAMPERED]
CASES: list[tuple[str, str | None]] = [
    *((cause, None) for cause in sorted({*DESIGNED, *(one.value for one in Cause)})),
    *(("not_overdue", sub_cause) for sub_cause in NOT_OVERDUE),
]

JARGON = re.compile(
    r"ledger|replay|project(?:ion|or|ed)|shard|quarantin|cache|receipt|generation|drift|checkpoint"
    r"|worker|digest|event\b|DPD|tolerance|账本|投影|分片|隔离|缓存|回放|快照|收据|摘要",
    re.IGNORECASE,
)

STANDING = Standing(
    as_of=DAY,
    currency="CNY",
    late=10_000,
    late_since=date(2026, 2, 5),
    grace_until=date(2026, 2, 25),
    next_due_on=date(2026, 3, 5),
    next_due=1_234_50,
    written_off=5_000_00,
)
OVERDUE = replace(STANDING, overdue=10_000, overdue_since=date(2026, 2, 5), days=15)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("cause", "sub_cause"), CASES)
def test_every_cause_has_words_of_its_own(
    language: Language, cause: str, sub_cause: str | None
) -> None:
    named = cause if sub_cause is None else f"{cause}.{sub_cause}"
    assert named in PHRASES[language].causes
    text = answer_text(language, "A-1", DAY, cause, sub_cause, OVERDUE)
    assert len(text) < WORDS_LENGTH_MAX
    assert "{" not in text
    assert JARGON.search(text) is None, text
    day = "20 February 2026" if language == "en" else "2026年2月20日"
    assert day in text
    assert "A-1" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", ALTHOUGH_PAID)
def test_so_has_every_cause_of_the_mirror_question(language: Language, cause: str) -> None:
    words = PHRASES[language].causes[f"although_paid.{cause}"]
    text = answer_text(language, "A-1", DAY, cause, None, OVERDUE, question="although_paid")
    assert words.why in text
    assert words.now in text
    assert JARGON.search(text) is None, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_say_the_same_of_the_same_causes(language: Language) -> None:
    assert PHRASES[language].causes.keys() == PHRASES["en"].causes.keys()
    for phrase in PHRASES[language].causes.values():
        for sentence in phrase:
            assert {name for _, name, _, _ in Formatter().parse(sentence) if name} <= FIGURES


def test_amounts_and_dates_are_those_of_the_account() -> None:
    assert answer_text("en", "A-1", DAY, "drifted", None, OVERDUE) == (
        "About your account A-1, as of 20 February 2026: Something was missing from your page, or"
        " was wrong on it. CNY 100.00 has been overdue since 5 February 2026, for 15 days. Your"
        " next payment is CNY 1,234.50, due on 5 March 2026. This was a fault on our side, and it"
        " is being put right. You need not do anything about the page; what you owe is what is"
        " written here."
    )
    chinese = answer_text("zh", "A-1", DAY, "not_overdue", "within_grace", STANDING)
    for figure in ("100.00元", "2026年2月5日", "2026年2月25日", "1,234.50元", "2026年3月5日"):
        assert figure in chinese


def test_currencies_without_decimals_have_none() -> None:
    yen = replace(OVERDUE, currency="JPY")
    assert "JPY 10,000 has been overdue" in answer_text("en", "A-1", DAY, "shown", None, yen)
    assert "10,000日元" in answer_text("zh", "A-1", DAY, "shown", None, yen)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", sorted(WITHOUT_FIGURES))
def test_where_figures_cannot_be_trusted_none_is_told(language: Language, cause: str) -> None:
    text = answer_text(language, "A-1", DAY, cause, None, OVERDUE)
    assert "100.00" not in text
    assert "1,234.50" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_that_cannot_be_read_leaves_out_what_names_its_figures(
    language: Language,
) -> None:
    text = answer_text(language, "A-1", DAY, "not_overdue", "within_grace", None)
    assert PHRASES[language].no_figures in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_that_was_partly_checked_says_so(language: Language) -> None:
    said = PHRASES[language].partly_checked
    assert said in answer_text(language, "A-1", DAY, "shown", None, OVERDUE, is_complete=False)
    assert said not in answer_text(language, "A-1", DAY, "shown", None, OVERDUE)


def test_a_cause_that_has_no_words_yet_is_for_people() -> None:
    text = answer_text("en", "A-1", DAY, "something_new", None, OVERDUE)
    assert "A member of our staff is looking at your account" in text
