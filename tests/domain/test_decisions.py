"""What may be recorded: every refusal a decision can give, and which wins where several apply."""

from dataclasses import replace

import pytest

from ledger.domain import limits
from ledger.domain.decisions import Proposal
from ledger.domain.events import (
    AccountLimitChanged,
    AccountTierChanged,
    AccountUnfrozen,
)
from ledger.domain.rejections import Code
from tests.domain.dsl import Late, Story, closed, day, drawn, given, opened, paid, penalised
from tests.domain.refusals import ELSEWHERE, ENDED, FROZEN, LOAN, PAID, REFUSALS


@pytest.mark.parametrize(
    ("code", "history", "wish"), REFUSALS, ids=[code.value for code, _, _ in REFUSALS]
)
def test_a_refusal(code: Code, history: tuple[Proposal | Late, ...], wish: Proposal) -> None:
    story = given(*history)
    before = len(story.facts)
    story.when(wish).then(code)
    assert len(story.facts) == before, "a refused fact leaves nothing behind"


def test_the_table_is_complete_and_in_the_order_of_the_catalogue() -> None:
    shown = list(dict.fromkeys(code for code, _, _ in REFUSALS))
    assert shown == sorted(shown, key=lambda code: code.precedence)
    # A full stream takes thousands of facts to provoke: it has a test of its own below.
    assert set(shown) | ELSEWHERE | {Code.STREAM_FULL} == set(Code)


@pytest.mark.parametrize(
    ("winner", "history", "wish"),
    [
        (Code.FIELD_INVALID, (), replace(paid(-1, on="2026-02-01"), payment_id="?")),
        (Code.ACCOUNT_UNKNOWN, (), paid(-1, on="2026-02-01")),
        (Code.AMOUNT_INVALID, ENDED, paid(-1, on="2026-02-03")),
        (Code.AMOUNT_INVALID, ENDED, drawn(0, draw="D-2", on="2025-01-01")),
        (Code.ACCOUNT_CLOSED, (opened(), closed("2026-01-02"), ), drawn(5, on="2025-12-31")),
        (Code.ACCOUNT_FROZEN, (opened(), FROZEN), drawn(5, on="2025-12-31", method="flat")),
        (Code.DATE_BEFORE_ACCOUNT, LOAN, paid(5, on="2025-12-31", toward="D-9")),
        (Code.TERMS_CONTRADICTORY, LOAN, drawn(900_00, draw="D-2", method="explicit")),
        (Code.DRAW_UNKNOWN, LOAN, penalised(5, on="2026-01-02", draw="D-9", installment=9)),
        (
            Code.INSTALLMENT_UNKNOWN,
            (opened(), drawn(5_00, on="2026-01-10")),
            penalised(5, on="2026-01-09", installment=9),
        ),
    ],
)  # fmt: skip
def test_the_first_of_the_catalogue_wins(
    winner: Code, history: tuple[Proposal | Late, ...], wish: Proposal
) -> None:
    given(*history).when(wish).then(winner)


def test_nothing_to_do_is_empty() -> None:
    unfrozen = AccountUnfrozen(effective_on=day("2026-01-03"), change_id="U-1")
    given(opened()).when(unfrozen).then()
    given(opened(), FROZEN).when(replace(FROZEN, change_id="F-2")).then()
    given(opened(), FROZEN).when(unfrozen).then(unfrozen)


def test_what_is_taken_is_recorded_as_proposed() -> None:
    for wish in (
        PAID,
        penalised(5, on="2026-02-02"),
        AccountLimitChanged(effective_on=day("2026-01-02"), change_id="L-1", credit_limit=None),
        AccountTierChanged(effective_on=day("2026-01-02"), change_id="T-1", tier="gold"),
        FROZEN,
    ):
        given(*LOAN).when(wish).then(wish)


def test_a_frozen_account_takes_payments() -> None:
    given(*LOAN, FROZEN).when(PAID).then(PAID)


def test_an_installment_is_known_however_the_terms_count_them() -> None:
    dates = (day("2026-02-01"), day("2026-03-01"))
    by_dates = drawn(300_00, over=0, due_dates=dates, first_due_on=None)
    with_down_payment = drawn(300_00, over=1, down_payment_percent="10")
    for loan in (by_dates, with_down_payment):
        wish = penalised(5, on="2026-02-10", installment=2)
        given(opened(), loan).when(wish).then(wish)


def test_an_account_holds_so_many_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DRAWS_PER_ACCOUNT_MAX", 1)
    given(*LOAN).when(drawn(5, draw="D-2")).then(Code.STREAM_FULL)


def test_a_message_says_what_was_asked_and_what_was_found() -> None:
    def message(story: Story) -> str:
        return getattr(story.answer, "message", "")

    limit = message(given(*LOAN).when(drawn(800_00, draw="D-2")))
    assert limit == (
        "a draw of 800.00 was asked for; 300.00 of the limit 1000.00 is in use, 700.00 is free"
    )
    debt = message(given(*LOAN).when(closed("2026-02-02")))
    assert debt.startswith("300.00 is still owed on 2026-02-02")
